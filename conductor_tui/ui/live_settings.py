"""The settings in force in this window, and the only way to change them: file first, then what is on screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from conductor_tui.services.interfaces import DefaultsFile
from conductor_tui.settings import paths
from conductor_tui.settings.model import AppSettings
from conductor_tui.ui.commands.keymap import textual_keymap

if TYPE_CHECKING:
    from textual.app import App

    from conductor_tui.settings.toml_file import Edit
    from conductor_tui.settings.user_file import UserFile
    from conductor_tui.ui.layout.pane_layout import PaneLayout


class Origins(Struct, frozen=True):
    """Where settings come from, as far as only the command line knows it."""

    file: Path = field(default_factory=paths.config_file)
    codex_option: str = ""
    """What `--codex` names."""
    codex_home: Path = field(default_factory=paths.codex_home)
    open_codex_config: Callable[[], DefaultsFile] | None = None
    """Gives Codex's own settings, for when no server can be asked."""


class Preferences:
    """Reads and writes the user's file beside the loop, and puts what it says into force."""

    def __init__(
        self,
        app: App[Any],
        panes: PaneLayout,
        settings: AppSettings,
        origins: Origins,
        on_keys: Callable[[Mapping[str, Sequence[str]]], None],
    ) -> None:
        self.settings = settings
        self.origins = origins
        self._app = app
        self._panes = panes
        self._on_keys = on_keys

    async def read(self) -> UserFile:
        """What the file says now; what another window or an editor wrote is in force from here on."""
        from conductor_tui.settings.user_file import read_user_file

        return self._use(await asyncio.to_thread(read_user_file, self.origins.file))

    async def change(self, edits: Sequence[Edit]) -> UserFile:
        """Writes changes, and puts them into force.

        Raises:
            KeyConflict, TomlFileError, NotEditable: nothing was changed.
        """
        from conductor_tui.settings.user_file import change_user_file

        return self._use(await asyncio.to_thread(change_user_file, self.origins.file, edits))

    def _use(self, file: UserFile) -> UserFile:
        if file.is_broken:
            return file
        before, self.settings = self.settings, file.settings
        if before.ui.theme != self.settings.ui.theme:
            self._app.theme = self.settings.ui.theme
        if before.keys != self.settings.keys:
            self._app.set_keymap(textual_keymap(self.settings.keys))
            self._on_keys(self.settings.keys)
        if before.ui.controls != self.settings.ui.controls:
            self._panes.has_controls = self.settings.ui.controls
        if before.ui.composer_lines != self.settings.ui.composer_lines:
            self._panes.composer_lines = self.settings.ui.composer_lines
            self._panes.place()
        return file
