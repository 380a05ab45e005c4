"""Which session a sub-agent's questions belong to: sub-agents ask under a thread id of their own, at any depth."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from conductor_tui.domain import events as ev
from conductor_tui.domain.errors import AgentError
from conductor_tui.domain.ids import RequestId, ThreadId
from conductor_tui.domain.items import Item, SubAgentActivity
from conductor_tui.domain.opened_thread import OpenedThread
from conductor_tui.services.interfaces import Agent
from conductor_tui.services.sessions.session import Session

log = logging.getLogger(__name__)


class Families:
    """Sub-agents and their parents, and where each question of theirs was put."""

    def __init__(self) -> None:
        self._parents: dict[ThreadId, ThreadId] = {}
        self._asked: dict[tuple[ThreadId, RequestId], Session] = {}

    def learn(self, opened: OpenedThread) -> None:
        """Takes over what the history of a session tells."""
        for recorded in opened.history.turns:
            for item in recorded.items:
                self._see(opened.thread.id, item)

    def follow(self, event: ev.Event) -> None:
        """Takes over what an event tells."""
        if isinstance(event, (ev.ItemStarted, ev.ItemCompleted)) and event.thread_id is not None:
            self._see(event.thread_id, event.item)

    def _see(self, parent: ThreadId, item: Item) -> None:
        if isinstance(item, SubAgentActivity) and item.agent_thread_id and item.agent_thread_id != parent:
            self._parents[item.agent_thread_id] = parent

    def session_of(self, thread_id: ThreadId, sessions: Mapping[ThreadId, Session]) -> Session | None:
        """The session whose sub-agent works in a thread, at any depth."""
        seen: set[ThreadId] = set()
        at: ThreadId | None = thread_id
        while at is not None and at not in seen:
            if at in sessions:
                return sessions[at]
            seen.add(at)
            at = self._parents.get(at)
        return None

    def asked(self, event: ev.ApprovalRequested, sessions: Mapping[ThreadId, Session]) -> Session | None:
        """Where a question belongs; its end is told there, too."""
        thread_id = event.approval.thread_id
        session = self.session_of(thread_id, sessions)
        if session is not None:
            self._asked[thread_id, event.approval.request_id] = session
        return session

    def resolved(self, event: ev.ApprovalResolved) -> Session | None:
        """Where the question was put that has its answer now."""
        return self._asked.pop((event.thread_id, event.request_id), None) if event.thread_id else None

    async def find(
        self, agent: Agent, thread_id: ThreadId, sessions: Mapping[ThreadId, Session], otherwise: Session | None
    ) -> bool:
        """Asks Codex whose sub-agent works in a thread; `otherwise` counts as that where it cannot be known."""
        child: ThreadId | None = thread_id
        try:
            while child is not None and self.session_of(thread_id, sessions) is None:
                parent = await agent.parent_of(child)
                if parent is not None:
                    self._parents[child] = parent
                child = parent
        except AgentError as error:
            log.info("a question of nobody known: %s", error)
        if self.session_of(thread_id, sessions) is None and otherwise is not None and otherwise.thread_id:
            self._parents[thread_id] = otherwise.thread_id
        return self.session_of(thread_id, sessions) is not None
