"""`conductor-tui config`: the settings from the command line. In ui, which has the commands, but loads no Textual."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from conductor_tui.settings import paths, reference
from conductor_tui.settings.origins import places, standings
from conductor_tui.settings.schema import KEYS, SettingError, nearest, setting_of, shown
from conductor_tui.settings.toml_file import Edit
from conductor_tui.settings.toml_read import TomlFileError, Value
from conductor_tui.settings.user_file import UserFile, change_user_file, read_user_file
from conductor_tui.ui.commands.catalogue import COMMANDS
from conductor_tui.ui.commands.command import Command
from conductor_tui.ui.commands.key_rules import why_not
from conductor_tui.ui.commands.keymap import keys_of

if TYPE_CHECKING:
    import argparse


def run(options: argparse.Namespace, environ: Mapping[str, str]) -> str:
    """What is to be printed.

    Raises:
        ConductorError: no such setting, no such value, or the file cannot be read or written.
    """
    path = paths.config_file()
    if options.command == "path":
        return str(path)
    file = read_user_file(path)
    if file.is_broken:
        raise TomlFileError(file.troubles[0])
    match options.command:
        case "get":
            return _value(file, options.key, options.codex)
        case "set":
            return _change(file, options.key, None if options.default else options.value)
    found = standings(file, codex_option=options.codex, root=_root())
    facts = places(environ)
    if options.json:
        return json.dumps(reference.objects(found, file.settings.keys, facts), ensure_ascii=False, indent=2)
    return reference.listing(found, file.settings.keys, facts)


def _root() -> Path:
    """The folder whose `.conductor/` counts: the nearest one above that has a `.git`."""
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / ".git").exists()), here)


def _value(file: UserFile, name: str, codex_option: str) -> str:
    if (of := _command(name)) is not None:
        return shown(keys_of(of, file.settings.keys))
    setting = setting_of(name)
    return shown(next(s.value for s in standings(file, codex_option=codex_option) if s.setting is setting))


def _change(file: UserFile, name: str, text: str | None) -> str:
    of = _command(name)
    setting = setting_of(name) if of is None else None
    key = setting.key if setting is not None else (KEYS, of.id if of else "")
    value: Value = None
    if text is not None:
        value = setting.read(text) if setting is not None else _keys(file, of, text)
    changed = change_user_file(file.path, [Edit(key, value)])
    return f"{name} = {_value(changed, name, '')}".rstrip()


def _keys(file: UserFile, of: Command | None, text: str) -> str | list[str]:
    assert of is not None
    keys = text.split()
    for wanted in keys:
        if (reason := why_not(wanted, of, file.settings.keys)) is not None:
            raise SettingError(f"{KEYS}.{of.id}: {reason}")
    return keys[0] if len(keys) == 1 else keys or ""


def _command(name: str) -> Command | None:
    """The command whose keys `keys.<id>` names; None for a name of another table.

    Raises:
        SettingError: unknown command.
    """
    table, _, wanted = name.partition(".")
    if table != KEYS:
        return None
    known = {c.id: c for c in COMMANDS}
    if wanted not in known:
        near = nearest(wanted, list(known))
        raise SettingError(f"unknown command {wanted}" + (f"; did you mean {KEYS}.{near}?" if near else ""))
    return known[wanted]
