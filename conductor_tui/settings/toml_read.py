"""Reads TOML files, and says where one is broken. It imports little: the settings are read before the first frame."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from conductor_tui.domain.errors import ConductorError
from conductor_tui.domain.problems import Trouble

Key: TypeAlias = tuple[str, ...]
"""The way to a value: `("projects", "/work/shop", "trust_level")`."""

Value: TypeAlias = Any
"""What TOML can hold: text, numbers, booleans, lists, tables. None stands for a key that is not there."""

_PLACE = re.compile(r"\(at line (\d+), column (\d+)\)|\(at end of document\)")


class TomlError(ConductorError):
    """Invalid TOML; `line` and `column` count from 1, 0 where they are not known."""

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class TomlFileError(ConductorError):
    """The file cannot be read or written; nothing was changed."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(f"{trouble.title}: {trouble.cause}" if trouble.cause else trouble.title)
        self.trouble = trouble


def read_data(path: Path) -> dict[str, Any]:
    """The content of a file; empty for a file that is not there.

    Raises:
        TomlFileError: it cannot be read or is invalid TOML: file, line and column.
    """
    try:
        return data_of(path.read_bytes(), path)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise TomlFileError(Trouble("Could not read the file", f"{path}: {error.strerror}")) from error


def data_of(raw: bytes, path: Path) -> dict[str, Any]:
    """The content of a file's bytes; errors as of `read_data`, with the name of the file."""
    try:
        return parsed(_text(raw, path))
    except TomlError as error:
        place = f", line {error.line}, column {error.column}" if error.line else ""
        steps = ("Fix that line and save the file.",)
        raise TomlFileError(Trouble("Invalid TOML", f"{path}{place}: {error}", steps)) from error


def parsed(text: str) -> dict[str, Any]:
    """The content of TOML text.

    Raises:
        TomlError: it is invalid.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        if (place := _PLACE.search(said)) is None:
            raise TomlError(said) from error
        line, column = (place[1], place[2]) if place[1] else (text.count("\n") + 1, len(text) - text.rfind("\n"))
        raise TomlError(said[: place.start()].strip(), int(line), int(column)) from error


def value_at(data: Mapping[str, Any], key: Key) -> Value:
    """The value of a key; None where there is none."""
    found: Any = data
    for part in key:
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
    return found


def _text(raw: bytes, path: Path) -> str:
    try:
        return raw.decode("utf-8-sig")  # Codex reads files that begin with a byte order mark, too
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        raise TomlFileError(Trouble("Invalid TOML", f"{path}, line {line}, column {column}: not UTF-8")) from error
