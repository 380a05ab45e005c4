"""Output of programs as lines: in as many cells as the program had in mind."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from conductor_tui.domain.text import visible_line
from conductor_tui.emulator.terminal import Terminal
from conductor_tui.ui.presentation.dock import output_line

PIECES = st.sampled_from(
    ["⚠️", "☎️", "1️⃣", "👩‍👩‍👧", "👍🏽", "🇩🇪", "नि", "क्षि", "e\u0301", "漢", "x", " ", "กำ", "🏳️‍🌈", "\u202e", "\u2028"]
)


@given(st.lists(PIECES, max_size=12).map("".join), st.integers(0, 39))
def test_what_a_program_draws_behind_emoji_stands_where_it_put_it(text: str, cursor: int) -> None:
    screen = Terminal(40, 3)
    screen.feed(f"{text}\x1b[1;31H|".encode())
    shown = output_line(screen.line(0)).text
    assert visible_line(shown) == shown
    assert cell_len(shown[: shown.index("|")]) == 31  # a blank stands in front of all lines
    marked = output_line(screen.line(0), cursor=cursor)
    assert marked.text.rstrip() == shown.rstrip()
    before = "".join(span for span, _ in marked.spans[: [style for _, style in marked.spans].index("reverse")])
    assert cell_len(before) in (cursor + 1, cursor + 2)
