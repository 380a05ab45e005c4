"""Commands on what is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_tui.sessions.connection import Link
from conductor_tui.ui.actions.scripts import leaving_note
from conductor_tui.ui.layout import Pane, focus_order
from conductor_tui.ui.output.display import ThriftyApp

if TYPE_CHECKING:
    from textual.content import Content

    from conductor_tui.ui.screens.main import MainScreen


def palette(main: MainScreen) -> None:
    """Opens the command palette."""
    from conductor_tui.ui.palette import open_palette

    open_palette(main)


def show_help(main: MainScreen) -> None:
    """Shows the keys of the focused pane."""
    from conductor_tui.ui.keymap import key_text
    from conductor_tui.ui.presentation import readings

    note = f"{key_text(main, 'app.palette')} finds any command"
    _read(main, "Keys", readings.keys(main, main.focused_pane), note)


def show_decisions(main: MainScreen) -> None:
    """Shows what was answered to Codex's questions."""
    from conductor_tui.ui.presentation import readings

    titles = {thread_id: summary.title for thread_id, summary in main.manager.threads.items()}
    _read(main, "Decisions", readings.decisions(main.manager.store.decisions(), titles))


def show_remarks(main: MainScreen) -> None:
    """Shows what Codex says about its set-up."""
    from conductor_tui.ui.presentation import readings

    _read(main, "What Codex says about its set-up", readings.remarks(list(main.manager.setup.remarks.values())))


def _read(main: MainScreen, title: str, text: Content, note: str = "") -> None:
    from conductor_tui.ui.screens.reading import ReadingScreen

    main.app.push_screen(ReadingScreen(title, text, note))


def show_messages(main: MainScreen) -> None:
    """Shows in full what stands above the composer."""
    from conductor_tui.ui.presentation.banners import whole

    _read(main, "Messages", whole(main.banner.notices))


def close_message(main: MainScreen) -> None:
    """Closes the first message above the composer."""
    main.banner.close()


def why_no_message(main: MainScreen) -> str | None:
    return None if main.is_furnished and main.banner.notices else "there is no message"


def redraw(main: MainScreen) -> None:
    """Draws the whole screen anew."""
    if isinstance(main.app, ThriftyApp):
        main.app.redraw()


def leave(main: MainScreen) -> None:
    """`ctrl+c`: copies what is selected; with nothing selected, twice leaves."""
    from conductor_tui.ui.keymap import key_text

    selected = main.composer.selected_text or main.get_selected_text()
    if selected:
        main.copy(selected, "selection")
        return
    working = sum(e.state.needs_user or e.word == "working" for e in main.entries())
    if main.manager.connection.info and main.manager.connection.info.transport == "stdio":
        rest = " Codex ends with this window." if working else ""
    else:
        rest = f" {working} running {'turn goes' if working == 1 else 'turns go'} on." if working else ""
    rest += leaving_note(main)
    if main.pressed_twice("leave", f"{key_text(main, 'app.quit')} again leaves.{rest}"):
        main.keep_draft()
        main.app.exit()


def toggle_diff(main: MainScreen) -> None:
    """Opens the diff and goes there; closes it where it is on screen."""
    if main.is_diff_open and main.diff_pane.display:
        had_focus = main.focused_pane is Pane.DIFF
        main.is_diff_open = False
        if had_focus:
            main.focus_pane(Pane.COMPOSER)
    else:
        main.is_diff_open = True
        main.focus_pane(Pane.DIFF)


def toggle_scope(main: MainScreen) -> None:
    """Switches between uncommitted changes and the last turn."""
    main.is_diff_open = True
    main.toggle_scope()


def next_pane(main: MainScreen) -> None:
    """Moves the focus on, over hidden panes too: they come forward."""
    order = focus_order(is_diff_open=main.is_diff_open, is_dock_open=main.is_dock_open)
    here = main.focused_pane
    at = order.index(here) if here in order else 0
    main.focus_pane(order[(at + 1) % len(order)])


def zoom(main: MainScreen) -> None:
    """Gives the focused pane the full width, and back."""
    main.is_zoomed = not main.is_zoomed


def focus_controls(main: MainScreen) -> None:
    """To the controls; from there, back to the composer."""
    main.focus_pane(Pane.COMPOSER if main.focused_pane is Pane.CONTROLS else Pane.CONTROLS)


def focus_composer(main: MainScreen) -> None:
    """Back to the composer."""
    main.focus_pane(Pane.COMPOSER)


def retry(main: MainScreen) -> None:
    """Connects to Codex again."""
    main.manager.connection.retry()


def why_no_retry(main: MainScreen) -> str | None:
    return None if main.manager.connection.link is Link.FAILED else "Codex is connected"
