"""Text whose wrapped lines stand below their text, not below their mark: lists, keys and their meaning, losses."""

from __future__ import annotations

import re
from collections.abc import Callable

from rich.cells import cell_len
from textual.content import Content
from textual.css.styles import RulesMap
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual

_GAP = re.compile(r"(?<=\S)\s{2,}(?=\S)")
_MARK = re.compile(r"(?:[•!→✕☐☑◆●○◐] |\d+\. )*")
COLUMN_CELLS = 18
"""Cells within which a first column ends: a key, a kind of loss."""
_PARTS = " · "
_CODE_CELLS = 4
"""Where a line of a command or diff goes on: behind the margin of two, and the sign of a diff."""


class Hanging(Visual):
    """A text that a widget or an option shows at any width."""

    def __init__(self, content: Content, wrap: Callable[[Content, int], Content] | None = None) -> None:
        """`wrap`: `hung` if left out, or `set_in`."""
        self.content = content
        self._wrap = wrap or hung
        self._newest: tuple[int, Content] = (0, Content(""))

    def __str__(self) -> str:
        return self.content.plain

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        """The rows at a width."""
        return self._at(width).render_strips(width, height, style, options) if width else []

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        """Cells of the longest line."""
        return self.content.get_optimal_width(rules, container_width)

    def get_height(self, rules: RulesMap, width: int) -> int:
        """Rows at a width."""
        return self._at(width).plain.count("\n") + 1 if width else 0

    def _at(self, width: int) -> Content:
        if self._newest[0] != width:
            self._newest = width, self._wrap(self.content, width)
        return self._newest[1]


def hung(content: Content, width: int) -> Content:
    """The text wrapped for a width: a line goes on below where its text began."""
    lines: list[Content] = []
    for line in content.split("\n", allow_blank=True):
        if line.cell_length <= width:
            lines.append(line)
            continue
        start = _start(line.plain, width)
        indent = cell_len(line.plain[:start])
        first, *rest = line[start:].wrap(max(1, width - indent))
        lines.append(line[:start] + first)
        lines.extend(Content(" " * indent) + row for row in rest)
    return Content("\n").join(lines)


def set_in(content: Content, width: int) -> Content:
    """The text wrapped for a width: a line goes on further in than any begins, as code that is shown as it is.

    So no rest of a line looks like a line of its own.
    """
    indent = min(_CODE_CELLS, width // 4)
    lines: list[Content] = []
    for line in content.split("\n", allow_blank=True):
        if line.cell_length <= width:
            lines.append(line)
            continue
        first, *rest = line.wrap(max(1, width - indent))
        lines.append(first)
        lines.extend(Content(" " * indent) + row for row in rest)
    return Content("\n").join(lines)


def in_parts(content: Content, width: int) -> Content:
    """The text wrapped for a width, where it can be between its parts: keys and what they do, with dots between."""
    rows: list[Content] = []
    for part in content.split(_PARTS):
        if rows and rows[-1].cell_length + len(_PARTS) + part.cell_length <= width:
            rows[-1] = rows[-1] + _PARTS + part
        else:
            rows.append(hung(part, width))
    return Content("\n").join(rows)


def _start(line: str, width: int) -> int:
    """Where the text of a line begins: behind its first column, or its mark."""
    start = len(line) - len(line.lstrip())
    gap = _GAP.search(line, start)
    if gap is not None and cell_len(line[: gap.end()]) <= min(COLUMN_CELLS, width * 2 // 3):
        start = gap.end()
    mark = _MARK.match(line, start)
    end = mark.end() if mark else start
    return end if cell_len(line[:end]) <= width * 2 // 3 else 0
