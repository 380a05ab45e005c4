"""The question whether sessions and terminals get the variables that the repository sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_tui.ui.actions import workspaces
from conductor_tui.ui.actions.workspaces import open_desk
from conductor_tui.ui.context import Handler

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext

_NONE = "this repository sets no variables: they would be in .conductor/settings.toml under [environment_variables]"
_SET = "set in new sessions and terminals; those that are open stay"
_NOT_SET = "this repository's variables stay out of sessions and terminals"


def decide(ctx: UiContext) -> None:
    """Shows the variables of the workspace on screen and asks, unless they are trusted as they are."""
    desk, workspaces = open_desk(ctx)
    record = desk.here
    if record is None:
        return

    async def work() -> None:
        is_set = await workspaces.scripts.decide(record)
        if is_set is None:
            ctx.tell(_NONE)
            return
        await desk.folders.decided(ctx.manager, record.repository)
        await desk.move_dock(desk.here or record)
        ctx.tell(_SET if is_set else _NOT_SET)

    desk.do(None, "The repository's variables cannot be read", work)


HANDLERS = {
    "repository.variables": Handler(decide, workspaces.why_not_here),
}
