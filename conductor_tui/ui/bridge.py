"""The one place where changes wait for the screen: collected per session, handed on at most once a frame.

Hidden sessions cost nothing: their changes only mark the lists. Frames come at most so often as the kind of terminal
suggests, and not before the line has taken the last one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from msgspec import Struct, field
from textual.app import App
from textual.timer import Timer

from conductor_tui.domain.invalidations import Change, SessionChange
from conductor_tui.services.sessions.event_router import ManagerChange
from conductor_tui.services.sessions.manager import SessionManager
from conductor_tui.services.sessions.session import Session


class Frame(Struct):
    """What changed since the last frame."""

    shown: list[Change] = field(default_factory=list)
    """Changes of the session on screen, each once, in order."""
    lists: bool = False
    """A session's state, name, approvals, settings or use changed, on screen or not."""
    manager: set[ManagerChange] = field(default_factory=set)
    workspace: bool = False
    scripts: bool = False
    """A script or terminal printed something, began or ended."""

    @property
    def is_empty(self) -> bool:
        return not (self.shown or self.lists or self.manager or self.workspace or self.scripts)


class Bridge:
    """Between the sessions and the screen."""

    def __init__(
        self,
        app: App[Any],
        manager: SessionManager,
        draw: Callable[[Frame], None],
        interval: float,
        delay: Callable[[], float],
    ) -> None:
        """`interval`: seconds between frames at the least; `delay` says how long the line needs still."""
        self._app = app
        self._manager = manager
        self._draw = draw
        self._interval = interval
        self._delay = delay
        self._frame = Frame()
        self._seen: set[Change] = set()
        self._timer: Timer | None = None
        self._last = 0.0
        manager.on_change = self.manager_changed
        manager.on_session_change = self.session_changed

    def session_changed(self, session: Session, changes: tuple[Change, ...]) -> None:
        """A session moved on."""
        if session is self._manager.shown:
            for change in changes:
                if change not in self._seen:
                    self._seen.add(change)
                    self._frame.shown.append(change)
        if any(c in _LISTED for c in changes):
            self._frame.lists = True
        self._schedule()

    def manager_changed(self, change: ManagerChange) -> None:
        """The connection, the lists or the account changed."""
        self._frame.manager.add(change)
        self._schedule()

    def workspace_changed(self) -> None:
        """Git state or uncommitted changes differ."""
        self._frame.workspace = True
        self._schedule()

    def scripts_changed(self) -> None:
        """A script or terminal moved on."""
        self._frame.scripts = True
        self._schedule()

    def _schedule(self) -> None:
        if self._timer is None and not self._frame.is_empty:
            wait = max(self._last + self._interval - time.monotonic(), self._delay())
            self._timer = self._app.set_timer(max(wait, 0.001), self._due, name="frame")

    def hurry(self) -> None:
        """The line took the last frame sooner than expected."""
        self._stop_timer()
        self._schedule()

    def _due(self) -> None:
        """The time of the next frame has come, unless the line fell behind meanwhile."""
        self._stop_timer()
        if self._delay() > 0:
            self._schedule()
        else:
            self.flush()

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.stop()
            self._timer = None

    def flush(self) -> None:
        """Draws what waits, now."""
        self._stop_timer()
        if self._frame.is_empty:
            return
        frame, self._frame = self._frame, Frame()
        self._seen.clear()
        self._last = time.monotonic()
        self._draw(frame)


_LISTED = frozenset(
    {
        SessionChange.STATUS,
        SessionChange.APPROVALS,
        SessionChange.NAME,
        SessionChange.SETTINGS,
        SessionChange.USAGE,
    }
)
"""What lists of sessions show, and a race of them."""
