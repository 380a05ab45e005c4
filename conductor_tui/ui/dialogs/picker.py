"""A list to choose from: typing filters, Enter selects, Esc cancels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from msgspec import Struct
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from conductor_tui.domain.text import visible, visible_line
from conductor_tui.ui.presentation.hanging import Hanging, in_parts
from conductor_tui.ui.widgets.cursor_list import CursorList
from conductor_tui.ui.widgets.immediate_input import AheadInput

_INDENT = " " * 4
LIST_ROWS = 24
"""Rows of the list at most."""
FILTERED_ROWS = 8
"""Choices from which the filter is named."""
HELP = "↑↓ move · Enter select · Esc cancel"


class Choice(Struct, frozen=True):
    """One entry. `note` is beside the title, `detail` under it; a `reason` makes it dim and not choosable.

    `key` is one character that selects the entry while nothing is typed; `words` are searched and not shown.
    """

    id: str
    title: str
    note: str = ""
    detail: str = ""
    reason: str = ""
    is_current: bool = False
    key: str = ""
    words: str = ""

    def rank(self, typed: Sequence[str]) -> int | None:
        """How well the entry fits all words typed (lower case), best first; None: it does not.

        At the start of a word of the title, in the title, in the note beside it, in the text under it. What cannot be
        chosen comes after the rest.
        """
        if not typed:
            return 0
        title = self.title.lower()
        beside = f"{self.id} {self.note} {self.words}".lower()
        places = (f" {title} ", title, beside, f"{beside} {self.detail}".lower())
        found = [
            next((n for n, text in enumerate(places) if (f" {word}" if n == 0 else word) in text), None) if word else 0
            for word in typed
        ]
        ranks = [n for n in found if n is not None]
        if len(ranks) < len(typed):
            return None
        return max(ranks) + (len(places) if self.reason else 0)


class Also(Struct, frozen=True):
    """Another key of a list: what it does with the highlighted choice; the list stays open."""

    key: str
    label: str
    run: Callable[[Picker, str], None]


class Picker(ModalScreen[str | None]):
    """Returns the chosen id, or None when the user went back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "cancel", "Back", show=False, priority=True),
        Binding("down,ctrl+n", "move(1)", "Down", show=False, priority=True),
        Binding("up,ctrl+p", "move(-1)", "Up", show=False, priority=True),
        Binding("pagedown", "move(8)", "Page down", show=False, priority=True),
        Binding("pageup", "move(-8)", "Page up", show=False, priority=True),
    ]

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        *,
        also: Sequence[Also] = (),
        help: str = "",
        empty: str = "Nothing to choose",
        placeholder: str = "",
    ) -> None:
        super().__init__()
        self._title = title
        self._choices = tuple(choices)
        self._also = {a.key: a for a in also}
        self._help = help or HELP
        self._empty = empty
        self._placeholder = placeholder
        self._filtered_by = ""

    def compose(self) -> ComposeResult:
        with Vertical(id="picker"):
            yield Static(Content.styled(self._title, "bold"), id="picker-title")
            yield AheadInput(
                take=self.take, placeholder=self._filter_hint, id="picker-filter", shortcut=self._take_by_key
            )
            yield CursorList(id="picker-list", markup=False, compact=True)
            yield Static(id="picker-help")

    def on_mount(self) -> None:
        self._fill("")

    def on_resize(self) -> None:
        """On a low screen the list scrolls, and the help under it stays visible."""
        around = 8 if self.size.width >= 80 else 9
        choices = self.query_one(OptionList)
        choices.styles.max_height = max(3, min(LIST_ROWS, self.size.height * 9 // 10 - around))
        choices.call_after_refresh(choices.scroll_to_highlight)

    def on_click(self, event: events.Click) -> None:
        """A click beside the list cancels."""
        if event.widget is self:
            self.dismiss(None)

    @on(Input.Changed)
    def filter(self, event: Input.Changed) -> None:
        """Keeps the choices that contain every word typed."""
        if event.value != self._filtered_by:
            self._fill(event.value)

    def on_key(self, event: events.Key) -> None:
        """Another key of this list, or one that came before the filter had the focus."""
        if (also := self._also.get(event.key)) is not None:
            event.stop()
            if highlighted := self._highlighted:
                also.run(self, highlighted)
            return
        field = self.query_one("#picker-filter", Input)
        if self.focused is field:
            return
        self.set_focus(field)
        if event.is_printable and event.character and not field.value and self._take_by_key(event.character):
            return
        if event.is_printable and event.character:
            field.value += event.character
            field.cursor_position = len(field.value)
        elif event.key == "enter":
            self.take()

    @on(OptionList.OptionSelected)
    def clicked(self, event: OptionList.OptionSelected) -> None:
        """A click selects."""
        self.dismiss(event.option_id)

    def action_cancel(self) -> None:
        """Goes back without a choice."""
        self.dismiss(None)

    def action_move(self, step: int) -> None:
        """Moves the highlight while the filter keeps the focus."""
        choices = self.query_one(OptionList)
        for _ in range(abs(step)):
            if step > 0:
                choices.action_cursor_down()
            else:
                choices.action_cursor_up()

    def show_choices(self, choices: Sequence[Choice], *, empty: str = "") -> None:
        """Shows other choices, or newer states of the same; filter and highlight stay."""
        self._choices, self._empty = tuple(choices), empty or self._empty
        if self._is_filled:
            self.query_one("#picker-filter", Input).placeholder = self._filter_hint
            self._fill(self._filtered_by, highlight=self._highlighted)

    def follow(self, choices: Sequence[Choice]) -> None:
        """Shows choices that changed without the user: when the highlighted one has gone, none is highlighted.

        So a key that was meant for it selects no other.
        """
        if tuple(choices) == self._choices:
            return
        had = self._highlighted if self._is_filled and self._choices else ""
        self.show_choices(choices)
        if self._is_filled and had != "" and self._highlighted != had:
            self.query_one(OptionList).highlighted = None

    @property
    def _filter_hint(self) -> str:
        return self._placeholder or ("Type to filter" if len(self._choices) >= FILTERED_ROWS else "")

    @property
    def _is_filled(self) -> bool:
        """Whether it is on screen: mounted, and not closed."""
        return self.is_mounted and self.is_attached

    @property
    def shows_highlighted(self) -> bool:
        """Whether all of the highlighted choice is on screen; the mouse may have scrolled it away. It is then again."""
        choices = self.query_one(OptionList)
        at = choices.highlighted
        if at is None:
            return False
        top, seen = choices._index_to_line[at], choices.scroll_offset.y
        is_shown = seen <= top and top + choices._heights[at] <= seen + choices.size.height
        choices.scroll_to_highlight()
        return is_shown

    @property
    def fits_highlighted(self) -> bool:
        """Whether the list has rows enough for all of the highlighted choice."""
        choices = self.query_one(OptionList)
        at = choices.highlighted
        return at is not None and choices._heights[at] <= choices.size.height

    @property
    def _highlighted(self) -> str | None:
        option = self.query_one(OptionList).highlighted_option
        return option.id if option is not None else None

    def take(self) -> None:
        """Enter: selects the highlighted choice, if the filter leaves one."""
        typed = self.query_one("#picker-filter", Input).value
        if typed != self._filtered_by:
            self._fill(typed)
        if highlighted := self._highlighted:
            self.dismiss(highlighted)

    def _take_by_key(self, character: str) -> bool:
        """Selects the choice of that key; False when there is none."""
        found = next((c for c in self._choices if c.key == character and not c.reason), None)
        if found is not None:
            self.dismiss(found.id)
        return found is not None

    def _fill(self, typed: str, highlight: str | None = None) -> None:
        self._filtered_by = typed
        words = typed.lower().split()
        ranked = [(rank, c) for c in self._choices if (rank := c.rank(words)) is not None]
        found = [c for _, c in sorted(ranked, key=lambda entry: entry[0])]
        choices = self.query_one(OptionList)
        if found:
            choices.set_options(self._option(c) for c in found)
        else:
            text = f"No matches for “{visible_line(typed)}”" if self._choices else self._empty
            choices.set_options([Option(Content.styled(f"  {text}", "$text-muted"), disabled=True)])
        kept = next((i for i, c in enumerate(found) if c.id == highlight and not c.reason), None)
        current = next((i for i, c in enumerate(found) if c.is_current and not c.reason and not words), None)
        first = next((i for i, c in enumerate(found) if not c.reason), None)
        choices.highlighted = next((i for i in (kept, current, first) if i is not None), None)
        also = "".join(f" · {a.key} {a.label}" for a in self._also.values()) if self._choices else ""
        help_ = Hanging(Content.styled(f"{self._help}{also}", "$text-muted"), wrap=in_parts)
        self.query_one("#picker-help", Static).update(help_)

    @staticmethod
    def _option(choice: Choice) -> Option:
        dim = "$text-disabled" if choice.reason else ""
        parts: list[tuple[str, str]] = [
            ("● " if choice.is_current else "  ", "$text-success"),
            (f"{choice.key} " if choice.key else "", dim or "$text-accent"),
            (visible_line(choice.title), dim or "bold"),
        ]
        if choice.note:
            parts.append((f"  {visible_line(choice.note)}", dim or "$text-muted"))
        for line in (choice.detail, choice.reason):
            if line:
                rows = visible(line).replace("\n", f"\n{_INDENT}")
                parts.append((f"\n{_INDENT}{rows}", dim or "$text-muted"))
        return Option(Hanging(Content.assemble(*parts)), id=choice.id, disabled=bool(choice.reason))
