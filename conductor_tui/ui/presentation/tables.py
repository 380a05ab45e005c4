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


def table_lines(rows: Sequence[Sequence[Cell]], width: int) -> list[Line]:
    """The table's lines; the first row is the header."""
    if not rows:
        return []
    columns = max(len(row) for row in rows)
    widths = _widths(rows, columns, width - len(_GAP) * (columns - 1))
    if widths is None:
        return _as_list(rows, width)
    lines: list[Line] = []
    for number, row in enumerate(rows):
        lines.extend(_row(row, widths))
        if number == 0:
            lines.append(Line((("─┼─".join("─" * w for w in widths), "muted"),)))
    return lines


def _widths(rows: Sequence[Sequence[Cell]], columns: int, room: int) -> list[int] | None:
    """A width for each column; None when there is no room for all."""
    natural = [max((row[c].cells for row in rows if c < len(row)), default=0) or 1 for c in range(columns)]
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


def _as_list(rows: Sequence[Sequence[Cell]], width: int) -> list[Line]:
    header, *body = rows
    lines: list[Line] = []
    for row in body:
        if lines:
            lines.append(BLANK)
        for name, cell in zip(header, row, strict=False):
            lines.extend(wrap([*name.spans, (": ", "muted"), *cell.spans], width))
    return lines or [ln for cell in header for ln in wrap(cell.spans, width)]
