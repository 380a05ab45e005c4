"""What a plain terminal sends for a key: from Textual's names to an xterm's bytes."""

from __future__ import annotations

from conductor_tui.ui.commands.key_names import character_name

_FIXED = {"enter": "\r", "tab": "\t", "escape": "\x1b", "backspace": "\x7f", "space": " "}
_FINAL = {"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F"}
_FINAL_F = {"f1": "P", "f2": "Q", "f3": "R", "f4": "S"}
_NUMBER = {
    "insert": 2, "delete": 3, "pageup": 5, "pagedown": 6, "f5": 15, "f6": 17, "f7": 18, "f8": 19, "f9": 20, "f10": 21,
    "f11": 23, "f12": 24,
}  # fmt: skip
_MODIFIERS = {"shift": 1, "alt": 2, "ctrl": 4}
_CONTROL = {
    "@": "\0", "at": "\0", "space": "\0", "backslash": "\x1c", "right_square_bracket": "\x1d",
    "circumflex_accent": "\x1e", "underscore": "\x1f", "slash": "\x1f", "minus": "\x1f", "backspace": "\b",
}  # fmt: skip
_WRITTEN = {character_name(chr(code)): chr(code) for code in range(0x20, 0x7F)}
"""By their names: the characters that have one."""


def key_bytes(key: str, character: str | None, *, is_application: bool) -> bytes:
    """The bytes for a key; empty for one that a terminal does not send. `is_application`: cursor key mode (DECCKM)."""
    *held, name = key.split("+")
    if not _MODIFIERS.keys() >= set(held):
        return b""
    number = 1 + sum(_MODIFIERS[modifier] for modifier in held)
    if final := _FINAL.get(name) or _FINAL_F.get(name):
        if number > 1:
            return f"\x1b[1;{number}{final}".encode()
        return f"\x1b{'O' if is_application or name in _FINAL_F else '['}{final}".encode()
    if name in _NUMBER:
        return f"\x1b[{_NUMBER[name]}{f';{number}' if number > 1 else ''}~".encode()
    plain = _plain(name, character, held)
    return f"\x1b{plain}".encode() if plain and "alt" in held else plain.encode()


def _plain(name: str, character: str | None, held: list[str]) -> str:
    """What a key writes, alt left aside; nothing for one that is not known."""
    if "ctrl" in held:
        return chr(ord(name) & 0x1F) if len(name) == 1 and "a" <= name <= "z" else _CONTROL.get(name, "")
    if name == "tab" and "shift" in held:
        return "\x1b[Z"
    if name == "backspace" and character == "\b":
        return character
    if name in _FIXED:
        return _FIXED[name]
    written = character or _WRITTEN.get(name) or (name if len(name) == 1 else "")
    return (written.upper() if "shift" in held else written) if written.isprintable() else ""


def pasted_bytes(text: str, *, is_bracketed: bool) -> bytes:
    """What a paste sends: lines end as Enter does, and nothing in it can end the brackets or act as a key."""
    kept = "".join(c for c in text.replace("\r\n", "\r").replace("\n", "\r") if c in "\r\t" or (c.isprintable()))
    return f"\x1b[200~{kept}\x1b[201~".encode() if is_bracketed else kept.encode()
