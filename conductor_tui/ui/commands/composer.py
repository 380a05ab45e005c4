"""Keys of the composer."""

from __future__ import annotations

from conductor_tui.ui.commands.command import Command
from conductor_tui.ui.commands.pane import Pane

COMPOSER_COMMANDS: tuple[Command, ...] = (
    Command(
        "composer.send",
        "Send",
        "Send the message, or add it to the running turn.",
        ("enter",),
        Pane.COMPOSER,
        action="send",
    ),
    Command(
        "composer.newline",
        "New line",
        "Insert a new line.",
        ("ctrl+j", "alt+enter", "shift+enter"),
        Pane.COMPOSER,
        action="newline",
    ),
    Command(
        "composer.older",
        "Earlier prompt",
        "Previous prompt (when on the first line).",
        ("up",),
        Pane.COMPOSER,
        action="older",
    ),
    Command(
        "composer.newer",
        "Later prompt",
        "Next prompt (when on the last line).",
        ("down",),
        Pane.COMPOSER,
        action="newer",
    ),
)
