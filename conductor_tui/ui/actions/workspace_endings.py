"""Commands that archive a workspace, restore it, or delete an archived one."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from textual.content import Content

from conductor_tui.domain.listing import age
from conductor_tui.domain.text import visible
from conductor_tui.domain.workspaces import WorkspaceRecord, display_name
from conductor_tui.ui.actions.workspaces import opened, why_none, why_not_here
from conductor_tui.ui.context import Handler

if TYPE_CHECKING:
    from conductor_tui.services.scripts.runner import ScriptRun
    from conductor_tui.services.workspaces.archiving import AskGoOn
    from conductor_tui.ui.context import UiContext

_MAIN = "the main checkout cannot be removed"


def why_not_archive(ctx: UiContext) -> str | None:
    """Why the workspace on screen cannot be archived."""
    if reason := why_not_here(ctx):
        return reason
    here = ctx.workspaces.here
    return _MAIN if here is not None and here.is_local else None


def why_none_archived(ctx: UiContext) -> str | None:
    """Why nothing can be restored."""
    reason = why_none(ctx)
    return reason or (None if any(r.is_archived for r in ctx.workspaces.records) else "no archived workspaces")


def archive(ctx: UiContext, record: WorkspaceRecord | None = None) -> None:
    """Archives a workspace after the user has seen what would be lost; the one on screen without `record`."""
    if (chosen := record or ctx.workspaces.here) is None:
        return
    failed = f"Could not archive {display_name(chosen)}"
    if chosen.is_local:
        ctx.tell(f"{failed}: {_MAIN}", "warning")
    else:
        ctx.run(failed, _archive(ctx, chosen))


async def _archive(ctx: UiContext, record: WorkspaceRecord) -> None:
    from conductor_tui.domain.worktrees import Changed
    from conductor_tui.ui.dialogs.confirm import ConfirmScreen
    from conductor_tui.ui.presentation import losses as present

    controller, workspaces, name = ctx.workspaces, opened(ctx), display_name(record)
    with controller.steps(record) as step:
        step("Listing what would be lost")
        settings, _ = await asyncio.to_thread(workspaces.scripts.settings, record)
        branch_goes = settings.git.delete_branch_on_archive and bool(record.made_branch)
        losses = await workspaces.losses(record, delete_branch=branch_goes)
    while True:
        text = present.sheet(record, losses, busy_in(ctx, record), str(Path.home()), branch_goes=branch_goes)
        if await ctx.ask(ConfirmScreen(ctx, f"Archive workspace {name}?", text, [("y", "archive")])) is None:
            return
        with controller.steps(record) as step:
            done = await workspaces.archive(
                record, losses.fingerprint, delete_branch=branch_goes, ask=ask_go_on(ctx), on_progress=step
            )
        if not isinstance(done, Changed):
            break
        losses = done.losses
        ctx.tell(f"{name} was not archived: it has changed since you looked", "warning")
    if ctx.manager.here.path == record.path:
        main = next((r for r in controller.records if r.repository == record.repository and r.is_local), None)
        if main is not None:
            controller.enter(main)
    ctx.tell(f"Archived {name}. “Restore workspace” brings it back")


def busy_in(ctx: UiContext, record: WorkspaceRecord) -> int:
    """Sessions in a workspace that work or wait for the user."""
    mine = [e for e in ctx.entries() if e.folder == str(record.path)]
    return sum(1 for e in mine if e.word == "working" or e.state.needs_user)


def ask_go_on(ctx: UiContext) -> AskGoOn:
    """Asks whether to archive after the archive script failed or was not allowed to run."""

    async def ask(why: str, run: ScriptRun | None) -> bool:
        from conductor_tui.ui.dialogs.confirm import ConfirmScreen

        text = Content.assemble(visible(why), "\n\nNothing was removed yet.")
        title = "Archive without the script?"
        return await ctx.ask(ConfirmScreen(ctx, title, text, [("y", "archive without the script")])) is not None

    return ask


async def restore(ctx: UiContext) -> None:
    """Lists the archived workspaces and restores the chosen one."""
    from conductor_tui.ui.dialogs.picker import Choice, Picker

    now = ctx.manager.clock()
    archived = sorted((r for r in ctx.workspaces.records if r.is_archived), key=lambda r: -r.archived_at)
    choices = [
        Choice(
            r.id,
            f"{r.repository.name}/{display_name(r)}",
            note=f"archived {old} ago" if (old := age(now - r.archived_at)) else "archived just now",
            detail=f"{r.name} · {r.head[:8]}",
        )
        for r in archived
    ]
    id_ = await ctx.ask(Picker("Restore workspace", choices))
    record = ctx.workspaces.record(id_) if id_ else None
    if record is not None:
        with ctx.workspaces.steps(record) as step:
            restored = await opened(ctx).restore(record, step)
        ctx.workspaces.enter(restored)


async def delete(ctx: UiContext) -> None:
    """Deletes an archived workspace; its saved files stay in git unless the user drops them."""
    from conductor_tui.ui.dialogs.confirm import ConfirmScreen
    from conductor_tui.ui.dialogs.picker import Choice, Picker

    choices = [
        Choice(r.id, f"{r.repository.name}/{display_name(r)}", detail=r.name)
        for r in ctx.workspaces.records
        if r.is_archived
    ]
    while id_ := await ctx.ask(Picker("Delete archived workspace", choices)):
        record = ctx.workspaces.record(id_)
        if record is None:
            return
        saved, ways = "None of its files are saved.", [("f", "delete")]
        if record.salvage:
            saved = f"Its files are saved in git under {record.salvage}."
            ways = [("f", "delete, keep the saved files"), ("d", "delete with the saved files")]
        title = f"Delete archived workspace {display_name(record)}?"
        key = await ctx.ask(ConfirmScreen(ctx, title, Content(visible(saved)), ways))
        if key is not None:
            await opened(ctx).delete(record, drop_salvage=key == "d")
            ctx.tell(f"Deleted {display_name(record)}")
            return


HANDLERS = {
    "workspace.archive": Handler(archive, why_not_archive),
    "workspace.restore": Handler(restore, why_none_archived, failed="Could not restore the workspace"),
    "workspace.delete": Handler(delete, why_none_archived, failed="Could not delete the workspace"),
}
