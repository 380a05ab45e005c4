"""Names for what the terminal sends: Textual's, and `alt+…` for every key that comes right behind an escape.

Textual knows only letters there: of other characters it loses the escape, and of some it makes what a Mac types.
"""

from __future__ import annotations

from collections.abc import Iterable

from textual import events
from textual._xterm_parser import XTermParser

_ESC = "\x1b"
_OTHER_KEYS = "[O\t" + _ESC
"""Behind an escape these may begin another key's sequence, or are one: shift+tab on Linux's console."""
_WITH_ALT = "\r\n\b\x7f"
"""Control characters that people type with alt; others behind an escape are two keys that came together."""


class KeyParser(XTermParser):
    """A key with alt has no character: it writes nothing."""

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        if len(sequence) == 2 and sequence[0] == _ESC and sequence[1] not in _OTHER_KEYS:
            if sequence[1] < " " and sequence[1] not in _WITH_ALT:
                yield from super()._sequence_to_key_events(_ESC)
            else:
                alt = True
            sequence = sequence[1]
        for event in super()._sequence_to_key_events(sequence):
            yield _with_alt(event) if alt else event


def _with_alt(event: events.Key) -> events.Key:
    name = event.character if event.character and not event.character.isascii() else event.key
    if event.character == "\b":
        name = "ctrl+backspace"
    lower = name.lower()
    if len(name) == len(lower) == 1 and lower != name == lower.upper():
        name = f"shift+{lower}"
    return events.Key(f"alt+{name}", None)
