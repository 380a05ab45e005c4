"""A session manager at work, with a Codex that does what the test says."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from conductor_tui.domain import items as it
from conductor_tui.services.sessions.manager import SessionManager
from conductor_tui.services.sessions.session import Session
from conductor_tui.storage.database import Store
from tests.builders import THREAD, until
from tests.fakes.agent import FakeAgent

ROOT = Path("/repo")


class Desk:
    """A manager at work, and the agents it was given, one for each connection."""

    def __init__(self, tmp_path: Path) -> None:
        self.agents: list[FakeAgent] = []
        self.failures: list[Exception] = []
        self.store = Store(tmp_path / "store.sqlite3")
        self.prepare: Callable[[FakeAgent], None] = lambda agent: None
        self.manager = SessionManager(ROOT, self._connect, self.store, lambda: 1000.0)
        self._task: asyncio.Task[None] | None = None

    async def _connect(self) -> FakeAgent:
        if self.failures:
            raise self.failures.pop(0)
        agent = FakeAgent()
        self.prepare(agent)
        self.agents.append(agent)
        return agent

    @property
    def agent(self) -> FakeAgent:
        return self.agents[-1]

    def connect(self) -> Session:
        """Begins to connect, and shows a new session."""
        self._task = asyncio.create_task(self.manager.run())
        session = self.manager.new_session()
        self.manager.show(session)
        return session

    def reopen(self) -> Session:
        """Begins to connect, and shows the session that a window before had started."""
        self._task = asyncio.create_task(self.manager.run())
        return self.manager.open_session(THREAD)

    @staticmethod
    def notices(session: Session) -> list[it.Notice]:
        """What we said in a session's transcript."""
        shown = session.projection
        return [i for t in shown.turns for i in shown.items_of(t) if isinstance(i, it.Notice)]

    async def start(self) -> Session:
        """Connects, and shows a new session that is open."""
        session = self.connect()
        await until(lambda: session.thread_id)
        return session

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self.store.close()
