"""A question with one line to answer it, such as a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from conductor_tui.ui.widgets.immediate_input import AheadInput


class Ask(ModalScreen[str | None]):
    """Returns the text, or None when the user went back; empty text only where it is an answer."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,ctrl+c", "cancel", "Back", show=False, priority=True)]

    def __init__(
        self,
        title: str,
        value: str = "",
        *,
        is_secret: bool = False,
        is_optional: bool = False,
        wrong: Callable[[str], str] = lambda text: "",
    ) -> None:
        """A secret is shown as dots. `wrong` says what is wrong with a text, empty when nothing is."""
        super().__init__()
        self._is_secret = is_secret
        self._is_optional = is_optional
        self._wrong = wrong
        self._title = title
        self.text = value
        """What is written, also after the user went back: the question may come again."""

    def compose(self) -> ComposeResult:
        with Vertical(id="ask"):
            yield Static(Content.styled(self._title, "bold"))
            yield AheadInput(self.text, take=self._take, is_secret=self._is_secret)
            yield Static(Content.styled("Enter continue · Esc cancel", "$text-muted"), id="ask-help")

    def on_key(self, event: events.Key) -> None:
        """A key that came before the field had the focus."""
        field = self.query_one(Input)
        if self.focused is not field:
            self.set_focus(field)
            if event.is_printable and event.character:
                field.insert_text_at_cursor(event.character)
            elif event.key == "enter":
                self._take()

    def _take(self) -> None:
        """Enter: takes what is written."""
        value = self.query_one(Input).value.strip()
        if not value and not self._is_optional:
            return
        if reason := self._wrong(value):
            self.query_one("#ask-help", Static).update(Content.styled(reason, "$text-warning"))
        else:
            self.dismiss(value)

    def action_cancel(self) -> None:
        """Goes back."""
        self.text = self.query_one(Input).value
        self.dismiss(None)
