"""Commands on `.context`, the files that the user and agents share in a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_tui.ui.actions.workspaces import opened, why_not_here
from conductor_tui.ui.context import Handler

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext


async def notes(ctx: UiContext) -> None:
    """Opens the notes in the user's editor."""
    await _edit(ctx, "notes")


async def todos(ctx: UiContext) -> None:
    """Opens the todos in the user's editor."""
    await _edit(ctx, "todos")


async def _edit(ctx: UiContext, name: str) -> None:
    here, dock = ctx.workspaces.here, ctx.dock
    assert here is not None and dock is not None, "why_not says so"
    folder = await opened(ctx).tools.prepare_context(here.path)
    await dock.edit(name, folder / f"{name}.md")


def why_not(ctx: UiContext) -> str | None:
    """Why there are no notes and todos."""
    return why_not_here(ctx) or (None if ctx.dock is not None else "there is no terminal to open the editor in")


HANDLERS = {
    "workspace.notes": Handler(notes, why_not, failed="Could not open the notes"),
    "workspace.todos": Handler(todos, why_not, failed="Could not open the todos"),
}
