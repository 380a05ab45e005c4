"""The settings as a list, read from their declaration: what each accepts, and how people write it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from enum import Enum, auto
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from conductor_tui.domain.errors import ConductorError
from conductor_tui.settings.model import AppSettings

KEYS = "keys"
"""The table of keys, whose names are those of the commands."""

_BOOLEANS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


class SettingError(ConductorError):
    """An unknown setting, or a value that a setting does not accept; the message says what it accepts."""


class Kind(Enum):
    """The type of a setting."""

    TEXT = auto()
    PROGRAM = auto()
    """The path of a program, or its name on PATH."""
    CHOICE = auto()
    SWITCH = auto()
    NUMBER = auto()


class Setting(Struct, frozen=True):
    """One setting."""

    table: str
    name: str
    kind: Kind
    default: str | bool | int
    meaning: str
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 0
    """Limits of a number."""
    is_for_start: bool = False
    """Whether a change takes effect at the next start."""

    @property
    def key(self) -> tuple[str, str]:
        """The way to it in the file."""
        return self.table, self.name

    @property
    def id(self) -> str:
        """Its name with its table, such as `ui.theme`."""
        return f"{self.table}.{self.name}"

    @property
    def takes(self) -> str:
        """What it accepts, in words."""
        match self.kind:
            case Kind.CHOICE:
                return f"one of {', '.join(self.choices)}"
            case Kind.SWITCH:
                return "true or false"
            case Kind.NUMBER:
                return f"a whole number from {self.least} to {self.most}"
            case Kind.PROGRAM:
                return "the path of a program, or its name on PATH"
        return "text"

    def accepts(self, value: object) -> bool:
        """Whether a value from a file is of the right type and within the limits."""
        match self.kind:
            case Kind.CHOICE:
                return value in self.choices
            case Kind.SWITCH:
                return isinstance(value, bool)
            case Kind.NUMBER:
                return isinstance(value, int) and not isinstance(value, bool) and self.least <= value <= self.most
        return isinstance(value, str)

    def read(self, text: str) -> str | bool | int:
        """The value that people mean by a text.

        Raises:
            SettingError: the setting does not accept it.
        """
        value: str | bool | int | None = text.strip()
        if self.kind is Kind.SWITCH:
            value = _BOOLEANS.get(text.strip().lower())
        elif self.kind is Kind.NUMBER:
            value = int(text) if text.strip().removeprefix("-").isdecimal() else None
        elif self.kind is Kind.PROGRAM and text.strip() and not _is_program(text.strip()):
            raise SettingError(f"{self.id}: {text.strip()} is not a program that can be run")
        if value is None or not self.accepts(value):
            near = nearest(text, self.choices)
            raise SettingError(f"{self.id} must be {self.takes}" + (f"; did you mean {near}?" if near else ""))
        return value


def _is_program(name: str) -> bool:
    return shutil.which(Path(name).expanduser() if name.startswith("~") else name) is not None


def shown(value: object) -> str:
    """A value as people write it: `true`, `8`, `nord`; keys with a space between."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return " ".join(map(str, value))
    return str(value)


def nearest(name: str, known: Sequence[str]) -> str | None:
    """The known name that is most like a wrong one; None where none is."""
    import difflib

    return next(iter(difflib.get_close_matches(name, known, 1)), None)


def value_of(settings: AppSettings, setting: Setting) -> str | bool | int:
    """The value in force."""
    value: str | bool | int = getattr(getattr(settings, setting.table), setting.name)
    return value


def setting_of(name: str) -> Setting:
    """The setting of a name with its table.

    Raises:
        SettingError: unknown setting.
    """
    found = SETTINGS.get(name)
    if found is None:
        near = nearest(name, list(SETTINGS))
        raise SettingError(f"unknown setting {name}" + (f"; did you mean {near}?" if near else ""))
    return found


def keys_in(value: object) -> tuple[str, ...] | None:
    """The keys that a value of the table of keys stands for: one key, or a list; None for anything else."""
    listed = [value] if isinstance(value, str) else value
    if isinstance(listed, list) and all(isinstance(k, str) for k in listed):
        return tuple(k for k in listed if k)
    return None


def _declared(shape: type[Struct]) -> dict[str, Setting]:
    found: dict[str, Setting] = {}
    tables = get_type_hints(shape)
    for table in shape.__struct_fields__:
        if table == KEYS:
            continue
        hints = get_type_hints(tables[table], include_extras=True)
        for made in msgspec.structs.fields(tables[table]):
            setting = _setting(table, made.name, hints[made.name], made.default)
            found[setting.id] = setting
    return found


def _setting(table: str, name: str, hint: Any, default: Any) -> Setting:
    assert get_origin(hint) is Annotated
    type_, meta = get_args(hint)
    assert isinstance(meta, Meta)
    extra = meta.extra or {}
    is_choice = get_origin(type_) is Literal
    text = Kind.PROGRAM if extra.get("program") else Kind.TEXT
    kinds: Mapping[Any, Kind] = {str: text, bool: Kind.SWITCH, int: Kind.NUMBER}
    return Setting(
        table=table,
        name=name,
        kind=Kind.CHOICE if is_choice else kinds[type_],
        default=default,
        meaning=meta.description or "",
        choices=get_args(type_) if is_choice else (),
        least=int(meta.ge or 0),
        most=int(meta.le or 0),
        is_for_start=bool(extra.get("at_start")),
    )


SETTINGS: Mapping[str, Setting] = _declared(AppSettings)
"""Every setting but the keys, by its name with its table, in the declaration's order."""
