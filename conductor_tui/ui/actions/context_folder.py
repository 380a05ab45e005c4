"""Commands on `.context`, the files that the user and agents share in a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_tui.ui.actions.workspaces import why_not_here
from conductor_tui.ui.context import Handler

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext


def notes(ctx: UiContext) -> None:
    """Opens the notes in the user's editor."""
    _edit(ctx, "notes")


def todos(ctx: UiContext) -> None:
    """Opens the todos in the user's editor."""
    _edit(ctx, "todos")


def _edit(ctx: UiContext, name: str) -> None:
    workspaces, here, dock = ctx.workspaces.workspaces, ctx.workspaces.here, ctx.dock
    assert workspaces is not None and here is not None and dock is not None, "why_not says so"

    async def work() -> None:
        folder = await workspaces.tools.prepare_context(here.path)
        dock.edit(name, folder / f"{name}.md")

    ctx.workspaces.do(None, f"The {name} are not opened", work)


def why_not(ctx: UiContext) -> str | None:
    """Why there are no notes and todos."""
    return why_not_here(ctx) or (None if ctx.dock is not None else "there is no dock to open the editor in")


HANDLERS = {
    "workspace.notes": Handler(notes, why_not),
    "workspace.todos": Handler(todos, why_not),
}
