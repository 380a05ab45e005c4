"""The bottom line: who needs the user, what is in force, which keys come next."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget

GAP = 3
"""Cells between two hints."""


class StatusLine(Widget):
    """One line; the left part tells, the right part offers keys. What does not fit is left out, the last two last."""

    _clearing: Timer | None = None
    left: reactive[Content] = reactive(Content(""))
    hints: reactive[tuple[tuple[str, str], ...]] = reactive(())
    """Key and short label, most useful first, but the last two are the way to all others."""
    remark: reactive[Content | None] = reactive[Content | None](None)
    """Stands in place of all else, for a while."""

    def tell(self, text: str, style: str, seconds: float) -> None:
        """Shows a remark for some seconds."""
        if self._clearing is not None:
            self._clearing.stop()
        self.remark = Content.styled(f" {text}", style)
        self._clearing = self.set_timer(seconds, self._clear)

    def _clear(self) -> None:
        self.remark = None

    def render(self) -> Content:
        width = self.content_size.width
        if self.remark is not None:
            return self.remark.truncate(width, ellipsis=True)
        left = self.left.truncate(width, ellipsis=True)
        room = width - left.cell_length - 1
        cells = [cell_len(key) + 1 + cell_len(label) + GAP for key, label in self.hints]
        kept: set[int] = set()
        for at in (*reversed(range(len(cells))[-2:]), *range(len(cells))[:-2]):
            if cells[at] > room:
                break
            room -= cells[at]
            kept.add(at)
        parts = [
            Content.assemble((" " * GAP, ""), (key, "$primary"), (f" {label}", "$text-muted"))
            for at, (key, label) in enumerate(self.hints)
            if at in kept
        ]
        return Content("").join([left, Content(" " * max(0, room)), *parts])
