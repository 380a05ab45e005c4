"""A turn: one user message and everything Codex does until it stops."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from conductor_tui.domain.ids import TurnId
from conductor_tui.domain.items import Item


class TurnStatus(StrEnum):
    """As Codex reports it."""

    IN_PROGRESS = "inProgress"
    COMPLETED = "completed"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


class TurnError(Struct, frozen=True):
    """Why a turn failed, or what it is retrying (`TurnError` of the protocol)."""

    message: str
    kind: str = "other"
    """`codexErrorInfo`, reduced to its name; new names appear with new versions."""
    http_status: int | None = None
    details: str = ""


class TokenUsage(Struct, frozen=True):
    """Tokens of a session, as reported after each model response (`thread/tokenUsage/updated`)."""

    total: int = 0
    input: int = 0
    cached_input: int = 0
    output: int = 0
    reasoning_output: int = 0
    last_total: int = 0
    """Tokens of the newest response: what fills the context window now."""
    context_window: int | None = None

    @property
    def context_fraction(self) -> float | None:
        """Share of the context window in use, 0 to 1; None when the model's window is not known."""
        if not self.context_window:
            return None
        return min(1.0, self.last_total / self.context_window)


class Turn(Struct, frozen=True):
    """What is known of one turn apart from its items."""

    id: TurnId
    status: TurnStatus = TurnStatus.IN_PROGRESS
    interrupt_id: TurnId | None = None
    """The id `turn/interrupt` accepts, where it differs (review turns carry two ids)."""
    started_at: float | None = None
    """Unix seconds."""
    duration_ms: int | None = None
    error: TurnError | None = None
    retry: TurnError | None = None
    """What Codex is retrying right now; None when it is not."""
    diff: str = ""
    """Unified diff of the files this turn patched (`turn/diff/updated`); shell edits are not in it."""
    tokens_before: int | None = None
    """The session's total when the turn started."""
    tokens_after: int | None = None

    @property
    def is_running(self) -> bool:
        """Whether Codex still works on it."""
        return self.status is TurnStatus.IN_PROGRESS


class RecordedTurn(Struct, frozen=True):
    """A turn read from history: the turn and its items, oldest first."""

    turn: Turn
    items: tuple[Item, ...] = ()
