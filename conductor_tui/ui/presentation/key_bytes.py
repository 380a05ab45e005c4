"""What a plain terminal sends for a key: from Textual's names to an xterm's bytes."""

from __future__ import annotations

_FIXED = {
    "enter": "\r",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "escape": "\x1b",
    "backspace": "\x7f",
    "delete": "\x1b[3~",
    "insert": "\x1b[2~",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "ctrl+space": "\0",
    "ctrl+at": "\0",
    "ctrl+backslash": "\x1c",
    "ctrl+right_square_bracket": "\x1d",
    "ctrl+circumflex_accent": "\x1e",
    "ctrl+underscore": "\x1f",
    "ctrl+slash": "\x1f",
}
_CURSOR = {"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F"}
_MODIFIED = {"shift+": "2", "alt+": "3", "ctrl+": "5"}


def key_bytes(key: str, character: str | None, *, is_application: bool) -> bytes:
    """The bytes for a key; empty for one that a terminal does not send. `is_application`: cursor key mode (DECCKM)."""
    if key in _CURSOR:
        return f"\x1b{'O' if is_application else '['}{_CURSOR[key]}".encode()
    if key in _FIXED:
        return _FIXED[key].encode()
    for prefix, number in _MODIFIED.items():
        if (final := _CURSOR.get(key.removeprefix(prefix))) and key.startswith(prefix):
            return f"\x1b[1;{number}{final}".encode()
    if key.startswith("ctrl+") and len(key) == 6 and key[5].isalpha():
        return bytes([ord(key[5].upper()) & 0x1F])
    if key.startswith("alt+"):
        rest = key.removeprefix("alt+")
        return b"\x1b" + (character or rest).encode() if len(rest) == 1 else b""
    if character is not None and character.isprintable():
        return character.encode()
    return b""


def pasted_bytes(text: str, *, is_bracketed: bool) -> bytes:
    """What a paste sends: lines end as Enter does, and nothing in it can end the brackets or act as a key."""
    kept = "".join(c for c in text.replace("\r\n", "\r").replace("\n", "\r") if c in "\r\t" or (c.isprintable()))
    return f"\x1b[200~{kept}\x1b[201~".encode() if is_bracketed else kept.encode()
