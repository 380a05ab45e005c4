"""Sessions as list entries: a sign, a title, a word for the state. Pure functions."""

from __future__ import annotations

from msgspec import Struct

from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.text import visible_line
from conductor_tui.domain.threads import ThreadState, ThreadSummary
from conductor_tui.domain.workspaces import RepositoryState
from conductor_tui.services.sessions.manager import SessionManager
from conductor_tui.services.sessions.session import Session

_SIGNS = {
    ThreadState.NEEDS_APPROVAL: ("◆", "$text-accent", "needs approval"),
    ThreadState.NEEDS_INPUT: ("◆", "$text-accent", "needs input"),
    ThreadState.FAILED: ("✕", "$text-error", "failed"),
    ThreadState.WORKING: ("◐", "$text-primary", "working"),
    ThreadState.IDLE: ("○", "$text-muted", ""),
    ThreadState.NOT_LOADED: ("○", "$text-muted", ""),
}
_PLAN = ("◆", "$text-secondary", "plan")
"""A session whose plan waits for the user."""


class SessionEntry(Struct, frozen=True):
    """A session in a list."""

    thread_id: ThreadId | None
    """None for the new session."""
    title: str
    state: ThreadState
    is_shown: bool = False
    is_unread: bool = False
    updated_at: int = 0
    has_plan: bool = False
    """Whether a proposed plan waits for the user."""
    folder: str = ""
    """The folder that it works in."""

    @property
    def needs_user(self) -> bool:
        """Whether Codex, or a plan of its, waits for the user."""
        return self.state.needs_user or self.has_plan

    @property
    def sign(self) -> tuple[str, str]:
        """The state's sign and style; unread sessions have a full dot."""
        sign, style, _ = _SIGNS[self.state]
        if self.has_plan and not self.state.needs_user:
            return _PLAN[:2]
        return ("●", "$text-success") if self.is_unread and sign == "○" else (sign, style)

    @property
    def word(self) -> str:
        """The state in words; empty when there is nothing to say."""
        if self.has_plan and not self.state.needs_user:
            return _PLAN[2]
        return _SIGNS[self.state][2] or ("new" if self.is_unread else "")


def entry(
    summary: ThreadSummary, state: ThreadState, *, is_shown: bool, is_unread: bool, has_plan: bool = False
) -> SessionEntry:
    """The list entry of a session."""
    title = visible_line(summary.title)
    return SessionEntry(summary.id, title, state, is_shown, is_unread, summary.updated_at, has_plan, summary.cwd)


def urgency(entry_: SessionEntry) -> int:
    """How much a session needs attention: 0 needs the user, 1 failed, 2 finished unread, 3 works, 4 is idle."""
    if entry_.needs_user:
        return 0
    if entry_.state is ThreadState.FAILED:
        return 1
    if entry_.is_unread:
        return 2
    return 3 if entry_.state is ThreadState.WORKING else 4


def counts(state: RepositoryState | None) -> str:
    """Lines added and deleted, and commits ahead and behind; empty when there are none."""
    if state is None:
        return ""
    parts = [f"+{state.added} −{state.deleted}"] if state.added or state.deleted or state.changed_files else []
    if state.ahead:
        parts.append(f"↑{state.ahead}")
    if state.behind:
        parts.append(f"↓{state.behind}")
    return " ".join(parts)


def entries(manager: SessionManager, shown: Session) -> list[SessionEntry]:
    """All sessions: those that need the user, then failed, unread, working, idle; the newest first in each."""
    result = []
    for summary in manager.threads.values():
        session = manager.sessions.get(summary.id)
        state = session.state if session else summary.state
        has_plan = session is not None and manager.plans.waiting(session) is not None
        is_unread = summary.id in manager.threads.unread
        result.append(entry(summary, state, is_shown=session is shown, is_unread=is_unread, has_plan=has_plan))
    result.sort(key=lambda e: (urgency(e), -e.updated_at))
    unused = manager.unused.of(manager.here)
    if unused is not None:
        state = unused.state
        result.insert(0, SessionEntry(None, "new session", state, unused is shown, folder=str(manager.here.path)))
    return result
