"""Work with Codex that a command begins and does not wait for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from conductor_tui.domain.errors import AgentError
from conductor_tui.sessions.ports import Agent

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext


def ask_codex(ctx: UiContext, failed: str, work: Callable[[Agent], Awaitable[None]]) -> None:
    """Does `work` when Codex is connected; `failed` begins what is said when it does not succeed."""

    async def run() -> None:
        try:
            await work(await ctx.manager.connection.agent())
        except AgentError as error:
            ctx.tell(f"{failed}: {error}", "warning")

    ctx.manager.spawn(run())
