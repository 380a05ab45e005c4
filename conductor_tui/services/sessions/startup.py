"""Where a window starts: at the place that was left."""

from __future__ import annotations

from conductor_tui.domain.ids import ThreadId
from conductor_tui.services.sessions.manager import SessionManager
from conductor_tui.services.sessions.session import Session
from conductor_tui.services.workspaces.records import is_checkout


def first_session(manager: SessionManager) -> Session:
    """The session that the last window which was started here was left in, in a workspace that is still there."""
    left = manager.store.left_place(manager.here.path)
    if left is not None and is_checkout(left[0]):
        manager.here = manager.folder(*left)
    last = manager.store.last_session(manager.here.path)
    return manager.open_session(ThreadId(last)) if last else manager.new_session()
