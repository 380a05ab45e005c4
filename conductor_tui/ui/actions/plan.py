"""Commands on a proposed plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_tui.domain.plans import newest_plan
from conductor_tui.ui.context import Handler

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext


def open_view(ctx: UiContext) -> None:
    """Shows the newest plan of the session on screen."""
    from conductor_tui.ui.screens.plan import PlanScreen

    plan = newest_plan(ctx.session.projection)
    if plan is not None:
        ctx.show(PlanScreen(ctx, ctx.session, plan))


def why_none(ctx: UiContext) -> str | None:
    return None if newest_plan(ctx.session.projection) else "no plan in this session yet"


def is_waiting(ctx: UiContext) -> bool:
    """Whether the session on screen has a plan that waits for the user."""
    return ctx.manager.plans.waiting(ctx.session) is not None


HANDLERS = {
    "session.plan": Handler(open_view, why_none),
}
