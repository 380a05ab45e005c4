"""Which keys a command may have: known to terminals, used by nothing else in the same pane, not needed for typing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.text import visible_line
from conductor_tui.settings.schema import nearest
from conductor_tui.ui.commands.catalogue import COMMANDS
from conductor_tui.ui.commands.command import YIELDING, Command
from conductor_tui.ui.commands.key_names import MODIFIERS, NAMED, TYPED, canonical, is_key, is_typed
from conductor_tui.ui.commands.keymap import keys_of, shown_keys
from conductor_tui.ui.commands.pane import Pane

_WRITING = frozenset({"backspace", "delete", "left", "right", "home", "end", "space", "ctrl+h", "ctrl+m", "ctrl+i"})
"""What the composer needs, and what a terminal cannot tell from it."""


def why_not(key: str, of: Command, settings: Mapping[str, Sequence[str]]) -> str | None:
    """Why a command cannot have a key under the user's keys; None when it can."""
    key = canonical(key)
    if not is_key(key):
        near = _nearest_key(key)
        return f"unknown key {visible_line(key)}" + (f"; did you mean {near}?" if near else "")
    is_everywhere = of.pane in (Pane.APP, Pane.COMPOSER)
    if (is_everywhere and key in _WRITING) or (of.pane is Pane.COMPOSER and is_typed(key)):
        return f"{shown_keys([key])} is needed for typing"
    taken = taken_by(key, of, settings)
    return f"{shown_keys([key])} is already used by “{taken.title}” ({taken.id})" if taken else None


def taken_by(key: str, of: Command, settings: Mapping[str, Sequence[str]]) -> Command | None:
    """The other command that a key would run in the same place; None where there is none."""
    wanted = canonical(key)
    for other in COMMANDS:
        if other is not of and _meet(of, other) and wanted in map(canonical, keys_of(other, settings)):
            return other
    return None


def wrong_keys(settings: Mapping[str, Sequence[str]]) -> list[Trouble]:
    """What is wrong with the user's keys: unknown commands, unknown keys, and keys that two commands share."""
    troubles = []
    for name, keys in settings.items():
        of = next((c for c in COMMANDS if c.id == name), None)
        if of is None:
            troubles.append(Trouble(f"Unknown command {name}", "[keys] in the settings", _nearest(name)))
            continue
        for key in keys:
            if (reason := why_not(key, of, settings)) is not None:
                steps = ("Change it in Settings: type the command's name.",)
                troubles.append(Trouble(f"keys.{name}: {reason}", "[keys] in the settings", steps))
    return troubles


def _nearest_key(key: str) -> str | None:
    """The key that is most like a wrong one, part by part."""
    *held, name = key.split("+")
    parts = [nearest(modifier, sorted(MODIFIERS)) for modifier in held]
    parts.append(name if is_typed(name) else nearest(name, sorted(NAMED | TYPED)))
    return "+".join(part for part in parts if part) if all(parts) else None


def _nearest(name: str) -> tuple[str, ...]:
    known = [c.id for c in COMMANDS]
    near = nearest(name, known)
    return (f"Did you mean {near}?",) if near else (f"Known commands: {', '.join(known)}.",)


def _meet(one: Command, other: Command) -> bool:
    """Whether two commands hear the same keys: in one pane, or one of them everywhere and not giving way."""
    if one.pane is other.pane:
        return True
    return any(c.pane is Pane.APP and c.id not in YIELDING for c in (one, other))
