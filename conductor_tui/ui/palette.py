"""The command palette: every command of the app, found by its title, other words for it, or what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_tui.ui.commands.catalogue import commands_of
from conductor_tui.ui.commands.keymap import key_text
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.dialogs.picker import Choice, Picker

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext


def choices(ctx: UiContext) -> list[Choice]:
    """All commands, in the table's order; one that does not apply now says why instead of what it does."""
    return [
        Choice(
            c.id,
            c.title,
            note=key_text(ctx.keys, c),
            detail="" if (reason := ctx.reason(c.id)) else c.help,
            reason=f"Not now: {reason}" if reason else "",
            words=f"{c.aliases} {c.help}" if reason else c.aliases,
        )
        for c in commands_of(Pane.APP)
        if c.id != "app.palette"
    ]


async def find_command(ctx: UiContext) -> None:
    """Lists all commands and runs the chosen one."""
    command_id = await ctx.ask(Picker("Commands", choices(ctx), placeholder="Search commands"))
    if command_id is not None:
        ctx.run_command(command_id)
