"""Commands on what is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_tui.services.sessions.connection import Link
from conductor_tui.ui.actions.scripts import leaving_note
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.context import Handler

if TYPE_CHECKING:
    from textual.content import Content

    from conductor_tui.ui.context import UiContext


async def palette(ctx: UiContext) -> None:
    """Opens the command palette."""
    from conductor_tui.ui.palette import find_command

    await find_command(ctx)


def show_help(ctx: UiContext) -> None:
    """Shows the keys of the focused pane."""
    from conductor_tui.ui.commands.keymap import key_text
    from conductor_tui.ui.presentation import dialog_text

    note = f"{key_text(ctx.keys, 'app.palette')} all commands"
    _read(ctx, "Keys", dialog_text.keys(ctx, ctx.panes.focused), note)


def show_decisions(ctx: UiContext) -> None:
    """Shows what was answered to Codex's questions."""
    from conductor_tui.ui.presentation import dialog_text

    titles = {thread_id: summary.title for thread_id, summary in ctx.manager.threads.items()}
    _read(ctx, "Decisions", dialog_text.decisions(ctx.manager.store.decisions(), titles))


def show_remarks(ctx: UiContext) -> None:
    """Shows Codex's warnings about its setup."""
    from conductor_tui.ui.presentation import dialog_text

    _read(ctx, "Codex warnings", dialog_text.remarks(list(ctx.manager.setup.remarks.values())))


def _read(ctx: UiContext, title: str, text: Content, note: str = "") -> None:
    from conductor_tui.ui.dialogs.text import ReadingScreen

    ctx.show(ReadingScreen(title, text, note))


def show_messages(ctx: UiContext) -> None:
    """Shows the messages above the composer in full."""
    from conductor_tui.ui.presentation.banners import whole

    _read(ctx, "Messages", whole(ctx.panes.banner.notices))


def close_message(ctx: UiContext) -> None:
    """Closes the first message above the composer."""
    ctx.panes.banner.close()


def why_no_message(ctx: UiContext) -> str | None:
    return None if ctx.panes.is_furnished and ctx.panes.banner.notices else "no message"


def redraw(ctx: UiContext) -> None:
    """Redraws the screen."""
    ctx.app.redraw()


def leave(ctx: UiContext) -> None:
    """Copies what is selected; with nothing selected, twice quits."""
    from conductor_tui.ui.commands.keymap import key_text

    selected = ctx.panes.composer.selected_text or ctx.panes.screen.get_selected_text()
    if selected:
        ctx.copy(selected, "selection")
        return
    working = sum(e.state.needs_user or e.word == "working" for e in ctx.entries())
    if ctx.manager.connection.info and ctx.manager.connection.info.transport == "stdio":
        turns = "Running turns end with this window" if working else ""
    else:
        turns = f"{working} {'turn keeps' if working == 1 else 'turns keep'} running" if working else ""
    parts = (f"Press {key_text(ctx.keys, 'app.quit')} again to quit", turns, leaving_note(ctx).strip(" ."))
    if ctx.pressed_twice("leave", ". ".join(filter(None, parts))):
        ctx.keep_draft()
        ctx.app.exit()


def toggle_diff(ctx: UiContext) -> None:
    """Opens the diff and goes there; closes it where it is on screen."""
    if ctx.panes.is_diff_open and ctx.panes.diff.display:
        had_focus = ctx.panes.focused is Pane.DIFF
        ctx.panes.is_diff_open = False
        if had_focus:
            ctx.panes.focus(Pane.COMPOSER)
    else:
        ctx.panes.is_diff_open = True
        ctx.panes.focus(Pane.DIFF)


def toggle_scope(ctx: UiContext) -> None:
    """Switches between uncommitted changes and the last turn."""
    ctx.panes.is_diff_open = True
    ctx.toggle_scope()


def next_pane(ctx: UiContext) -> None:
    """Moves the focus on."""
    ctx.panes.focus_next()


def zoom(ctx: UiContext) -> None:
    """Gives the focused pane the full width, or back."""
    ctx.panes.is_zoomed = not ctx.panes.is_zoomed


def focus_controls(ctx: UiContext) -> None:
    """Goes to the controls; from there, back to the composer."""
    ctx.panes.focus(Pane.COMPOSER if ctx.panes.focused is Pane.CONTROLS else Pane.CONTROLS)


def focus_composer(ctx: UiContext) -> None:
    """Goes back to the composer."""
    ctx.panes.focus(Pane.COMPOSER)


def retry(ctx: UiContext) -> None:
    """Connects to Codex again."""
    ctx.manager.connection.retry()


def why_no_retry(ctx: UiContext) -> str | None:
    return None if ctx.manager.connection.link is Link.FAILED else "already connected"


HANDLERS = {
    "app.palette": Handler(palette),
    "app.help": Handler(show_help),
    "app.quit": Handler(leave),
    "view.diff": Handler(toggle_diff),
    "view.diff_scope": Handler(toggle_scope),
    "view.controls": Handler(focus_controls),
    "view.next_pane": Handler(next_pane),
    "view.zoom": Handler(zoom),
    "view.composer": Handler(focus_composer),
    "view.decisions": Handler(show_decisions),
    "view.remarks": Handler(show_remarks),
    "view.messages": Handler(show_messages, why_no_message),
    "view.close_message": Handler(close_message, why_no_message),
    "view.redraw": Handler(redraw),
    "app.retry": Handler(retry, why_no_retry),
}
