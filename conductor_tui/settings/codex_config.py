"""Codex's config.toml without a server: the same promises as Codex's own writes, and comments and order stay.

Where a server answers, `config/batchWrite` is the way: it also knows which values Codex accepts.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from conductor_tui.domain.defaults import KEYS, Defaults, differing
from conductor_tui.settings.file_format import format_kept
from conductor_tui.settings.toml_file import ANY, AnyValue, Edit, change_file
from conductor_tui.settings.toml_read import Key, Value, read_data, value_at
from conductor_tui.settings.toml_text import split

FILE = "config.toml"


class CodexConfig:
    """The user's own layer of Codex's configuration. Every method touches the disk: call it beside the event loop."""

    def __init__(self, codex_home: Path) -> None:
        self.path = codex_home / FILE

    def read(self, key: str) -> Value:
        """The value of a dotted key, such as `projects."/work/shop".trust_level`; None where the file has none.

        Raises:
            TomlError: that is not a key.
            TomlFileError: the file cannot be read or is invalid TOML.
        """
        return value_at(read_data(self.path), split(key))

    def write(self, key: str, value: Value, seen: Value | AnyValue = ANY) -> None:
        """Sets a dotted key; None takes it out. `seen`: the value that this one replaces.

        Raises:
            TomlError: that is not a key.
            KeyConflict: it has another value than the one seen.
            TomlFileError, NotEditable: the file cannot be written, or not there.
        """
        change_file(self.path, [Edit(split(key), value, seen)])

    def kept_while_codex_writes(self) -> AbstractAsyncContextManager[None]:
        """Keeps line ends, byte order mark, mode and owner of the file while a server writes keys of it."""
        return format_kept(self.path)

    def trust(self, folder: Path) -> str | None:
        """The trust level that the file gives a folder; None where it gives it none."""
        level = value_at(read_data(self.path), _trust_key(folder))
        return level if isinstance(level, str) else None

    def set_trust(self, folder: Path, level: str | None) -> None:
        """Sets or takes away a folder's trust level (`trusted`, `untrusted`); errors as of `write`."""
        change_file(self.path, [Edit(_trust_key(folder), level)])

    def read_defaults(self) -> Defaults:
        """What new sessions start with; raises TomlFileError."""
        data = read_data(self.path)
        values = {field: _frozen(value_at(data, key)) for field, key in KEYS.items()}
        return Defaults(**values, file=str(self.path))

    def write_defaults(self, before: Defaults, wanted: Defaults) -> None:
        """Writes what of `wanted` differs from `before`, which was read; errors as of `write`."""
        edits = [
            Edit(KEYS[field], _thawed(getattr(wanted, field)), _seen(getattr(before, field)))
            for field in differing(before, wanted)
        ]
        change_file(self.path, edits)


def _trust_key(folder: Path) -> Key:
    return "projects", str(folder), "trust_level"


def _frozen(value: Value) -> Value:
    """A value as `Defaults` has it."""
    if isinstance(value, list):
        return tuple(value)
    return "granular" if isinstance(value, Mapping) else value


def _thawed(value: Value) -> Value:
    return list(value) if isinstance(value, tuple) else value


def _seen(value: Value) -> Value | AnyValue:
    """`Defaults` does not have the rules of `granular`, which somebody may have changed."""
    return ANY if value == "granular" else _thawed(value)
