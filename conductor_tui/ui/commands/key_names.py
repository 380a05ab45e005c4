"""Textual's names of keys, without Textual: `conductor-tui config` needs the names and must not load it."""

from __future__ import annotations

import unicodedata

MODIFIERS = frozenset({"ctrl", "shift", "alt", "super", "hyper", "meta"})
_SHORT = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
    "\t": "tab",
}
"""Where a character's name is not the one that Unicode gives it."""


def character_name(character: str) -> str:
    """The name of the key that writes a character: `question_mark` for `?`."""
    if character.isalnum():
        return character
    name = unicodedata.name(character, character).lower().replace("-", "_").replace(" ", "_")
    return _SHORT.get(name, name)


TYPED = frozenset(character_name(chr(code)) for code in range(0x20, 0x7F))
"""The keys that write an ASCII character."""
_EDITING = ("escape", "return", "enter", "tab", "backspace", "insert", "delete")
_MOVING = ("left", "right", "up", "down", "home", "end", "pageup", "pagedown")
NAMED = frozenset([*_EDITING, *_MOVING, *(f"f{number}" for number in range(1, 25))])
"""The keys that write nothing, without modifiers."""


def canonical(key: str) -> str:
    """A key under Textual's name: `question_mark` for `?`, `ctrl+right_square_bracket` for `ctrl+]`."""
    held, plus, name = key.rpartition("+")
    return f"{held}{plus}{character_name(name)}" if len(name) == 1 else key


def is_typed(key: str) -> bool:
    """Whether a key writes a character."""
    return key in TYPED or len(key) == 1


def is_key(key: str) -> bool:
    """Whether a terminal may send such a key."""
    *held, name = canonical(key).split("+")
    return MODIFIERS.issuperset(held) and (name in NAMED or is_typed(name))
