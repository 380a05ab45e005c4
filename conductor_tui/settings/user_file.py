"""The user's settings file: what it says, and its changes. Both touch the disk: call them beside the event loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from conductor_tui.domain.problems import Trouble
from conductor_tui.settings.load import settings_in
from conductor_tui.settings.model import AppSettings
from conductor_tui.settings.toml_file import Edit, change_file
from conductor_tui.settings.toml_read import Key, TomlFileError, Value, read_data, value_at


class UserFile(Struct, frozen=True):
    """The user's settings file at one moment."""

    path: Path
    settings: AppSettings = field(default_factory=AppSettings)
    data: Mapping[str, Any] = field(default_factory=dict)
    """Its content, as TOML."""
    troubles: tuple[Trouble, ...] = ()
    is_broken: bool = False
    """Whether it cannot be read at all; then it says nothing, and nothing is written to it."""

    def says(self, key: Key) -> Value:
        """The value of a key; None where the file has none."""
        return value_at(self.data, key)


def read_user_file(path: Path) -> UserFile:
    """What the file says; a missing one says nothing."""
    try:
        data = read_data(path)
    except TomlFileError as error:
        return UserFile(path, troubles=(error.trouble,), is_broken=True)
    settings, troubles = settings_in(data, path)
    return UserFile(path, settings, data, tuple(troubles))


def change_user_file(path: Path, edits: Sequence[Edit]) -> UserFile:
    """Makes all edits, or none, and reads the file again.

    Raises:
        KeyConflict, TomlFileError, NotEditable: as `toml_file.change_file`; nothing was changed.
    """
    change_file(path, edits)
    return read_user_file(path)
