"""The command palette's entries, from the command table."""

from __future__ import annotations

from functools import partial
from typing import cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from conductor_tui.ui.commands import Command, commands_of
from conductor_tui.ui.keymap import key_text
from conductor_tui.ui.layout import Pane
from conductor_tui.ui.screens.main import MainScreen


class CommandProvider(Provider):
    """Commands of the app; one that does not apply now says why instead of what it does."""

    @property
    def _main(self) -> MainScreen:
        return cast(MainScreen, self.screen)

    @property
    def _commands(self) -> list[Command]:
        return [c for c in commands_of(Pane.APP) if c.id != "app.palette"]

    def _described(self, command: Command) -> tuple[str, str]:
        reason = command.reason(self._main)
        keys = key_text(self._main, command)
        title = f"{command.title}  ({keys})" if keys else command.title
        return title, f"Not now: {reason}." if reason else command.help

    async def discover(self) -> Hits:
        """All commands, in the table's order."""
        for command in self._commands:
            title, help_text = self._described(command)
            yield DiscoveryHit(title, partial(self._main.run_command, command), help=help_text)

    async def search(self, query: str) -> Hits:
        """Commands whose title matches."""
        matcher = self.matcher(query)
        for command in self._commands:
            title, help_text = self._described(command)
            score = matcher.match(title)
            if score > 0:
                yield Hit(score, matcher.highlight(title), partial(self._main.run_command, command), help=help_text)
