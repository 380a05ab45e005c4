"""Commands that end a workspace, and bring it back: archive, restore, forget."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from textual.content import Content

from conductor_tui.domain.listing import age
from conductor_tui.domain.text import visible
from conductor_tui.domain.workspaces import WorkspaceRecord, display_name
from conductor_tui.ui.actions.workspaces import open_desk, why_none, why_not_here
from conductor_tui.ui.context import Handler

if TYPE_CHECKING:
    from conductor_tui.domain.worktrees import Losses
    from conductor_tui.sessions.scripts import ScriptRun
    from conductor_tui.sessions.workspace_ending import AskGoOn
    from conductor_tui.ui.context import UiContext


def why_not_archive(ctx: UiContext) -> str | None:
    """Why the workspace on screen stays."""
    if reason := why_not_here(ctx):
        return reason
    here = ctx.workspaces.here
    return "the repository's own checkout stays" if here is not None and here.is_local else None


def why_none_archived(ctx: UiContext) -> str | None:
    """Why nothing can be restored."""
    reason = why_none(ctx)
    return reason or (None if any(r.is_archived for r in ctx.workspaces.records) else "none is archived")


def archive(ctx: UiContext, record: WorkspaceRecord | None = None) -> None:
    """Lists what removing the worktree would lose, and archives it when the user says so."""
    desk, workspaces = open_desk(ctx)
    chosen = record or desk.here
    if chosen is None:
        return
    if chosen.is_local:
        ctx.tell("the repository's own checkout stays", "warning")
        return
    busy = busy_in(ctx, chosen)

    async def work() -> None:
        desk.step(chosen.id, "looking at what would be lost")
        settings, _ = await asyncio.to_thread(workspaces.scripts.settings, chosen)
        branch_goes = settings.git.delete_branch_on_archive and bool(chosen.made_branch)
        losses = await workspaces.losses(chosen, delete_branch=branch_goes)
        _ask_archive(ctx, chosen, losses, busy, branch_goes=branch_goes)

    desk.do(chosen, "It cannot be said what would be lost, so nothing was removed", work)


def busy_in(ctx: UiContext, record: WorkspaceRecord) -> int:
    """Sessions in a workspace that work or wait for the user."""
    mine = [e for e in ctx.entries() if e.folder == str(record.path)]
    return sum(1 for e in mine if e.word == "working" or e.state.needs_user)


def _ask_archive(ctx: UiContext, record: WorkspaceRecord, losses: Losses, busy: int, *, branch_goes: bool) -> None:
    from conductor_tui.domain.worktrees import Changed
    from conductor_tui.ui.presentation import losses as present
    from conductor_tui.ui.screens.confirm import ConfirmScreen

    desk, workspaces = open_desk(ctx)

    async def work() -> None:
        done = await workspaces.archive(
            record,
            losses.fingerprint,
            delete_branch=branch_goes,
            ask=ask_go_on(ctx),
            on_progress=lambda line: desk.step(record.id, line),
        )
        if isinstance(done, Changed):
            ctx.tell("something changed meanwhile; nothing was removed", "warning")
            _ask_archive(ctx, record, done.losses, busy, branch_goes=branch_goes)
            return
        if ctx.manager.here.path == record.path:
            local = next((r for r in desk.records if r.repository == record.repository and r.is_local), None)
            if local is not None:
                desk.enter(local)
        ctx.tell(f"{record.name} is archived; “Restore workspace” brings it back")

    def answered(key: str | None) -> None:
        if key is not None:
            desk.do(record, "Not archived", work)

    text = present.sheet(record, losses, busy, str(Path.home()), branch_goes=branch_goes)
    ctx.app.push_screen(ConfirmScreen(ctx, "Archive this workspace?", text, [("y", "archive")]), answered)


def ask_go_on(ctx: UiContext) -> AskGoOn:
    """Asks whether to go on after the archive script failed or was not trusted."""

    async def ask(said: str, run: ScriptRun | None) -> bool:
        from conductor_tui.ui.screens.confirm import ConfirmScreen

        answered: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def taken(key: str | None) -> None:
            if not answered.done():
                answered.set_result(key is not None)

        text = Content.assemble(visible(said), "\n\nNothing was removed so far.")
        ways = [("y", "archive without it")]
        title = "The archive script was not allowed to run" if run is None else "The archive script did not succeed"
        ctx.app.push_screen(ConfirmScreen(ctx, title, text, ways), taken)
        return await answered

    return ask


def restore(ctx: UiContext) -> None:
    """Lists the archived workspaces."""
    from conductor_tui.ui.screens.picker import Choice, Picker

    desk, workspaces = open_desk(ctx)
    now = ctx.manager.clock()
    archived = sorted((r for r in desk.records if r.is_archived), key=lambda r: -r.archived_at)
    choices = [
        Choice(
            r.id,
            f"{r.repository.name}/{display_name(r)}",
            note=f"archived {age(now - r.archived_at) or 'just now'}",
            detail=f"{r.name} · {r.head[:8]}",
        )
        for r in archived
    ]

    def taken(id_: str | None) -> None:
        record = desk.record(id_) if id_ else None
        if record is None:
            return

        async def work() -> None:
            desk.enter(await workspaces.restore(record, lambda line: desk.step(record.id, line)))

        desk.do(record, "Not restored", work)

    ctx.app.push_screen(Picker("Restore a workspace", choices), taken)


def delete(ctx: UiContext) -> None:
    """Forgets an archived workspace; what was kept of it stays in git unless the user drops it."""
    from conductor_tui.ui.screens.picker import Choice, Picker

    desk, _ = open_desk(ctx)
    choices = [
        Choice(r.id, f"{r.repository.name}/{display_name(r)}", detail=r.name) for r in desk.records if r.is_archived
    ]

    def taken(id_: str | None) -> None:
        record = desk.record(id_) if id_ else None
        if record is not None:
            _ask_delete(ctx, record)

    ctx.app.push_screen(Picker("Forget an archived workspace", choices), taken)


def _ask_delete(ctx: UiContext, record: WorkspaceRecord) -> None:
    from conductor_tui.ui.screens.confirm import ConfirmScreen

    desk, workspaces = open_desk(ctx)
    kept = f"git keeps its files under {record.salvage}." if record.salvage else "Nothing of it was kept in git."
    ways = [("f", "forget it")]
    if record.salvage:
        ways = [("f", "forget it; git keeps its files"), ("d", "forget it, and drop its files for ever")]

    def taken(key: str | None) -> None:
        if key is not None:

            async def work() -> None:
                await workspaces.delete(record, drop_salvage=key == "d")
                ctx.tell(f"{record.name} is forgotten")

            desk.do(None, "Not forgotten", work)

    title = f"Forget {display_name(record)}?"
    ctx.app.push_screen(ConfirmScreen(ctx, title, Content(visible(kept)), ways), taken)


HANDLERS = {
    "workspace.archive": Handler(archive, why_not_archive),
    "workspace.restore": Handler(restore, why_none_archived),
    "workspace.delete": Handler(delete, why_none_archived),
}
