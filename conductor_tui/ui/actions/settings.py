"""Commands on the app's own settings. What is chosen is kept in the user's file and in force at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conductor_tui.domain.errors import ConductorError
from conductor_tui.domain.text import from_home

if TYPE_CHECKING:
    from conductor_tui.ui.screens.main import MainScreen


def show(main: MainScreen) -> None:
    """Opens the settings, as the file has them now."""

    async def work() -> None:
        from conductor_tui.ui.screens.settings import SettingsScreen

        file = await main.preferences.read()
        main.app.push_screen(SettingsScreen(main.preferences, file, main.manager.root))

    main.manager.spawn(work())


def pick_theme(main: MainScreen) -> None:
    """Lists the themes; the chosen one is kept for later windows."""
    from conductor_tui.ui.screens.picker import Choice, Picker
    from conductor_tui.ui.themes import CHOICES

    choices = [Choice(id=name, title=name, is_current=name == main.app.theme) for name in CHOICES]

    async def keep(name: str) -> None:
        from conductor_tui.settings.toml_file import Edit

        main.app.theme = name
        try:
            file = await main.preferences.change([Edit(("ui", "theme"), name)])
        except ConductorError as error:
            main.tell(f"{name} for this window only. {error}", "warning", 8.0)
        else:
            main.tell(f"{name}; kept in {from_home(str(file.path), str(Path.home()))}")

    def taken(name: str | None) -> None:
        if name:
            main.manager.spawn(keep(name))

    main.app.push_screen(Picker("Theme", choices), taken)
