"""Searches the session on screen: what is loaded at once, then older turns page by page, until found or stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_tui.domain.invalidations import SessionChange
from conductor_tui.domain.text import visible_line
from conductor_tui.ui.commands.pane import Pane

if TYPE_CHECKING:
    from conductor_tui.services.sessions.session import Session
    from conductor_tui.ui.context import UiContext

GROUP = "search"
"""The workers of a search: a new one ends the previous one."""


async def ask(ctx: UiContext, before: str) -> None:
    """Asks for the words, and looks for them."""
    from conductor_tui.ui.dialogs.input import Ask

    session = ctx.session
    words = await ctx.ask(Ask("Search this session", before))
    if ctx.session is session:
        ctx.panes.focus(Pane.TRANSCRIPT)
        if words and not ctx.panes.transcript.search(words):
            go_on(ctx, words)


def go_on(ctx: UiContext, words: str) -> None:
    """Looks in older turns, if there are any."""
    if ctx.session.projection.has_older:
        ctx.app.run_worker(_search(ctx, ctx.session, words), group=GROUP, exclusive=True)
    else:
        ctx.tell(f"“{visible_line(words)}” not found", "warning")


def stop(ctx: UiContext) -> bool:
    """Stops a search; False when none is running."""
    if not any(worker.group == GROUP and worker.is_running for worker in ctx.app.workers):
        return False
    ctx.app.workers.cancel_group(ctx.app, GROUP)
    ctx.tell("Search stopped")
    return True


async def _search(ctx: UiContext, session: Session, words: str) -> None:
    from conductor_tui.ui.commands.keymap import key_text
    from conductor_tui.ui.presentation.items import item_text

    projection = session.projection
    known = set(projection.turns)
    while ctx.session is session and projection.has_older:
        read = f"Searched {len(projection.turns)} turns for “{visible_line(words)}”"
        ctx.tell(f"{read} … {key_text(ctx.keys, 'session.interrupt')} to stop", timeout=60.0)
        is_read = await session.read_older()
        fresh = [turn_id for turn_id in projection.turns if turn_id not in known]
        known |= {*fresh}
        if any(words.lower() in item_text(i).lower() for turn_id in fresh for i in projection.items_of(turn_id)):
            ctx.panes.transcript.apply([SessionChange.TRANSCRIPT_RESET])
            ctx.panes.transcript.find_older()
            ctx.tell(f"Searched {len(projection.turns)} turns")
            return
        if not is_read or not fresh:
            break
    if ctx.session is session:
        ctx.tell(f"“{visible_line(words)}” not found in {len(projection.turns)} turns", "warning")
