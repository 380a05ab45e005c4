"""What comes back when a session is opened."""

from __future__ import annotations

from dataclasses import dataclass

from conductor_tui.domain.controls import SessionSettings
from conductor_tui.domain.events import HistoryLoaded
from conductor_tui.domain.threads import ThreadSummary


@dataclass(frozen=True, slots=True)
class OpenedThread:
    """A thread that was started or resumed: its events follow from here on."""

    thread: ThreadSummary
    settings: SessionSettings
    history: HistoryLoaded
    cursor: str | None = None
    """Where older turns continue; None when there are none."""
