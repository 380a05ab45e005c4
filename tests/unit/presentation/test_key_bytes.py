from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual._parser import ParseError

from conductor_tui.ui.key_parser import KeyParser
from conductor_tui.ui.presentation.key_bytes import key_bytes, pasted_bytes

_PLAIN = st.characters(codec="utf-8", exclude_categories=("C", "Z"))
_CONTROL = st.sampled_from([chr(n) for n in (*range(0x1B), *range(0x1C, 0x20), 0x7F)])
_BEHIND_ESCAPE = st.one_of(_PLAIN.filter(lambda c: c not in "[O"), _CONTROL.filter(lambda c: c != "\t"), st.just(" "))
_CURSOR = st.builds(
    lambda modifier, final: f"\x1b[1;{modifier}{final}" if modifier > 1 else f"\x1b[{final}",
    st.integers(1, 8),
    st.sampled_from("ABCDHF"),
)
_FUNCTION = st.builds(
    lambda number, modifier: f"\x1b[{number};{modifier}~" if modifier > 1 else f"\x1b[{number}~",
    st.sampled_from([2, 3, 5, 6, 15, 17, 18, 19, 20, 21, 23, 24]),
    st.integers(1, 8),
)
_FIRST_FUNCTION = st.one_of(
    st.sampled_from(["\x1bOP", "\x1bOQ", "\x1bOR", "\x1bOS", "\x1b[Z"]),
    st.builds(lambda modifier, final: f"\x1b[1;{modifier}{final}", st.integers(2, 8), st.sampled_from("PQS")),
)
_KEYS = st.one_of(
    _PLAIN, st.just(" "), _CONTROL, _BEHIND_ESCAPE.map(lambda c: f"\x1b{c}"), _CURSOR, _FUNCTION, _FIRST_FUNCTION
)
"""What a terminal sends for one key, but for what it cannot tell: an escape and then `[`, `O` or a tab."""


def keys_of(*packets: str) -> list[events.Key]:
    parser = KeyParser()
    found = [message for packet in packets for message in parser.feed(packet)]
    with contextlib.suppress(ParseError):
        found.extend(parser.feed(""))
    assert all(isinstance(message, events.Key) for message in found), found
    return [message for message in found if isinstance(message, events.Key)]


def typed(*packets: str) -> bytes:
    return b"".join(key_bytes(key.key, key.character, is_application=False) for key in keys_of(*packets))


@pytest.mark.parametrize(
    ("key", "character", "sent"),
    [
        ("a", "a", b"a"),
        ("é", "é", "é".encode()),
        ("space", " ", b" "),
        ("enter", "\r", b"\r"),
        ("ctrl+j", "\n", b"\n"),
        ("ctrl+c", "\x03", b"\x03"),
        ("ctrl+q", "\x11", b"\x11"),
        ("escape", "\x1b", b"\x1b"),
        ("backspace", "\x7f", b"\x7f"),
        ("shift+tab", None, b"\x1b[Z"),
        ("up", None, b"\x1b[A"),
        ("ctrl+left", None, b"\x1b[1;5D"),
        ("alt+b", None, b"\x1bb"),
        ("alt+full_stop", None, b"\x1b."),
        ("alt+shift+a", None, b"\x1bA"),
        ("alt+ctrl+x", None, b"\x1b\x18"),
        ("shift+enter", None, b"\r"),
        ("super+x", "x", b""),
        ("f5", None, b"\x1b[15~"),
        ("question_mark", "?", b"?"),
    ],
)
def test_keys(key: str, character: str | None, sent: bytes) -> None:
    assert key_bytes(key, character, is_application=False) == sent


def test_cursor_keys_of_a_full_screen_program() -> None:
    assert key_bytes("up", None, is_application=True) == b"\x1bOA"


@given(st.lists(_KEYS, max_size=8), st.data())
def test_what_is_typed_into_a_program_arrives_as_it_was_typed(keys: list[str], data: st.DataObject) -> None:
    text = "".join(keys)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=3)))
    packets = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True) if start < end]
    assert typed(*packets) == text.encode()


def test_an_escape_before_a_command_of_an_editor_is_not_lost() -> None:
    assert typed("\x1b:q!\r") == b"\x1b:q!\r"
    assert typed("text\x1b/word\r") == b"text\x1b/word\r"
    assert typed("\x1b1G", "\x1b=", "\x1b-") == b"\x1b1G\x1b=\x1b-"


@given(_BEHIND_ESCAPE.filter(lambda character: character >= " " or character in "\r\n\b"))
def test_a_key_with_alt_writes_nothing(character: str) -> None:
    (key,) = keys_of(f"\x1b{character}")
    assert key.key.startswith("alt+")
    assert not key.is_printable


def test_a_paste_cannot_leave_its_brackets_or_press_keys() -> None:
    assert pasted_bytes("a\r\nb\n\x1b[201~rm\x03\tc", is_bracketed=True) == b"\x1b[200~a\rb\r[201~rm\tc\x1b[201~"
    assert pasted_bytes("a\n", is_bracketed=False) == b"a\r"
