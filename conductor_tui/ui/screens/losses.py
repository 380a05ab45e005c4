"""What archiving workspaces would lose, to be read before it is done."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from conductor_tui.ui.presentation.hanging import Hanging

LIST_ROWS = 30
"""Rows of the list at most."""
AROUND = 7
"""Rows of the frame beside the list."""


class LossesScreen(ModalScreen[bool]):
    """Returns True when the user agrees; Enter alone is not enough, for it may have been meant for the list before."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c,n,q", "dismiss(False)", "Back", show=False),
        Binding("a", "dismiss(True)", "Archive", show=False),
    ]

    def __init__(self, text: Content, title: str = "Archive this workspace?") -> None:
        super().__init__()
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        with Vertical(id="reading"):
            yield Static(Content.styled(self._title, "bold"))
            with VerticalScroll(can_focus=True):
                yield Static(Hanging(self._text))
            keys = Content.assemble(
                ("a", "bold $primary"), " archive   ", ("esc", "bold $primary"), " back   ↑ ↓ scroll"
            )
            yield Static(keys, id="reading-keys")

    def on_resize(self) -> None:
        """On a low screen the list scrolls to its last line."""
        self.query_one(VerticalScroll).styles.max_height = max(3, min(LIST_ROWS, self.size.height * 9 // 10 - AROUND))
