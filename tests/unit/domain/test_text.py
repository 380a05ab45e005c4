from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_tui.domain.text import from_home, plain_output, visible, visible_line


def test_plain_text_is_left_alone() -> None:
    assert visible("a\tb\nç 漢字 🙂") == "a\tb\nç 漢字 🙂"


def test_control_characters_are_shown() -> None:
    assert visible("\x1b]0;title\x07") == "␛]0;title␇"


def test_bidirectional_and_invisible_characters_are_named() -> None:
    assert visible("rm \u202e txt\u200b") == "rm ⟨U+202E⟩ txt⟨U+200B⟩"


def test_a_joiner_joins_emoji_and_nothing_else() -> None:
    assert visible("👩‍👩‍👧 🏳️‍🌈 👨🏽‍💻 🙂‍↔️") == "👩‍👩‍👧 🏳️‍🌈 👨🏽‍💻 🙂‍↔️"
    assert visible("rm \u200da 👩\u200d|c \u200d") == "rm ⟨U+200D⟩a 👩⟨U+200D⟩|c ⟨U+200D⟩"


@pytest.mark.parametrize("code", [0x2060, 0x2064, 0x2065, 0x2066, 0x206A, 0x206F, 0xE0001, 0xAD, 0x61C])
def test_each_invisible_character_is_named(code: int) -> None:
    assert visible(f"a{chr(code)}b") == f"a⟨U+{code:04X}⟩b"


def test_a_line_stays_a_line() -> None:
    assert visible_line("a\nb\tc") == "a⏎b c"


def test_output_loses_its_colours_and_overwritten_text() -> None:
    assert plain_output("\x1b[31mred\x1b[0m\r\n10%\r50%\r100%\n") == "red\n100%\n"


def test_lone_surrogates_are_shown() -> None:
    visible("\udc80").encode("utf-8")


@given(st.text())
def test_nothing_that_acts_on_a_terminal_comes_through(text: str) -> None:
    for shown in (visible(text), plain_output(text)):
        assert not any(ord(c) < 32 and c not in "\n\t" for c in shown)
        assert not any(0x7F <= ord(c) < 0xA0 for c in shown)
        assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert "\n" not in visible_line(text)


def test_home_is_written_as_people_write_it() -> None:
    assert from_home("/home/ada/shop", "/home/ada") == "~/shop"
    assert from_home("/home/ada", "/home/ada/") == "~"
    assert from_home("/home/adam/shop", "/home/ada") == "/home/adam/shop"
    assert from_home("/srv", "") == "/srv"
