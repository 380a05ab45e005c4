"""A terminal that is fed with a program's output.

It does what programs on an xterm rely on: colours, cursor movement, scroll regions, the alternate screen, wrapping,
line drawing. Its answers to questions are those of a plain terminal. It has no title, no clipboard, no bell.
Text that scrolls past costs about 10 µs a line.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from conductor_tui.emulator.controls import CONTROLS, ESCAPES, SEQUENCES
from conductor_tui.emulator.rows import EMPTY, CellRow, ScreenLine
from conductor_tui.emulator.screen import TerminalScreen
from conductor_tui.emulator.tokens import CONTROL, CSI, TEXT, Tokens

_PIECE, _FLOOD_PIECE = 4096, 32768
"""Bytes that are taken at once between two looks at the clock: of all kinds, and of plain lines."""
_PLAIN = bytes(range(0x20, 0x7F)) + b"\r\n"


class Terminal(TerminalScreen):
    """A screen, and the reading of bytes that change it."""

    def __init__(self, columns: int, rows: int) -> None:
        super().__init__(columns, rows)
        self._tokens = Tokens()

    def feed(self, data: bytes, seconds: float = float("inf"), clock: Callable[[], float] = perf_counter) -> int:
        """Takes output in for about that time; returns how many of the bytes it took."""
        end = clock() + seconds
        taken = 0
        while taken < len(data):
            if (flood := self._plain_lines(data, taken)) is not None:
                self._rush(flood)
                taken += len(flood)
            else:
                self._take(data[taken : taken + _PIECE])
                taken = min(len(data), taken + _PIECE)
            if clock() >= end:
                break
        self.version += 1
        return taken

    def _take(self, data: bytes) -> None:
        for kind, text, parameters in self._tokens.cut(data):
            if kind == TEXT:
                self._write(text)
            elif kind == CSI:
                handle = SEQUENCES.get(text)
                if handle is not None:
                    handle(self, parameters)
            else:
                act = (CONTROLS if kind == CONTROL else ESCAPES).get(text)
                if act is not None:
                    act(self)

    def _plain_lines(self, data: bytes, start: int) -> bytes | None:
        """Many whole lines of ASCII at the main screen's normal state, most of which nobody will see go past."""
        piece = data[start : start + _FLOOD_PIECE]
        lines = piece.count(b"\n")
        if lines < 3 * self.rows or not self._tokens.is_idle:
            return None
        piece = piece[: piece.rindex(b"\n") + 1]
        is_plain = piece.count(b"\r\n") == lines == piece.count(b"\r") and not piece.translate(None, _PLAIN)
        is_normal = (
            self._main is None
            and (self.top, self.bottom) == (0, self.rows - 1)
            and 7 in self.modes
            and not (self.is_inserting or self._is_drawing or "bg:" in self.pen.style)
        )
        return piece if is_plain and is_normal else None

    def _rush(self, data: bytes) -> None:
        """Plain lines: those between the first and the last screenful go straight to the scrollback."""
        lines = data.decode("ascii").split("\r\n")[:-1]
        head, middle, tail = lines[: self.rows], lines[self.rows : -self.rows], lines[-self.rows :]
        self._take("".join(f"{text}\r\n" for text in head).encode())
        add, style, columns = self.scrollback.add, self.pen.style, self.columns
        for row in self._grid[:-1]:
            add(row.line())
        for text in middle:
            while len(text) > columns:
                add(ScreenLine(((text[:columns], style),), is_wrapped=True))
                text = text[columns:]
            text = text if style else text.rstrip(" ")
            add(ScreenLine(((text, style),)) if text else EMPTY)
        self._grid = [CellRow(columns) for _ in range(self.rows)]
        self.move(x=0, y=0)
        self._take("".join(f"{text}\r\n" for text in tail).encode())
