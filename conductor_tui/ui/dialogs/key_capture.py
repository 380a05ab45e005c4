"""Asks for the key that a command gets."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from conductor_tui.domain.text import visible_line


class KeyCatcher(ModalScreen[str | None]):
    """Returns the key under Textual's name, or None: escape and `ctrl+c` go back, so no command gets them here."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self._what = what

    def compose(self) -> ComposeResult:
        with Vertical(id="key-catcher"):
            yield Static(Content.styled(f"Press the key for “{visible_line(self._what)}”", "bold"))
            hint = "Nothing happens? The terminal or tmux uses that key itself. · Esc cancel"
            yield Static(Content.styled(hint, "$text-muted"))

    def on_key(self, event: events.Key) -> None:
        """The key."""
        event.stop()
        event.prevent_default()
        self.dismiss(None if event.key in ("escape", "ctrl+c") else event.key)
