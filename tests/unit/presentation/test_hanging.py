"""Wrapped lines stand below their text."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.content import Content

from conductor_tui.ui.presentation.hanging import hung, in_parts, set_in


def rows(text: str, width: int) -> list[str]:
    return [row.rstrip() for row in hung(Content(text), width).plain.split("\n")]


@pytest.mark.parametrize(
    ("text", "first", "second"),
    [
        ("  ctrl+p        Find any command by its name", "  ctrl+p        Find any", "                command by"),
        ("    the detail of a choice goes on", "    the detail of a choice", "    goes on"),
        ("  modified     src/a.py  and words and words", "  modified     src/a.py", "               and words"),
        ("● a choice with a title that is long", "● a choice with a title", "  that is long"),
        ("  1. Press this key and then that one", "  1. Press this key and", "     then that one"),
    ],
)
def test_a_line_goes_on_below_where_its_text_began(text: str, first: str, second: str) -> None:
    told = rows(text, 26)
    assert told[0] == first
    assert told[1].startswith(second)


@given(st.text(st.sampled_from("ab 漢•1.!\n"), max_size=120), st.integers(4, 40))
@example("漢  漢", 5)
def test_no_row_is_too_wide_and_no_word_is_lost(text: str, width: int) -> None:
    told = hung(Content(text), width).plain
    assert all(cell_len(row) <= width for row in told.split("\n"))
    assert "".join(told.split()) == "".join(text.split())


@given(st.text(st.sampled_from("ab+-$ 漢👨\u200d\n"), max_size=120), st.integers(8, 40))
def test_code_goes_on_further_in_than_any_line_begins(text: str, width: int) -> None:
    told = set_in(Content(text), width).plain.split("\n")
    assert all(cell_len(row) <= width for row in told)
    assert "".join("".join(told).split()) == "".join(text.split())


def test_the_rest_of_a_command_is_no_line_of_its_own() -> None:
    told = set_in(Content("$ set -e\n  rsync -az --delete ./build/ host:/srv/www/\n  make"), 26)
    assert [row.rstrip() for row in told.plain.split("\n")] == [
        "$ set -e",
        "  rsync -az --delete",
        "    ./build/",
        "    host:/srv/www/",
        "  make",
    ]


def test_a_row_of_keys_is_wrapped_between_a_key_and_the_next() -> None:
    keys = Content("↑↓ move · Enter select · ctrl+y yes · ctrl+x no")
    assert in_parts(keys, 30).plain == "↑↓ move · Enter select\nctrl+y yes · ctrl+x no"
    assert in_parts(keys, 60).plain == keys.plain
