"""The screen as cells: what the terminal shows and what it should show, and the shortest text from one to the other.

A cell holds a character (a grapheme where several code points make one) and the number of its look; the second cell
of a wide character is empty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from rich.segment import Segment

from conductor_tui.ui.graphemes import graphemes, reach
from conductor_tui.ui.output.style_table import PLAIN, Pens

_HARMLESS = {code: "\N{REPLACEMENT CHARACTER}" for code in (*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029)}
"""The last guard: whatever comes this far, no control character reaches the terminal as part of a text."""
_UNKNOWN = "\0"
"""A cell of which nobody knows what it shows."""
_BRIDGED = 4
"""Unchanged cells between two changes that are cheaper to write again than to jump over."""
_LOOKS = 8192
"""Looks that are remembered."""
_ERASED = 8
"""Blanks in a row from which erasing is cheaper than writing."""


class Grid:
    """One terminal's screen."""

    def __init__(self, pens: Pens, *, can_erase: bool = True) -> None:
        """`can_erase`: whether the terminal gives erased cells the background in force (not in GNU screen)."""
        self._pens = pens
        self._can_erase = can_erase
        self.width = 0
        self.height = 0
        self._chars: list[list[str]] = []
        self._looks: list[list[int]] = []
        self._shown_chars: list[list[str]] = []
        self._shown_looks: list[list[int]] = []
        self._dirty: dict[int, tuple[int, int]] = {}
        """Row to the first changed cell and the one after the last."""
        self._has_wide: set[int] = set()
        """Rows that have wide characters, or such as terminals do not agree on."""
        self._is_unknown = True
        self._pen = PLAIN
        self._x: int | None = None
        self._y = 0

    def resize(self, width: int, height: int) -> None:
        """Another size: the terminal may show anything now."""
        self.width, self.height = width, height
        self._chars = [[" "] * width for _ in range(height)]
        self._looks = [[PLAIN] * width for _ in range(height)]
        self._has_wide.clear()
        self.forget()

    def forget(self) -> None:
        """Nobody knows any more what the terminal shows; the next `update` sends everything."""
        self._shown_chars = [[_UNKNOWN] * self.width for _ in range(self.height)]
        self._shown_looks = [[PLAIN] * self.width for _ in range(self.height)]
        self._dirty = {y: (0, self.width) for y in range(self.height)}
        self._is_unknown = True

    # What it should show

    def put(self, x: int, y: int, segments: Iterable[Segment]) -> None:
        """Writes segments into a row, from cell `x` on; what does not fit is cut off."""
        if not 0 <= y < self.height:
            return
        chars, looks = self._chars[y], self._looks[y]
        start = x
        if y in self._has_wide:
            self._free_left(chars, x)
        for text, style, control in segments:
            if control or not text:
                continue
            pen = self._pens.number(style)
            if not text.isprintable():
                text = text.translate(_HARMLESS)
            if text.isascii():
                cells: Iterable[str] = text
                count = len(text)
            else:
                cells = self._cells(text, y)
                count = len(cells)
            if x + count > self.width:
                count = self.width - x
                cells = list(cells)[:count]
                if count <= 0:
                    break
            chars[x : x + count] = cells
            looks[x : x + count] = [pen] * count
            x += count
        if y in self._has_wide:
            self._free_right(chars, x)
        low, high = self._dirty.get(y, (start, x))
        self._dirty[y] = (min(low, start), max(high, x))

    def _cells(self, text: str, y: int) -> list[str]:
        cells: list[str] = []
        for piece, width in graphemes(text):
            if not width:
                continue
            cells.append(piece)
            if width == 2:
                cells.append("")
                self._has_wide.add(y)
            if reach(piece):
                self._has_wide.add(y)
        return cells

    def _free_left(self, chars: list[str], x: int) -> None:
        """A wide character whose second cell is about to be overwritten is gone."""
        if 0 < x < self.width and chars[x] == "":
            chars[x - 1] = chars[x] = " "

    def _free_right(self, chars: list[str], x: int) -> None:
        """A second cell without its first one, or a first one without its second at the edge, is blank."""
        if x < self.width and chars[x] == "":
            chars[x] = " "
        if x == self.width and _is_wide(chars[x - 1]):
            chars[x - 1] = " "

    # From what it shows to what it should show

    def update(self) -> str:
        """The text that makes the terminal show what it should; empty when it does."""
        out: list[str] = []
        if len(self._pens) > max(_LOOKS, 2 * self.width * self.height):
            self._forget_looks()
        if self._is_unknown:
            self._start_over(out)
        for y in sorted(self._dirty):
            low, high = self._dirty[y]
            self._update_row(y, max(0, low - 1), min(self.width, high + 1), out)
        self._dirty.clear()
        return "".join(out)

    def _forget_looks(self) -> None:
        """Programs and images may draw in any number of colours: only those on the screen are kept."""
        numbers = self._pens.keep(look for row in self._looks for look in row)
        self._looks = [[numbers[look] for look in row] for row in self._looks]
        self.forget()

    def _start_over(self, out: list[str]) -> None:
        """Sets a known state; where erasing paints, it also draws most of the screen."""
        self._is_unknown = False
        self._x, self._y = None, -2
        out.append("\x1b[m")
        self._pen = PLAIN
        if not self._can_erase:
            return
        blanks = Counter(
            look
            for chars, looks in zip(self._chars, self._looks, strict=True)
            for char, look in zip(chars, looks, strict=True)
            if char == " " and self._pens.erases(look)
        )
        look = blanks.most_common(1)[0][0] if blanks else PLAIN
        self._set_pen(look, out)
        out.append("\x1b[H" + "\r\n".join(["\x1b[K"] * self.height))
        self._y = self.height - 1
        self._shown_chars = [[" "] * self.width for _ in range(self.height)]
        self._shown_looks = [[look] * self.width for _ in range(self.height)]

    def _update_row(self, y: int, low: int, high: int, out: list[str]) -> None:
        chars, looks = self._chars[y], self._looks[y]
        shown_chars, shown_looks = self._shown_chars[y], self._shown_looks[y]
        if chars[low:high] == shown_chars[low:high] and looks[low:high] == shown_looks[low:high]:
            return
        x = low
        while x < high:
            if chars[x] == shown_chars[x] and looks[x] == shown_looks[x]:
                x += 1
                continue
            first = x
            last = x + 1
            x = last
            while x < high and x - last <= _BRIDGED:
                if chars[x] != shown_chars[x] or looks[x] != shown_looks[x]:
                    last = x + 1
                elif looks[x] != looks[last - 1]:
                    break
                x += 1
            while first > 0 and chars[first] == "":
                first -= 1
            last = self._end_of(first, last, y)
            self._write(first, last, y, out)
            x = max(x, last)
        shown_chars[low:high] = chars[low:high]
        shown_looks[low:high] = looks[low:high]

    def _end_of(self, first: int, last: int, y: int) -> int:
        """Where writing may end: not within a wide character, and behind all that a terminal may have drawn over."""
        if y not in self._has_wide:
            return last
        chars = self._chars[y]
        at = first
        while at < last or (at < self.width and chars[at] == ""):
            last = min(self.width, max(last, at + 1, at + reach(chars[at])))
            at += 1
        return last

    def _write(self, first: int, last: int, y: int, out: list[str]) -> None:
        """Writes the cells of a row from `first` to before `last`."""
        looks = self._looks[y]
        while first < last:
            end = first + 1
            while end < last and looks[end] == looks[first]:
                end += 1
            self._write_alike(first, end, y, out)
            first = end

    def _write_alike(self, first: int, end: int, y: int, out: list[str]) -> None:
        """Writes cells of one look: text, and erasing where there are many blanks."""
        chars, look = self._chars[y], self._looks[y][first]
        if not (self._can_erase and self._pens.erases(look)):
            self._text(first, end, y, look, out)
            return
        x = first
        while x < end:
            blank = x
            while blank < end and chars[blank] != " ":
                blank += 1
            stop = blank
            while stop < end and chars[stop] == " ":
                stop += 1
            count = stop - blank
            if stop == self.width and count > 3:
                self._text(x, blank, y, look, out)
                self._move(blank, y, out)
                self._set_pen(look, out)
                out.append("\x1b[K")
            elif count > _ERASED or (stop == end and count > 5):
                self._text(x, blank, y, look, out)
                self._move(blank, y, out)
                self._set_pen(look, out)
                out.append(f"\x1b[{count}X")
            else:
                self._text(x, stop, y, look, out)
            x = stop

    def _text(self, first: int, end: int, y: int, look: int, out: list[str]) -> None:
        if y in self._has_wide:
            for at in range(first, end):
                if reach(piece := self._chars[y][at]):
                    self._agreed(first, at, y, look, out)
                    self._doubtful(at, piece, y, look, out)
                    first = at + 2 if at + 1 < end and self._chars[y][at + 1] == "" else at + 1
        self._agreed(first, end, y, look, out)

    def _agreed(self, first: int, end: int, y: int, look: int, out: list[str]) -> None:
        """Writes pieces that are as wide in every terminal."""
        if first >= end:
            return
        cells = self._chars[y][first:end]
        self._move(first, y, out)
        self._set_pen(look, out)
        text = "".join(cells)
        out.append(text)
        # After wide characters and at the edge the cursor may be anywhere.
        is_simple = text.isascii() or (len(text) == end - first and "" not in cells)
        self._x = end if end < self.width and is_simple else None
        self._y = y

    def _doubtful(self, x: int, piece: str, y: int, look: int, out: list[str]) -> None:
        """Writes a piece on whose width terminals do not agree: on blanks, and the cursor is somewhere afterwards."""
        self._move(x, y, out)
        self._set_pen(look, out)
        is_wide = self._chars[y][x + 1 : x + 2] == [""]
        out.append(f"{'  ' if is_wide else ' '}\x1b[{x + 1}G{piece}")
        self._x = None

    def _set_pen(self, look: int, out: list[str]) -> None:
        out.append(self._pens.change(self._pen, look))
        self._pen = look

    def _move(self, x: int, y: int, out: list[str]) -> None:
        if self._x == x and self._y == y:
            return
        ways = [f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H" if y else "\x1b[H"]
        if self._x is not None and self._y == y:
            by = x - self._x
            ways.append(f"\x1b[{by if by > 1 else ''}C" if by > 0 else f"\x1b[{-by if by < -1 else ''}D")
        if self._y == y:
            ways.append(f"\r\x1b[{x if x > 1 else ''}C" if x else "\r")
        elif self._y == y - 1:
            ways.append(f"\r\n\x1b[{x if x > 1 else ''}C" if x else "\r\n")
        out.append(min(ways, key=len))
        self._x, self._y = x, y

    def move_cursor(self, x: int, y: int) -> str:
        """Puts the terminal's cursor somewhere, for input methods; empty when it is there."""
        out: list[str] = []
        self._move(min(x, self.width - 1), min(y, self.height - 1), out)
        return "".join(out)


def _is_wide(char: str) -> bool:
    return any(cells == 2 for _, cells in graphemes(char))
