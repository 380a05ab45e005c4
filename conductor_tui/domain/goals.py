"""A session's goal: a lasting objective that Codex pursues turn after turn, by itself.

Source: `thread/goal/get`, `thread/goal/updated`.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class GoalStatus(StrEnum):
    """How it stands with a goal."""

    ACTIVE = "active"
    """Codex starts turns by itself."""
    PAUSED = "paused"
    BLOCKED = "blocked"
    USAGE_LIMITED = "usageLimited"
    BUDGET_LIMITED = "budgetLimited"
    COMPLETE = "complete"
    UNKNOWN = "unknown"


class Goal(Struct, frozen=True):
    """What Codex works towards."""

    objective: str
    status: GoalStatus = GoalStatus.ACTIVE
    tokens_used: int = 0
    token_budget: int | None = None
    """Tokens after which Codex stops; None: no limit."""
    seconds_used: int = 0

    @property
    def is_active(self) -> bool:
        """Whether Codex goes on by itself."""
        return self.status is GoalStatus.ACTIVE
