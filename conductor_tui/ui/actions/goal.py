"""Commands on a session's goal. With one, Codex starts turns by itself: every way says so before it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_tui.domain.goals import GoalStatus
from conductor_tui.sessions.ports import Agent
from conductor_tui.ui.actions import controls
from conductor_tui.ui.actions.background import ask_codex
from conductor_tui.ui.context import Handler
from conductor_tui.ui.presentation import toolbox as present

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext

_BUDGETS = (("", "No limit"), ("100000", "100k tokens"), ("500000", "500k tokens"), ("2000000", "2M tokens"))
"""Tokens, and what the list says."""


def goal(ctx: UiContext) -> None:
    """Sets a goal, or says how it stands and what can be done with it."""
    from conductor_tui.ui.screens.picker import Choice, Picker

    current = ctx.session.projection.goal
    if current is None:
        _ask_goal(ctx, "")
        return
    other = ("resume", "Go on with it") if not current.is_active else ("pause", "Pause it")
    choices = [
        Choice(other[0], other[1], detail="" if current.is_active else "Codex begins at once."),
        Choice("change", "Change it …"),
        Choice("clear", "Give it up"),
    ]

    def taken(what: str | None) -> None:
        match what:
            case "pause":
                _goal_status(ctx, GoalStatus.PAUSED)
            case "resume":
                _goal_status(ctx, GoalStatus.ACTIVE)
            case "change":
                _ask_goal(ctx, current.objective)
            case "clear":
                _clear_goal(ctx)

    ctx.app.push_screen(Picker(present.goal_title(current), choices), taken)


def _ask_goal(ctx: UiContext, before: str) -> None:
    from conductor_tui.ui.screens.ask import Ask
    from conductor_tui.ui.screens.picker import Choice, Picker

    def written(objective: str | None) -> None:
        if objective:
            choices = [Choice(f"b:{limit}", name) for limit, name in _BUDGETS]
            title = "Codex begins at once and goes on by itself. How far?"

            def limited(budget: str | None) -> None:
                if budget is None:
                    _ask_goal(ctx, objective)
                else:
                    _set_goal(ctx, objective, budget)

            ctx.app.push_screen(Picker(title, choices), limited)

    ctx.app.push_screen(Ask("Goal: what Codex works towards, turn after turn", before), written)


def _set_goal(ctx: UiContext, objective: str, budget: str) -> None:
    """`budget`: id of the choice."""
    thread_id = ctx.session.thread_id
    if thread_id is None:
        return
    limit = int(budget[2:]) if budget != "b:" else None

    async def work(agent: Agent) -> None:
        await agent.set_goal(thread_id, objective, limit)

    ask_codex(ctx, "The goal was not set", work)


def _goal_status(ctx: UiContext, status: GoalStatus) -> None:
    thread_id = ctx.session.thread_id

    async def work(agent: Agent) -> None:
        assert thread_id is not None
        await agent.set_goal_status(thread_id, status)
        if status is GoalStatus.PAUSED and ctx.session.projection.running_turn:
            ctx.tell("the goal is paused; this turn still runs to its end")

    ask_codex(ctx, "The goal was not changed", work)


def _clear_goal(ctx: UiContext) -> None:
    thread_id = ctx.session.thread_id

    async def work(agent: Agent) -> None:
        assert thread_id is not None
        await agent.clear_goal(thread_id)

    ask_codex(ctx, "The goal was not given up", work)


HANDLERS = {
    "control.goal": Handler(goal, controls.why_not_open),
}
