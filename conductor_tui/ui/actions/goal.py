"""Commands on a session's goal. With one, Codex starts turns by itself: every way says so before it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_tui.domain.goals import GoalStatus
from conductor_tui.ui.actions import controls
from conductor_tui.ui.context import Handler
from conductor_tui.ui.presentation import toolbox as present

if TYPE_CHECKING:
    from conductor_tui.services.sessions.session import Session
    from conductor_tui.ui.context import UiContext

_BUDGETS = (("", "No limit"), ("100000", "100k tokens"), ("500000", "500k tokens"), ("2000000", "2M tokens"))
"""Tokens, and what the list says."""


async def goal(ctx: UiContext) -> None:
    """Sets a goal, or shows how it is doing and what can be done with it."""
    from conductor_tui.ui.dialogs.picker import Choice, Picker

    session, current = ctx.session, ctx.session.projection.goal
    if current is None:
        await _set(ctx, session, "")
        return
    other = ("resume", "Resume") if not current.is_active else ("pause", "Pause")
    choices = [
        Choice(other[0], other[1], detail="" if current.is_active else "Codex starts at once."),
        Choice("change", "Change the goal …"),
        Choice("clear", "Clear the goal"),
    ]
    what = await ctx.ask(Picker(present.goal_title(current), choices))
    agent, thread_id = await ctx.manager.connection.agent(), session.thread_id
    if what == "change":
        await _set(ctx, session, current.objective)
    elif thread_id is None:
        return
    elif what == "pause":
        await agent.set_goal_status(thread_id, GoalStatus.PAUSED)
        if session.projection.running_turn:
            ctx.tell("Goal paused. The current turn keeps running")
    elif what == "resume":
        await agent.set_goal_status(thread_id, GoalStatus.ACTIVE)
    elif what == "clear":
        await agent.clear_goal(thread_id)


async def _set(ctx: UiContext, session: Session, objective: str) -> None:
    from conductor_tui.ui.dialogs.input import Ask
    from conductor_tui.ui.dialogs.picker import Choice, Picker

    choices = [Choice(f"b:{limit}", name) for limit, name in _BUDGETS]
    while written := await ctx.ask(Ask("Goal that Codex works on across turns", objective)):
        objective = written
        budget = await ctx.ask(Picker("Codex starts at once and continues on its own. Token limit?", choices))
        if budget is not None and session.thread_id is not None:
            limit = budget.removeprefix("b:")
            agent = await ctx.manager.connection.agent()
            await agent.set_goal(session.thread_id, objective, int(limit) if limit else None)
            return


HANDLERS = {
    "control.goal": Handler(goal, controls.why_not_open, failed="Could not change the goal"),
}
