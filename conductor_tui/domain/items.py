"""The parts of a turn, as the transcript shows them.

Every item is frozen: a change makes a new object, so a view may cache by identity. Items that are still being
written hold what has arrived so far; the completed item from Codex replaces what the deltas built.
Source: `ThreadItem` of the app-server protocol.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from conductor_tui.domain.ids import ItemId, ItemKey, ThreadId, TurnId


class ItemStatus(StrEnum):
    """How far an item has come. INTERRUPTED is ours: Codex never completes such items."""

    IN_PROGRESS = "inProgress"
    COMPLETED = "completed"
    FAILED = "failed"
    DECLINED = "declined"
    INTERRUPTED = "interrupted"


class PatchKind(StrEnum):
    """What a patch does to one file."""

    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


class Severity(StrEnum):
    """How loud a notice is."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Item(Struct, frozen=True):
    """One part of a turn."""

    id: ItemId
    turn_id: TurnId
    status: ItemStatus = ItemStatus.COMPLETED

    @property
    def key(self) -> ItemKey:
        """Where the projection keeps this item."""
        return ItemKey(self.turn_id, self.id)

    @property
    def is_open(self) -> bool:
        """Whether more of this item may still arrive."""
        return self.status is ItemStatus.IN_PROGRESS


class UserMessage(Item, frozen=True):
    """What the user sent: as a prompt, by steering or from the queue."""

    text: str = ""
    attachments: tuple[str, ...] = ()
    """Images, mentions and skills, each as one readable line."""
    client_id: str | None = None
    """The id we gave the message when we sent it (`clientUserMessageId`)."""


class AgentMessage(Item, frozen=True):
    """Markdown written by the model."""

    text: str = ""
    is_commentary: bool = False
    """Written along the way; the final answer is not."""
    questions: tuple[str, ...] = ()
    """Asked without waiting; an ordinary message answers them."""


class Reasoning(Item, frozen=True):
    """Summaries of the model's reasoning; raw text only where Codex is set up to show it."""

    summary: tuple[str, ...] = ()
    content: tuple[str, ...] = ()


class PlanText(Item, frozen=True):
    """A proposed plan (Plan Mode), as Markdown."""

    text: str = ""


class CommandRun(Item, frozen=True):
    """A command that the agent or the user (`!`) ran."""

    command: str = ""
    """What a person would have typed: the shell wrapper is taken off."""
    raw_command: str = ""
    """Exactly what runs, quoted as Codex gives it."""
    cwd: str = ""
    output: str = ""
    """stdout and stderr together. Live output may lack pieces; the completed item's output is whole up to 1 MiB."""
    exit_code: int | None = None
    duration_ms: int | None = None
    process_id: str | None = None
    is_user_shell: bool = False
    typed: tuple[str, ...] = ()
    """What the model typed into the running program."""


class FilePatch(Struct, frozen=True):
    """What a patch does to one file.

    `diff` is the whole new content for ADD, the whole old content for DELETE, and hunks that start with
    `@@ -1,2 +1,2 @@` for UPDATE.
    """

    path: str
    kind: PatchKind
    diff: str
    moved_to: str | None = None


class FileChange(Item, frozen=True):
    """A patch to one or more files. While it waits for approval its status is in progress."""

    patches: tuple[FilePatch, ...] = ()


class ToolCall(Item, frozen=True):
    """A call of an MCP or client-side tool."""

    server: str = ""
    tool: str = ""
    arguments: str = ""
    """JSON text."""
    result: str = ""
    error: str = ""
    duration_ms: int | None = None


class WebSearch(Item, frozen=True):
    """A web search, an opened page or a search within one."""

    action: str = "search"
    detail: str = ""
    """The query, or the address."""


class SubAgentActivity(Item, frozen=True):
    """Something a sub-agent did, or what the agent asked of it."""

    action: str = ""
    agent: str = ""
    agent_thread_id: ThreadId | None = None
    detail: str = ""


class ReviewMark(Item, frozen=True):
    """Codex entered (`is_start`) or left review mode; on leaving `text` is the review."""

    is_start: bool = True
    text: str = ""


class Compaction(Item, frozen=True):
    """The conversation so far was summarised to make room."""


class ChecklistStep(Struct, frozen=True):
    """One step of the to-do list; `status` is `pending`, `inProgress` or `completed`."""

    text: str
    status: str


class Checklist(Item, frozen=True):
    """The agent's to-do list (`turn/plan/updated`); one per turn, made by the projection."""

    explanation: str = ""
    steps: tuple[ChecklistStep, ...] = ()


class Activity(Item, frozen=True):
    """A small thing with nothing to open: an image looked at, a pause, a hook."""

    label: str = ""
    detail: str = ""


class Notice(Item, frozen=True):
    """A warning, an error or a remark, from Codex or from us."""

    severity: Severity = Severity.INFO
    text: str = ""
    detail: str = ""
    steps: tuple[str, ...] = ()
    """What the user can do about it."""


class UnknownItem(Item, frozen=True):
    """An item this version does not know: shown plainly, never dropped."""

    kind: str = ""
    raw: str = ""
    """Its JSON text."""
