"""Reads the settings. Wrong values never stop the app: they are named with file and key, the rest applies."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct

from conductor_tui.domain.troubles import Trouble
from conductor_tui.settings.model import AppSettings, CodexSettings, UiSettings

T = TypeVar("T", bound=Struct)

REPOSITORY_FILE = Path(".conductor") / "settings.toml"


def load_settings(path: Path) -> tuple[AppSettings, list[Trouble]]:
    """The settings of a file, defaults where it is silent, and what is wrong with it. A missing file is fine."""
    try:
        data = _parsed(path)
    except (OSError, ValueError) as error:
        steps = ("Correct the file; until then the defaults are used.",)
        return AppSettings(), [Trouble("The settings file cannot be read", f"{path}: {error}", steps)]
    troubles: list[Trouble] = []
    known = set(AppSettings.__struct_fields__)
    for name in data.keys() - known:
        troubles.append(_unknown(path, name, known))
    settings = AppSettings(
        codex=_table(CodexSettings, data.get("codex", {}), "codex", path, troubles),
        ui=_table(UiSettings, data.get("ui", {}), "ui", path, troubles),
        keys=_keys(data.get("keys", {}), path, troubles),
    )
    return settings, troubles


def repository_troubles(root: Path) -> list[Trouble]:
    """What a repository's own settings ask for that is not done: a repository may not choose a binary."""
    path = root / REPOSITORY_FILE
    try:
        data = _parsed(path)
    except (OSError, ValueError):
        return []
    wanted = data.get("codex_executable_path")
    if not isinstance(wanted, str) or not wanted:
        return []
    cause = f"{path}: codex_executable_path = {wanted!r}"
    steps = (f"If you trust it, start with: conductor-tui --codex {wanted}",)
    return [Trouble("This repository asks for its own Codex; it is not used", cause, steps)]


def _parsed(path: Path) -> dict[str, Any]:
    """A TOML file's content, nothing for a file that is not there: then not even the parser is imported.

    Raises:
        OSError, ValueError: it cannot be read, or is no TOML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    import tomllib

    return tomllib.loads(text)


def _table(shape: type[T], data: Any, name: str, path: Path, troubles: list[Trouble]) -> T:
    if not isinstance(data, dict):
        troubles.append(Trouble(f"[{name}] must be a table", str(path)))
        return shape()
    known = set(shape.__struct_fields__)
    values = {}
    for key, value in data.items():
        if key not in known:
            troubles.append(_unknown(path, f"{name}.{key}", {f"{name}.{k}" for k in known}))
        elif not isinstance(value, str):
            troubles.append(Trouble(f"{name}.{key} must be text", f"{path}: it is {value!r}"))
        else:
            values[key] = value
    return shape(**values)


def _keys(data: Any, path: Path, troubles: list[Trouble]) -> dict[str, tuple[str, ...]]:
    keys: dict[str, tuple[str, ...]] = {}
    for name, value in data.items() if isinstance(data, dict) else ():
        listed = [value] if isinstance(value, str) else value
        if isinstance(listed, list) and all(isinstance(k, str) for k in listed):
            keys[name] = tuple(listed)
        else:
            troubles.append(Trouble(f"keys.{name} must be a list of keys", f"{path}: it is {value!r}"))
    return keys


def _unknown(path: Path, name: str, known: set[str]) -> Trouble:
    import difflib

    near = difflib.get_close_matches(name, known, 1)
    steps = (f"Did you mean {near[0]}?",) if near else (f"Known here: {', '.join(sorted(known))}.",)
    return Trouble(f"Unknown setting {name}", str(path), steps)
