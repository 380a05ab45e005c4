"""What a command is: an entry of the table in ui/commands.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from conductor_tui.ui.layout import Pane

if TYPE_CHECKING:
    from conductor_tui.ui.screens.main import MainScreen


def _always(_: MainScreen) -> str | None:
    return None


class Command(Struct, frozen=True):
    """One thing the user can do."""

    id: str
    title: str
    help: str
    keys: tuple[str, ...]
    pane: Pane = Pane.APP
    run: Callable[[MainScreen], None] | None = None
    """Set for commands of the app: these are in the palette."""
    action: str = ""
    """Set for commands of a pane: the Textual action of its widget."""
    hint: str = ""
    """The short form in the status line; empty keeps it out of there."""
    runs: str = ""
    """Set where a pane's key runs a command of the app: its id."""
    aliases: str = ""
    """Other words that people look for it by, with spaces between."""
    reason: Callable[[MainScreen], str | None] = _always
    """Why the command does not apply now; None when it does."""
