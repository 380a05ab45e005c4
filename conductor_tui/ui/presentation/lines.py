"""Lines of styled text, before they meet a terminal: what presentation functions return and line views draw.

A style is a string of words: attributes (`bold italic underline strike dim reverse`), `link:URL`, and names of the
line view's component classes (`muted`, `code`, `added` …). Empty is the default text.
"""

from __future__ import annotations

from msgspec import Struct
from rich.cells import cell_len

Span = tuple[str, str]
"""Text without newlines, and its style."""


class Line(Struct, frozen=True):
    """One line; `fill` is the style behind the row, from the cell `fill_from` on."""

    spans: tuple[Span, ...] = ()
    fill: str = ""
    fill_from: int = 0

    @property
    def text(self) -> str:
        """The line without styles."""
        return "".join(text for text, _ in self.spans)

    @property
    def cells(self) -> int:
        """The line's width in terminal cells."""
        return sum(cell_len(text) for text, _ in self.spans)


BLANK = Line()


def line(*spans: Span | str, fill: str = "") -> Line:
    """A line of spans; plain strings have the default style."""
    return Line(tuple((s, "") if isinstance(s, str) else s for s in spans), fill)


def prefixed(first: Span, rest: Span, lines: list[Line], fill: str = "") -> list[Line]:
    """The lines behind a prefix: `first` on the first, `rest` on the others; only a `fill` given here is behind it."""
    indent = 0 if fill else cell_len(rest[0])
    return [
        Line((rest if number else first, *ln.spans), fill or ln.fill, ln.fill_from + indent)
        for number, ln in enumerate(lines)
    ]


def joined(*styles: str) -> str:
    """Several styles as one."""
    return " ".join(s for s in styles if s)
