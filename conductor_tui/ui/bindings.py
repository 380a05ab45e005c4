"""Textual's bindings, from the table of commands. Each has its command's id, by which the user's keys find it."""

from __future__ import annotations

from textual.binding import Binding

from conductor_tui.ui.commands.catalogue import commands_of
from conductor_tui.ui.commands.command import NO_KEY, YIELDING, Command
from conductor_tui.ui.commands.pane import Pane


def app_bindings() -> list[Binding]:
    """Bindings of the main screen; they win over the focused pane's, except where the pane must have the key."""
    return [
        Binding(_keys(c), f"command('{c.id}')", c.title, id=c.id, show=False, priority=c.id not in YIELDING)
        for c in commands_of(Pane.APP)
    ]


def pane_bindings(pane: Pane) -> list[Binding]:
    """Bindings of a pane's widget."""
    return [Binding(_keys(c), c.action, c.title, id=c.id, show=False) for c in commands_of(pane)]


def _keys(of: Command) -> str:
    return ",".join(of.keys) or NO_KEY


def word_bindings(*, left: str, right: str, delete_left: str, delete_right: str) -> list[Binding]:
    """The keys of a shell's line for a text field whose actions have these names."""
    actions = {"alt+b": left, "alt+f": right, "alt+backspace": delete_left, "alt+d": delete_right}
    return [Binding(key, action, show=False) for key, action in actions.items()]


INPUT_WORDS = word_bindings(
    left="cursor_left_word", right="cursor_right_word", delete_left="delete_left_word", delete_right="delete_right_word"
)
AREA_WORDS = word_bindings(
    left="cursor_word_left", right="cursor_word_right", delete_left="delete_word_left", delete_right="delete_word_right"
)
