"""What becomes of proposed plans: comments on their steps, and handing a plan over to be implemented.

A turn that implements a plan carries the mode and the sandbox with it, in one request: Codex takes both before the
turn begins, and a request that it refuses changes nothing. Nothing is ever sent again by itself.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from conductor_tui.domain.controls import SessionSettings, SettingsUpdate, applied
from conductor_tui.domain.errors import AgentError, AgentGone, AgentOverloaded, AgentRefused, NotHandedOver
from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.items import PlanText
from conductor_tui.domain.plans import (
    Remark,
    StepComment,
    fresh_implementation,
    implementation,
    open_plan,
    step_hash,
    title,
)
from conductor_tui.sessions.plan_store import PlanStore
from conductor_tui.sessions.ports import Agent
from conductor_tui.sessions.session import Session
from conductor_tui.sessions.store import Store
from conductor_tui.sessions.turn_scope import changes

if TYPE_CHECKING:
    from conductor_tui.sessions.manager import SessionManager

log = logging.getLogger(__name__)


class Plans:
    """The plans of one repository's sessions."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept = PlanStore(store)
        self._settled = self._kept.settled()
        self._comments: dict[tuple[str, str], dict[int, StepComment]] = {}
        self._unsent: dict[str, str] = {}

    # Which one waits

    def waiting(self, session: Session) -> PlanText | None:
        """The plan that waits for the user's word: open, in Plan Mode, and not handed over to a fresh session."""
        projection = session.projection
        if not projection.settings.is_plan_mode or not projection.is_connected:
            return None
        plan = open_plan(projection)
        return plan if plan is not None and _key(session, plan) not in self._settled else None

    def settle(self, session: Session, plan: PlanText) -> None:
        """The plan has been answered, though its session does not show it."""
        self._settled.add(_key(session, plan))
        self._kept.keep_settled(*_key(session, plan))

    # Comments

    def comments(self, session: Session, plan: PlanText) -> tuple[StepComment, ...]:
        """What the user wrote on the steps of a plan."""
        return tuple(self._known(session, plan).values())

    def comment(self, session: Session, plan: PlanText, step: int, step_text: str, text: str) -> None:
        """Keeps the words on a step; empty ones take the comment away."""
        made = StepComment(step, step_hash(step_text), text)
        known = self._known(session, plan)
        known.pop(step, None)
        if text:
            known[step] = made
        self._kept.keep_comment(*_key(session, plan), made)

    def _known(self, session: Session, plan: PlanText) -> dict[int, StepComment]:
        key = _key(session, plan)
        if key not in self._comments:
            self._comments[key] = {c.step: c for c in self._kept.comments(*key)}
        return self._comments[key]

    def unsent(self, session: Session, plan: PlanText, field: str) -> str:
        """What was begun in a field of the plan view and not taken yet; `field` is a step's number or a name."""
        owner = _owner(session, plan, field)
        if owner not in self._unsent:
            self._unsent[owner] = self._store.draft(owner)
        return self._unsent[owner]

    def keep_unsent(self, session: Session, plan: PlanText, field: str, text: str) -> None:
        """Keeps what stands in a field, also over a restart."""
        owner = _owner(session, plan, field)
        if self._unsent.get(owner) != text:
            self._unsent[owner] = text
            self._store.keep_draft(owner, text)


def _key(session: Session, plan: PlanText) -> tuple[str, str]:
    return (session.thread_id or "", plan.id)


def _owner(session: Session, plan: PlanText, field: str) -> str:
    return f"plan:{session.thread_id}:{plan.id}:{field}"


# Handing over


async def implement(session: Session, remarks: Sequence[Remark]) -> None:
    """Leaves Plan Mode and has the plan implemented, in one request.

    Raises:
        NotHandedOver
    """
    stays_read_only = session.controls.is_before_plan_unknown
    leaving = session.controls.leaving_plan()
    try:
        await session.start(implementation(remarks), leaving)
    except AgentError as error:
        raise NotHandedOver(_why(error, "If Codex got it, its turn appears in the transcript.")) from error
    session.controls.scope.leave_plan_mode(leaving)
    if stays_read_only:
        session.controls.say_read_only()


async def implement_fresh(
    manager: SessionManager, session: Session, plan: PlanText, remarks: Sequence[Remark]
) -> Session:
    """Has the plan implemented in a session of its own, under the settings of `session`, which stays as it is.

    Raises:
        NotHandedOver: the new session is gone again, unless the answer to its first message was lost.
    """
    agent, settings = await manager.connection.agent(), session.projection.settings
    try:
        fresh = manager.make(None, "", session.folder, settings.provider)
        opened = await session.folder.start_thread(agent, lambda: settings.provider)
    except AgentError as error:
        raise NotHandedOver(_why(error, "No new session was begun.")) from error
    thread_id = opened.thread.id
    manager.opened(fresh, opened)
    try:
        prompt = await _prepared(agent, thread_id, plan.text)
        text = fresh_implementation(prompt, plan.text, remarks)
        await _name(agent, thread_id, title(plan.text))  # before the turn, whose first writes get in its way
        await fresh.start(text, taken_over(settings, session.controls.leaving_plan(), opened.settings))
    except AgentError as error:
        manager.sessions.pop(thread_id, None)
        if isinstance(error, (AgentRefused, AgentOverloaded)):
            await _discard(agent, thread_id)
        why = _why(error, "If Codex got it, the new session appears in the list of sessions.")
        raise NotHandedOver(why) from error
    manager.used(fresh, preview=text)
    manager.plans.settle(session, plan)
    if session.controls.is_before_plan_unknown:
        fresh.controls.say_read_only()
    return fresh


async def _prepared(agent: Agent, thread_id: ThreadId, plan: str) -> str:
    """Codex's own prompt for a plan that it puts in the context; empty where this Codex cannot."""
    try:
        return await agent.prepare_approved_plan(thread_id, plan)
    except AgentRefused as refused:
        if not refused.is_unknown_method:
            raise
        return ""


async def _name(agent: Agent, thread_id: ThreadId, name: str) -> None:
    """Without a name, all sessions of plans would be called after the same first message."""
    try:
        if name:
            await agent.rename_thread(thread_id, name)
    except AgentError as error:
        log.warning("the session for a plan has no name: %s", error)


async def _discard(agent: Agent, thread_id: ThreadId) -> None:
    try:
        await agent.discard_unused_thread(thread_id)
    except AgentError as error:
        log.warning("the session for a plan could not be taken away: %s", error)


def taken_over(settings: SessionSettings, leaving: SettingsUpdate, fresh: SessionSettings) -> SettingsUpdate:
    """What a fresh session's settings need to be those of the planning session, but not in Plan Mode."""
    wanted = applied(settings, leaving)
    return replace(changes(fresh, wanted) or SettingsUpdate(), is_plan_mode=False)


def _why(error: AgentError, unknown: str) -> str:
    """What happened, in words; `unknown` is added when Codex may have got it all the same."""
    match error:
        case AgentRefused():
            return f"Codex refused it: {error}. Nothing was changed."
        case AgentOverloaded():
            return "Codex is overloaded. Nothing was changed; try again in a moment."
        case AgentGone():
            return f"The connection to Codex was lost meanwhile. {unknown}"
    return f"{error}. {unknown}"
