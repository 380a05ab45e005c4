"""What happened, decoded: the only thing that moves a session on.

Each event names the notification it comes from. Unknown notifications become `UnknownEvent`; nothing is dropped.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from conductor_tui.domain.approvals import Answer, Approval
from conductor_tui.domain.controls import RateLimits, SessionSettings
from conductor_tui.domain.goals import Goal
from conductor_tui.domain.ids import ItemId, RequestId, ThreadId, TurnId
from conductor_tui.domain.items import ChecklistStep, FilePatch, Item, Severity
from conductor_tui.domain.threads import QueuedMessage, ThreadState, ThreadSummary
from conductor_tui.domain.toolbox import McpServer
from conductor_tui.domain.turns import RecordedTurn, TokenUsage, Turn, TurnError


class TextKind(StrEnum):
    """Which text of an item grows."""

    MESSAGE = "message"
    PLAN = "plan"
    REASONING_SUMMARY = "reasoningSummary"
    REASONING_CONTENT = "reasoningContent"
    COMMAND_OUTPUT = "commandOutput"


class Event(Struct, frozen=True):
    """Something that happened on a server; `thread_id` is None when it concerns no single session."""

    thread_id: ThreadId | None


class ThreadStarted(Event, frozen=True):
    """`thread/started`, to every client."""

    thread: ThreadSummary


class ThreadAnswered(Event, frozen=True):
    """Ours: here, in the order of events, stands the answer that opens a thread; what follows is newer than it."""


class ThreadStatusChanged(Event, frozen=True):
    """`thread/status/changed`, to every client."""

    state: ThreadState


class ThreadNameChanged(Event, frozen=True):
    """`thread/name/updated`."""

    name: str


class ThreadArchived(Event, frozen=True):
    """`thread/archived` and `thread/unarchived`."""

    is_archived: bool


class ThreadDeleted(Event, frozen=True):
    """`thread/deleted`."""


class ThreadClosed(Event, frozen=True):
    """`thread/closed`: the server unloaded it."""


class ThreadReverted(Event, frozen=True):
    """`thread/reverted`: turns were dropped from history; read it again."""


class HistoryLoaded(Event, frozen=True):
    """Turns read from the server (`thread/resume`, `thread/turns/list`), oldest first.

    `is_older` puts them before what is known; otherwise they are the newest page.
    """

    turns: tuple[RecordedTurn, ...]
    is_older: bool = False
    has_more: bool = False
    """Older turns are still on the server."""


class TurnStarted(Event, frozen=True):
    """`turn/started`."""

    turn: Turn


class TurnCompleted(Event, frozen=True):
    """`turn/completed`. Late items may follow; they carry the turn's id."""

    turn: Turn


class ItemStarted(Event, frozen=True):
    """`item/started`."""

    item: Item


class ItemCompleted(Event, frozen=True):
    """`item/completed`: replaces what the deltas built."""

    item: Item


class TextAppended(Event, frozen=True):
    """A delta of a message, a plan, reasoning or command output (`item/…/delta`, `…Delta`)."""

    turn_id: TurnId
    item_id: ItemId
    kind: TextKind
    text: str
    index: int = 0
    """Which part of the reasoning it belongs to."""


class PatchesUpdated(Event, frozen=True):
    """`item/fileChange/patchUpdated`: the patch so far; may come before the item starts."""

    turn_id: TurnId
    item_id: ItemId
    patches: tuple[FilePatch, ...]


class TerminalTyped(Event, frozen=True):
    """`item/commandExecution/terminalInteraction`: the model typed into a running program."""

    turn_id: TurnId
    item_id: ItemId
    text: str


class TurnDiffChanged(Event, frozen=True):
    """`turn/diff/updated`; repeated with the same content after every later step."""

    turn_id: TurnId
    diff: str


class ChecklistChanged(Event, frozen=True):
    """`turn/plan/updated`: the agent's to-do list."""

    turn_id: TurnId
    explanation: str
    steps: tuple[ChecklistStep, ...]


class UsageChanged(Event, frozen=True):
    """`thread/tokenUsage/updated`."""

    turn_id: TurnId | None
    usage: TokenUsage


class SettingsChanged(Event, frozen=True):
    """`thread/settings/updated`, and the settings in replies to `thread/start` and `thread/resume`."""

    settings: SessionSettings


class ModelRerouted(Event, frozen=True):
    """`model/rerouted`: Codex uses another model than the one asked for."""

    turn_id: TurnId | None
    from_model: str
    to_model: str
    reason: str = ""


class ApprovalRequested(Event, frozen=True):
    """A server request that waits for the user; replayed with the same id to whoever resumes the thread."""

    approval: Approval


class ApprovalResolved(Event, frozen=True):
    """`serverRequest/resolved`: answered here, in another window, or withdrawn."""

    request_id: RequestId


class ErrorReported(Event, frozen=True):
    """`error`. With `will_retry` it is progress; without, `turn/completed` (failed) follows with the same error."""

    turn_id: TurnId | None
    error: TurnError
    will_retry: bool


class NoticeReported(Event, frozen=True):
    """`warning`, `guardianWarning`, `deprecationNotice`, `configWarning`, `item/autoApprovalReview/completed`."""

    severity: Severity
    text: str
    detail: str = ""
    source: str = ""
    """The notification's method."""


class RateLimitsChanged(Event, frozen=True):
    """`account/rateLimits/updated`; fields that are None were not reported and change nothing."""

    limits: RateLimits


class AccountChanged(Event, frozen=True):
    """`account/updated`: read the account again."""


class SignInEnded(Event, frozen=True):
    """`account/login/completed`: a sign-in worked, failed or was cancelled."""

    login_id: str | None = None
    """None for an API key."""
    error: str = ""
    """Why it failed; empty when it worked."""


class GoalChanged(Event, frozen=True):
    """`thread/goal/updated` and `thread/goal/cleared` (None; it follows every resume without a goal)."""

    goal: Goal | None = None


class SkillsChanged(Event, frozen=True):
    """`skills/changed`: list the skills again."""


class QueueChanged(Event, frozen=True):
    """`thread/queue/changed`: list the queue again."""


class QueueListed(Event, frozen=True):
    """Ours: what the queue holds now."""

    queued: tuple[QueuedMessage, ...]


class McpServerChanged(Event, frozen=True):
    """`mcpServer/startupStatus/updated`; a server's tools are not in it."""

    server: McpServer


class McpSignInEnded(Event, frozen=True):
    """`mcpServer/oauthLogin/completed`."""

    name: str
    error: str = ""
    """Why it failed; empty when it worked."""


class HookRan(Event, frozen=True):
    """`hook/completed`."""

    turn_id: TurnId | None
    run_id: str
    label: str
    detail: str = ""
    status: str = ""


class MessageQueued(Event, frozen=True):
    """Ours: a message left the composer; it shows as outgoing until Codex echoes it."""

    client_id: str
    text: str


class MessageWaits(Event, frozen=True):
    """Ours: a message is held here until something has passed; `reason` says what, empty for what is soon over."""

    client_id: str
    reason: str = ""


class MessageTaken(Event, frozen=True):
    """Ours: Codex took a message and has not shown it in the session yet; `is_steer`: for a turn that ran already."""

    client_id: str
    turn_id: TurnId
    is_steer: bool


class MessageFailed(Event, frozen=True):
    """Ours: a message could not be sent; its text is kept."""

    client_id: str
    error: str


class MessageTakenBack(Event, frozen=True):
    """Ours: a message that was not sent returned to the composer."""

    client_id: str


class AnswerGiven(Event, frozen=True):
    """Ours: this window answered a request; it stays listed until the server resolves it."""

    request_id: RequestId
    answer: Answer


class AnswerFailed(Event, frozen=True):
    """Ours: an answer could not be delivered; the request waits again."""

    request_id: RequestId


class ConnectionLost(Event, frozen=True):
    """Ours: the server is gone; every session says so until it is back."""

    cause: str


class ConnectionRestored(Event, frozen=True):
    """Ours: connected again; sessions are resumed next."""


class Ignored(Event, frozen=True):
    """A notification that is known and needs no reaction, such as `remoteControl/status/changed`."""

    method: str


class UnknownEvent(Event, frozen=True):
    """A notification this version does not know; logged, and shown where it carries an item."""

    method: str
    raw: str
    """The parameters' JSON text."""
