"""Commands on the app's own settings. What is chosen applies at once and is saved in the user's file."""

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


async def show(ctx: UiContext) -> None:
    """Opens the settings, as the file has them now."""
    from conductor_tui.ui.screens.settings import SettingsScreen

    file = await ctx.preferences.read()
    ctx.show(SettingsScreen(ctx, file, _facts(ctx)))


def _facts(ctx: UiContext) -> list[Fact]:
    """What is in force and no setting decides."""
    from conductor_tui.settings.origins import Fact, places
    from conductor_tui.ui.presentation.settings import terminal_facts

    info, app = ctx.manager.connection.info, ctx.app
    found = list(places(os.environ, codex_home=ctx.preferences.origins.codex_home))
    if info is not None:
        running = f"{info.version} {from_home(info.binary, str(Path.home()))}".strip()
        found.append(Fact("Codex in use", running, info.source, "A server that was already running may differ."))
    return [*found, *terminal_facts(os.environ, colours=app.console.color_system, is_plain=app.no_color)]


async def pick_theme(ctx: UiContext) -> None:
    """Lists the themes; the chosen one is saved for later windows."""
    from conductor_tui.ui.dialogs.picker import Choice, Picker
    from conductor_tui.ui.themes import CHOICES

    choices = [Choice(id=name, title=name, is_current=name == ctx.app.theme) for name in CHOICES]
    if name := await ctx.ask(Picker("Theme", choices)):
        ctx.app.theme = name
        await _save(ctx, "theme", name, f"Theme {name}")


async def toggle_controls(ctx: UiContext) -> None:
    """Shows or hides the controls, in later windows too."""
    ctx.panes.has_controls = not ctx.panes.has_controls
    if not ctx.panes.has_controls and ctx.panes.focused is Pane.CONTROLS:
        ctx.panes.focus(Pane.COMPOSER)
    what = "Controls shown" if ctx.panes.has_controls else "Controls hidden"
    await _save(ctx, "controls", ctx.panes.has_controls, what)


async def _save(ctx: UiContext, name: str, value: str | bool, what: str) -> None:
    """Saves what is already in force as a setting of `ui`."""
    from conductor_tui.settings.toml_file import Edit

    try:
        file = await ctx.preferences.change([Edit(("ui", name), value)])
    except ConductorError as error:
        ctx.tell(f"{what} in this window only: {error}", "warning", 8.0)
    else:
        ctx.tell(f"{what}. Saved in {from_home(str(file.path), str(Path.home()))}")


HANDLERS = {
    "view.toggle_controls": Handler(toggle_controls),
    "view.theme": Handler(pick_theme),
    "app.settings": Handler(show),
}
