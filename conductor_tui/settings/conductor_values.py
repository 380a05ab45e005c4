"""Takes typed values out of the layers of Conductor's settings: the highest right one, its file, and what is wrong.

A wrong value is named with its key, its file and its type, never with itself: it may be a secret.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from msgspec import Struct

from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.repository_settings import SettingFile

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

_KINDS = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "a table"}


class LayerValues(Struct, frozen=True):
    """What one file says."""

    origin: SettingFile
    data: Mapping[str, Any]

    def get(self, key: str) -> Any:
        """The value of a dotted key of at most two parts; None when the file is silent (TOML has no null)."""
        table, _, name = key.rpartition(".")
        inside = self.data.get(table, {}) if table else self.data
        return inside.get(name)


def kind_of(value: object) -> str:
    """What a value of the wrong type is, in words."""
    return _KINDS.get(type(value), "a date" if hasattr(value, "isoformat") else "empty")


def is_text(value: object) -> bool:
    """Whether it is text that a process can be given."""
    return isinstance(value, str) and "\0" not in value


class Reader:
    """Reads key by key; keeps the origins of what it read. `layers`: the highest first."""

    def __init__(self, layers: Sequence[LayerValues], troubles: list[Trouble]) -> None:
        self.layers = layers
        self.origins: dict[str, SettingFile] = {}
        self._troubles = troubles

    def text(self, key: str, default: str = "") -> str:
        """Text; the highest layer may have it empty, which covers those below."""
        found = self._highest(key, "text", lambda value: value if is_text(value) else None)
        return default if found is None else str(found)

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        found = self._highest(key, "true or false", lambda value: value if isinstance(value, bool) else None)
        return default if found is None else found

    def choice(self, key: str, choices: type[E]) -> E | None:
        """One of some words; None when no layer has one of them."""
        words = {word.value: word for word in choices}
        wanted = " or ".join(words)
        return self._highest(key, wanted, lambda value: words.get(value) if isinstance(value, str) else None)

    def lines(self, key: str) -> tuple[str, ...] | None:
        """Lines: text with line ends, or a list of texts; None when no layer has the key."""
        return self._highest(key, "text, or a list of texts", lines_of)

    def say(self, title: str, origin: SettingFile, instead: str) -> None:
        """Names something that is wrong with a file."""
        self._troubles.append(Trouble(title, str(origin.path), (f"Fix it. Until then {instead}.",)))

    def _highest(self, key: str, wanted: str, accept: Callable[[Any], T | None]) -> T | None:
        wrong: list[tuple[SettingFile, Any]] = []
        found: T | None = None
        for layer in self.layers:
            value = layer.get(key)
            if value is None:
                continue
            found = accept(value)
            if found is not None:
                self.origins[key] = layer.origin
                break
            wrong.append((layer.origin, value))
        used = self.origins.get(key)
        instead = f"the value in {used.path} applies" if used else "it counts as not set"
        for origin, value in wrong:
            self.say(f"{key} must be {wanted}, not {self._what(value)}", origin, instead)
        return found

    @staticmethod
    def _what(value: object) -> str:
        return "another word" if is_text(value) else kind_of(value) if not isinstance(value, str) else "not plain text"


def lines_of(value: object) -> tuple[str, ...] | None:
    """The lines of a text, or the texts of a list; None for anything else."""
    if isinstance(value, str) and is_text(value):
        return tuple(value.splitlines())
    if isinstance(value, list) and all(is_text(item) for item in value):
        return tuple(line for item in value for line in item.splitlines())
    return None
