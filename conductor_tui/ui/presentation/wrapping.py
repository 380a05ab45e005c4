"""Wrapping by terminal cells: at spaces, between wide characters, and inside words that are too long."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.cells import cell_len, chop_cells

from conductor_tui.ui.graphemes import graphemes
from conductor_tui.ui.presentation.lines import Line, Span

_PIECES = re.compile(r"[^\S\u00a0]+|\S+|\u00a0+")
TAB = 4
PROSE_CELLS = 100
"""Cells from which lines of prose are hard to read; code and output have all the room there is."""


def wrap(spans: Sequence[Span], width: int) -> list[Line]:
    """The spans on lines of at most `width` cells (at least 1). Spaces at a break vanish; leading ones stay."""
    width = max(1, width)
    spans = [(text.expandtabs(TAB), style) for text, style in spans if text]
    if sum(cell_len(text) for text, _ in spans) <= width:
        return [Line(tuple(spans))]
    lines: list[Line] = []
    row: list[Span] = []
    room = width
    for word in _words(spans):
        cells = sum(cell_len(text) for text, _ in word)
        is_space = word[0][0].isspace()
        if cells <= room:
            row.extend(word)
            room -= cells
            continue
        if is_space:
            if lines or row:  # the break takes the space
                lines.append(_trimmed(row))
                row, room = [], width
            continue
        if row and any(text.strip() for text, _ in row):
            lines.append(_trimmed(row))
            row, room = [], width
        for text, style in word:
            for part in _chopped(text, room, width):
                size = cell_len(part)
                if size > room:
                    lines.append(Line(tuple(row)))
                    row, room = [], width
                row.append((part, style))
                room -= size
    if row or not lines:
        lines.append(_trimmed(row))
    return [Line(_merged(ln.spans), ln.fill, ln.fill_from) for ln in lines]


def wrap_text(text: str, width: int, style: str = "") -> list[Line]:
    """Plain text: its own line breaks stay."""
    return [wrapped for row in text.split("\n") for wrapped in wrap([(row, style)], width)]


def cut_in_front(path: str, cells: int) -> str:
    """A path on at most `cells` cells (at least 2), cut in front, at a folder if possible: its name stays."""
    if cell_len(path) <= cells:
        return path
    rest = path
    while "/" in rest:
        rest = rest.partition("/")[2]
        if rest and cell_len(rest) + 2 <= cells:
            return f"…/{rest}"
    name = path.rpartition("/")[2] or path
    while name and cell_len(name) + 1 > max(2, cells):
        name = name[1:]
    return f"…{name}"


def _words(spans: Sequence[Span]) -> list[list[Span]]:
    """Runs that must not be broken: a word may be made of several spans, a wide character stands alone."""
    words: list[list[Span]] = []
    can_join = False
    for text, style in spans:
        for piece in _PIECES.findall(text):
            parts = [piece] if piece.isspace() or piece.isascii() else _by_width(piece)
            for part in parts:
                is_glue = not part.isspace() and not _is_wide(part)
                if can_join and is_glue:
                    words[-1].append((part, style))
                else:
                    words.append([(part, style)])
                can_join = is_glue
    return words


def _is_wide(part: str) -> bool:
    return not part.isascii() and next(graphemes(part))[1] == 2


def _by_width(piece: str) -> list[str]:
    """Splits before and after wide characters; combining marks and joiners stay with their base."""
    parts: list[str] = []
    for text, cells in graphemes(piece):
        if cells == 2 or not parts or _is_wide(parts[-1]):
            parts.append(text)
        else:
            parts[-1] += text
    return parts


def _chopped(text: str, room: int, width: int) -> list[str]:
    """A word in pieces: the first fits the room that is left, the others a whole line."""
    if cell_len(text) <= room:
        return [text]
    first, rest = "", text
    if 4 <= room < width:
        first = chop_cells(text, room)[0]
        rest = text[len(first) :]
    return [part for part in (first, *chop_cells(rest, width)) if part]


def _trimmed(row: list[Span]) -> Line:
    while row and row[-1][0].isspace():
        row = row[:-1]
    return Line(tuple(row))


def _merged(spans: tuple[Span, ...]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for text, style in spans:
        if merged and merged[-1][1] == style:
            merged[-1] = (merged[-1][0] + text, style)
        else:
            merged.append((text, style))
    return tuple(merged)
