"""Which keys a command may have: one that exists, that nothing else in its place has, and that nobody types there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.keys import Keys, _character_to_key

from conductor_tui.domain.text import visible_line
from conductor_tui.domain.troubles import Trouble
from conductor_tui.settings.declared import nearest
from conductor_tui.ui.commands.catalogue import COMMANDS
from conductor_tui.ui.commands.command import YIELDING, Command
from conductor_tui.ui.commands.keymap import keys_of, shown_keys
from conductor_tui.ui.commands.pane import Pane

_WRITING = frozenset({"backspace", "delete", "left", "right", "home", "end", "space", "ctrl+h", "ctrl+m", "ctrl+i"})
"""What the composer needs, or a terminal cannot tell from a key that it needs."""
_MODIFIERS = frozenset({"ctrl", "shift", "alt", "super", "hyper", "meta"})
_TYPED = frozenset(_character_to_key(chr(code)) for code in range(0x20, 0x7F))
"""The names of the keys that write a character."""
_NAMES = frozenset(key.value for key in Keys if key.value.isprintable()) | _TYPED


def canonical(key: str) -> str:
    """A key as Textual names it: `question_mark` for `?`."""
    return _character_to_key(key) if len(key) == 1 else key


def why_not(key: str, of: Command, settings: Mapping[str, Sequence[str]]) -> str | None:
    """Why a command cannot have a key under the user's keys; None when it can."""
    key = canonical(key)
    if not is_key(key):
        near = nearest(key, sorted(_NAMES))
        return f"no key is called {visible_line(key)}" + (f"; did you mean {near}?" if near else "")
    is_everywhere = of.pane in (Pane.APP, Pane.COMPOSER)
    if (is_everywhere and key in _WRITING) or (of.pane is Pane.COMPOSER and _is_typed(key)):
        return f"{shown_keys([key])} is needed for writing"
    taken = taken_by(key, of, settings)
    return f"{shown_keys([key])} is “{taken.title}” ({taken.id}) already" if taken else None


def is_key(key: str) -> bool:
    """Whether a terminal may send such a key."""
    *modifiers, name = canonical(key).split("+")
    return canonical(key) in _NAMES or (_MODIFIERS.issuperset(modifiers) and (name in _NAMES or _is_typed(name)))


def taken_by(key: str, of: Command, settings: Mapping[str, Sequence[str]]) -> Command | None:
    """The other command that a key would run in the same place; None where there is none."""
    wanted = canonical(key)
    for other in COMMANDS:
        if other is not of and _meet(of, other) and wanted in map(canonical, keys_of(other, settings)):
            return other
    return None


def wrong_keys(settings: Mapping[str, Sequence[str]]) -> list[Trouble]:
    """What is wrong with the user's keys: unknown commands, keys that do not exist, and keys that mean two things."""
    troubles = []
    for name, keys in settings.items():
        of = next((c for c in COMMANDS if c.id == name), None)
        if of is None:
            troubles.append(Trouble(f"No command is called {name}", "[keys] in the settings", _nearest(name)))
            continue
        for key in keys:
            if (reason := why_not(key, of, settings)) is not None:
                steps = ("Change it: command “Settings”, then type the command's name.",)
                troubles.append(Trouble(f"keys.{name}: {reason}", "[keys] in the settings", steps))
    return troubles


def _nearest(name: str) -> tuple[str, ...]:
    known = [c.id for c in COMMANDS]
    near = nearest(name, known)
    return (f"Did you mean {near}?",) if near else (f"Known: {', '.join(known)}.",)


def _meet(one: Command, other: Command) -> bool:
    """Whether two commands hear the same keys: in one pane, or one of them everywhere and not giving way."""
    if one.pane is other.pane:
        return True
    return any(c.pane is Pane.APP and c.id not in YIELDING for c in (one, other))


def _is_typed(key: str) -> bool:
    """Whether a key writes a character."""
    return key in _TYPED or len(key) == 1
