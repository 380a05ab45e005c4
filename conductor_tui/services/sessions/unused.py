"""New sessions that nobody has used yet: one per folder. Their threads are dropped rather than left loaded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from conductor_tui.domain.ids import ThreadId
from conductor_tui.services.interfaces import Agent
from conductor_tui.services.sessions.owner import Spawn
from conductor_tui.services.sessions.session import Session
from conductor_tui.services.sessions.session_folder import Folder, discard_unused
from conductor_tui.services.sessions.trust import RepositoryTrust


class UnusedSessions:
    """The new session of each folder, until Codex has confirmed its first turn."""

    def __init__(self, sessions: dict[ThreadId, Session], agent: Callable[[], Awaitable[Agent]], spawn: Spawn) -> None:
        """`sessions`: all that have a thread, which renewing one changes."""
        self._sessions = sessions
        self._agent = agent
        self._spawn = spawn
        self._by_folder: dict[Path, Session] = {}

    def __iter__(self) -> Iterator[Session]:
        return iter(tuple(self._by_folder.values()))

    def of(self, folder: Folder) -> Session | None:
        """The new session of a folder, if it has one."""
        return self._by_folder.get(folder.path)

    def add(self, session: Session) -> None:
        """A session that was just made is its folder's new one."""
        session.is_unstarted = True
        self._by_folder[session.folder.path] = session

    def started(self, session: Session) -> None:
        """It had its first turn."""
        session.is_unstarted = False
        del self._by_folder[session.folder.path]

    def renew_under(self, trust: RepositoryTrust) -> None:
        """Renews those of a repository: a loaded thread keeps the trust that it was started with."""
        for session in self:
            if session.folder.trust is trust:
                self.renew(session)

    def renew(self, session: Session) -> None:
        """Gives a session another thread, unless it is being opened or was used."""
        if session.thread_id is None or session.is_opening or not session.is_unused:
            return
        old = session.thread_id
        self._sessions.pop(old, None)
        session.start_over()
        self._spawn(self._discard(old))

    async def leave(self, agent: Agent) -> None:
        """Drops their threads: the server would keep them loaded for half an hour."""
        for session in self:
            if session.thread_id is not None and session.is_unused:
                await agent.discard_unused_thread(session.thread_id)

    async def _discard(self, thread_id: ThreadId) -> None:
        await discard_unused(await self._agent(), thread_id)
