"""Takes each event of a connection to whatever must know of it. All that see events are named here.

In this order: sub-agents and their parents, the list of sessions, the session itself, what follows for it; what belongs
to no session goes to the set-up of Codex.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from enum import Enum, auto
from typing import Any, Protocol

from conductor_tui.domain import events as ev
from conductor_tui.domain.approvals import QuestionApproval
from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.threads import ThreadState
from conductor_tui.services.interfaces import Agent
from conductor_tui.services.sessions.codex_setup import CodexSetup
from conductor_tui.services.sessions.connection import Connection
from conductor_tui.services.sessions.families import Families
from conductor_tui.services.sessions.session import Session
from conductor_tui.services.sessions.session_folder import Folder
from conductor_tui.services.sessions.thread_list import ThreadList
from conductor_tui.services.sessions.unread import Unread


class ManagerChange(Enum):
    """What a screen must redraw apart from the sessions themselves."""

    CONNECTION = auto()
    THREADS = auto()
    SETUP = auto()
    """What Codex offers, the account, or what is wrong with either."""


class Sessions(Protocol):
    """The sessions of a window, as events change them."""

    sessions: dict[ThreadId, Session]
    threads: ThreadList
    unread: Unread
    setup: CodexSetup
    connection: Connection
    here: Folder
    shown: Session | None
    on_change: Callable[[ManagerChange], None]

    def spawn(self, work: Coroutine[Any, Any, None]) -> None: ...
    def open_session(self, thread_id: ThreadId) -> Session: ...
    def used(self, session: Session, preview: str = ...) -> None: ...
    async def open_thread(self, session: Session) -> None: ...
    async def read_threads(self, agent: Agent) -> None: ...
    async def read_skills(self, agent: Agent, folder: Folder) -> None: ...


class EventRouter:
    """One per window."""

    def __init__(self, to: Sessions) -> None:
        self.families = Families()
        self._to = to
        self._later: dict[ThreadId, list[ev.Event]] = {}
        """What came behind the answer that opens a thread, until that answer is taken over."""

    def clear(self) -> None:
        """Another connection begins."""
        self._later.clear()

    def route(self, event: ev.Event) -> None:
        """Takes one event to all that see it."""
        thread_id = event.thread_id
        if thread_id is not None and isinstance(event, ev.ThreadAnswered):
            self._later.setdefault(thread_id, [])
            return
        if thread_id in self._later:
            if isinstance(event, (ev.ThreadDeleted, ev.ThreadClosed)):
                del self._later[thread_id]  # given up before it was opened
            else:
                self._later[thread_id].append(event)
            return
        self.families.follow(event)
        self._list(event)
        session = self._session_for(event)
        if session is not None:
            session.apply(event)
            self._after(session, event)
        else:
            self._set_up(event)

    def catch_up(self, thread_id: ThreadId) -> None:
        """Routes what was held back for a thread."""
        for event in self._later.pop(thread_id, ()):
            self.route(event)

    def _list(self, event: ev.Event) -> None:
        """Keeps the list of sessions right; opens those that need the user, so that they can be answered here."""
        to, thread_id = self._to, event.thread_id
        if thread_id is None:
            return
        is_open = thread_id in to.sessions
        if to.threads.apply(event, is_open):
            if isinstance(event, ev.ThreadStatusChanged) and event.state.needs_user:
                to.open_session(thread_id)
            elif isinstance(event, ev.ThreadStatusChanged) and not is_open and to.connection.current:
                to.threads.seen.looked_at.pop(thread_id, None)
                to.spawn(to.unread.look(to.connection.current, [to.threads[thread_id]]))
            to.on_change(ManagerChange.THREADS)
        elif isinstance(event, ev.ThreadStatusChanged) and event.state is ThreadState.WORKING and not is_open:
            if to.connection.current:
                to.spawn(to.read_threads(to.connection.current))  # another window started it

    def _session_for(self, event: ev.Event) -> Session | None:
        if event.thread_id is None:
            return None
        session = self._to.sessions.get(event.thread_id)
        if session is None and isinstance(event, ev.ApprovalRequested):
            # Sub-agents ask through their parent's subscribers, under their own thread id.
            session = self.families.asked(event, self._to.sessions)
            if session is None:
                self._later[event.thread_id] = [event]
                self._to.spawn(self._find_parent(event.thread_id))
        elif session is None and isinstance(event, ev.ApprovalResolved):
            session = self.families.resolved(event)
        return session

    async def _find_parent(self, thread_id: ThreadId) -> None:
        agent = await self._to.connection.agent()
        if not await self.families.find(agent, thread_id, self._to.sessions, otherwise=self._to.shown):
            del self._later[thread_id]
        self.catch_up(thread_id)

    def _after(self, session: Session, event: ev.Event) -> None:
        to = self._to
        match event:
            case ev.TurnCompleted() if session.thread_id:
                if session is to.shown:
                    to.threads.seen.saw(session.thread_id, session.projection.turns.values())
                else:
                    to.threads.mark_unread(session.thread_id, True)
                to.on_change(ManagerChange.THREADS)
            case ev.ThreadReverted():
                to.spawn(to.open_thread(session))
            case ev.QueueChanged():
                to.spawn(session.read_queue())
            case ev.ApprovalRequested(approval=QuestionApproval() as question) if question.auto_resolve_ms:
                to.spawn(session.answer_later(question, question.auto_resolve_ms / 1000))
            case ev.ErrorReported() | ev.ItemCompleted() | ev.TurnStarted() if session.is_unstarted:
                to.used(session)

    def _set_up(self, event: ev.Event) -> None:
        to, agent = self._to, self._to.connection.current
        if agent is not None and isinstance(event, (ev.AccountChanged, ev.SignInEnded)):
            to.spawn(to.setup.read_account(agent))
        elif agent is not None and isinstance(event, ev.SkillsChanged):
            to.spawn(to.read_skills(agent, to.here))
        to.setup.apply(event)
