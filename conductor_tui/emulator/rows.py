"""Rows of cells, and the lines that they become."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from itertools import groupby

from msgspec import Struct

Span = tuple[str, str]
"""Text, and its style (see styles.py)."""


class ScreenLine(Struct, frozen=True, gc=False):
    """One row of the screen as it was when it scrolled off, or as it is; blanks at its end are left out."""

    spans: tuple[Span, ...] = ()
    is_wrapped: bool = False
    """Whether the next row goes on with the same line."""

    @property
    def text(self) -> str:
        """Without styles."""
        return "".join(text for text, _ in self.spans)


EMPTY = ScreenLine()


@lru_cache(4096)
def width_of(char: str) -> int:
    """Cells of a character: 0 for what joins the one before it."""
    if unicodedata.east_asian_width(char) in "WF":
        return 2
    return 0 if unicodedata.category(char) in ("Mn", "Me", "Cf") else 1


class CellRow:
    """Cells of one row: a character each (with what combines with it), empty behind a wide one; and their styles."""

    __slots__ = ("beyond", "chars", "is_wrapped", "styles")

    def __init__(self, width: int, style: str = "") -> None:
        self.chars = [" "] * width
        self.styles = [style] * width
        self.is_wrapped = False
        self.beyond: list[tuple[str, str]] = []
        """What a narrower screen has no room for, until something else is written up to the edge."""

    def put(self, x: int, text: str, style: str) -> None:
        """Writes narrow characters; they must fit."""
        end = x + len(text)
        self.free(x, end)
        if end >= len(self.chars):
            self.beyond = []
        self.chars[x:end] = text
        self.styles[x:end] = [style] * len(text)

    def put_wide(self, x: int, char: str, style: str) -> None:
        """Writes a character of two cells; it must fit."""
        self.free(x, x + 2)
        if x + 2 >= len(self.chars):
            self.beyond = []
        self.chars[x : x + 2] = char, ""
        self.styles[x : x + 2] = style, style

    def free(self, start: int, end: int) -> None:
        """Blanks the other half of wide characters that a change of these cells cuts."""
        chars = self.chars
        if 0 < start < len(chars) and chars[start] == "":
            chars[start - 1] = chars[start] = " "
        if end < len(chars) and chars[end] == "":
            chars[end] = " "

    def erase(self, start: int, end: int, style: str) -> None:
        """Blanks cells; of the style, the background stays."""
        end = min(end, len(self.chars))
        if start < end:
            self.free(start, end)
            self.chars[start:end] = [" "] * (end - start)
            self.styles[start:end] = [style] * (end - start)
            if end == len(self.chars):
                self.is_wrapped = False
                self.beyond = []

    def insert(self, x: int, count: int, style: str) -> None:
        """Makes room; what is moved over the edge is gone."""
        width = len(self.chars)
        count = min(count, width - x)
        self.beyond = []
        self.free(x, width)
        self.chars[x:] = ([" "] * count + self.chars[x:])[: width - x]
        self.styles[x:] = ([style] * count + self.styles[x:])[: width - x]
        self._mend_edge()

    def delete(self, x: int, count: int, style: str) -> None:
        """Takes cells out; blanks follow at the edge."""
        width = len(self.chars)
        count = min(count, width - x)
        self.beyond = []
        self.free(x, min(x + count, width))
        self.chars[x:] = self.chars[x + count :] + [" "] * count
        self.styles[x:] = self.styles[x + count :] + [style] * count

    def resize(self, width: int, *, is_kept: bool = False) -> None:
        """Cuts or extends. `is_kept`: what is cut comes back with the room for it."""
        before = len(self.chars)
        cells = [*zip(self.chars, self.styles, strict=True), *self.beyond]
        while is_kept and cells and cells[-1] == (" ", ""):
            cells.pop()
        self.beyond = cells[width:] if is_kept else []
        cells = cells[:width] + [(" ", "")] * (width - len(cells))
        self.chars, self.styles = [char for char, _ in cells], [style for _, style in cells]
        if before < width and self.chars[before] == "" and not self._is_wide_at(before - 1):
            self.chars[before] = " "
        self._mend_edge()

    def _is_wide_at(self, x: int) -> bool:
        return x >= 0 and bool(self.chars[x]) and width_of(self.chars[x][0]) == 2

    def _mend_edge(self) -> None:
        if self._is_wide_at(len(self.chars) - 1):
            self.chars[-1] = " "

    @property
    def is_blank(self) -> bool:
        """Whether nothing is to be seen."""
        return not self.beyond and not any(self.styles) and not "".join(self.chars).strip(" ")

    def line(self) -> ScreenLine:
        """The row as a line."""
        chars, styles = self.chars, self.styles
        first = styles[0] if styles else ""
        if styles.count(first) == len(styles):
            text = "".join(chars)
            if not first and not self.is_wrapped:
                text = text.rstrip(" ")
            if not text:
                return EMPTY if not self.is_wrapped else ScreenLine((), True)
            return ScreenLine(((text, first),), self.is_wrapped)
        spans: list[Span] = []
        at = 0
        end = len(chars)
        while not self.is_wrapped and chars[end - 1] == " " and not styles[end - 1]:
            end -= 1
        for style, group in groupby(styles[:end]):
            after = at + len(list(group))
            spans.append(("".join(chars[at:after]), style))
            at = after
        return ScreenLine(tuple(spans), self.is_wrapped)
