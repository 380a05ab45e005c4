"""Commands on scripts and terminals."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.context import Handler

if TYPE_CHECKING:
    from conductor_tui.services.scripts.runner import ScriptRun
    from conductor_tui.ui.context import UiContext
    from conductor_tui.ui.dock_controller import DockController


def _dock(ctx: UiContext) -> DockController:
    assert ctx.dock is not None
    return ctx.dock


def _run(ctx: UiContext) -> ScriptRun | None:
    tab = ctx.dock.tab if ctx.dock is not None else None
    return tab.run if tab is not None else None


def toggle_dock(ctx: UiContext) -> None:
    """Opens the dock and moves the focus there, or closes it; scripts and terminals keep running."""
    if ctx.panes.is_dock_open and ctx.panes.dock.display:
        had_focus = ctx.panes.focused is Pane.DOCK
        ctx.panes.is_dock_open = False
        if had_focus:
            ctx.panes.focus(Pane.COMPOSER)
        return
    ctx.panes.is_dock_open = True
    ctx.panes.focus(Pane.DOCK)
    ctx.run("Could not read the scripts", _dock(ctx).refresh())


def run_default(ctx: UiContext) -> None:
    """Starts the run script, or shows it if it is running."""
    script = _dock(ctx).scripts.default_run
    if script is not None:
        _dock(ctx).start(script)


async def set_up(ctx: UiContext) -> None:
    """Runs the setup script."""
    await _dock(ctx).set_up()


def start(ctx: UiContext) -> None:
    """Starts the script of the tab in front."""
    tab = _dock(ctx).tab
    if tab is not None:
        _dock(ctx).start(tab.script)


def stop(ctx: UiContext) -> None:
    """Stops the script or terminal in front."""
    if (run := _run(ctx)) is not None:
        _dock(ctx).stop(run)


def restart(ctx: UiContext) -> None:
    """Restarts the script or terminal in front."""
    if (run := _run(ctx)) is not None:
        _dock(ctx).restart(run)


def new_terminal(ctx: UiContext) -> None:
    """Opens a shell."""
    _dock(ctx).new_terminal()


async def list_addresses(ctx: UiContext) -> None:
    """Lists the local URLs that scripts printed; copies the chosen one, or an ssh command that forwards its port."""
    import getpass

    from conductor_tui.ui.dialogs.picker import Choice, Picker

    login = f"{getpass.getuser()}@{_host()}"
    choices, texts = [], {}
    for tab in _dock(ctx).tabs:
        for url in tab.run.urls if tab.run is not None else ():
            line = url.forwarding(login)
            for text, note in ((url.text, f"{tab.title} · copy the URL"), (line, "copy the ssh tunnel for it")):
                if text not in texts:
                    texts[text] = "URL" if text == url.text else "ssh command"
                    choices.append(Choice(id=text, title=text, note=note))
    chosen = await ctx.ask(Picker("Local URLs", choices))
    if chosen is not None:
        ctx.copy(chosen, texts[chosen])


def _host() -> str:
    """This machine's address as the user's ssh reached it, else its host name."""
    import socket

    words = os.environ.get("SSH_CONNECTION", "").split()
    return words[2] if len(words) == 4 else socket.gethostname()


def leaving_note(ctx: UiContext) -> str:
    """What happens to scripts when the window closes; empty when none runs."""
    alive = ctx.dock.runner.alive if ctx.dock is not None else []
    scripts = len(ctx.dock.runner.alive_scripts) if ctx.dock is not None else 0
    terminals = len(alive) - scripts
    parts = [f"{n} {word}{'s' if n != 1 else ''}" for n, word in ((scripts, "script"), (terminals, "terminal")) if n]
    return f" {' and '.join(parts)} will be stopped" if parts else ""


def why_no_dock(ctx: UiContext) -> str | None:
    return None if ctx.dock is not None and ctx.panes.is_furnished else "scripts are not available here"


def why_nothing_to_run(ctx: UiContext) -> str | None:
    if ctx.dock is None or ctx.dock.scripts.default_run is None:
        return "this repository has no run script"
    return None


def why_no_setup(ctx: UiContext) -> str | None:
    if ctx.dock is None or ctx.dock.scripts.setup is None:
        return "this repository has no setup script"
    return None


def why_not_startable(ctx: UiContext) -> str | None:
    if ctx.dock is None or ctx.dock.tab is None:
        return "no script is selected"
    run = _run(ctx)
    return "it is already running" if run is not None and run.is_alive else None


def why_not_restartable(ctx: UiContext) -> str | None:
    return None if _run(ctx) is not None else "it has not run yet"


def why_nothing_runs(ctx: UiContext) -> str | None:
    run = _run(ctx)
    if run is None:
        return "nothing is running"
    return None if run.is_alive or run.left_over or run.is_terminal else "it has already ended"


def why_no_addresses(ctx: UiContext) -> str | None:
    tabs = ctx.dock.tabs if ctx.dock is not None else ()
    return None if any(t.run is not None and t.run.urls for t in tabs) else "no script has printed a local URL"


HANDLERS = {
    "view.dock": Handler(toggle_dock, why_no_dock),
    "script.run": Handler(run_default, why_nothing_to_run),
    "script.setup": Handler(set_up, why_no_setup, failed="Could not run the setup script"),
    "script.start": Handler(start, why_not_startable),
    "script.stop": Handler(stop, why_nothing_runs),
    "script.restart": Handler(restart, why_not_restartable),
    "script.addresses": Handler(list_addresses, why_no_addresses, failed="Could not copy the URL"),
    "terminal.new": Handler(new_terminal, why_no_dock),
}
