"""Tables fitted to a width: columns shrink and wrap; where even that is too narrow, rows become lists."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from rich.cells import cell_len

from conductor_tui.ui.presentation.lines import BLANK, Line, Span
from conductor_tui.ui.presentation.wrapping import wrap

_GAP = " │ "
MIN_COLUMN = 6


class Cell(Struct, frozen=True):
    """A table cell; `side` is `left`, `right` or `center`."""

    spans: list[Span]
    side: str = "left"

    @property
    def cells(self) -> int:
        """Its width on one line."""
        return sum(cell_len(text) for text, _ in self.spans)


class Table:
    """A table that may grow: the rows that are kept are laid out anew only where a later one changes a column's width.

    A width is at most the room there is, so that happens a limited number of times, however many rows come.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._kept: list[Sequence[Cell]] = []
        self._natural: list[int] = []
        """The cells that each column of the rows kept would like to have."""
        self._widths: list[int] | None = None
        """The columns' widths when the rows kept were laid out last; None: as a list."""
        self._lines: list[Line] = []
        self._laid_out = 0
        """How many of the rows kept these lines are."""

    def keep(self, rows: Sequence[Sequence[Cell]]) -> None:
        """Adds rows that do not change any more; the very first row is the header."""
        self._kept += rows
        self._natural = _natural(self._natural, rows)

    def lines(self, more: Sequence[Sequence[Cell]]) -> list[Line]:
        """The lines of the rows kept and of those behind them."""
        natural = _natural(self._natural, more)
        widths = _fitted(natural, self._width - len(_GAP) * (len(natural) - 1))
        if widths != self._widths:
            self._widths, self._lines, self._laid_out = widths, [], 0
        rows = [*self._kept[:1], *more]
        if widths is None and len(rows) == 1:
            return [ln for cell in rows[0] for ln in wrap(cell.spans, self._width)]
        for row in self._kept[self._laid_out :]:
            self._lines += self._row(self._laid_out, row, rows[0])
            self._laid_out += 1
        return [
            *self._lines,
            *(ln for at, row in enumerate(more, self._laid_out) for ln in self._row(at, row, rows[0])),
        ]

    def _row(self, number: int, row: Sequence[Cell], header: Sequence[Cell]) -> list[Line]:
        if self._widths is None:
            return _as_list(number, row, header, self._width)
        lines = _row(row, self._widths)
        return lines if number else [*lines, Line((("─┼─".join("─" * w for w in self._widths), "muted"),))]


def table_lines(rows: Sequence[Sequence[Cell]], width: int) -> list[Line]:
    """The table's lines; the first row is the header."""
    return Table(width).lines(rows) if rows else []


def _natural(before: Sequence[int], rows: Sequence[Sequence[Cell]]) -> list[int]:
    """The widths on which no cell is wrapped."""
    natural = [*before, *[1] * (max(map(len, rows), default=0) - len(before))]
    for row in rows:
        for column, cell in enumerate(row):
            natural[column] = max(natural[column], cell.cells)
    return natural


def _fitted(natural: list[int], room: int) -> list[int] | None:
    """A width for each column; None when there is no room for all."""
    columns = len(natural)
    if sum(natural) <= room:
        return natural
    if room < columns * MIN_COLUMN:
        return None
    widths = list(natural)
    while sum(widths) > room:  # the widest column gives way first
        widest = max(range(columns), key=lambda c: widths[c])
        others = sorted(widths, reverse=True)
        second = others[1] if columns > 1 else MIN_COLUMN
        cut = max(1, min(widths[widest] - second, sum(widths) - room))
        widths[widest] -= cut
    return widths


def _row(row: Sequence[Cell], widths: Sequence[int]) -> list[Line]:
    wrapped = [wrap(row[c].spans, w) if c < len(row) else [BLANK] for c, w in enumerate(widths)]
    lines = []
    for at in range(max(len(cell) for cell in wrapped)):
        spans: list[Span] = []
        for c, width in enumerate(widths):
            part = wrapped[c][at] if at < len(wrapped[c]) else BLANK
            space = width - part.cells
            side = row[c].side if c < len(row) else "left"
            before = space if side == "right" else space // 2 if side == "center" else 0
            after = space - before if c < len(widths) - 1 else 0
            spans += [(" " * before, ""), *part.spans, (" " * after, "")]
            if c < len(widths) - 1:
                spans.append((_GAP, "muted"))
        lines.append(Line(tuple(s for s in spans if s[0])))
    return lines


def _as_list(number: int, row: Sequence[Cell], header: Sequence[Cell], width: int) -> list[Line]:
    lines = [BLANK] if number > 1 else []
    if number:
        for name, cell in zip(header, row, strict=False):
            lines.extend(wrap([*name.spans, (": ", "muted"), *cell.spans], width))
    return lines
