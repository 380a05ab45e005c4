"""What comes back when a session is opened."""

from __future__ import annotations

from msgspec import Struct

from conductor_tui.domain.controls import SessionSettings
from conductor_tui.domain.events import HistoryLoaded
from conductor_tui.domain.threads import ThreadSummary


class OpenedThread(Struct, frozen=True):
    """A thread that was started or resumed: its events follow from here on."""

    thread: ThreadSummary
    settings: SessionSettings
    history: HistoryLoaded
    cursor: str | None = None
    """Where older turns continue; None when there are none."""
