"""The field of the plan view: words on a step or on the whole plan, several lines if need be."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content

from conductor_tui.ui.bindings import AREA_WORDS
from conductor_tui.ui.widgets.area import Area

ROWS = 5
_NEW_LINE = ("ctrl+j", "alt+enter", "shift+enter")


class PlanField(Area):
    """Calls `take` the moment Enter is its turn: what is typed behind it belongs to what comes next."""

    BINDINGS: ClassVar[list[BindingType]] = [*AREA_WORDS]

    def __init__(self, *, take: Callable[[], None], keep: Callable[[str], None], id: str | None = None) -> None:
        """`keep` is called with every change of the text."""
        super().__init__(id=id, soft_wrap=True, show_line_numbers=False, compact=True, tab_behavior="indent")
        self.cursor_blink = False
        self.highlight_cursor_line = False
        self._take = take
        self._keep = keep

    def begin(self, text: str, placeholder: str) -> None:
        """Begins with a text, the cursor at its end."""
        self.placeholder = Content(placeholder)
        self.text = text
        self.move_cursor(self.document.end)
        self._fit()

    async def _on_key(self, event: events.Key) -> None:
        if event.key in ("enter", *_NEW_LINE):
            event.stop()
            event.prevent_default()
            if event.key == "enter":
                self._take()
            else:
                self.insert("\n")
        elif event.key in ("escape", "tab"):
            event.prevent_default()  # escape is the screen's, and a tab is no word
        else:
            await super()._on_key(event)

    def on_text_area_changed(self) -> None:
        """Every letter is kept."""
        if self.display:
            self._keep(self.text)
        self._fit()

    def on_resize(self) -> None:
        """Wraps anew, which may need another height."""
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        self.styles.height = min(max(1, self.wrapped_document.height), ROWS)
