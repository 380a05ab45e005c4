"""What a view must redraw after an event. The projection returns them; the bridge collects them."""

from __future__ import annotations

from enum import Enum, auto

from msgspec import Struct

from conductor_tui.domain.ids import ItemKey, TurnId


class ItemAdded(Struct, frozen=True):
    """An item stands at the end of its turn."""

    key: ItemKey


class ItemChanged(Struct, frozen=True):
    """An item was replaced by a newer one: text grew, output came, it completed."""

    key: ItemKey


class ItemRemoved(Struct, frozen=True):
    """An item is gone: a message that Codex started again."""

    key: ItemKey


class TurnChanged(Struct, frozen=True):
    """A turn started, ended, retries, or its diff changed."""

    turn_id: TurnId


class SessionChange(Enum):
    """Things that concern the session as a whole."""

    TRANSCRIPT_RESET = auto()
    """Everything may differ: history was loaded or reverted."""
    STATUS = auto()
    SETTINGS = auto()
    USAGE = auto()
    APPROVALS = auto()
    NAME = auto()
    GOAL = auto()
    TOOLBOX = auto()
    """An MCP server started, or did not."""
    DIFF = auto()
    """The running or newest turn's diff changed."""
    OUTGOING = auto()
    """A message of ours was accepted, failed or waits."""
    QUEUE = auto()
    """Another client queued a message, or one was taken from there."""


Change = ItemAdded | ItemChanged | ItemRemoved | TurnChanged | SessionChange
