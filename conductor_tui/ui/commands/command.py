"""What a command is: an entry of the catalogue."""

from __future__ import annotations

from msgspec import Struct

from conductor_tui.ui.commands.pane import Pane

NO_KEY = "switched_off"
"""A key that no terminal sends: a command without a key has a binding too, which the user's settings give one."""
YIELDING = frozenset({"app.help", "session.interrupt"})
"""Keys of the app that a pane may have: the composer types a question mark; an approval answers to escape."""


class Command(Struct, frozen=True):
    """One thing the user can do."""

    id: str
    title: str
    help: str
    keys: tuple[str, ...]
    pane: Pane = Pane.APP
    """Where its keys work; those of the app are in the palette, too."""
    action: str = ""
    """Set for commands of a pane: the Textual action of its widget."""
    hint: str = ""
    """The short form in the status line; empty keeps it out of there."""
    runs: str = ""
    """Set where a pane's key runs a command of the app: its id."""
    aliases: str = ""
    """Other words that people look for it by, with spaces between."""
