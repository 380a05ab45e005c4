"""Reading a screen and the lines above it as one: rows by number, and logical lines over several rows."""

from __future__ import annotations

from collections.abc import Iterator

from conductor_tui.emulator.rows import EMPTY, ScreenLine
from conductor_tui.emulator.screen import TerminalScreen

_LONGEST = 200
"""Rows that a logical line may have here."""


def row_count(screen: TerminalScreen) -> int:
    """Rows that there are to read."""
    return len(screen.scrollback) + screen.used_rows


def row_at(screen: TerminalScreen, number: int) -> ScreenLine:
    """A row, counted from the oldest that is kept."""
    above = len(screen.scrollback)
    if 0 <= number < above:
        return screen.scrollback[number]
    return screen.line(number - above) if 0 <= number - above < screen.rows else EMPTY


def logical_line(screen: TerminalScreen, number: int) -> str:
    """The text of the line that a row is part of, without the breaks that the screen's width made."""
    first = number
    while first > max(0, number - _LONGEST) and row_at(screen, first - 1).is_wrapped:
        first -= 1
    return next(logical_lines(screen, first, number + 1), ("", 0))[0]


def logical_lines(screen: TerminalScreen, first: int, end: int) -> Iterator[tuple[str, int]]:
    """Logical lines that begin from `first` on and before `end`, and the row behind each."""
    number = first
    while number < end:
        parts = []
        start = number
        while (row := row_at(screen, number)).is_wrapped and number - start < _LONGEST:
            parts.append(row.text)
            number += 1
        parts.append(row.text)
        number += 1
        yield "".join(parts).rstrip(), number


def whole_text(screen: TerminalScreen) -> str:
    """All that is kept, as logical lines."""
    return "\n".join(text for text, _ in logical_lines(screen, 0, row_count(screen)))
