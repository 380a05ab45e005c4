"""The settings, each declared once: names, defaults and what they mean."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field


class CodexSettings(Struct, frozen=True):
    """Table `[codex]`."""

    executable: str = ""
    """Path of the Codex binary; empty: the bundled one, else `codex` on PATH."""


class UiSettings(Struct, frozen=True):
    """Table `[ui]`."""

    theme: str = ""
    """Name of a theme (ctrl+p, “Theme” lists them); empty: the default."""


class AppSettings(Struct, frozen=True):
    """The whole file."""

    codex: CodexSettings = field(default_factory=CodexSettings)
    ui: UiSettings = field(default_factory=UiSettings)
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Table `[keys]`: command id to a list of keys; an empty list switches a command's keys off."""
