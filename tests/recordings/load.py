"""Loads recordings: `VERSION/NAME.jsonl`, one message of the app-server a line, paths replaced by plain ones."""

from __future__ import annotations

from pathlib import Path

import msgspec

from conductor_tui.domain.events import Event
from conductor_tui.domain.projection import SessionProjection
from conductor_tui.protocol.decode import decode
from conductor_tui.protocol.rpc import RpcMessage

FOLDER = Path(__file__).parent
RECORDINGS = sorted(FOLDER.glob("*/*.jsonl"))


def name_of(path: Path) -> str:
    """`0.163.0/story`."""
    return str(path.relative_to(FOLDER).with_suffix(""))


def events(path: Path) -> list[Event]:
    """What a recording decodes to, in order; answers to requests are left out."""
    decoder = msgspec.json.Decoder(RpcMessage)
    messages = [decoder.decode(line) for line in path.read_bytes().splitlines()]
    return [event for m in messages if m.method is not None and (event := decode(m)) is not None]


def replayed(path: Path) -> SessionProjection:
    """The session that a recording builds: the thread of its first turn."""
    found = events(path)
    thread_id = next(e.thread_id for e in found if e.thread_id is not None)
    projection = SessionProjection(thread_id, clock=lambda: 1000.0)
    for event in found:
        if event.thread_id == thread_id:
            projection.apply(event)
    return projection
