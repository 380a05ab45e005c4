"""The settings, each declared once: name, type, default, limits, meaning, and when a change takes effect.

Loader, settings screen, `conductor-tui config` and docs/settings.md all come from here (settings/schema.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct, field

Theme: TypeAlias = Literal[
    "conductor-dark", "conductor-light", "ansi-dark", "ansi-light", "textual-dark", "textual-light", "nord"
]
DiffAtStart: TypeAlias = Literal["as before", "open", "closed"]

_AT_START = {"at_start": True}
"""For what a running window does not pick up."""


class CodexSettings(Struct, frozen=True):
    """Table `[codex]`."""

    executable: Annotated[
        str,
        Meta(
            description="The Codex to run. Empty: the bundled one, else `codex` on PATH.",
            extra={**_AT_START, "program": True},
        ),
    ] = ""


class UiSettings(Struct, frozen=True):
    """Table `[ui]`."""

    theme: Annotated[Theme, Meta(description="The colours. The `ansi` themes use the terminal's own 16.")] = (
        "conductor-dark"
    )
    diff: Annotated[DiffAtStart, Meta(description="Whether a window starts with the diff open.", extra=_AT_START)] = (
        "as before"
    )
    controls: Annotated[
        bool, Meta(description="Show the controls if there is room. Off: only while they have the focus.")
    ] = True
    composer_lines: Annotated[
        int, Meta(description="How many lines the composer grows to, up to a quarter of the screen.", ge=2, le=40)
    ] = 10
    mouse: Annotated[
        bool, Meta(description="Use the mouse. Off: the terminal selects and scrolls.", extra=_AT_START)
    ] = True


class WorkspacesSettings(Struct, frozen=True):
    """Table `[workspaces]`."""

    folder: Annotated[
        str,
        Meta(description="Where new workspaces are created: FOLDER/REPOSITORY/CITY.", extra=_AT_START),
    ] = "~/conductor/workspaces"


class AppSettings(Struct, frozen=True):
    """The whole file."""

    codex: CodexSettings = field(default_factory=CodexSettings)
    ui: UiSettings = field(default_factory=UiSettings)
    workspaces: WorkspacesSettings = field(default_factory=WorkspacesSettings)
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Table `[keys]`: command id to a list of keys; an empty list switches a command's keys off."""
