"""Problems above the composer: as many as there is room for, equal ones once."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from conductor_tui.domain.problems import Trouble
from conductor_tui.ui.presentation.banners import banner_rows, notices, whole

REFUSED = Trouble("Not archived", "the archive script was refused", ("Press a to look at it again.",))
OFFLINE = Trouble("The remote does not answer", "could not resolve host: example.org " * 4)
NO_CODEX = Trouble("Codex does not start", steps=("Install it.", "Say where it is, with --codex."), is_fatal=True)
NONE: Counter[Trouble] = Counter()

TEXT = st.text(st.sampled_from("ab c漢\n"), max_size=80)
TROUBLES = st.lists(st.builds(Trouble, TEXT, TEXT, st.lists(TEXT, max_size=3).map(tuple), st.booleans()), max_size=5)


def rows(*troubles: Trouble, width: int = 60, rows: int = 12) -> list[str]:
    found = banner_rows(notices(troubles, NONE), width, rows, "esc").content.plain
    return [row.rstrip() for row in found.split("\n")]


def test_equal_ones_are_told_once_with_their_number_and_what_stops_work_comes_first() -> None:
    told = rows(REFUSED, NO_CODEX, REFUSED, REFUSED, REFUSED)
    assert told[0].startswith("✕ Codex does not start")
    assert told[3].startswith("! Not archived ×4")
    assert len([row for row in told if "Not archived" in row]) == 1


def test_a_wrapped_line_stands_below_its_text() -> None:
    told = rows(OFFLINE, Trouble("One", steps=("word " * 30,)))
    assert all(row.startswith("  ") for row in told if row[0] not in "!")
    assert [row for row in told if row.startswith("    word")]


def test_what_has_no_room_is_counted() -> None:
    assert rows(REFUSED, OFFLINE, NO_CODEX, rows=4)[-1] == "  2 more"
    assert len(rows(REFUSED, OFFLINE, NO_CODEX, rows=4)) == 4
    (only,) = rows(REFUSED, OFFLINE, NO_CODEX, rows=1)
    assert "2 more" in only
    assert only.endswith("✕")


def test_what_was_closed_comes_back_when_it_is_said_again() -> None:
    closed = Counter({REFUSED: 2})
    assert notices([REFUSED, REFUSED], closed) == []
    assert [n.count for n in notices([REFUSED] * 3, closed)] == [1]


@given(TROUBLES, st.integers(20, 120), st.integers(1, 12))
def test_never_higher_or_wider_than_there_is_room(troubles: list[Trouble], width: int, room: int) -> None:
    found = notices(troubles, NONE)
    drawn = banner_rows(found, width, room, "esc")
    told = drawn.content.plain.split("\n")
    assert len(told) <= room
    assert all(cell_len(row) <= width for row in told)
    for row, trouble in drawn.closes.items():
        assert "✕" in told[row]
        assert trouble in troubles
    assert whole(found, width).plain.count("\n") >= len(found) - 1
