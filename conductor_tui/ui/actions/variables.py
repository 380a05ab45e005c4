"""The question whether sessions and terminals get the variables that the repository sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_tui.ui.actions.workspaces import opened, why_not_here
from conductor_tui.ui.context import Handler

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext

_NONE = "This repository sets no variables. Add them to .conductor/settings.toml under [environment_variables]"
_SET = "Variables set for new sessions and terminals. Open ones are unchanged"
_NOT_SET = "Variables not set for sessions and terminals"


async def decide(ctx: UiContext) -> None:
    """Shows the variables of the workspace on screen and asks, unless they are already trusted."""
    controller, record = ctx.workspaces, ctx.workspaces.here
    if record is None:
        return
    is_set = await opened(ctx).scripts.decide(record)
    if is_set is None:
        ctx.tell(_NONE)
        return
    await controller.folders.decided(ctx.manager, record.repository)
    await controller.move_dock(controller.here or record)
    ctx.tell(_SET if is_set else _NOT_SET)


HANDLERS = {
    "repository.variables": Handler(decide, why_not_here, failed="Could not read the repository's variables"),
}
