"""Names for the identifiers that Codex and git hand out, so that they cannot be mixed up."""

from __future__ import annotations

from typing import NamedTuple, NewType

ThreadId = NewType("ThreadId", str)
"""A Codex thread; what the screen calls a session."""

TurnId = NewType("TurnId", str)
ItemId = NewType("ItemId", str)

RequestId = int | str
"""JSON-RPC id of a server request: unique per server process, shared by all its clients."""


class ItemKey(NamedTuple):
    """Where an item lives. Item ids are unique within a turn; events name the turn they belong to."""

    turn_id: TurnId
    item_id: ItemId
