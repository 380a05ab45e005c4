"""What finished while nobody looked, with or without a window: the newest turn of a session against the one last seen.

A session counts from the moment it was on screen or was begun by conductor-tui; those of other programs are not news.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from conductor_tui.domain.errors import AgentError
from conductor_tui.domain.ids import ThreadId, TurnId
from conductor_tui.domain.threads import ThreadState, ThreadSummary
from conductor_tui.domain.turns import Turn
from conductor_tui.services.interfaces import Agent, Clock
from conductor_tui.services.sessions.thread_list import ThreadList

log = logging.getLogger(__name__)

_SETTLED = 2
"""Seconds after which Codex's time of a change, in whole seconds, stands for all of that second."""


class Unread:
    """Compares what Codex has with what was seen, and marks the sessions that have news."""

    def __init__(
        self,
        threads: ThreadList,
        shown: Callable[[], ThreadId | None],
        clock: Clock,
        on_change: Callable[[], None],
    ) -> None:
        """`shown`: the session on screen; `on_change` is called after a mark has changed."""
        self._threads = threads
        self._shown = shown
        self._clock = clock
        self._on_change = on_change

    async def look(self, agent: Agent, listed: Iterable[ThreadSummary]) -> None:
        """Marks what finished unseen among sessions that are idle, and unmarks what another window showed.

        Only sessions that changed since they were compared last are asked for their newest turn.
        """
        threads, seen, before = self._threads, self._threads.seen, set(self._threads.unread)
        for thread in listed:
            is_idle = thread.state in (ThreadState.IDLE, ThreadState.NOT_LOADED, ThreadState.FAILED)
            if not is_idle or thread.id == self._shown() or seen.looked_at.get(thread.id) == thread.updated_at:
                continue
            if seen.is_news(thread.id, None) is None:
                continue
            try:
                newest = await agent.newest_turn(thread.id)
            except AgentError as error:
                log.info("whether %s has news is not known: %s", thread.id, error)
                continue
            if thread.updated_at < self._clock() - _SETTLED:
                seen.looked_at[thread.id] = thread.updated_at
            if thread.id != self._shown():
                threads.mark_unread(thread.id, bool(seen.is_news(thread.id, newest)))
        if threads.unread != before:
            self._on_change()

    def compare(self, thread_id: ThreadId, turns: dict[TurnId, Turn]) -> None:
        """A session was read: its newest turn is seen if it is on screen, else it may be news."""
        seen = self._threads.seen
        if thread_id == self._shown():
            seen.saw(thread_id, turns.values())
        elif seen.is_news(thread_id, next(reversed(turns.values()), None)):
            self._threads.mark_unread(thread_id, True)
