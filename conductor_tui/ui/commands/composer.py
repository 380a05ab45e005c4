"""Keys of the composer."""

from __future__ import annotations

from conductor_tui.ui.commands.command import Command
from conductor_tui.ui.commands.pane import Pane

COMPOSER_COMMANDS: tuple[Command, ...] = (
    Command("composer.send", "Send", "Send; while a turn runs, steer it.", ("enter",), Pane.COMPOSER, action="send"),
    Command(
        "composer.newline",
        "New line",
        "Start a new line.",
        ("ctrl+j", "alt+enter", "shift+enter"),
        Pane.COMPOSER,
        action="newline",
    ),
    Command(
        "composer.older",
        "Earlier prompt",
        "On the first line: the prompt sent before.",
        ("up",),
        Pane.COMPOSER,
        action="older",
    ),
    Command(
        "composer.newer",
        "Later prompt",
        "On the last line: the prompt sent after.",
        ("down",),
        Pane.COMPOSER,
        action="newer",
    ),
)
