"""Commands on the app's own settings. What is chosen is kept in the user's file and in force at once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from conductor_tui.domain.errors import ConductorError
from conductor_tui.domain.text import from_home
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.context import Handler

if TYPE_CHECKING:
    from conductor_tui.settings.origins import Fact
    from conductor_tui.ui.context import UiContext


def show(ctx: UiContext) -> None:
    """Opens the settings, as the file has them now."""

    async def work() -> None:
        from conductor_tui.ui.screens.settings import SettingsScreen

        file = await ctx.preferences.read()
        ctx.app.push_screen(SettingsScreen(ctx.preferences, file, ctx.manager.here.path, _facts(ctx)))

    ctx.manager.spawn(work())


def _facts(ctx: UiContext) -> list[Fact]:
    """What is in force and no setting decides."""
    from conductor_tui.settings.origins import Fact, places
    from conductor_tui.ui.presentation.settings import terminal_facts

    info, app = ctx.manager.connection.info, ctx.app
    found = list(places(os.environ, codex_home=ctx.preferences.origins.codex_home))
    if info is not None:
        running = f"{info.version} {from_home(info.binary, str(Path.home()))}".strip()
        found.append(Fact("Codex in use", running, info.source, "A server that ran already may be another one."))
    return [*found, *terminal_facts(os.environ, colours=app.console.color_system, is_plain=app.no_color)]


def pick_theme(ctx: UiContext) -> None:
    """Lists the themes; the chosen one is kept for later windows."""
    from conductor_tui.ui.screens.picker import Choice, Picker
    from conductor_tui.ui.themes import CHOICES

    choices = [Choice(id=name, title=name, is_current=name == ctx.app.theme) for name in CHOICES]

    def taken(name: str | None) -> None:
        if name:
            ctx.app.theme = name
            ctx.manager.spawn(_keep(ctx, "theme", name, name))

    ctx.app.push_screen(Picker("Theme", choices), taken)


def toggle_controls(ctx: UiContext) -> None:
    """Shows or hides the controls; later windows have them so, too."""
    ctx.panes.has_controls = not ctx.panes.has_controls
    if not ctx.panes.has_controls and ctx.panes.focused is Pane.CONTROLS:
        ctx.panes.focus(Pane.COMPOSER)
    said = "Controls shown" if ctx.panes.has_controls else "Controls hidden"
    ctx.manager.spawn(_keep(ctx, "controls", ctx.panes.has_controls, said))


async def _keep(ctx: UiContext, name: str, value: str | bool, said: str) -> None:
    """Keeps what is in force already as a setting of `ui`."""
    from conductor_tui.settings.toml_file import Edit

    try:
        file = await ctx.preferences.change([Edit(("ui", name), value)])
    except ConductorError as error:
        ctx.tell(f"{said} for this window only. {error}", "warning", 8.0)
    else:
        ctx.tell(f"{said}; kept in {from_home(str(file.path), str(Path.home()))}")


HANDLERS = {
    "view.toggle_controls": Handler(toggle_controls),
    "view.theme": Handler(pick_theme),
    "app.settings": Handler(show),
}
