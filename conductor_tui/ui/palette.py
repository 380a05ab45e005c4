"""The command palette: every command of the app, found by its title, other words for it, or what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_tui.ui.commands import command, commands_of
from conductor_tui.ui.keymap import key_text
from conductor_tui.ui.layout import Pane
from conductor_tui.ui.screens.picker import Choice, Picker

if TYPE_CHECKING:
    from conductor_tui.ui.screens.main import MainScreen


def choices(main: MainScreen) -> list[Choice]:
    """All commands, in the table's order; one that does not apply now says why instead of what it does."""
    return [
        Choice(
            c.id,
            c.title,
            note=key_text(main, c),
            detail="" if (reason := c.reason(main)) else c.help,
            reason=f"Not now: {reason}." if reason else "",
            words=f"{c.aliases} {c.help}" if reason else c.aliases,
        )
        for c in commands_of(Pane.APP)
        if c.id != "app.palette"
    ]


def open_palette(main: MainScreen) -> None:
    """Lists all commands and runs the chosen one."""

    def chosen(command_id: str | None) -> None:
        if command_id is not None:
            main.run_command(command(command_id))

    main.app.push_screen(Picker("Commands", choices(main), placeholder="search for a command"), chosen)
