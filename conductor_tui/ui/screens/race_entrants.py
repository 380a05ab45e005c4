"""The agents of a race: how many workspaces each model gets, and with which effort."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from conductor_tui.domain.races import LEAST, MOST, Entrant, Field
from conductor_tui.domain.text import visible_line
from conductor_tui.ui.presentation import race as present
from conductor_tui.ui.presentation.plan import Key, key_rows
from conductor_tui.ui.widgets.cursor_list import CursorList

_KEYS = (
    Key("↑↓", "model"),
    Key("←→", "effort"),
    Key("+ -", "more or fewer"),
    Key("Enter", "start"),
    Key("Esc", "back"),
)
AROUND, AROUND_NARROW = 11, 13
"""Rows of the screen beside the list; words and keys wrap below 80 columns."""


class RaceEntrants(ModalScreen[list[Entrant] | None]):
    """Returns the agents, or None when the user went back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c,q", "cancel", "Back", show=False, priority=True),
        Binding("up,k", "move(-1)", "Up", show=False, priority=True),
        Binding("down,j", "move(1)", "Down", show=False, priority=True),
        Binding("left,h", "effort(-1)", "Less effort", show=False, priority=True),
        Binding("right,l", "effort(1)", "More effort", show=False, priority=True),
        Binding("plus,space,equals_sign", "add(1)", "More", show=False, priority=True),
        Binding("minus,backspace", "add(-1)", "Fewer", show=False, priority=True),
        Binding("enter", "start", "Start", show=False, priority=True),
    ]

    def __init__(self, prompt: str, field: Field) -> None:
        super().__init__()
        self._prompt = prompt
        self.field = field
        """What is chosen now."""

    def compose(self) -> ComposeResult:
        with Vertical(id="entrants"):
            yield Static(Content.styled(f"Choose {LEAST}–{MOST} agents", "bold"))
            yield Static(id="entrants-prompt")
            yield CursorList(id="entrants-list", markup=False, compact=True)
            yield Static(id="entrants-total")
            yield Static(id="entrants-keys")

    def on_mount(self) -> None:
        self._draw()
        first = next((n for n, _ in enumerate(self.field.models) if self.field.counts.get(self.field.chosen(n))), 0)
        self._list.highlighted = first

    def on_resize(self) -> None:
        """On a low screen the list scrolls; total and keys stay in sight."""
        self._list.styles.max_height = max(2, self.size.height - (AROUND if self.size.width >= 80 else AROUND_NARROW))
        self.call_after_refresh(self._draw)

    @property
    def _list(self) -> OptionList:
        return self.query_one(OptionList)

    @property
    def _at(self) -> int:
        return self._list.highlighted or 0

    def action_cancel(self) -> None:
        """Goes back; nothing was started."""
        self.dismiss(None)

    def action_move(self, step: int) -> None:
        """Another model."""
        self._list.highlighted = max(0, min(len(self.field.models) - 1, self._at + step))

    def action_effort(self, step: int) -> None:
        """Another effort for agents added from now on."""
        self.field = self.field.turned(self._at, step)
        self._draw()

    def action_add(self, number: int) -> None:
        """More or fewer with this model and effort."""
        self.field = self.field.added(self._at, number)
        self._draw()

    def action_start(self) -> None:
        """Starts the race, if the number is right; the line with the total says what is missing."""
        if not self.field.reason:
            self.dismiss(self.field.entrants)

    def _draw(self) -> None:
        width = self._list.scrollable_content_region.width or 40
        at = self._list.highlighted
        self._list.set_options(
            Option(present.field_row(self.field, n, width), id=str(n)) for n in range(len(self.field.models))
        )
        self._list.highlighted = at
        prompt = Content.styled(visible_line(self._prompt), "$text-muted")
        self.query_one("#entrants-prompt", Static).update(prompt.truncate(width, ellipsis=True))
        self.query_one("#entrants-total", Static).update(present.total(self.field))
        self.query_one("#entrants-keys", Static).update(key_rows(_KEYS, width))
