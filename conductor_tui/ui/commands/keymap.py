"""Keys in force: the table's, unless the user's settings say otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conductor_tui.ui.commands.catalogue import COMMANDS, command, commands_of
from conductor_tui.ui.commands.command import NO_KEY, Command
from conductor_tui.ui.commands.key_names import canonical
from conductor_tui.ui.commands.pane import Pane

_SHOWN = {
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "tab": "Tab",
    "home": "Home",
    "end": "End",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "question_mark": "?",
    "slash": "/",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "ctrl+right_square_bracket": "ctrl+]",
    "ctrl+underscore": "ctrl+_",
}


def keys_of(of: Command, settings: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The keys of a command under the user's settings; an empty list switches them off."""
    return tuple(settings.get(of.id, of.keys))


def textual_keymap(settings: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The user's keys in the form `App.set_keymap` takes: command id to keys."""
    known = {c.id for c in COMMANDS}
    return {i: ",".join(map(canonical, keys)) or NO_KEY for i, keys in settings.items() if i in known}


def actions_by_key(pane: Pane, settings: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """What each key of a pane does: the action of its widget."""
    return {canonical(key): c.action for c in commands_of(pane) for key in keys_of(c, settings)}


def key_text(settings: Mapping[str, Sequence[str]], wanted: Command | str) -> str:
    """The keys of a command (or of its id) as people write them; empty when it has none."""
    return shown_keys(keys_of(command(wanted) if isinstance(wanted, str) else wanted, settings))


def first_key(settings: Mapping[str, Sequence[str]], command_id: str) -> str:
    """The first key of a command as people write it; empty when it has none."""
    return shown_keys(keys_of(command(command_id), settings)[:1])


def shown_keys(keys: Sequence[str]) -> str:
    """Keys as people write them, a space between."""
    return " ".join(_SHOWN.get(key, key) for key in keys)
