"""Work with Codex that a command begins and does not wait for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from conductor_tui.domain.errors import AgentError
from conductor_tui.sessions.ports import Agent

if TYPE_CHECKING:
    from conductor_tui.ui.screens.main import MainScreen


def ask_codex(main: MainScreen, failed: str, work: Callable[[Agent], Awaitable[None]]) -> None:
    """Does `work` when Codex is connected; `failed` begins what is said when it does not succeed."""

    async def run() -> None:
        try:
            await work(await main.manager.connection.agent())
        except AgentError as error:
            main.tell(f"{failed}: {error}", "warning")

    main.manager.spawn(run())
