"""Commands on a proposed plan: the view of it, and what becomes of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from conductor_tui.domain.errors import NotHandedOver
from conductor_tui.domain.plans import newest_plan, open_plan, revision
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.context import Handler

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext
    from conductor_tui.ui.screens.plan import PlanScreen


def open_view(ctx: UiContext) -> None:
    """Shows the newest plan of the session on screen."""
    from conductor_tui.ui.screens.plan import PlanScreen

    plan = newest_plan(ctx.session.projection)
    if plan is not None:
        ctx.app.push_screen(PlanScreen(ctx, ctx.session, plan))


def why_none(ctx: UiContext) -> str | None:
    return None if newest_plan(ctx.session.projection) else "no plan was proposed in this session"


def is_waiting(ctx: UiContext) -> bool:
    """Whether the session on screen has a plan that waits for the user."""
    return ctx.manager.plans.waiting(ctx.session) is not None


# In the plan view


def reasons(view: PlanScreen) -> Mapping[str, str]:
    """Why keys of the plan view do not apply now, by command; those that apply are left out."""
    handing = _why_not_handed(view)
    settings = view.session.projection.settings
    off = "" if settings.is_plan_mode else "Plan Mode is off"
    found = {
        "plan.comment": "" if view.steps else "the plan is empty",
        "plan.uncomment": "" if view.view.step in view.comments else "no comment on this step",
        "plan.implement": handing or _why_followed(view),
        "plan.fresh": handing,
        "plan.revise": handing or _why_followed(view) or off,
        "plan.leave": off or ("" if view.session.projection.is_connected else "not connected to Codex"),
        "plan.copy": "" if view.plan.text.strip() else "the plan is empty",
    }
    return {command: reason for command, reason in found.items() if reason}


def _why_not_handed(view: PlanScreen) -> str:
    projection = view.session.projection
    if view.is_busy:
        return "it is on its way to Codex"
    if not projection.is_connected:
        return "not connected to Codex"
    if projection.running_turn is not None:
        return "a turn is running"
    if any(not m.error for m in projection.outgoing):
        return "a message is on its way"
    return "" if view.plan.text.strip() else "the plan is empty"


def _why_followed(view: PlanScreen) -> str:
    plan = open_plan(view.session.projection)
    return "" if plan is not None and plan.id == view.plan.id else "a later turn followed this plan"


def warning(view: PlanScreen) -> str:
    """What the user should know before the plan is implemented; empty when there is nothing."""
    if not view.session.controls.is_before_plan_unknown:
        return ""
    return "Commands stay read-only: what was allowed before Plan Mode is not known. Choose it under Permissions."


def implement(view: PlanScreen) -> None:
    """Leaves Plan Mode and has the plan implemented in this session."""
    from conductor_tui.sessions import plan_handoff

    async def work() -> None:
        await plan_handoff.implement(view.session, view.remarks)
        _done(view, "Plan Mode is off; Codex implements the plan.")

    _hand_over(view, work)


def fresh(view: PlanScreen) -> None:
    """Has the plan implemented in a new session, which comes on screen."""
    from conductor_tui.sessions import plan_handoff

    async def work() -> None:
        ctx = view.ctx
        session = await plan_handoff.implement_fresh(ctx.manager, view.session, view.plan, view.remarks)
        if view.is_current:  # else the user went on to something else, and what they type belongs there
            ctx.show_session(session)
        _done(view, "A fresh session implements the plan; the planning session stays as it was.")

    _hand_over(view, work)


def _hand_over(view: PlanScreen, work: Callable[[], Awaitable[None]]) -> None:
    """Does it once, in the background; what went wrong is said, and all stays as it was."""

    async def guarded() -> None:
        try:
            await work()
        except NotHandedOver as error:
            view.is_busy = False
            view.tell(f"Not sent. {error}", "warning")
        finally:
            view.is_busy = False
            view.follow()

    from conductor_tui.ui.presentation.plan import counted

    view.is_busy = True
    view.follow()
    with_them = f" with {counted(len(view.comments))}" if view.comments else ""
    view.tell(f"The plan goes to Codex{with_them} …")
    view.ctx.manager.spawn(guarded())


def _done(view: PlanScreen, words: str) -> None:
    """Back to the transcript, where the work is seen; a user who is elsewhere already stays there."""

    if view.is_current:
        view.dismiss(None)
        view.ctx.panes.transcript.follow()
        view.ctx.panes.focus(Pane.COMPOSER)
    view.ctx.tell(words)


def revise(view: PlanScreen, words: str) -> None:
    """Sends all comments and the user's words as one message; the session stays in Plan Mode."""
    view.session.send(revision(view.remarks, words))
    _done(view, "Codex revises the plan.")


def leave(view: PlanScreen) -> None:
    """Leaves Plan Mode; nothing is implemented, and the plan can still be opened."""
    view.session.controls.set_plan_mode(False)
    _done(view, "Plan Mode is left; nothing was implemented.")


def copy(view: PlanScreen) -> None:
    """Copies the plan as Codex wrote it."""
    view.ctx.copy(view.plan.text, "plan", view.tell)


HANDED: Mapping[str, Callable[[PlanScreen], None]] = {
    "implement": implement,
    "fresh": fresh,
    "copy": copy,
    "leave": leave,
}
"""What is done with the whole plan, by the name of its command."""


HANDLERS = {
    "session.plan": Handler(open_view, why_none),
}
