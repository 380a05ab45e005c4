"""The controls sidebar: what is in force in the session, as Codex reports it, one key from changing it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import on
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from conductor_tui.ui.messages import CommandWanted
from conductor_tui.ui.presentation.controls import Row
from conductor_tui.ui.presentation.wrapping import wrap

LABEL_CELLS = 9


class ControlsPane(OptionList):
    """Rows in groups; Enter on a control runs its command."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False, compact=True)
        self.border_title = "controls"
        self._groups: tuple[tuple[Row, ...], ...] = ()
        self._width = 0

    def show(self, groups: Sequence[Sequence[Row]]) -> None:
        """Shows the rows, a blank line between groups; the highlighted control stays."""
        groups_ = tuple(tuple(g) for g in groups if g)
        width = self.content_size.width
        if groups_ == self._groups and width == self._width:
            return
        self._groups, self._width = groups_, width
        at = self.highlighted
        options: list[Option] = []
        for number, group in enumerate(groups_):
            if number:
                options.append(Option("", disabled=True))
            options.extend(self._option(row, width) for row in group)
        self.set_options(options)
        if at is not None and at < len(options) and not options[at].disabled:
            self.highlighted = at

    def on_resize(self) -> None:
        """Reasons wrap under their value, which depends on the width."""
        self.show(self._groups)

    @on(OptionList.OptionSelected)
    def choose(self, event: OptionList.OptionSelected) -> None:
        """Enter on a row."""
        event.stop()
        if event.option_id:
            self.post_message(CommandWanted(event.option_id))

    @staticmethod
    def _option(row: Row, width: int) -> Option:
        style = "$text-error" if row.is_alarming else ("$text-disabled" if row.reason else "")
        label = row.label + " " * max(1, LABEL_CELLS - cell_len(row.label))
        indent = " " * LABEL_CELLS
        texts = [(row.value, style)]
        if row.next:
            texts.append((f"next: {row.next}", "$text-accent"))
        if row.reason:
            texts.append((row.reason, "$text-disabled"))
        parts: list[tuple[str, str]] = [(label, "$text-muted")]
        for text, look in texts:
            for wrapped in wrap([(text, "")], max(8, width - LABEL_CELLS)):
                if len(parts) > 1:
                    parts.append((f"\n{indent}", ""))
                parts.append((wrapped.text, look))
        return Option(Content.assemble(*parts), id=row.command or None, disabled=not row.command)
