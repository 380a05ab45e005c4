"""What the keys of the plan view do with a plan: implement it here or in a new session, revise it, leave Plan Mode."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from conductor_tui.domain.errors import NotHandedOver
from conductor_tui.domain.plans import open_plan, revision
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.presentation.plan import counted

if TYPE_CHECKING:
    from conductor_tui.domain.items import PlanText
    from conductor_tui.domain.plans import Remark
    from conductor_tui.services.sessions.session import Session
    from conductor_tui.ui.context import UiContext
    from conductor_tui.ui.presentation.markdown import Part


class OpenPlan(Protocol):
    """A plan on screen."""

    ctx: UiContext
    session: Session
    plan: PlanText
    steps: Sequence[Part]
    comments: dict[int, str]
    """By step."""
    is_busy: bool
    """Whether the plan is on its way to Codex."""

    @property
    def step(self) -> int: ...
    @property
    def remarks(self) -> tuple[Remark, ...]: ...
    @property
    def is_current(self) -> bool: ...
    def tell(self, text: str, severity: str = ...) -> None: ...
    def follow(self) -> None: ...
    def dismiss(self, result: None = ...) -> object: ...


def reasons(view: OpenPlan) -> Mapping[str, str]:
    """Why keys of the plan view do not apply now, by command; those that apply are left out."""
    handing = _why_not_handed(view)
    off = "" if view.session.projection.settings.is_plan_mode else "Plan Mode is off"
    found = {
        "plan.comment": "" if view.steps else "the plan is empty",
        "plan.uncomment": "" if view.step in view.comments else "no comment on this step",
        "plan.implement": handing or _why_followed(view),
        "plan.fresh": handing,
        "plan.revise": handing or _why_followed(view) or off,
        "plan.leave": off or ("" if view.session.projection.is_connected else "not connected to Codex"),
        "plan.copy": "" if view.plan.text.strip() else "the plan is empty",
    }
    return {command: reason for command, reason in found.items() if reason}


def _why_not_handed(view: OpenPlan) -> str:
    projection = view.session.projection
    if view.is_busy:
        return "the plan is being sent"
    if not projection.is_connected:
        return "not connected to Codex"
    if projection.running_turn is not None:
        return "a turn is running"
    if any(not m.error for m in projection.outgoing):
        return "a message is being sent"
    return "" if view.plan.text.strip() else "the plan is empty"


def _why_followed(view: OpenPlan) -> str:
    plan = open_plan(view.session.projection)
    return "" if plan is not None and plan.id == view.plan.id else "the conversation went on after this plan"


def warning(view: OpenPlan) -> str:
    """What the user should know before the plan is implemented; empty when there is nothing."""
    if not view.session.controls.is_before_plan_unknown:
        return ""
    return "Commands stay read-only: the permissions before Plan Mode are unknown. Set them in Permissions"


def hand(view: OpenPlan, name: str) -> None:
    """Does what a command says with the whole plan."""
    _HANDED[name](view)


def _implement(view: OpenPlan) -> None:
    from conductor_tui.services.sessions import plan_handoff

    async def work() -> None:
        await plan_handoff.implement(view.session, view.remarks)
        _done(view, "Left Plan Mode. Codex is implementing the plan")

    _hand_over(view, work())


def _implement_fresh(view: OpenPlan) -> None:
    from conductor_tui.services.sessions import plan_handoff

    async def work() -> None:
        ctx = view.ctx
        session = await plan_handoff.implement_fresh(ctx.manager, view.session, view.plan, view.remarks)
        if view.is_current:  # else the user went on to something else, and what they type belongs there
            ctx.show_session(session)
        _done(view, "A new session is implementing the plan. The planning session is unchanged")

    _hand_over(view, work())


def _hand_over(view: OpenPlan, work: Coroutine[Any, Any, None]) -> None:
    """Sends the plan once, in the background; when Codex does not take it, the view says why and stays."""

    async def guarded() -> None:
        try:
            await work
        except NotHandedOver as error:
            view.tell(f"Not sent. {error}", "warning")
        finally:
            view.is_busy = False
            view.follow()

    view.is_busy = True
    view.follow()
    with_comments = f" with {counted(len(view.comments))}" if view.comments else ""
    view.tell(f"Sending the plan{with_comments} …")
    view.ctx.run("Could not send the plan", guarded())


def _done(view: OpenPlan, words: str) -> None:
    """Back to the transcript, where the work is seen; a user who is elsewhere already stays there."""
    if view.is_current:
        view.dismiss()
        view.ctx.panes.transcript.follow()
        view.ctx.panes.focus(Pane.COMPOSER)
    view.ctx.tell(words)


def revise(view: OpenPlan, words: str) -> None:
    """Sends all comments and the user's words as one message; the session stays in Plan Mode."""
    view.session.send(revision(view.remarks, words))
    _done(view, "Codex is revising the plan")


def _leave(view: OpenPlan) -> None:
    view.session.controls.set_plan_mode(False)
    _done(view, "Left Plan Mode. Nothing was changed")


def _copy(view: OpenPlan) -> None:
    view.ctx.copy(view.plan.text, "plan", view.tell)


_HANDED: Mapping[str, Callable[[OpenPlan], None]] = {
    "implement": _implement,
    "fresh": _implement_fresh,
    "copy": _copy,
    "leave": _leave,
}
"""By the name of the command."""
