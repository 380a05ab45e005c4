"""What finished while nobody looked, with or without a window: the newest turn of a session against the one last seen.

A session counts from the moment it was on screen or was begun by conductor-tui; those of other programs are not news.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

from conductor_tui.domain.errors import AgentError
from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.threads import ThreadState, ThreadSummary
from conductor_tui.sessions.ports import Agent, Clock
from conductor_tui.sessions.thread_list import ThreadList

log = logging.getLogger(__name__)

_SETTLED = 2
"""Seconds after which Codex's time of a change, in whole seconds, stands for all of that second."""


async def look_for_news(
    threads: ThreadList,
    agent: Agent,
    listed: Iterable[ThreadSummary],
    is_shown: Callable[[ThreadId], bool],
    clock: Clock,
) -> bool:
    """Marks what finished unseen among sessions that are idle, and unmarks what another window showed.

    Only sessions that changed since they were compared last are asked for their newest turn. Returns whether any mark
    changed.
    """
    seen, before = threads.seen, set(threads.unread)
    for thread in listed:
        is_idle = thread.state in (ThreadState.IDLE, ThreadState.NOT_LOADED, ThreadState.FAILED)
        if not is_idle or is_shown(thread.id) or seen.looked_at.get(thread.id) == thread.updated_at:
            continue
        if seen.is_news(thread.id, None) is None:
            continue
        try:
            newest = await agent.newest_turn(thread.id)
        except AgentError as error:
            log.info("whether %s has news is not known: %s", thread.id, error)
            continue
        if thread.updated_at < clock() - _SETTLED:
            seen.looked_at[thread.id] = thread.updated_at
        if not is_shown(thread.id):
            threads.mark_unread(thread.id, bool(seen.is_news(thread.id, newest)))
    return threads.unread != before
