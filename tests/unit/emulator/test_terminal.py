"""The terminal of the dock: what a program's output looks like, with pyte as the judge where both know a sequence."""

from __future__ import annotations

import pyte
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conductor_tui.emulator.rows import ScreenLine
from conductor_tui.emulator.scrollback import Scrollback
from conductor_tui.emulator.styles import selected
from conductor_tui.emulator.terminal import Terminal


def a_screen(data: bytes | str = b"", columns: int = 20, rows: int = 6) -> Terminal:
    screen = Terminal(columns, rows)
    screen.feed(data.encode() if isinstance(data, str) else data)
    return screen


def shown(screen: Terminal) -> list[str]:
    return [screen.line(y).text.rstrip() for y in range(screen.rows)]


def everything(screen: Terminal) -> list[ScreenLine]:
    above = [screen.scrollback[n] for n in range(len(screen.scrollback))]
    return above + [screen.line(y) for y in range(screen.rows)]


def test_a_progress_bar_stays_on_its_line() -> None:
    screen = a_screen("".join(f"\r{n:3} % [{'#' * (n // 10):<10}]" for n in range(101)) + "\r\ndone")
    assert shown(screen)[:2] == ["100 % [##########]", "done"]


def test_colours_become_words() -> None:
    screen = a_screen("\x1b[1;31mred\x1b[0m \x1b[38;5;208mo\x1b[39m\x1b[48;2;1;2;3mx\x1b[38:2::9:9:9my")
    assert screen.line(0).spans == (
        ("red", "bold fg:1"), (" ", ""), ("o", "fg:208"), ("x", "bg:#010203"), ("y", "bg:#010203 fg:#090909")
    )  # fmt: skip


@pytest.mark.parametrize(
    ("before", "parameters", "after"),
    [
        ("", "1;4", "bold underline"),
        ("bold dim", "22", ""),
        ("fg:1", "92", "fg:10"),
        ("fg:1 bg:2", "", ""),
        ("", "38;5", ""),
        ("", "4:3", "underline"),
        ("underline", "4:0", ""),
        ("", "999999999", ""),
        ("bold", "77", "bold"),
    ],
)
def test_sgr(before: str, parameters: str, after: str) -> None:
    assert selected(before, parameters) == after


@pytest.mark.parametrize(
    "hostile",
    [
        b"\x1b]52;c;ZXZpbA==\x07",
        b"\x1b]0;a title\x1b\\",
        b"\x1bP+q544e\x1b\\",
        b"\x1b_Gf=100;AAAA\x1b\\",
        b"\x1b^private\x1b\\",
        b"\x1b]8;;http://evil\x07",
        b"\x1b[>4;2m",
        b"\x1b[?2026$p",
        b"\x1b[21t",
        b"\x1b]52;c;" + b"A" * 300_000 + b"\x07",
        b"\x07\x05\x00",
    ],
)
def test_what_is_meant_for_the_terminal_itself_is_dropped(hostile: bytes) -> None:
    whole = a_screen(b"a" + hostile + b"b")
    in_bytes = a_screen()
    for byte in b"a" + hostile[:400] + hostile[400:][-2:] + b"b":
        in_bytes.feed(bytes([byte]))
    assert shown(whole)[0] == shown(in_bytes)[0] == "ab"
    assert not whole.answers


def test_no_line_holds_a_control_character() -> None:
    screen = a_screen(bytes(range(256)) * 20)
    assert not [c for line in everything(screen) for c in line.text if ord(c) < 32 or 0x7F <= ord(c) < 0xA0]


def test_questions_are_answered_as_by_a_plain_terminal_and_not_without_end() -> None:
    screen = a_screen("\n\n  \x1b[6n\x1b[5n\x1b[c")
    assert bytes(screen.answers) == b"\x1b[3;3R\x1b[0n\x1b[?1;2c"
    screen.feed(b"\x1b[6n" * 100_000)
    assert len(screen.answers) < 5000


def test_a_full_screen_program_leaves_what_was_there() -> None:
    screen = a_screen("before\r\n\x1b[?1049h\x1b[2J\x1b[Hvim" + "\r\n~" * 30)
    assert screen.is_alternate
    assert len(screen.scrollback) == 0
    screen.feed(b"\x1b[?1049lafter")
    assert shown(screen)[:2] == ["before", "after"]


def test_wide_and_combining_characters() -> None:
    screen = a_screen("漢字e\u0301x", columns=6)
    assert screen.line(0).text == "漢字e\u0301x"
    screen.feed(b"\x1b[1;2Hy")
    assert screen.line(0).text == " y字e\u0301x"
    screen = a_screen("aaaaa漢", columns=6)
    assert (screen.line(0).text, screen.line(0).is_wrapped, screen.line(1).text) == ("aaaaa ", True, "漢")


def test_text_in_pieces_is_the_same_text() -> None:
    data = "漢字 \x1b[32mgreen\x1b[0m ✓\r\n".encode() * 5
    screen = a_screen()
    for byte in data:
        screen.feed(bytes([byte]))
    assert everything(screen) == everything(a_screen(data))


def test_wrapped_rows_are_marked() -> None:
    screen = a_screen("x" * 45 + "\r\ny")
    assert [screen.line(y).is_wrapped for y in range(4)] == [True, True, False, False]


def test_another_size_keeps_the_newest_rows_and_the_cursor_on_its_text() -> None:
    screen = a_screen("\r\n".join("abcdef"))
    screen.resize(10, 3)
    assert shown(screen) == ["d", "e", "f"]
    assert [screen.scrollback[n].text for n in range(3)] == ["a", "b", "c"]
    screen.resize(30, 5)
    screen.feed(b"!")
    assert shown(screen)[:3] == ["d", "e", "f!"]


def test_text_that_a_narrow_screen_cuts_comes_back_with_the_room_for_it() -> None:
    screen = a_screen("0123456789abcdef\r\n\x1b[31mred and long\x1b[0m\r\n漢字漢字\r\nlast")
    before = [screen.line(y) for y in range(screen.rows)]
    for columns in (9, 5, 12, 7, 2, 20):
        screen.resize(columns, 6)
    assert [screen.line(y).text for y in (0, 1, 3)] == [before[y].text for y in (0, 1, 3)]
    assert screen.line(1).spans == before[1].spans
    screen.resize(5, 6)
    screen.feed(b"\x1b[1;1Hab\x1b[2;3H\x1b[K")
    screen.resize(20, 6)
    assert shown(screen)[:2] == ["ab23456789abcdef", "re"]


def test_a_full_screen_program_draws_anew_after_another_size() -> None:
    screen = a_screen("before and long\x1b[?1049h\x1b[Hmenu of a program")
    screen.resize(6, 6)
    screen.resize(20, 6)
    assert shown(screen)[0] == "menu o"
    screen.feed(b"\x1b[?1049l")
    assert shown(screen)[0] == "before and long"


def test_a_sequence_without_an_end_is_none() -> None:
    screen = a_screen(b"\x1b[" + b"1;" * 500, columns=2000)
    assert shown(screen)[0] == "1;" * 500
    screen.feed(b"x")
    assert shown(screen)[0] == "1;" * 500 + "x"
    assert shown(a_screen(b"\x1b[" + b"1;" * 50, columns=2000))[0] == ""


def test_clear_forgets_the_scrollback_too() -> None:
    screen = a_screen("a\r\n" * 20 + "\x1b[H\x1b[2J\x1b[3J")
    assert len(screen.scrollback) == 0
    assert shown(screen) == [""] * 6


def test_lines_are_inserted_and_deleted_within_the_scroll_region() -> None:
    screen = a_screen("\r\n".join("abcdef") + "\x1b[2;5r\x1b[3;1H\x1b[L")
    assert shown(screen) == ["a", "b", "", "c", "d", "f"]
    screen.feed(b"\x1b[2;1H\x1b[2M")
    assert shown(screen) == ["a", "c", "d", "", "", "f"]
    screen.feed(b"\x1b[5;1H\nx")
    assert shown(screen) == ["a", "d", "", "", "x", "f"]
    assert len(screen.scrollback) == 0


def test_line_drawing() -> None:
    assert a_screen("\x1b(0lqk\x1b(Bq").line(0).text == "┌─┐q"


def test_the_scrollback_is_bounded_and_counts_what_is_gone() -> None:
    kept = Scrollback(lines=100, characters=10_000)
    for number in range(5000):
        kept.add(ScreenLine(((str(number), ""),)))
    assert len(kept) + kept.dropped == 5000
    assert 100 <= len(kept) <= 1100
    assert kept[len(kept) - 1].text == "4999"
    for _ in range(100):
        kept.add(ScreenLine((("x" * 1000, ""),)))
    assert sum(len(kept[n].text) for n in range(len(kept))) <= 11_000


def test_feeding_stops_when_its_time_is_over() -> None:
    ticks = iter(range(1000))
    data = b"\x1b[31mx\x1b[0m\r\n" * 5000
    screen = a_screen()
    taken = screen.feed(data, 3, clock=lambda: next(ticks))
    assert 0 < taken < len(data)


_lines = st.lists(st.text(alphabet="ab 1", max_size=50), min_size=20, max_size=80)


@given(before=st.sampled_from(["", "x", "\r\n" * 9, "\x1b[31m", "\x1b[1m  ", "z" * 20]), lines=_lines)
@settings(max_examples=60, deadline=None)
def test_a_flood_of_lines_ends_as_if_it_had_come_slowly(before: str, lines: list[str]) -> None:
    data = "".join(f"{text}\r\n" for text in lines).encode()
    fast, slow = a_screen(before), a_screen(before)
    fast.feed(data)
    for at in range(0, len(data), 7):
        slow.feed(data[at : at + 7])
    assert everything(fast) == everything(slow)
    assert (fast.x, fast.y) == (slow.x, slow.y)


_KNOWN = st.one_of(
    st.text(alphabet="abc é", min_size=1, max_size=12),
    st.sampled_from(["\r", "\n", "\r\n", "\b", "\t", "\x1bM", "\x1bD", "\x1b7", "\x1b8"]),
    st.builds("\x1b[{}{}".format, st.sampled_from(["", "1", "2", "5", "40"]), st.sampled_from("ABCDEFGHPX@d")),
    st.builds("\x1b[{}{}".format, st.sampled_from(["", "0", "1", "2"]), st.sampled_from("JK")),
    st.builds("\x1b[{};{}H".format, st.integers(0, 9), st.integers(0, 25)),
    st.builds("\x1b[{}m".format, st.sampled_from(["0", "1", "31", "44", "7", "22", "39;49"])),
)


def _one_restore_a_save(parts: list[str]) -> list[str]:
    """Restoring takes the saved place off a stack in pyte; an xterm keeps it."""
    kept, is_saved = [], False
    for part in parts:
        if part != "\x1b8" or is_saved:
            kept.append(part)
        is_saved = part == "\x1b7" or (is_saved and part != "\x1b8")
    return kept


@given(st.lists(_KNOWN, max_size=40).map(_one_restore_a_save))
@example(["a", "\x1b7", "b", "\x1b8", "c"])
@settings(max_examples=300, deadline=None)
def test_pyte_shows_the_same(parts: list[str]) -> None:
    judge, ours = pyte.Screen(20, 6), a_screen()
    stream = pyte.Stream(judge)
    for part in parts:
        stream.feed(part)
        ours.feed(part.encode())
        if judge.cursor.x == 20:  # behind the last column pyte is somewhere else than an xterm
            stream.feed("\r")
            ours.feed(b"\r")
    assert shown(ours) == [row.rstrip() for row in judge.display]
    assert (ours.x, ours.y) == (judge.cursor.x, judge.cursor.y)


@given(st.binary(max_size=400), st.integers(2, 30), st.integers(2, 10))
@settings(max_examples=200, deadline=None)
def test_anything_is_survived(data: bytes, columns: int, rows: int) -> None:
    screen = a_screen(data + b"\x1b[" + data, 20, 6)
    screen.resize(columns, rows)
    screen.feed(data)
    assert 0 <= screen.x < screen.columns and 0 <= screen.y < screen.rows
    assert all(len(screen.row(y).chars) == len(screen.row(y).styles) == screen.columns for y in range(screen.rows))
