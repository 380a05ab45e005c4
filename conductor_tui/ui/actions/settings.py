"""Commands on the app's own settings. What is chosen is kept in the user's file and in force at once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from conductor_tui.domain.errors import ConductorError
from conductor_tui.domain.text import from_home
from conductor_tui.ui.layout import Pane

if TYPE_CHECKING:
    from conductor_tui.settings.origins import Fact
    from conductor_tui.ui.screens.main import MainScreen


def show(main: MainScreen) -> None:
    """Opens the settings, as the file has them now."""

    async def work() -> None:
        from conductor_tui.ui.screens.settings import SettingsScreen

        file = await main.preferences.read()
        main.app.push_screen(SettingsScreen(main.preferences, file, main.manager.here.path, _facts(main)))

    main.manager.spawn(work())


def _facts(main: MainScreen) -> list[Fact]:
    """What is in force and no setting decides."""
    from conductor_tui.settings.origins import Fact, places
    from conductor_tui.ui.presentation.settings import terminal_facts

    info, app = main.manager.connection.info, main.app
    found = list(places(os.environ, codex_home=main.preferences.origins.codex_home))
    if info is not None:
        running = f"{info.version} {from_home(info.binary, str(Path.home()))}".strip()
        found.append(Fact("Codex in use", running, info.source, "A server that ran already may be another one."))
    return [*found, *terminal_facts(os.environ, colours=app.console.color_system, is_plain=app.no_color)]


def pick_theme(main: MainScreen) -> None:
    """Lists the themes; the chosen one is kept for later windows."""
    from conductor_tui.ui.screens.picker import Choice, Picker
    from conductor_tui.ui.themes import CHOICES

    choices = [Choice(id=name, title=name, is_current=name == main.app.theme) for name in CHOICES]

    def taken(name: str | None) -> None:
        if name:
            main.app.theme = name
            main.manager.spawn(_keep(main, "theme", name, name))

    main.app.push_screen(Picker("Theme", choices), taken)


def toggle_controls(main: MainScreen) -> None:
    """Shows or hides the controls; later windows have them so, too."""
    main.has_controls = not main.has_controls
    if not main.has_controls and main.focused_pane is Pane.CONTROLS:
        main.focus_pane(Pane.COMPOSER)
    said = "Controls shown" if main.has_controls else "Controls hidden"
    main.manager.spawn(_keep(main, "controls", main.has_controls, said))


async def _keep(main: MainScreen, name: str, value: str | bool, said: str) -> None:
    """Keeps what is in force already as a setting of `ui`."""
    from conductor_tui.settings.toml_file import Edit

    try:
        file = await main.preferences.change([Edit(("ui", name), value)])
    except ConductorError as error:
        main.tell(f"{said} for this window only. {error}", "warning", 8.0)
    else:
        main.tell(f"{said}; kept in {from_home(str(file.path), str(Path.home()))}")
