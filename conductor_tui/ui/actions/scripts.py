"""Commands on scripts and terminals."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.context import Handler

if TYPE_CHECKING:
    from conductor_tui.sessions.scripts import ScriptRun
    from conductor_tui.ui.context import UiContext
    from conductor_tui.ui.dock_controller import DockController


def _desk(ctx: UiContext) -> DockController:
    assert ctx.dock is not None
    return ctx.dock


def _run(ctx: UiContext) -> ScriptRun | None:
    tab = ctx.dock.tab if ctx.dock is not None else None
    return tab.run if tab is not None else None


def toggle_dock(ctx: UiContext) -> None:
    """Opens the dock and goes there; closes it where it is on screen. What runs goes on."""
    if ctx.panes.is_dock_open and ctx.panes.dock.display:
        had_focus = ctx.panes.focused is Pane.DOCK
        ctx.panes.is_dock_open = False
        if had_focus:
            ctx.panes.focus(Pane.COMPOSER)
        return
    ctx.panes.is_dock_open = True
    ctx.panes.focus(Pane.DOCK)
    ctx.manager.spawn(_desk(ctx).refresh())


def run_default(ctx: UiContext) -> None:
    """Starts the run script; shows it when it runs."""
    script = _desk(ctx).scripts.default_run
    if script is not None:
        _desk(ctx).start(script)


def set_up(ctx: UiContext) -> None:
    """Runs the setup script."""
    _desk(ctx).set_up()


def start(ctx: UiContext) -> None:
    """Starts the script in front."""
    tab = _desk(ctx).tab
    if tab is not None:
        _desk(ctx).start(tab.script)


def stop(ctx: UiContext) -> None:
    """Ends what runs in front."""
    if (run := _run(ctx)) is not None:
        _desk(ctx).stop(run)


def restart(ctx: UiContext) -> None:
    """Ends and starts what is in front."""
    if (run := _run(ctx)) is not None:
        _desk(ctx).restart(run)


def new_terminal(ctx: UiContext) -> None:
    """Opens a shell."""
    _desk(ctx).new_terminal()


def list_addresses(ctx: UiContext) -> None:
    """Lists the addresses; Enter copies one, or the ssh command for it."""
    import getpass

    from conductor_tui.ui.screens.picker import Choice, Picker

    login = f"{getpass.getuser()}@{_host()}"
    choices, texts = [], {}
    for tab in _desk(ctx).tabs:
        for url in tab.run.urls if tab.run is not None else ():
            line = url.forwarding(login)
            for text, note in ((url.text, f"{tab.title}: copy the address"), (line, "to reach it from your machine")):
                if text not in texts:
                    texts[text] = "address" if text == url.text else "ssh command"
                    choices.append(Choice(id=text, title=text, note=note))

    def taken(text: str | None) -> None:
        if text:
            ctx.copy(text, texts[text])

    ctx.app.push_screen(Picker("Addresses of this machine", choices), taken)


def _host() -> str:
    """This machine's address as the user's ssh has reached it, else its name."""
    import socket

    words = os.environ.get("SSH_CONNECTION", "").split()
    return words[2] if len(words) == 4 else socket.gethostname()


def leaving_note(ctx: UiContext) -> str:
    """What becomes of scripts when the window closes; empty when none runs."""
    alive = ctx.dock.runner.alive if ctx.dock is not None else []
    scripts = len(ctx.dock.runner.alive_scripts) if ctx.dock is not None else 0
    terminals = len(alive) - scripts
    parts = [f"{n} {word}{'s' if n != 1 else ''}" for n, word in ((scripts, "script"), (terminals, "terminal")) if n]
    if not parts:
        return ""
    verb, them = ("run", "them") if len(alive) > 1 else ("runs", "it")
    return f" {' and '.join(parts)} {verb}; leaving stops {them}."


def why_no_dock(ctx: UiContext) -> str | None:
    return None if ctx.dock is not None and ctx.panes.is_furnished else "there are no scripts here"


def why_nothing_to_run(ctx: UiContext) -> str | None:
    if ctx.dock is None or ctx.dock.scripts.default_run is None:
        return "the repository has no run script"
    return None


def why_no_setup(ctx: UiContext) -> str | None:
    if ctx.dock is None or ctx.dock.scripts.setup is None:
        return "the repository has no setup script"
    return None


def why_not_startable(ctx: UiContext) -> str | None:
    if ctx.dock is None or ctx.dock.tab is None:
        return "no script is shown"
    run = _run(ctx)
    return "it runs already" if run is not None and run.is_alive else None


def why_not_restartable(ctx: UiContext) -> str | None:
    return None if _run(ctx) is not None else "it has not run yet"


def why_nothing_runs(ctx: UiContext) -> str | None:
    run = _run(ctx)
    if run is None:
        return "nothing runs here"
    return None if run.is_alive or run.left_over or run.is_terminal else "it has ended"


def why_no_addresses(ctx: UiContext) -> str | None:
    tabs = ctx.dock.tabs if ctx.dock is not None else ()
    return None if any(t.run is not None and t.run.urls for t in tabs) else "no script has printed one"


HANDLERS = {
    "view.dock": Handler(toggle_dock, why_no_dock),
    "script.run": Handler(run_default, why_nothing_to_run),
    "script.setup": Handler(set_up, why_no_setup),
    "script.start": Handler(start, why_not_startable),
    "script.stop": Handler(stop, why_nothing_runs),
    "script.restart": Handler(restart, why_not_restartable),
    "script.addresses": Handler(list_addresses, why_no_addresses),
    "terminal.new": Handler(new_terminal, why_no_dock),
}
