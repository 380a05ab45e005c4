"""The stage's cells: whatever is put, a terminal that gets the updates shows exactly that."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import unicodedata
from pathlib import Path
from typing import Self

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style

from conductor_tui.ui.graphemes import reach
from conductor_tui.ui.output.grid import Grid
from conductor_tui.ui.output.style_table import Pens

WIDTH, HEIGHT = 24, 6
_LINK = re.compile(r"\x1b\]8;[^\x1b]*\x1b\\")


class Glass:
    """A terminal that shows what it is sent, and how much that was."""

    def __init__(self, *, can_erase: bool = True) -> None:
        self.screen = pyte.Screen(WIDTH, HEIGHT)
        self.screen.reset_mode(pyte.modes.DECAWM)  # as the driver does
        self.stream = pyte.Stream(self.screen)
        self.grid = Grid(Pens(ColorSystem.TRUECOLOR), can_erase=can_erase)
        self.grid.resize(WIDTH, HEIGHT)
        self.sent = ""

    def show(self) -> int:
        self.sent = self.grid.update()
        self.stream.feed(_LINK.sub("", self.sent))
        return len(self.sent)

    def rows(self) -> list[str]:
        return [row.rstrip() for row in self.screen.display]

    def cell(self, x: int, y: int) -> pyte.screens.Char:
        return self.screen.buffer[y][x]


def put(glass: Glass, x: int, y: int, text: str, style: str = "") -> None:
    glass.grid.put(x, y, [Segment(text, Style.parse(style) if style else None)])


def test_what_is_put_is_shown_and_nothing_is_sent_twice() -> None:
    glass = Glass()
    put(glass, 2, 1, "hello", "bold red on blue")
    glass.show()
    assert glass.rows()[1] == "  hello"
    assert (glass.cell(2, 1).fg, glass.cell(2, 1).bg, glass.cell(2, 1).bold) == ("red", "blue", True)
    assert glass.show() == 0
    put(glass, 2, 1, "hello", "bold red on blue")
    assert glass.show() == 0


def test_one_changed_letter_costs_a_few_bytes() -> None:
    glass = Glass()
    for y in range(HEIGHT):
        put(glass, 0, y, "x" * WIDTH, "#102030 on #405060")
    glass.show()
    put(glass, 7, 3, "y", "#102030 on #405060")
    assert glass.show() <= 8
    assert glass.rows()[3] == "x" * 7 + "y" + "x" * 16


def test_a_coloured_empty_screen_is_erased_not_written() -> None:
    glass = Glass()
    for y in range(HEIGHT):
        put(glass, 0, y, " " * WIDTH, "on #14171c")
    assert glass.show() < 60
    assert glass.cell(5, 5).bg == "14171c"


def test_where_erasing_does_not_paint_blanks_are_written() -> None:
    glass = Glass(can_erase=False)
    put(glass, 0, 0, " " * WIDTH, "on blue")
    glass.show()
    assert "\x1b[K" not in glass.sent
    assert glass.cell(WIDTH - 1, 0).bg == "blue"


def test_control_characters_never_get_out() -> None:
    glass = Glass(can_erase=False)
    put(glass, 0, 0, "a\x1b[31mb\x07\x9b\r\nc")
    glass.show()
    assert not set(glass.sent.split("\r\n")[0]) & set("\x07\x9b\r\n")
    assert glass.rows()[0] == "a\ufffd[31mb\ufffd\ufffd\ufffd\ufffdc"


def test_half_a_wide_character_is_blank() -> None:
    glass = Glass()
    put(glass, 0, 0, "漢字")
    glass.show()
    put(glass, 1, 0, "x")
    glass.show()
    assert glass.screen.display[0].startswith(" x字")


def test_of_a_wide_character_that_is_cut_nothing_stays() -> None:
    glass = Glass()
    put(glass, 0, 0, "漢字")
    put(glass, WIDTH - 1, 1, "漢")
    glass.show()
    put(glass, 0, 0, "x")
    glass.show()
    assert glass.screen.display[0].startswith("x 字")
    assert glass.screen.display[1] == " " * WIDTH
    assert glass.grid._chars[1][-1] == " "


def test_any_number_of_colours_needs_bounded_memory_and_is_shown_right() -> None:
    glass = Glass()
    for frame in range(130):
        for y in range(HEIGHT):
            styles = (f"#{frame:02x}{y:02x}{x:02x} on #{x:02x}{frame:02x}{y:02x}" for x in range(WIDTH))
            glass.grid.put(0, y, [Segment("x", Style.parse(style)) for style in styles])
        glass.show()
        assert (glass.cell(3, 2).fg, glass.cell(3, 2).bg) == (f"{frame:02x}0203", f"03{frame:02x}02")
    assert len(glass.grid._pens) < 10_000


def test_another_size_or_a_disturbed_screen_is_drawn_anew() -> None:
    glass = Glass()
    put(glass, 0, 0, "here")
    glass.show()
    glass.stream.feed("\x1b[Hgarbage\x1b[2;2Hmore")
    glass.grid.forget()
    glass.show()
    assert [row for row in glass.rows() if row] == ["here"]


DOUBTFUL = (
    "⚠️", "✔️", "ℹ️", "❤️", "1️⃣", "☎️", "👩‍👩‍👧", "🏳️‍🌈", "👍🏽", "🇩🇪", "🇫", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "नि", "क्षि", "กำ", "e\u0301", "각",
)  # fmt: skip
"""Pieces that terminals count in different ways."""
STYLES = st.sampled_from(
    ["", "bold", "dim italic", "red", "on blue", "bold green on #101010", "underline", "reverse", "strike on blue"]
)
TEXTS = st.one_of(
    st.text(alphabet="ab ", max_size=30),
    st.text(alphabet="a 漢é─", max_size=14),
    st.lists(st.sampled_from([*DOUBTFUL, "a", " ", "漢", "Warning"]), max_size=8).map("".join),
    st.integers(0, 30).map(lambda n: " " * n),
)
PUTS = st.lists(
    st.tuples(st.integers(0, WIDTH - 1), st.integers(0, HEIGHT - 1), TEXTS, STYLES, st.booleans()), max_size=40
)


@settings(max_examples=200, deadline=None)
@given(PUTS, st.booleans())
def test_updates_lead_to_what_a_fresh_terminal_would_show(
    puts: list[tuple[int, int, str, str, bool]], can_erase: bool
) -> None:
    stepwise, at_once = Glass(can_erase=can_erase), Glass(can_erase=can_erase)
    for x, y, text, style, is_shown in puts:
        put(stepwise, x, y, text, style)
        put(at_once, x, y, text, style)
        if is_shown:
            stepwise.show()
    stepwise.show()
    at_once.show()
    for y in range(HEIGHT):
        for x in range(WIDTH):
            assert _seen(stepwise.cell(x, y)) == _seen(at_once.cell(x, y)), (x, y)


@settings(max_examples=200, deadline=None)
@given(PUTS, st.booleans())
def test_no_terminal_keeps_what_stood_there_before(
    puts: list[tuple[int, int, str, str, bool]], can_erase: bool
) -> None:
    """The judge knows nothing of joined emoji; still each other character stands where it should, and nothing else."""
    glass = Glass(can_erase=can_erase)
    for x, y, text, style, is_shown in puts:
        put(glass, x, y, text, style)
        if is_shown:
            glass.show()
    glass.show()
    for y in range(HEIGHT):
        expected = glass.grid._chars[y]
        for x in range(WIDTH):
            shown, wanted = glass.cell(x, y).data, expected[x]
            if not reach(wanted) and (wanted or not reach(expected[x - 1])):
                assert shown == unicodedata.normalize("NFC", wanted), (x, y)
            elif wanted:
                assert shown in ("", " ") or shown[0] in unicodedata.normalize("NFC", wanted), (x, y)


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
@pytest.mark.parametrize("seed", range(3))
def test_tmux_keeps_nothing_of_what_stood_there_before(tmp_path: Path, seed: int) -> None:
    choose = random.Random(seed)
    stepwise, at_once = (Multiplexer(tmp_path / name) for name in ("stepwise", "at_once"))
    words = [*DOUBTFUL, "Warning ", "done ", "x", "漢字", " ", "   "]
    rows = ["".join(choose.choices(words, k=choose.randint(0, 9))) for _ in range(60)]
    with stepwise, at_once:
        for top in [*range(0, 50, 1), *(choose.randrange(50) for _ in range(40))]:
            for y, text in enumerate(rows[top : top + HEIGHT]):
                stepwise.put(0, y, text.ljust(WIDTH))
            stepwise.send()
        for y, text in enumerate(rows[top : top + HEIGHT]):
            at_once.put(0, y, text.ljust(WIDTH))
        at_once.send()
        assert stepwise.shown() == at_once.shown()


class Multiplexer:
    """A tmux of its own whose pane shows what a grid sends."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._socket, self._pipe = folder / "tmux", folder / "pipe"
        self._grid = Grid(Pens(ColorSystem.TRUECOLOR))
        self._grid.resize(WIDTH, HEIGHT)
        self._end = 0

    def __enter__(self) -> Self:
        os.mkfifo(self._pipe)
        run = f"stty raw -echo; printf '\\033[?7l'; exec cat {self._pipe}"
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", f"{WIDTH}", "-y", f"{HEIGHT + 1}", run)
        self._writer = self._pipe.open("wb", buffering=0)
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()
        subprocess.run(["tmux", "-S", self._socket, "kill-server"], check=False, capture_output=True)

    def put(self, x: int, y: int, text: str) -> None:
        self._grid.put(x, y, [Segment(text)])

    def send(self) -> None:
        self._writer.write(self._grid.update().encode())

    def shown(self) -> str:
        """What the pane shows, once it has shown a last title."""
        self._writer.write(b"\x1b]2;all is shown\x07")
        while self._tmux("display-message", "-p", "#{pane_title}").strip() != "all is shown":
            continue
        return self._tmux("capture-pane", "-p")

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(["tmux", "-u", "-S", self._socket, *words], check=True, capture_output=True, text=True)
        return done.stdout


def _seen(cell: pyte.screens.Char) -> tuple[object, ...]:
    """What an eye can tell: the colour of a blank's letter is not seen."""
    is_blank = cell.data == " " and not (cell.underscore or cell.reverse or cell.strikethrough)
    return (cell.data, cell.bg, cell.underscore, cell.strikethrough, cell.reverse) if is_blank else tuple(cell)
