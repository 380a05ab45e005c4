"""What new sessions start with: read and written by Codex, or in its file where no server is available."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from conductor_tui.domain.defaults import Defaults
from conductor_tui.domain.errors import AgentRefused, ConductorError
from conductor_tui.services.interfaces import DefaultsFile
from conductor_tui.services.sessions.connection import Connection, Link
from conductor_tui.settings.toml_file import KeyConflict

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext


class DefaultsChanged(ConductorError):
    """Another program changed the file since it was read; nothing was written. `now` is what it says."""

    def __init__(self, now: Defaults) -> None:
        super().__init__("the file changed meanwhile")
        self.now = now


class Way(Protocol):
    """One way to read and write the defaults; both raise ConductorError."""

    async def read(self) -> Defaults: ...
    async def write(self, before: Defaults, wanted: Defaults) -> None:
        """Raises DefaultsChanged where `before` is no longer what the file says."""
        ...


def ways(ctx: UiContext) -> Way:
    """Codex where it can be asked, else its file."""
    open_file = ctx.preferences.origins.open_codex_config
    if has_no_server(ctx) and open_file is not None:
        return _InFile(open_file())
    return _ByCodex(ctx.manager.connection)


def has_no_server(ctx: UiContext) -> bool:
    """Whether Codex cannot be used, so that its file is the only way."""
    return ctx.manager.connection.link is Link.FAILED and ctx.preferences.origins.open_codex_config is not None


class _ByCodex:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def read(self) -> Defaults:
        return await (await self._connection.agent()).read_defaults()

    async def write(self, before: Defaults, wanted: Defaults) -> None:
        agent = await self._connection.agent()
        try:
            await agent.write_defaults(before, wanted)
        except AgentRefused as refused:
            if "modified since" not in refused.message:
                raise
            raise DefaultsChanged(await agent.read_defaults()) from refused


class _InFile:
    def __init__(self, file: DefaultsFile) -> None:
        self._file = file

    async def read(self) -> Defaults:
        return await asyncio.to_thread(self._file.read_defaults)

    async def write(self, before: Defaults, wanted: Defaults) -> None:
        try:
            await asyncio.to_thread(self._file.write_defaults, before, wanted)
        except KeyConflict as conflict:
            raise DefaultsChanged(await self.read()) from conflict
