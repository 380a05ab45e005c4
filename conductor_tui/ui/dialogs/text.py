"""A text in a window over the main screen: the keys, the log of decisions, Codex's warnings."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from conductor_tui.ui.presentation.hanging import Hanging


class ReadingScreen(ModalScreen[None]):
    """Scrolls; any way back closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,?,ctrl+c,enter", "dismiss(None)", "Back", show=False)]

    def __init__(self, title: str, text: Content, note: str = "") -> None:
        """`note` is in the last line, after the keys."""
        super().__init__()
        self._title = title
        self._text = text
        self._note = note

    def compose(self) -> ComposeResult:
        with Vertical(id="reading"):
            yield Static(Content.styled(self._title, "bold"))
            with VerticalScroll(can_focus=True):
                yield Static(Hanging(self._text))
            keys = " · ".join(filter(None, ("↑↓ scroll", "Esc close", self._note)))
            yield Static(Content.styled(keys, "$text-muted"), id="reading-keys")
