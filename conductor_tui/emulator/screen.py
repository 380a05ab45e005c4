"""A terminal's screen with what scrolled off its top, and what control sequences may do to it."""

from __future__ import annotations

from conductor_tui.emulator.rows import CellRow, ScreenLine, width_of
from conductor_tui.emulator.scrollback import Scrollback
from conductor_tui.emulator.styles import CharacterPen, background

_DRAWING = str.maketrans("`afgijklmnopqrstuvwxyz{|}~", "◆▒°±␉┘┐┌└┼⎺⎻─⎼⎽├┤┴┬│≤≥π≠£·")
"""The line drawing characters of the VT100."""
_ALTERNATE = frozenset({47, 1047, 1049})
_ANSWER_LIMIT = 4096
"""Bytes of answers that may wait: a program that asks without reading gets no more."""


class TerminalScreen:
    """Rows of cells, a cursor, and the lines above."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = max(2, columns), max(2, rows)
        self.scrollback = Scrollback()
        self.answers = bytearray()
        """What the terminal says to the program; whoever sends it takes it out."""
        self.x = self.y = 0
        self.pen = CharacterPen()
        self.modes: set[int] = {7, 25}
        """DEC private modes that are set: 7 wraps, 25 shows the cursor."""
        self.is_inserting = False
        self.top, self.bottom = 0, self.rows - 1
        """The scroll region's first and last row."""
        self.version = 0
        """Grows with every change."""
        self._grid = [CellRow(self.columns) for _ in range(self.rows)]
        self._main: tuple[list[CellRow], int, int] | None = None
        """The main screen and its cursor while the alternate one is shown."""
        self._is_at_edge = False
        """The last column is written; the next character wraps."""
        self._saved = (0, 0, "", False)
        self._is_drawing = False
        self._last = " "

    # Writing

    def _write(self, text: str) -> None:
        if self._is_drawing:
            text = text.translate(_DRAWING)
        self._last = text[-1]
        if not text.isascii():
            self._write_wide(text)
            return
        style = self.pen.style
        while text:
            if self._is_at_edge:
                self._wrap()
            room = self.columns - self.x
            part = text[:room]
            row = self._grid[self.y]
            if self.is_inserting:
                row.insert(self.x, len(part), style)
            row.put(self.x, part, style)
            self._advance(len(part))
            if 7 in self.modes:
                text = text[room:]
            elif len(text) > room:  # without wrapping, the last column takes what comes
                row.put(self.columns - 1, text[-1], style)
                return
            else:
                return

    def _write_wide(self, text: str) -> None:
        style = self.pen.style
        for char in text:
            width = width_of(char)
            if width == 0:
                self._combine(char)
                continue
            if self._is_at_edge or self.x + width > self.columns:
                if 7 in self.modes:
                    self._wrap()
                else:
                    self.x = self.columns - width
            row = self._grid[self.y]
            if self.is_inserting:
                row.insert(self.x, width, style)
            if width == 2:
                row.put_wide(self.x, char, style)
            else:
                row.put(self.x, char, style)
            self._advance(width)

    def _combine(self, char: str) -> None:
        chars = self._grid[self.y].chars
        x = self.x if self._is_at_edge else self.x - 1
        if x > 0 and chars[x] == "":
            x -= 1
        if x >= 0 and len(chars[x]) < 16:  # a tower of accents is no text
            chars[x] += char

    def _advance(self, cells: int) -> None:
        self.x += cells
        if self.x >= self.columns:
            self.x = self.columns - 1
            self._is_at_edge = 7 in self.modes

    def _wrap(self) -> None:
        self._grid[self.y].is_wrapped = True
        self.x = 0
        self._is_at_edge = False
        self.line_feed()

    def repeat(self, count: int) -> None:
        """The last character once more (REP)."""
        self._write(self._last * min(count, self.columns * self.rows))

    # Moving

    def move(self, *, x: int | None = None, y: int | None = None) -> None:
        """Puts the cursor somewhere, within the screen."""
        self._is_at_edge = False
        if x is not None:
            self.x = max(0, min(x, self.columns - 1))
        if y is not None:
            self.y = max(0, min(y, self.rows - 1))

    def line_feed(self) -> None:
        """A row down; at the bottom of the scroll region it scrolls."""
        self._is_at_edge = False
        if self.y == self.bottom:
            self.scroll_up(1)
        elif self.y < self.rows - 1:
            self.y += 1

    def reverse_line_feed(self) -> None:
        """A row up; at the top of the scroll region it scrolls."""
        self._is_at_edge = False
        if self.y == self.top:
            self.scroll_down(1)
        elif self.y > 0:
            self.y -= 1

    def scroll_up(self, count: int, top: int | None = None, *, is_kept: bool = True) -> None:
        """Rows of the region leave at its top; those of the main screen's top are kept above, unless deleted."""
        top = self.top if top is None else top
        if not top <= self.bottom:
            return
        blank = background(self.pen.style)
        for _ in range(min(count, self.bottom - top + 1)):
            gone = self._grid.pop(top)
            self._grid.insert(self.bottom, CellRow(self.columns, blank))
            if is_kept and top == 0 and self._main is None:
                self.scrollback.add(gone.line())

    def scroll_down(self, count: int, top: int | None = None) -> None:
        """Blank rows come in at the region's top."""
        top = self.top if top is None else top
        blank = background(self.pen.style)
        for _ in range(min(count, self.bottom - top + 1)):
            del self._grid[self.bottom]
            self._grid.insert(top, CellRow(self.columns, blank))

    def save_cursor(self) -> None:
        """DECSC."""
        self._saved = (self.x, self.y, self.pen.style, self._is_drawing)

    def restore_cursor(self) -> None:
        """DECRC."""
        x, y, self.pen.style, self._is_drawing = self._saved
        self.move(x=x, y=y)

    # Modes and size

    def row(self, y: int) -> CellRow:
        """A row of the screen."""
        return self._grid[y]

    def draw_lines(self, is_on: bool) -> None:
        """Whether letters are line drawing characters."""
        self._is_drawing = is_on

    def set_mode(self, mode: int, is_on: bool) -> None:
        """Sets or resets a DEC private mode."""
        if mode in _ALTERNATE:
            self._alternate(is_on, with_cursor=mode == 1049)
        elif is_on:
            self.modes.add(mode)
        else:
            self.modes.discard(mode)

    def _alternate(self, is_on: bool, *, with_cursor: bool) -> None:
        if is_on and self._main is None:
            self._main = (self._grid, self.x, self.y)
            self._grid = [CellRow(self.columns) for _ in range(self.rows)]
        elif not is_on and self._main is not None:
            self._grid, x, y = self._main
            self._main = None
            if with_cursor:
                self.move(x=x, y=y)
        self.top, self.bottom = 0, self.rows - 1

    @property
    def is_alternate(self) -> bool:
        """Whether a full-screen program shows its own screen."""
        return self._main is not None

    def reset(self) -> None:
        """RIS: as at the start; what scrolled off stays."""
        self._main = None
        self._grid = [CellRow(self.columns) for _ in range(self.rows)]
        self.pen.style, self.modes, self.is_inserting, self._is_drawing = "", {7, 25}, False, False
        self.top, self.bottom = 0, self.rows - 1
        self.move(x=0, y=0)

    def resize(self, columns: int, rows: int) -> None:
        """Another size. Lines are not wrapped anew; rows that no longer fit scroll off the top."""
        columns, rows = max(2, columns), max(2, rows)
        if (columns, rows) == (self.columns, self.rows):
            return
        self.columns, self.rows = columns, rows
        self.y = self._fit(self._grid, self.y, is_main=self._main is None)
        if self._main is not None:
            grid, x, y = self._main
            self._main = (grid, min(x, columns - 1), self._fit(grid, y, is_main=True))
        self.top, self.bottom = 0, rows - 1
        self.move(x=self.x, y=self.y)
        self.version += 1

    def _fit(self, grid: list[CellRow], y: int, *, is_main: bool) -> int:
        """Cuts and extends a screen in place; returns the cursor's new row."""
        while len(grid) > self.rows and y < len(grid) - 1 and grid[-1].is_blank:
            grid.pop()
        while len(grid) > self.rows:
            gone = grid.pop(0)
            y = max(0, y - 1)
            if is_main:
                self.scrollback.add(gone.line())
        for row in grid:
            row.resize(self.columns, is_kept=is_main)
        grid.extend(CellRow(self.columns) for _ in range(self.rows - len(grid)))
        return y

    def answer(self, text: str) -> None:
        """Says something to the program."""
        if len(self.answers) < _ANSWER_LIMIT:
            self.answers += text.encode("ascii")

    # Reading

    @property
    def used_rows(self) -> int:
        """Rows down to the last one that shows something or holds the cursor."""
        used = self.rows
        while not self.is_alternate and used > self.y + (self.x > 0) and self._grid[used - 1].is_blank:
            used -= 1
        return used

    def line(self, y: int) -> ScreenLine:
        """A row of the screen as a line."""
        return self._grid[y].line()
