"""The folders that sessions work in: a workspace's checkout each, with its trust, its skills and its new session."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from conductor_tui.domain.errors import AgentError, AgentRefused
from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.opened_thread import OpenedThread
from conductor_tui.domain.toolbox import Skills
from conductor_tui.domain.trust import TrustLevel
from conductor_tui.services.interfaces import Agent
from conductor_tui.services.sessions.trust import RepositoryTrust

log = logging.getLogger(__name__)


def draft_owner(path: Path) -> str:
    """What the draft of the new session in a folder belongs to."""
    return f"new:{path}"


class Folder:
    """One folder."""

    def __init__(self, path: Path, trust: RepositoryTrust) -> None:
        self.path = path
        self.trust = trust
        """The repository's: all its worktrees share it."""
        self.skills: Skills | None = None
        """None until Codex has listed them."""
        self.config: Mapping[str, Any] = {}
        """What threads here have beside config.toml; Codex is told again whenever it loads one."""
        self.prepare: Callable[[Folder], Awaitable[None]] = is_prepared
        """Brings `config` up to date; called before Codex loads a thread."""

    @property
    def draft_owner(self) -> str:
        """What the draft of the new session belongs to: unused threads are gone with the server."""
        return draft_owner(self.path)

    async def open_thread(
        self, agent: Agent, thread_id: ThreadId | None, has_turns: bool, wanted: Callable[[], str]
    ) -> OpenedThread:
        """Resumes a thread here; starts one where there is none, or where the one there was never used.

        Raises:
            AgentError
        """
        if thread_id is not None:
            try:
                return await self.resume_thread(agent, thread_id)
            except AgentRefused as refused:
                if "no rollout found" not in refused.message or has_turns:
                    raise
        return await self.start_thread(agent, wanted)

    async def start_thread(self, agent: Agent, wanted: Callable[[], str]) -> OpenedThread:
        """Starts a thread here under what is decided now; read-only while nothing is. `wanted`: its provider, now.

        Raises:
            AgentError
        """
        await self.prepare(self)
        while True:
            under, provider = await self.trust.read(agent), wanted()
            opened = await agent.start_thread(
                str(self.path),
                provider,
                is_read_only=self.trust.is_undecided,
                asks_always=self._asks_always,
                config=self.config,
            )
            now = self.trust.now
            if (now is None or under is None or now.level is under.level) and wanted() == provider:
                return opened
            with contextlib.suppress(AgentRefused):  # decided while it started; one more that is loaded harms nobody
                await agent.discard_unused_thread(opened.thread.id)

    async def resume_thread(self, agent: Agent, thread_id: ThreadId) -> OpenedThread:
        """Loads a thread of this folder.

        Raises:
            AgentError
        """
        await self.prepare(self)
        await self.trust.read(agent)
        return await agent.resume_thread(thread_id, config=self.config)

    @property
    def _asks_always(self) -> bool:
        """Whether a thread must be told to ask: a policy of config.toml wins over what `untrusted` means there."""
        now = self.trust.now
        return now is not None and now.level is TrustLevel.UNTRUSTED and bool(now.approval_policy)

    async def read_skills(self, agent: Agent) -> None:
        """The skills that Codex finds here."""
        self.skills = await agent.list_skills(str(self.path))


async def is_prepared(folder: Folder) -> None:
    """Nothing has to be done for it."""


async def discard_unused(agent: Agent, thread_id: ThreadId) -> None:
    """Drops a thread without a turn; failing that, the server keeps it loaded for a while."""
    try:
        await agent.discard_unused_thread(thread_id)
    except AgentError as error:
        log.info("an unused thread stays loaded for a while: %s", error)
