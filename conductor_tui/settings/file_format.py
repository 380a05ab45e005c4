"""How a text file is written apart from what it says: line ends, byte order mark, mode and owner.

Codex writes its config.toml with LF, without the mark and for the user alone, whatever the file was. What it changed
beside the keys is restored, unless somebody has written the file again meanwhile.
"""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import logging
import os
import stat
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path

from msgspec import Struct

from conductor_tui.fileio.atomic import read_or_none, replace_file
from conductor_tui.fileio.locks import wait_for_lock_async
from conductor_tui.settings.toml_file import LOCK_SECONDS, ROUNDS

log = logging.getLogger(__name__)


class _Before(Struct, frozen=True):
    raw: bytes
    status: os.stat_result


@contextlib.asynccontextmanager
async def format_kept(path: Path) -> AsyncIterator[None]:
    """Keeps a file's format while another program writes it, one of our windows at a time.

    A file that does not exist, or a folder that stays locked, is left to that program: nothing is raised.
    """
    target = Path(await asyncio.to_thread(os.path.realpath, path))
    with contextlib.ExitStack() as locked:
        before = None
        try:
            locked.enter_context(await _lock(target.parent))
            before = await asyncio.to_thread(_look, target)
        except OSError as error:
            log.info("the format of %s is not kept: %s", path, error)
        try:
            yield
        finally:
            if before is not None:
                await asyncio.to_thread(_restore, target, before)


async def _lock(folder: Path) -> contextlib.AbstractContextManager[object]:
    """The lock that `change_file` takes, too; file systems that lock no folders go without.

    Raises:
        TimeoutError: another program keeps the folder locked.
    """
    try:
        async with asyncio.timeout(LOCK_SECONDS):
            return await wait_for_lock_async(folder, creates=False)
    except TimeoutError:
        raise
    except OSError:
        return contextlib.nullcontext()


def _look(path: Path) -> _Before:
    return _Before(path.read_bytes(), path.stat())


def _restore(path: Path, before: _Before) -> None:
    """Gives the file its format back; each attempt is made on what the file says then."""
    try:
        for _ in range(ROUNDS):
            now = read_or_none(path)
            if now is None or now == before.raw:
                return
            wanted = in_format_of(before.raw, now)
            is_alike = _who(path.stat()) == _who(before.status)
            if (is_alike and wanted == now) or replace_file(path, now, wanted, like=before.status):
                return
    except OSError as error:
        log.info("the format of %s is not restored: %s", path, error)


def _who(status: os.stat_result) -> tuple[int, int, int]:
    return stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid


def in_format_of(before: bytes, now: bytes) -> bytes:
    """A file's new bytes in its old format: lines keep their ends, new lines get the most common one."""
    mark = codecs.BOM_UTF8 if before.startswith(codecs.BOM_UTF8) else b""
    now = now.removeprefix(codecs.BOM_UTF8)
    return mark + (_with_ends_of(before.removeprefix(mark), now) if b"\r" in before else now)


def _with_ends_of(before: bytes, now: bytes) -> bytes:
    old, new = _lines(before), _lines(now)
    usual = Counter(end for _, end in old if end).most_common(1)[0][0]
    made = bytearray()
    matcher = SequenceMatcher(None, [text for text, _ in old], [text for text, _ in new], autojunk=False)
    for _, old_at, old_stop, new_at, new_stop in matcher.get_opcodes():
        for at, (text, end) in enumerate(new[new_at:new_stop], old_at):
            made += text
            made += end and ((old[at][1] if at < old_stop else b"") or usual)
    return bytes(made)


def _lines(raw: bytes) -> Sequence[tuple[bytes, bytes]]:
    """Each line and its end."""
    return [(text := line.rstrip(b"\r\n"), line[len(text) :]) for line in raw.splitlines(keepends=True)]
