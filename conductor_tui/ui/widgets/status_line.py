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
    """One line; the left part tells, the right part offers keys. What does not fit is left out."""

    _clearing: Timer | None = None
    _next: tuple[str, str, float] | None = None
    left: reactive[Content] = reactive(Content(""))
    hints: reactive[tuple[tuple[str, str], ...]] = reactive(())
    """Key and short label, most useful first, but the last two are the way to all others."""
    own: reactive[int] = reactive(0)
    """How many hints, from the first on, are the focused pane's own: these stay longest."""
    remark: reactive[Content | None] = reactive[Content | None](None)
    """Stands in place of all else, for a while."""

    def tell(self, text: str, style: str, seconds: float, *, waits: bool = False) -> None:
        """Shows a remark for some seconds; one that `waits` takes no other's place."""
        if waits and self.remark is not None:
            self._next = (text, style, seconds)
            return
        if self._clearing is not None:
            self._clearing.stop()
        self.remark = Content.styled(f" {text}", style)
        self._clearing = self.set_timer(seconds, self._clear)

    def _clear(self) -> None:
        self.remark = None
        if self._next is not None:
            (text, style, seconds), self._next = self._next, None
            self.tell(text, style, seconds)

    def render(self) -> Content:
        width = self.content_size.width
        if self.remark is not None:
            return self.remark.truncate(width, ellipsis=True)
        left = self.left.truncate(width, ellipsis=True)
        room = width - left.cell_length - 1
        parts = fitting_hints(self.hints, self.own, room)
        room -= sum(part.cell_length for part in parts)
        return Content("").join([left, Content(" " * max(0, room)), *parts])


def fitting_hints(hints: tuple[tuple[str, str], ...], own: int, room: int) -> list[Content]:
    """The hints that have room: the first `own`, then the last two, which lead to all others, then the rest."""
    cells = [GAP + cell_len(key) + 1 + cell_len(label) for key, label in hints]
    at_end = range(max(own, len(cells) - 2), len(cells))
    kept: set[int] = set()
    for at in (*range(own), *reversed(at_end), *range(own, at_end.start)):
        if cells[at] > room:
            break
        room -= cells[at]
        kept.add(at)
    return [
        Content.assemble((" " * GAP, ""), (key, "$primary"), (f" {label}", "$text-muted"))
        for at, (key, label) in enumerate(hints)
        if at in kept
    ]
