"""Where each value comes from: the settings with their origins, and what the environment sets."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from conductor_tui.domain.text import from_home
from conductor_tui.settings import paths
from conductor_tui.settings.load import REPOSITORY_FILE, wanted_by_repository
from conductor_tui.settings.schema import SETTINGS, Setting, shown, value_of
from conductor_tui.settings.user_file import UserFile


class ValueSource(StrEnum):
    """What sets a value."""

    DEFAULT = "default"
    USER = "yours"
    """The user's settings file."""
    OPTION = "--codex"
    ENVIRONMENT = "environment"


class SettingValue(Struct, frozen=True):
    """A setting with its value and where that comes from."""

    setting: Setting
    value: str | bool | int
    origin: ValueSource
    note: str = ""
    """A value that is asked for and not used, and why."""
    offered: str = ""
    """A value that the repository asks for; only the user can choose it."""


class Fact(Struct, frozen=True):
    """Something that no setting controls."""

    name: str
    value: str
    origin: str
    """The variable that sets it, or `default`."""
    meaning: str = ""


def standings(file: UserFile, *, codex_option: str = "", root: Path | None = None) -> tuple[SettingValue, ...]:
    """All settings but the keys. `codex_option` is what `--codex` names, `root` the repository; both may be missing."""
    return tuple(_standing(setting, file, codex_option, root) for setting in SETTINGS.values())


def _standing(setting: Setting, file: UserFile, codex_option: str, root: Path | None) -> SettingValue:
    value = value_of(file.settings, setting)
    said = file.says(setting.key)
    origin = ValueSource.USER if said is not None and setting.accepts(said) else ValueSource.DEFAULT
    if setting.id != "codex.executable":
        return SettingValue(setting, value, origin)
    notes = []
    if codex_option:
        notes += [f"Your file says {said}. --codex overrides it."] if said else []
        value, origin = codex_option, ValueSource.OPTION
    wanted = wanted_by_repository(root) if root is not None else ""
    if not wanted or root is None:
        return SettingValue(setting, value, origin, " ".join(notes))
    program = wanted if os.sep not in wanted else str((root / Path(wanted).expanduser()).absolute())
    if program == value:
        return SettingValue(setting, value, origin, " ".join(notes))
    notes.append(
        f"{REPOSITORY_FILE} asks for {wanted}, which is not used: a repository cannot choose the program to run."
    )
    return SettingValue(setting, value, origin, " ".join(notes), program)


def places(environ: Mapping[str, str], *, codex_home: Path | None = None) -> tuple[Fact, ...]:
    """Where files are. `codex_home`: where it is not the environment's, as in the demo."""
    home = str(Path.home())
    own = codex_home is not None and codex_home != paths.codex_home()
    codex = codex_home or paths.codex_home()
    codex_origin = "this demo" if own else _first(environ, "CODEX_HOME")

    def shortened(path: Path) -> str:
        return from_home(str(path), home)

    return (
        Fact(
            "settings file",
            shortened(paths.config_file()),
            _first(environ, "CONDUCTOR_TUI_CONFIG", "XDG_CONFIG_HOME"),
            "Changes made here are written to this file. You can edit it by hand.",
        ),
        Fact(
            "state",
            shortened(paths.state_dir()),
            _first(environ, "XDG_STATE_HOME"),
            "Drafts, decisions, the last session, the log.",
        ),
        Fact("Codex's home", shortened(codex), codex_origin, "Sessions, sign-in and Codex's own settings."),
        Fact(
            "Codex's settings",
            shortened(codex / "config.toml"),
            codex_origin,
            "Codex's own. “Make this the default” writes model, effort, tier and permissions to it.",
        ),
    )


def _first(environ: Mapping[str, str], *names: str) -> str:
    return next((name for name in names if environ.get(name)), ValueSource.DEFAULT)


def value_text(standing: SettingValue) -> str:
    """The value as people write it."""
    return shown(standing.value) or "not set"
