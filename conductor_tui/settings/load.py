"""Reads the settings. Wrong values never stop the app: they are reported with file and key, the rest applies."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conductor_tui.domain.problems import Trouble
from conductor_tui.settings.model import AppSettings

if TYPE_CHECKING:
    from conductor_tui.settings.schema import Setting

REPOSITORY_FILE = Path(".conductor") / "settings.toml"


def load_settings(path: Path) -> tuple[AppSettings, list[Trouble]]:
    """The settings of a file, defaults where it is silent, and what is wrong with it. A missing file is fine."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:  # then not even the parser is imported
        return AppSettings(), []
    except OSError as error:
        return AppSettings(), [_unreadable(f"{path}: {error.strerror}")]
    from conductor_tui.settings.toml_read import TomlFileError, data_of

    try:
        data = data_of(raw, path)
    except TomlFileError as error:
        return AppSettings(), [_unreadable(error.trouble.cause)]
    return settings_in(data, path)


def settings_in(data: Mapping[str, Any], path: Path) -> tuple[AppSettings, list[Trouble]]:
    """The settings that a file's content holds, and what is wrong with it; `path` is for the words."""
    from conductor_tui.settings.schema import KEYS, SETTINGS

    troubles: list[Trouble] = []
    values: dict[str, dict[str, Any]] = {s.table: {} for s in SETTINGS.values()}
    for table, content in data.items():
        if table != KEYS and table not in values:
            troubles.append(_unknown(path, table, [*values, KEYS]))
        elif not isinstance(content, dict):
            troubles.append(Trouble(f"[{table}] must be a table", f"{path}: found {content!r}"))
        elif table != KEYS:
            known = {s.name: s for s in SETTINGS.values() if s.table == table}
            values[table] = _values(content, table, known, path, troubles)
    defaults = AppSettings()
    tables = {table: type(getattr(defaults, table))(**found) for table, found in values.items()}
    return AppSettings(**tables, keys=_keys(data.get(KEYS), path, troubles)), troubles


def wanted_by_repository(root: Path) -> str:
    """The Codex binary that a repository's own settings ask for; empty for none."""
    path = root / REPOSITORY_FILE
    try:
        raw = path.read_bytes()
    except OSError:
        return ""
    from conductor_tui.settings.toml_read import TomlFileError, data_of

    try:
        wanted = data_of(raw, path).get("codex_executable_path")
    except TomlFileError:
        return ""
    return wanted if isinstance(wanted, str) else ""


def repository_troubles(root: Path) -> list[Trouble]:
    """What a repository's own settings ask for and do not get: a repository cannot choose a binary."""
    wanted = wanted_by_repository(root)
    if not wanted:
        return []
    cause = f"{root / REPOSITORY_FILE}: codex_executable_path = {wanted!r}"
    steps = (
        f"If you trust it, start with: conductor-tui --codex {wanted}",
        "or set codex.executable in Settings.",
    )
    return [Trouble("This repository asks for its own Codex, which is not used", cause, steps)]


def _unreadable(cause: str) -> Trouble:
    steps = ("Fix the file. Until then the defaults apply, and nothing is written to it.",)
    return Trouble("Could not read the settings file", cause, steps)


def _values(
    content: Mapping[str, Any], table: str, known: Mapping[str, Setting], path: Path, troubles: list[Trouble]
) -> dict[str, Any]:
    values = {}
    for name, value in content.items():
        if name not in known:
            troubles.append(_unknown(path, f"{table}.{name}", [s.id for s in known.values()]))
        elif not known[name].accepts(value):
            troubles.append(_wrong(path, known[name], value))
        else:
            values[name] = value
    return values


def _wrong(path: Path, setting: Setting, value: object) -> Trouble:
    from conductor_tui.settings.schema import nearest, shown

    near = nearest(str(value), setting.choices)
    steps = (f"Did you mean {near}?",) if near else (f"Until then it is {shown(setting.default) or 'empty'}.",)
    return Trouble(f"{setting.id} must be {setting.takes}", f"{path}: found {value!r}", steps)


def _keys(data: Any, path: Path, troubles: list[Trouble]) -> dict[str, tuple[str, ...]]:
    from conductor_tui.settings.schema import keys_in

    keys: dict[str, tuple[str, ...]] = {}
    for name, value in data.items() if isinstance(data, dict) else ():
        listed = keys_in(value)
        if listed is None:
            troubles.append(Trouble(f"keys.{name} must be a list of keys", f"{path}: found {value!r}"))
        else:
            keys[name] = listed
    return keys


def _unknown(path: Path, name: str, known: list[str]) -> Trouble:
    from conductor_tui.settings.schema import nearest

    near = nearest(name, known)
    steps = (f"Did you mean {near}?",) if near else (f"Known settings: {', '.join(known)}.",)
    return Trouble(f"Unknown setting {name}", str(path), steps)
