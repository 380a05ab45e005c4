from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from conductor_tui.ui.presentation.wrapping import wrap, wrap_text


def rows(text: str, width: int) -> list[str]:
    return [line.text for line in wrap([(text, "")], width)]


def test_at_spaces() -> None:
    assert rows("one two three", 8) == ["one two", "three"]


def test_long_words_are_broken() -> None:
    assert rows("abcdefghij", 4) == ["abcd", "efgh", "ij"]


def test_wide_characters_break_anywhere_and_never_overflow() -> None:
    assert rows("漢字漢字漢", 5) == ["漢字", "漢字", "漢"]


def test_styles_survive_and_words_of_several_styles_stay_together() -> None:
    lines = wrap([("foo ", ""), ("bar", "bold"), ("baz qux", "")], 7)
    assert [line.text for line in lines] == ["foo", "barbaz", "qux"]
    assert lines[1].spans[0] == ("bar", "bold")


def test_leading_spaces_stay() -> None:
    assert rows("    indented text", 12) == ["    indented", "text"]


def test_line_breaks_of_the_text_stay() -> None:
    assert [line.text for line in wrap_text("a\n\nb", 10)] == ["a", "", "b"]


@given(st.text(st.sampled_from("ab 漢é🙂\u0301-."), max_size=60), st.integers(2, 20))
def test_nothing_but_spaces_is_lost_and_nothing_overflows(text: str, width: int) -> None:
    lines = rows(text, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(cell_len(line) <= width for line in lines)
