"""The letters of the workspace tree: commands on the workspace under its cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_tui.ui.actions import workspace_endings, workspaces

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext

_ON_WORKSPACE = {
    "archive": workspace_endings.archive,
    "pin": workspaces.pin,
    "rename": workspaces.rename,
    "trouble": workspaces.show_trouble,
}


def run_in_tree(ctx: UiContext, command: str, workspace_id: str) -> None:
    """Runs a command of the tree for a workspace."""
    record = ctx.workspaces.record(workspace_id)
    if command == "new":
        ctx.run_command("workspace.new")
    elif reason := workspaces.why_none(ctx):
        ctx.tell(reason.capitalize(), "warning")
    elif record is None:
        ctx.tell("Select a workspace first", "warning")
    else:
        _ON_WORKSPACE[command](ctx, record)
