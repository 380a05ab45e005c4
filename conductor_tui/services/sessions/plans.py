"""Proposed plans that wait for the user, and the comments on their steps."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from conductor_tui.domain.items import PlanText
from conductor_tui.domain.plans import (
    StepComment,
    open_plan,
    step_hash,
)
from conductor_tui.services.sessions.session import Session
from conductor_tui.storage.database import Store
from conductor_tui.storage.plans import PlanStore

if TYPE_CHECKING:
    pass

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
