"""Commands on existing workspaces: open, rename, pin; other repositories."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conductor_tui.domain.text import visible_line
from conductor_tui.domain.workspaces import WorkspaceRecord, display_name
from conductor_tui.ui.context import Handler

if TYPE_CHECKING:
    from conductor_tui.services.workspaces.workspaces import Workspaces
    from conductor_tui.ui.context import UiContext


def why_none(ctx: UiContext) -> str | None:
    """Why there are no workspaces here."""
    if ctx.workspaces.workspaces is not None:
        return None
    return "workspaces are still loading" if ctx.workspaces.has_git else "not a git repository"


def why_not_here(ctx: UiContext) -> str | None:
    """Why nothing can be done with the workspace on screen."""
    return why_none(ctx) or (None if ctx.workspaces.here else "this session is not in a workspace")


def opened(ctx: UiContext) -> Workspaces:
    """The user's workspaces, where `why_none` is None."""
    assert ctx.workspaces.workspaces is not None, "why_none says so"
    return ctx.workspaces.workspaces


async def switch(ctx: UiContext) -> None:
    """Lists all workspaces and opens the chosen one."""
    from conductor_tui.ui.dialogs.picker import Choice, Picker

    rows = [row for branch in ctx.workspaces.branches() for row in branch.rows]
    choices = [
        Choice(
            f"w:{row.record.id}",
            f"{row.record.repository.name}/{row.name}",
            note=" · ".join(filter(None, (row.word, " ".join(row.detail), row.request))),
            is_current=row.is_here,
            reason="" if row.record.is_usable else row.word,
        )
        for row in rows
    ]
    choice = await ctx.ask(Picker("Workspaces", choices))
    record = ctx.workspaces.record(choice[2:]) if choice else None
    if record is not None:
        ctx.workspaces.enter(record)


def rename(ctx: UiContext, record: WorkspaceRecord | None = None) -> None:
    """Asks for a name for a workspace; for the one on screen without `record`."""
    if chosen := record or ctx.workspaces.here:
        ctx.run(f"Could not rename {display_name(chosen)}", _rename(ctx, chosen))


async def _rename(ctx: UiContext, record: WorkspaceRecord) -> None:
    from conductor_tui.ui.dialogs.input import Ask

    shown = display_name(record)
    title = await ctx.ask(Ask("Workspace name (empty: use the branch)", shown, is_optional=True))
    if title is not None and title != shown:
        await opened(ctx).rename(record, title)


def pin(ctx: UiContext, record: WorkspaceRecord | None = None) -> None:
    """Moves a workspace to the top of the tree, or back; the one on screen without `record`."""
    if chosen := record or ctx.workspaces.here:
        ctx.run(f"Could not pin {display_name(chosen)}", opened(ctx).pin(chosen, not chosen.is_pinned))


def show_trouble(ctx: UiContext, record: WorkspaceRecord) -> None:
    """Shows the details of the last error in a workspace, and clears it."""
    from textual.content import Content

    from conductor_tui.domain.text import visible
    from conductor_tui.ui.dialogs.text import ReadingScreen

    name = display_name(record)
    if record.trouble:
        ctx.show(ReadingScreen(visible_line(f"{name}: last error"), Content(visible(record.trouble))))
        ctx.run(f"Could not clear the last error of {name}", opened(ctx).clear_trouble(record))
    else:
        ctx.tell(f"No error in {name}")


async def add_repository(ctx: UiContext) -> None:
    """Asks for another repository to work in."""
    from conductor_tui.ui.dialogs.input import Ask

    kept = "repository"
    text = await ctx.ask(Ask("Folder of the repository", ctx.not_taken.get(kept, ""), wrong=_why_no_folder))
    if text:
        ctx.not_taken[kept] = text
        added = await opened(ctx).add_repository(_folder(text))
        ctx.not_taken.pop(kept, None)
        ctx.tell(f"Added {added.name}")


def _folder(text: str) -> Path:
    return Path(text).expanduser().resolve()


def _why_no_folder(text: str) -> str:
    return "" if _folder(text).is_dir() else "No such folder"


HANDLERS = {
    "workspace.open": Handler(switch, why_none),
    "workspace.rename": Handler(rename, why_not_here),
    "workspace.pin": Handler(pin, why_not_here),
    "repository.add": Handler(add_repository, why_none, failed="Could not add the repository"),
}
