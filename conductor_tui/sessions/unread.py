"""What finished while nobody looked, with or without a window: the newest turn of a session against the one last seen.

A session counts from the moment it was on screen or was begun by conductor-tui; those of other programs are not news.
What was seen is kept in the store, so that the next start can compare.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from conductor_tui.domain.errors import AgentError
from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.threads import ThreadState, ThreadSummary
from conductor_tui.domain.turns import Turn
from conductor_tui.sessions.store import Store
from conductor_tui.sessions.workspace_records import is_checkout

if TYPE_CHECKING:
    from conductor_tui.sessions.manager import SessionManager
    from conductor_tui.sessions.ports import Agent
    from conductor_tui.sessions.session import Session

log = logging.getLogger(__name__)

_SETTLED = 2
"""Seconds after which Codex's time of a change, in whole seconds, stands for all of that second."""


class SeenTurns:
    """By session: the newest turn that was on screen when it had ended."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._here: dict[ThreadId, str] = {}
        """Seen in this window: the store writes behind."""
        self.looked_at: dict[ThreadId, int] = {}
        """When Codex had changed a session last, as it was compared."""

    def began(self, thread_id: ThreadId) -> Future[None]:
        """A session was begun, and nothing of it was seen; done when other windows can read that."""
        return self._store.write("INSERT OR IGNORE INTO seen_turn VALUES (?, '')", thread_id)

    def saw(self, thread_id: ThreadId, turns: Iterable[Turn]) -> None:
        """A session is on screen with these turns, oldest first."""
        ended = [turn.id for turn in turns if not turn.is_running]
        if ended and self._here.get(thread_id) != ended[-1]:
            self._here[thread_id] = ended[-1]
            self._store.write("INSERT OR REPLACE INTO seen_turn VALUES (?, ?)", thread_id, ended[-1])

    def is_news(self, thread_id: ThreadId, turn: Turn | None) -> bool | None:
        """Whether the newest turn has ended and was not seen; None for a session that does not count."""
        row = self._store.read("SELECT turn_id FROM seen_turn WHERE thread_id = ?", thread_id)
        if row is None and thread_id not in self._here:
            return None
        if turn is None or turn.is_running:
            return False
        return turn.id not in (row[0] if row else "", self._here.get(thread_id))


async def look_for_news(manager: SessionManager, agent: Agent, listed: Iterable[ThreadSummary]) -> None:
    """Marks what finished unseen among sessions that are idle, and unmarks what another window showed.

    Only sessions that changed since they were compared last are asked for their newest turn.
    """
    threads, seen, before = manager.threads, manager.threads.seen, set(manager.threads.unread)
    for thread in listed:
        is_idle = thread.state in (ThreadState.IDLE, ThreadState.NOT_LOADED, ThreadState.FAILED)
        if not is_idle or _is_shown(manager, thread.id) or seen.looked_at.get(thread.id) == thread.updated_at:
            continue
        if seen.is_news(thread.id, None) is None:
            continue
        try:
            newest = await agent.newest_turn(thread.id)
        except AgentError as error:
            log.info("whether %s has news is not known: %s", thread.id, error)
            continue
        if thread.updated_at < manager.clock() - _SETTLED:
            seen.looked_at[thread.id] = thread.updated_at
        if not _is_shown(manager, thread.id):
            threads.mark_unread(thread.id, bool(seen.is_news(thread.id, newest)))
    if threads.unread != before:
        from conductor_tui.sessions.manager import ManagerChange

        manager.on_change(ManagerChange.THREADS)


def compare(manager: SessionManager, session: Session) -> None:
    """A session was read: its newest turn is seen if it is on screen, else it may be news."""
    turns, thread_id, threads = session.projection.turns, session.thread_id, manager.threads
    if thread_id is None:
        return
    if session is manager.shown:
        threads.seen.saw(thread_id, turns.values())
    elif threads.seen.is_news(thread_id, next(reversed(turns.values()), None)):
        threads.mark_unread(thread_id, True)


def _is_shown(manager: SessionManager, thread_id: ThreadId) -> bool:
    return manager.shown is not None and manager.shown.thread_id == thread_id


def first_session(manager: SessionManager) -> Session:
    """The session that the last window which was started here was left in, in a workspace that is still there."""
    left = manager.store.left_place(manager.here.path)
    if left is not None and is_checkout(left[0]):
        manager.here = manager.folder(*left)
    last = manager.store.last_session(manager.here.path)
    return manager.open_session(ThreadId(last)) if last else manager.new_session()
