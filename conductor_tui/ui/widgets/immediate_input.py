"""A one-line field that answers Enter at once, not by a message: what is typed behind it belongs to what comes next."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.widgets import Input

from conductor_tui.ui.bindings import INPUT_WORDS


class AheadInput(Input):
    """Calls `take` the moment Enter is its turn."""

    BINDINGS: ClassVar[list[BindingType]] = [*INPUT_WORDS]

    def __init__(
        self,
        value: str = "",
        *,
        take: Callable[[], None],
        placeholder: str = "",
        id: str | None = None,
        is_secret: bool = False,
        shortcut: Callable[[str], bool] | None = None,
    ) -> None:
        """`shortcut` is offered each character while the field is empty; True: it is taken and not typed."""
        super().__init__(value, placeholder=placeholder, id=id, password=is_secret, compact=True, select_on_focus=False)
        self.cursor_blink = False
        self._take = take
        self._shortcut = shortcut

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "enter":
            event.stop()
            event.prevent_default()
            self._take()
        elif not self.value and event.character and self._shortcut and self._shortcut(event.character):
            event.stop()
            event.prevent_default()
        else:
            await super()._on_key(event)
