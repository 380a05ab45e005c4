"""Commands on scripts and terminals."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from conductor_tui.ui.layout import Pane

if TYPE_CHECKING:
    from conductor_tui.sessions.scripts import ScriptRun
    from conductor_tui.ui.screens.main import MainScreen
    from conductor_tui.ui.screens.script_desk import ScriptDesk


def _desk(main: MainScreen) -> ScriptDesk:
    assert main.desk is not None
    return main.desk


def _run(main: MainScreen) -> ScriptRun | None:
    tab = main.desk.tab if main.desk is not None else None
    return tab.run if tab is not None else None


def toggle_dock(main: MainScreen) -> None:
    """Opens the dock and goes there; closes it where it is on screen. What runs goes on."""
    if main.is_dock_open and main.dock_pane.display:
        had_focus = main.focused_pane is Pane.DOCK
        main.is_dock_open = False
        if had_focus:
            main.focus_pane(Pane.COMPOSER)
        return
    main.is_dock_open = True
    main.focus_pane(Pane.DOCK)
    main.manager.spawn(_desk(main).refresh())


def run_default(main: MainScreen) -> None:
    """Starts the run script; shows it when it runs."""
    script = _desk(main).scripts.default_run
    if script is not None:
        _desk(main).start(script)


def set_up(main: MainScreen) -> None:
    """Runs the setup script."""
    _desk(main).set_up()


def start(main: MainScreen) -> None:
    """Starts the script in front."""
    tab = _desk(main).tab
    if tab is not None:
        _desk(main).start(tab.script)


def stop(main: MainScreen) -> None:
    """Ends what runs in front."""
    if (run := _run(main)) is not None:
        _desk(main).stop(run)


def restart(main: MainScreen) -> None:
    """Ends and starts what is in front."""
    if (run := _run(main)) is not None:
        _desk(main).restart(run)


def new_terminal(main: MainScreen) -> None:
    """Opens a shell."""
    _desk(main).new_terminal()


def list_addresses(main: MainScreen) -> None:
    """Lists the addresses; Enter copies one, or the ssh command for it."""
    import getpass

    from conductor_tui.ui.screens.picker import Choice, Picker

    login = f"{getpass.getuser()}@{_host()}"
    choices, texts = [], {}
    for tab in _desk(main).tabs:
        for url in tab.run.urls if tab.run is not None else ():
            line = url.forwarding(login)
            for text, note in ((url.text, f"{tab.title}: copy the address"), (line, "to reach it from your machine")):
                if text not in texts:
                    texts[text] = "address" if text == url.text else "ssh command"
                    choices.append(Choice(id=text, title=text, note=note))

    def taken(text: str | None) -> None:
        if text:
            main.copy(text, texts[text])

    main.app.push_screen(Picker("Addresses of this machine", choices), taken)


def _host() -> str:
    """This machine's address as the user's ssh has reached it, else its name."""
    import socket

    words = os.environ.get("SSH_CONNECTION", "").split()
    return words[2] if len(words) == 4 else socket.gethostname()


def leaving_note(main: MainScreen) -> str:
    """What becomes of scripts when the window closes; empty when none runs."""
    alive = main.desk.runner.alive if main.desk is not None else []
    scripts = len(main.desk.runner.alive_scripts) if main.desk is not None else 0
    terminals = len(alive) - scripts
    parts = [f"{n} {word}{'s' if n != 1 else ''}" for n, word in ((scripts, "script"), (terminals, "terminal")) if n]
    if not parts:
        return ""
    verb, them = ("run", "them") if len(alive) > 1 else ("runs", "it")
    return f" {' and '.join(parts)} {verb}; leaving stops {them}."


def why_no_dock(main: MainScreen) -> str | None:
    return None if main.desk is not None and main.is_furnished else "there are no scripts here"


def why_nothing_to_run(main: MainScreen) -> str | None:
    if main.desk is None or main.desk.scripts.default_run is None:
        return "the repository has no run script"
    return None


def why_no_setup(main: MainScreen) -> str | None:
    if main.desk is None or main.desk.scripts.setup is None:
        return "the repository has no setup script"
    return None


def why_not_startable(main: MainScreen) -> str | None:
    if main.desk is None or main.desk.tab is None:
        return "no script is shown"
    run = _run(main)
    return "it runs already" if run is not None and run.is_alive else None


def why_not_restartable(main: MainScreen) -> str | None:
    return None if _run(main) is not None else "it has not run yet"


def why_nothing_runs(main: MainScreen) -> str | None:
    run = _run(main)
    if run is None:
        return "nothing runs here"
    return None if run.is_alive or run.left_over or run.is_terminal else "it has ended"


def why_no_addresses(main: MainScreen) -> str | None:
    tabs = main.desk.tabs if main.desk is not None else ()
    return None if any(t.run is not None and t.run.urls for t in tabs) else "no script has printed one"
