"""What happened, decoded: the only thing that moves a session on.

Each event names the notification it comes from. Unknown notifications become `UnknownEvent`; nothing is dropped.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from conductor_tui.domain.approvals import Answer, Approval
from conductor_tui.domain.controls import RateLimits, SessionSettings
from conductor_tui.domain.ids import ItemId, RequestId, ThreadId, TurnId
from conductor_tui.domain.items import ChecklistStep, FilePatch, Item, Severity
from conductor_tui.domain.threads import ThreadState, ThreadSummary
from conductor_tui.domain.turns import RecordedTurn, TokenUsage, Turn, TurnError


class TextKind(StrEnum):
    """Which text of an item grows."""

    MESSAGE = "message"
    PLAN = "plan"
    REASONING_SUMMARY = "reasoningSummary"
    REASONING_CONTENT = "reasoningContent"
    COMMAND_OUTPUT = "commandOutput"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened on a server; `thread_id` is None when it concerns no single session."""

    thread_id: ThreadId | None


@dataclass(frozen=True, slots=True)
class ThreadStarted(Event):
    """`thread/started`, to every client."""

    thread: ThreadSummary


@dataclass(frozen=True, slots=True)
class ThreadStatusChanged(Event):
    """`thread/status/changed`, to every client."""

    state: ThreadState


@dataclass(frozen=True, slots=True)
class ThreadNameChanged(Event):
    """`thread/name/updated`."""

    name: str


@dataclass(frozen=True, slots=True)
class ThreadArchived(Event):
    """`thread/archived` and `thread/unarchived`."""

    is_archived: bool


@dataclass(frozen=True, slots=True)
class ThreadDeleted(Event):
    """`thread/deleted`."""


@dataclass(frozen=True, slots=True)
class ThreadClosed(Event):
    """`thread/closed`: the server unloaded it."""


@dataclass(frozen=True, slots=True)
class ThreadReverted(Event):
    """`thread/reverted`: turns were dropped from history; read it again."""


@dataclass(frozen=True, slots=True)
class HistoryLoaded(Event):
    """Turns read from the server (`thread/resume`, `thread/turns/list`), oldest first.

    `is_older` puts them before what is known; otherwise they are the newest page.
    """

    turns: tuple[RecordedTurn, ...]
    is_older: bool = False
    has_more: bool = False
    """Older turns are still on the server."""


@dataclass(frozen=True, slots=True)
class TurnStarted(Event):
    """`turn/started`."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class TurnCompleted(Event):
    """`turn/completed`. Late items may follow; they carry the turn's id."""

    turn: Turn


@dataclass(frozen=True, slots=True)
class ItemStarted(Event):
    """`item/started`."""

    item: Item


@dataclass(frozen=True, slots=True)
class ItemCompleted(Event):
    """`item/completed`: replaces what the deltas built."""

    item: Item


@dataclass(frozen=True, slots=True)
class TextAppended(Event):
    """A delta of a message, a plan, reasoning or command output (`item/…/delta`, `…Delta`)."""

    turn_id: TurnId
    item_id: ItemId
    kind: TextKind
    text: str
    index: int = 0
    """Which part of the reasoning it belongs to."""


@dataclass(frozen=True, slots=True)
class PatchesUpdated(Event):
    """`item/fileChange/patchUpdated`: the patch so far; may come before the item starts."""

    turn_id: TurnId
    item_id: ItemId
    patches: tuple[FilePatch, ...]


@dataclass(frozen=True, slots=True)
class TerminalTyped(Event):
    """`item/commandExecution/terminalInteraction`: the model typed into a running program."""

    turn_id: TurnId
    item_id: ItemId
    text: str


@dataclass(frozen=True, slots=True)
class TurnDiffChanged(Event):
    """`turn/diff/updated`; repeated with the same content after every later step."""

    turn_id: TurnId
    diff: str


@dataclass(frozen=True, slots=True)
class ChecklistChanged(Event):
    """`turn/plan/updated`: the agent's to-do list."""

    turn_id: TurnId
    explanation: str
    steps: tuple[ChecklistStep, ...]


@dataclass(frozen=True, slots=True)
class UsageChanged(Event):
    """`thread/tokenUsage/updated`."""

    turn_id: TurnId | None
    usage: TokenUsage


@dataclass(frozen=True, slots=True)
class SettingsChanged(Event):
    """`thread/settings/updated`, and the settings in replies to `thread/start` and `thread/resume`."""

    settings: SessionSettings


@dataclass(frozen=True, slots=True)
class ModelRerouted(Event):
    """`model/rerouted`: Codex uses another model than the one asked for."""

    turn_id: TurnId | None
    from_model: str
    to_model: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ApprovalRequested(Event):
    """A server request that waits for the user; replayed with the same id to whoever resumes the thread."""

    approval: Approval


@dataclass(frozen=True, slots=True)
class ApprovalResolved(Event):
    """`serverRequest/resolved`: answered here, in another window, or withdrawn."""

    request_id: RequestId


@dataclass(frozen=True, slots=True)
class ErrorReported(Event):
    """`error`. With `will_retry` it is progress; without, `turn/completed` (failed) follows with the same error."""

    turn_id: TurnId | None
    error: TurnError
    will_retry: bool


@dataclass(frozen=True, slots=True)
class NoticeReported(Event):
    """`warning`, `guardianWarning`, `deprecationNotice`, `configWarning`, `item/autoApprovalReview/completed`."""

    severity: Severity
    text: str
    detail: str = ""
    source: str = ""
    """The notification's method."""


@dataclass(frozen=True, slots=True)
class RateLimitsChanged(Event):
    """`account/rateLimits/updated`; fields that are None were not reported and change nothing."""

    limits: RateLimits


@dataclass(frozen=True, slots=True)
class AccountChanged(Event):
    """`account/updated`, `account/login/completed`: read the account again."""


@dataclass(frozen=True, slots=True)
class GoalChanged(Event):
    """`thread/goal/updated` and `thread/goal/cleared` (empty objective; it follows every resume without a goal)."""

    objective: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class QueueChanged(Event):
    """`thread/queue/changed`: list the queue again."""


@dataclass(frozen=True, slots=True)
class McpServerChanged(Event):
    """`mcpServer/startupStatus/updated`. `status` is `starting`, `ready` or `failed`."""

    name: str
    status: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class HookRan(Event):
    """`hook/completed`."""

    turn_id: TurnId | None
    run_id: str
    label: str
    detail: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class MessageQueued(Event):
    """Ours: a message left the composer; it shows as outgoing until Codex echoes it."""

    client_id: str
    text: str


@dataclass(frozen=True, slots=True)
class MessageFailed(Event):
    """Ours: a message could not be sent; its text is kept."""

    client_id: str
    error: str


@dataclass(frozen=True, slots=True)
class MessageTakenBack(Event):
    """Ours: a message that was not sent returned to the composer."""

    client_id: str


@dataclass(frozen=True, slots=True)
class AnswerGiven(Event):
    """Ours: this window answered a request; it stays listed until the server resolves it."""

    request_id: RequestId
    answer: Answer


@dataclass(frozen=True, slots=True)
class AnswerFailed(Event):
    """Ours: an answer could not be delivered; the request waits again."""

    request_id: RequestId


@dataclass(frozen=True, slots=True)
class ConnectionLost(Event):
    """Ours: the server is gone; every session says so until it is back."""

    cause: str


@dataclass(frozen=True, slots=True)
class ConnectionRestored(Event):
    """Ours: connected again; sessions are resumed next."""


@dataclass(frozen=True, slots=True)
class Ignored(Event):
    """A notification that is known and needs no reaction, such as `remoteControl/status/changed`."""

    method: str


@dataclass(frozen=True, slots=True)
class UnknownEvent(Event):
    """A notification this version does not know; logged, and shown where it carries an item."""

    method: str
    raw: str
    """The parameters' JSON text."""
