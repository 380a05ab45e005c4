"""Whether Codex may write in the repository: asked on purpose, decided once, never by side effect.

Codex writes trust into the user's config.toml by itself when a thread starts with a sandbox that can write, also when
that sandbox is config.toml's own. So as long as nobody has decided, threads start read-only here. Another window, or
another program, may decide meanwhile: what they wrote holds.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from conductor_tui.domain.errors import AgentRefused
from conductor_tui.domain.trust import FolderTrust, TrustLevel
from conductor_tui.services.interfaces import Agent
from conductor_tui.storage.database import Store

log = logging.getLogger(__name__)

WAITS = "waits for your decision on this repository"
"""Why a message that was written before trust was known has not been sent."""
_ATTEMPTS = 3


class RepositoryTrust:
    """One repository with its worktrees, or one folder outside git."""

    def __init__(self, folder: Path, main_folder: Path, store: Store) -> None:
        """`main_folder`: the main worktree's, where `folder` is a linked one; else the same."""
        self._folder = folder
        self.main_folder = main_folder
        self._store = store
        self.now: FolderTrust | None = None
        """None until Codex has said it, or where it cannot."""
        self.is_unreadable = False
        """Whether Codex was asked and does not say: the user is asked then, too, and Codex only reads."""
        self._reads_only = False
        """Whether the user lets Codex only read as long as that is so."""
        self.is_put_off = store.is_trust_put_off(main_folder)
        """Whether the user wants Codex to read only, without an entry in config.toml."""
        self.is_deciding = False
        """Whether a decision is being written."""
        self.on_change: Callable[[], None] = lambda: None
        self.on_other_level: Callable[[], None] = lambda: None
        """Called when another level is in force than before: threads that are loaded keep the old one."""

    @property
    def is_undecided(self) -> bool:
        """Whether config.toml says nothing, or nobody knows what it says."""
        return self.now is None or self.now.level is None

    @property
    def wants_decision(self) -> bool:
        """Whether the user should be asked before something is sent."""
        is_open = self.is_unreadable and not self._reads_only if self.now is None else self.now.level is None
        return is_open and not self.is_put_off

    async def read(self, agent: Agent) -> FolderTrust | None:
        """What config.toml says now; what was known stays where Codex cannot say it."""
        try:
            found = await agent.read_trust(str(self._folder), str(self.main_folder))
        except AgentRefused as refused:
            log.info("trust is not known: %s", refused)
            if not self.is_unreadable:
                self.is_unreadable = True
                self.on_change()
            return self.now
        before, self.now = self.now, found
        was_unreadable, self.is_unreadable, self._reads_only = self.is_unreadable, False, False
        if found != before:
            self.on_change()
            if (before.level is not found.level) if before is not None else was_unreadable:
                self.on_other_level()
        return found

    async def decide(self, agent: Agent, level: TrustLevel | None, seen: TrustLevel | None) -> bool:
        """Writes the user's decision; None takes the entry back, and Codex only reads.

        `seen`: what was in force when the user was asked. False: somebody else has decided meanwhile; `now` has what
        they wrote, and that holds.

        Raises:
            AgentError: nothing was written.
        """
        self.is_deciding = True
        try:
            for attempt in range(_ATTEMPTS):
                found = await self.read(agent)
                if found is None:
                    raise AgentRefused("config/read", "Codex does not say what its config.toml holds")
                if found.level is not seen:
                    return False
                try:
                    if found.level is not level:
                        await agent.write_trust(found, level)
                    break
                except AgentRefused as refused:
                    if not _is_conflict(refused) or attempt == _ATTEMPTS - 1:
                        raise
                    log.info("config.toml was changed meanwhile; looking again")
            self.put_off(level is None)
            await self.read(agent)
        finally:
            self.is_deciding = False
        return True

    def read_only_meanwhile(self) -> None:
        """Codex only reads as long as it does not say what is decided; nothing is kept of that."""
        self._reads_only = True
        self.on_change()

    def put_off(self, is_put_off: bool = True) -> None:
        """Codex only reads until the user says otherwise; kept here, not in config.toml."""
        if is_put_off != self.is_put_off:
            self.is_put_off = is_put_off
            self._store.keep_trust_put_off(self.main_folder, is_put_off)
            self.on_change()


def _is_conflict(refused: AgentRefused) -> bool:
    data = refused.data if isinstance(refused.data, dict) else {}
    return data.get("config_write_error_code") == "configVersionConflict" or "modified since" in refused.message
