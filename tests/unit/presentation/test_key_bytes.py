from __future__ import annotations

import pytest

from conductor_tui.ui.presentation.key_bytes import key_bytes, pasted_bytes


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
        ("alt+b", "b", b"\x1bb"),
        ("f5", None, b""),
        ("question_mark", "?", b"?"),
    ],
)
def test_keys(key: str, character: str | None, sent: bytes) -> None:
    assert key_bytes(key, character, is_application=False) == sent


def test_cursor_keys_of_a_full_screen_program() -> None:
    assert key_bytes("up", None, is_application=True) == b"\x1bOA"


def test_a_paste_cannot_leave_its_brackets_or_press_keys() -> None:
    assert pasted_bytes("a\r\nb\n\x1b[201~rm\x03\tc", is_bracketed=True) == b"\x1b[200~a\rb\r[201~rm\tc\x1b[201~"
    assert pasted_bytes("a\n", is_bracketed=False) == b"a\r"
