"""The controls sidebar: what is in force in the session, as Codex reports it, one key from changing it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from conductor_tui.ui.bindings import pane_bindings
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.messages import CommandWanted
from conductor_tui.ui.presentation.controls import ControlRow
from conductor_tui.ui.presentation.wrapping import wrap
from conductor_tui.ui.widgets.cursor_list import CursorList

LABEL_CELLS = 12
SIDES = 2
"""Cells beside a row; the cursor is on the first."""


class ControlsPane(CursorList):
    """Rows in groups; Enter on a control runs its command, and so does its letter."""

    BINDINGS: ClassVar[list[BindingType]] = [*pane_bindings(Pane.CONTROLS)]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False, compact=True)
        self.border_title = "controls"
        self._groups: tuple[tuple[ControlRow, ...], ...] = ()
        self._drawn: tuple[object, ...] = ()

    def show(self, groups: Sequence[Sequence[ControlRow]]) -> None:
        """Shows the rows, a blank line between groups; the highlighted one stays, else it is the first."""
        groups_ = tuple(tuple(g) for g in groups if g)
        drawn = (groups_, self.content_size.width, self.has_focus)
        if drawn == self._drawn:
            return
        self._groups, self._drawn = groups_, drawn
        width = self.content_size.width - SIDES
        at = self.highlighted
        options: list[Option] = []
        for number, group in enumerate(groups_):
            if number:
                options.append(Option("", disabled=True))
            options.extend(self._option(row, width, has_keys=self.has_focus) for row in group)
        self.set_options(options)
        if at is not None and at < len(options) and not options[at].disabled:
            self.highlighted = at
        elif self.has_focus:
            self.action_first()
        self._tell_reason()

    def watch_highlighted(self, highlighted: int | None) -> None:
        """The reason why a control does not apply is on the frame while the cursor is on it."""
        super().watch_highlighted(highlighted)
        self._tell_reason()

    def _tell_reason(self) -> None:
        at = self.highlighted
        shown = self.get_option_at_index(at).id if self.has_focus and at is not None else None
        told = next((r.reason for g in self._groups for r in g if shown and _id(r) == shown), "")
        self.border_subtitle = Content(told)

    @property
    def has_cursor(self) -> bool:
        """Whether the pane has the focus."""
        return self.has_focus

    def on_resize(self) -> None:
        """Reasons wrap under their value, which depends on the width."""
        self.show(self._groups)

    def watch_has_focus(self, value: bool) -> None:
        """The letters are marked while they work."""
        super().watch_has_focus(value)
        self.show(self._groups)

    def action_run(self, command: str) -> None:
        """A control's letter; what is typed behind it goes into the prompt."""
        self.post_message(CommandWanted(command, then_write=True))

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        """Enter on a row."""
        event.stop()
        if event.option_id:
            self.post_message(CommandWanted(event.option_id.partition(":")[2]))

    @staticmethod
    def _option(row: ControlRow, width: int, *, has_keys: bool) -> Option:
        style = "$text-error" if row.is_alarming else ("$text-disabled" if row.reason else "")
        gap = " " * max(1, LABEL_CELLS - cell_len(row.label))
        indent = " " * LABEL_CELLS
        texts = [(row.value, style)]
        if row.next:
            texts.append((f"next: {row.next}", "$text-accent"))
        if row.reason and row.is_alarming:
            texts.append((row.reason, "$text-disabled"))
        parts = [*_label(row, has_keys=has_keys), (gap, "")]
        is_first = True
        for text, look in texts:
            for wrapped in wrap([(text, "")], max(8, width - LABEL_CELLS)):
                if not is_first:
                    parts.append((f"\n{indent}", ""))
                is_first = False
                parts.append((wrapped.text, look))
        return Option(Content.assemble(*parts), id=_id(row), disabled=not row.command)


def _id(row: ControlRow) -> str | None:
    return f"{row.label}:{row.command}" if row.command else None


def _label(row: ControlRow, *, has_keys: bool) -> list[tuple[str, str]]:
    """The label; while the pane has the focus, the letter that runs it is marked."""
    at = row.label.lower().find(row.key) if row.key and has_keys else -1
    if at < 0:
        return [(row.label, "$text-muted")]
    end = at + len(row.key)
    marked = (row.label[at:end], "bold underline $primary")
    return [(row.label[:at], "$text-muted"), marked, (row.label[end:], "$text-muted")]
