"""Commands on sessions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.listing import age
from conductor_tui.sessions.ports import Agent
from conductor_tui.ui.actions import plan, search
from conductor_tui.ui.actions.background import ask_codex
from conductor_tui.ui.layout import Pane

if TYPE_CHECKING:
    from conductor_tui.sessions.session import Session
    from conductor_tui.ui.presentation.threads import Entry
    from conductor_tui.ui.screens.main import MainScreen


def interrupt(main: MainScreen) -> None:
    """`esc`: from another pane back to the composer; there, twice interrupts the turn, or once closes a message."""
    from conductor_tui.ui.keymap import key_text

    if search.stop(main):
        return
    if main.focused_pane is not Pane.COMPOSER:
        main.focus_pane(Pane.COMPOSER)
    elif why_no_interrupt(main) is None:
        if main.pressed_twice("interrupt", f"{key_text(main, 'session.interrupt')} again interrupts the turn"):
            main.session.interrupt()
    elif main.is_furnished:
        main.banner.close()


def send_waiting(main: MainScreen, session: Session, text: str) -> None:
    """Sends what waited in the composer for an answer, unless the user changed it or went elsewhere meanwhile."""
    written = main.composer.text
    if main.session is not session or not written.startswith(text):
        main.tell("your message was not sent; it is still in the composer", "warning")
        return
    main.composer.replace_text(written.removeprefix(text).removeprefix("\n\n"))
    main.send_text(text)


def why_no_interrupt(main: MainScreen) -> str | None:
    projection = main.session.projection
    is_sending = any(not m.error for m in projection.outgoing)
    return None if projection.running_turn or is_sending else "no turn is running"


def new(main: MainScreen) -> None:
    """Another session; an unused one is taken again."""
    main.show_session(main.manager.new_session())
    main.focus_pane(Pane.COMPOSER)


def pick(main: MainScreen) -> None:
    """Opens the list of sessions."""
    from conductor_tui.ui.screens.picker import Choice, Picker

    def told(entry: Entry) -> str:
        old = age(main.manager.clock() - entry.updated_at) if entry.updated_at else ""
        return " · ".join(filter(None, (_where(main, entry.folder), entry.word or old)))

    choices = [
        Choice(
            id=f"t:{entry.thread_id or ''}",
            title=f"{entry.sign[0]} {entry.title}",
            note=told(entry),
            is_current=entry.is_shown,
        )
        for entry in main.entries()
    ]

    def taken(choice: str | None) -> None:
        if choice is not None:
            open_session(main, ThreadId(choice[2:]) or None)

    main.app.push_screen(Picker("Sessions", choices, empty="No sessions here yet"), taken)


def _where(main: MainScreen, folder: str) -> str:
    """The workspace that a session works in, with its repository."""
    record = main.workspaces.of(folder)
    if record is None:
        return Path(folder).name
    return record.repository.name if record.is_local else f"{record.repository.name}/{record.name}"


def open_session(main: MainScreen, thread_id: ThreadId | None) -> None:
    """Shows a session, and its workspace with it; None is the new one here."""
    manager = main.manager
    summary = manager.threads.get(thread_id) if thread_id else None
    record = main.workspaces.of(summary.cwd) if summary else None
    if record is not None and record.path != manager.here.path:
        main.workspaces.enter(record, thread_id)
        return
    main.show_session(manager.open_session(thread_id) if thread_id else manager.new_session())
    main.focus_pane(Pane.APPROVAL if main.session.projection.waiting_approvals else Pane.COMPOSER)


def next_waiting(main: MainScreen) -> None:
    """Goes to what waits here, which the line beside the key names; else to the next session that waits.

    Approvals come before plans, here and there.
    """
    is_there = main.focused_pane is Pane.APPROVAL and main.approval_panel.is_wanted
    if main.session.projection.waiting_approvals and not is_there:
        main.focus_pane(Pane.APPROVAL)
        return
    if plan.is_waiting(main) and not main.session.projection.waiting_approvals:
        plan.open_view(main)
        return
    others = [e for e in main.entries() if e.needs_user and not e.is_shown]
    asking = next((e for e in others if e.state.needs_user), None)
    if asking is not None:
        open_session(main, asking.thread_id)
        main.focus_pane(Pane.APPROVAL)
    elif others:
        open_session(main, others[0].thread_id)
        plan.open_view(main)


def why_none_waits(main: MainScreen) -> str | None:
    waits = plan.is_waiting(main) or any(e.needs_user for e in main.entries())
    return None if waits else "nothing waits for you"


def rename(main: MainScreen) -> None:
    """Asks for a name."""
    from conductor_tui.ui.screens.ask import Ask

    thread_id = main.session.thread_id
    summary = main.manager.threads.get(thread_id) if thread_id else None
    shown = main.session.projection.name or (summary.title if summary else "")
    kept = f"name of {thread_id}"

    def named(name: str | None) -> None:
        if name and name != shown and thread_id:
            main.not_taken[kept] = name
            ask_codex(main, "Not renamed", lambda agent: take(agent, thread_id, name))

    async def take(agent: Agent, thread_id: ThreadId, name: str) -> None:
        await agent.rename_thread(thread_id, name)
        main.not_taken.pop(kept, None)

    main.app.push_screen(Ask("Name of this session", main.not_taken.get(kept, shown)), named)


def archive(main: MainScreen) -> None:
    """Archives the session on screen and shows a new one."""
    thread_id = main.session.thread_id

    async def work(agent: Agent) -> None:
        assert thread_id is not None
        await agent.archive_thread(thread_id)
        main.show_session(main.manager.new_session())
        main.tell("Archived. `codex unarchive` brings it back.")

    ask_codex(main, "Not archived", work)


def compact(main: MainScreen) -> None:
    """Asks Codex to summarise the conversation."""
    thread_id = main.session.thread_id

    async def work(agent: Agent) -> None:
        assert thread_id is not None
        await agent.compact_thread(thread_id)

    ask_codex(main, "Not compacted", work)


def take_back(main: MainScreen) -> None:
    """Puts unsent messages back into the composer."""
    main.composer.put_back(main.session.take_back())
    main.focus_pane(Pane.COMPOSER)


def why_nothing_unsent(main: MainScreen) -> str | None:
    outgoing = main.session.projection.outgoing
    return None if any(m.error or m.waits for m in outgoing) else "everything was sent"


def why_unused(main: MainScreen) -> str | None:
    return None if main.session.projection.turns else "this session has no turn yet"


def why_busy_or_unused(main: MainScreen) -> str | None:
    return "a turn is running" if main.session.projection.running_turn else why_unused(main)
