"""Commands on sessions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.listing import age
from conductor_tui.ui.actions import plan, search
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.context import Handler

if TYPE_CHECKING:
    from conductor_tui.services.sessions.session import Session
    from conductor_tui.ui.context import UiContext
    from conductor_tui.ui.presentation.threads import SessionEntry


def interrupt(ctx: UiContext) -> None:
    """From another pane back to the composer; there, twice interrupts the turn, or once closes a message."""
    from conductor_tui.ui.commands.keymap import key_text

    if search.stop(ctx):
        return
    if ctx.panes.focused is not Pane.COMPOSER:
        ctx.panes.focus(Pane.COMPOSER)
    elif why_no_interrupt(ctx) is None:
        if ctx.pressed_twice("interrupt", f"Press {key_text(ctx.keys, 'session.interrupt')} again to interrupt"):
            ctx.session.interrupt()
    elif ctx.panes.is_furnished:
        ctx.panes.banner.close()


def send_waiting(ctx: UiContext, session: Session, text: str) -> None:
    """Sends what waited in the composer for an answer, unless the user changed it or left the session meanwhile."""
    written = ctx.panes.composer.text
    if ctx.session is not session or not written.startswith(text):
        ctx.tell("Your message was not sent. It is still in the composer", "warning")
        return
    ctx.panes.composer.replace_text(written.removeprefix(text).removeprefix("\n\n"))
    ctx.send(text)


def why_no_interrupt(ctx: UiContext) -> str | None:
    projection = ctx.session.projection
    is_sending = any(not m.error for m in projection.outgoing)
    return None if projection.running_turn or is_sending else "no turn is running"


def new(ctx: UiContext) -> None:
    """Shows a new session, or the unused one that is there already."""
    ctx.show_session(ctx.manager.new_session())
    ctx.panes.focus(Pane.COMPOSER)


async def pick(ctx: UiContext) -> None:
    """Opens the list of sessions."""
    from conductor_tui.ui.dialogs.picker import Choice, Picker

    def told(entry: SessionEntry) -> str:
        old = age(ctx.manager.clock() - entry.updated_at) if entry.updated_at else ""
        return " · ".join(filter(None, (_where(ctx, entry.folder), entry.word or old)))

    choices = [
        Choice(
            id=f"t:{entry.thread_id or ''}",
            title=f"{entry.sign[0]} {entry.title}",
            note=told(entry),
            is_current=entry.is_shown,
        )
        for entry in ctx.entries()
    ]
    choice = await ctx.ask(Picker("Sessions", choices, empty="No sessions here yet"))
    if choice is not None:
        open_session(ctx, ThreadId(choice[2:]) or None)


def _where(ctx: UiContext, folder: str) -> str:
    """The workspace that a session works in, with its repository."""
    record = ctx.workspaces.of(folder)
    if record is None:
        return Path(folder).name
    return record.repository.name if record.is_local else f"{record.repository.name}/{record.name}"


def open_session(ctx: UiContext, thread_id: ThreadId | None) -> None:
    """Shows a session, and its workspace with it; None is the new one here."""
    manager = ctx.manager
    summary = manager.threads.get(thread_id) if thread_id else None
    record = ctx.workspaces.of(summary.cwd) if summary else None
    if record is not None and record.path != manager.here.path:
        ctx.workspaces.enter(record, thread_id)
        return
    ctx.show_session(manager.open_session(thread_id) if thread_id else manager.new_session())
    ctx.panes.focus(Pane.APPROVAL if ctx.session.projection.waiting_approvals else Pane.COMPOSER)


def next_waiting(ctx: UiContext) -> None:
    """Goes to what waits here, as the composer's hint says; else to the next session that waits.

    Approvals come before plans, here and there.
    """
    is_there = ctx.panes.focused is Pane.APPROVAL and ctx.panes.approval.is_wanted
    if ctx.session.projection.waiting_approvals and not is_there:
        ctx.panes.focus(Pane.APPROVAL)
        return
    if plan.is_waiting(ctx) and not ctx.session.projection.waiting_approvals:
        plan.open_view(ctx)
        return
    others = [e for e in ctx.entries() if e.needs_user and not e.is_shown]
    asking = next((e for e in others if e.state.needs_user), None)
    if asking is not None:
        open_session(ctx, asking.thread_id)
        ctx.panes.focus(Pane.APPROVAL)
    elif others:
        open_session(ctx, others[0].thread_id)
        plan.open_view(ctx)


def why_none_waits(ctx: UiContext) -> str | None:
    waits = plan.is_waiting(ctx) or any(e.needs_user for e in ctx.entries())
    return None if waits else "nothing is waiting for you"


async def rename(ctx: UiContext) -> None:
    """Asks for a name."""
    from conductor_tui.ui.dialogs.input import Ask

    thread_id = ctx.session.thread_id
    summary = ctx.manager.threads.get(thread_id) if thread_id else None
    shown = ctx.session.projection.name or (summary.title if summary else "")
    kept = f"name of {thread_id}"
    name = await ctx.ask(Ask("Session name", ctx.not_taken.get(kept, shown)))
    if name and name != shown and thread_id:
        ctx.not_taken[kept] = name
        await (await ctx.manager.connection.agent()).rename_thread(thread_id, name)
        ctx.not_taken.pop(kept, None)


async def archive(ctx: UiContext) -> None:
    """Archives the session on screen and shows a new one."""
    session = ctx.session
    if session.thread_id is not None:
        await (await ctx.manager.connection.agent()).archive_thread(session.thread_id)
        if ctx.session is session:
            ctx.show_session(ctx.manager.new_session())
        ctx.tell("Archived. Restore it with `codex unarchive`")


async def compact(ctx: UiContext) -> None:
    """Asks Codex to summarise the conversation."""
    if (thread_id := ctx.session.thread_id) is not None:
        await (await ctx.manager.connection.agent()).compact_thread(thread_id)


def take_back(ctx: UiContext) -> None:
    """Puts unsent messages back into the composer."""
    ctx.panes.composer.put_back(ctx.session.take_back())
    ctx.panes.focus(Pane.COMPOSER)


def why_nothing_unsent(ctx: UiContext) -> str | None:
    outgoing = ctx.session.projection.outgoing
    return None if any(m.error or m.waits for m in outgoing) else "nothing unsent"


def why_unused(ctx: UiContext) -> str | None:
    return None if ctx.session.projection.turns else "no turn in this session yet"


def why_busy_or_unused(ctx: UiContext) -> str | None:
    return "a turn is running" if ctx.session.projection.running_turn else why_unused(ctx)


HANDLERS = {
    "session.interrupt": Handler(interrupt, why_no_interrupt),
    "session.new": Handler(new),
    "session.open": Handler(pick),
    "session.next_waiting": Handler(next_waiting, why_none_waits),
    "session.rename": Handler(rename, why_unused, failed="Could not rename the session"),
    "session.archive": Handler(archive, why_unused, failed="Could not archive the session"),
    "session.compact": Handler(compact, why_busy_or_unused, failed="Could not compact the conversation"),
    "session.take_back": Handler(take_back, why_nothing_unsent),
}
