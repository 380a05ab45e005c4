"""Handing a plan over to be implemented, in its own session or in another.

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
from conductor_tui.domain.opened_thread import OpenedThread
from conductor_tui.domain.plans import (
    Remark,
    fresh_implementation,
    implementation,
    title,
)
from conductor_tui.services.interfaces import Agent
from conductor_tui.services.sessions.session import Session
from conductor_tui.services.sessions.session_start import FirstPrompt, start_session_in_window
from conductor_tui.services.sessions.temporary_settings import changes

if TYPE_CHECKING:
    from conductor_tui.services.sessions.manager import SessionManager

log = logging.getLogger(__name__)


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
    settings, is_begun = session.projection.settings, False

    async def compose(opened: OpenedThread) -> tuple[str, SettingsUpdate]:
        nonlocal is_begun
        is_begun = True
        agent, thread_id = await manager.connection.agent(), opened.thread.id
        prompt = await _prepared(agent, thread_id, plan.text)
        await _name(agent, thread_id, title(plan.text))  # before the turn, whose first writes get in its way
        update = taken_over(settings, session.controls.leaving_plan(), opened.settings)
        return fresh_implementation(prompt, plan.text, remarks), update

    try:
        first = FirstPrompt("", provider=settings.provider)
        fresh = await start_session_in_window(manager, session.folder, first, compose)
    except AgentError as error:
        unknown = "If Codex got it, the new session appears in the list of sessions."
        raise NotHandedOver(_why(error, unknown if is_begun else "No new session was begun.")) from error
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
