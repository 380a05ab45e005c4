"""Questions from Codex that wait for the user.

An approval is state, keyed by thread and JSON-RPC request id: nothing blocks on the answer, any window may give
it, and the server's own resolution clears it. Nothing is ever accepted by default.
Source: server requests of the app-server protocol.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from conductor_tui.domain.ids import ItemId, RequestId, ThreadId, TurnId


class Decision(StrEnum):
    """What the user decided."""

    ONCE = "once"
    SESSION = "session"
    """The same command, file or tool runs unasked for the rest of this session."""
    ALWAYS = "always"
    """Codex keeps the rule it proposed, for every session."""
    DECLINE = "decline"
    """The model is told; the turn goes on."""
    CANCEL = "cancel"
    """No, and the turn stops."""


class Approval(Struct, frozen=True):
    """What all approvals share."""

    request_id: RequestId
    thread_id: ThreadId
    turn_id: TurnId | None = None
    item_id: ItemId | None = None
    reason: str = ""

    @property
    def offered(self) -> tuple[Decision, ...]:
        """The decisions that make sense here, in the order they are shown."""
        return (Decision.ONCE, Decision.SESSION, Decision.DECLINE, Decision.CANCEL)


class CommandApproval(Approval, frozen=True):
    """May this command run? `kind` is `command` or `writeStdin` (typing into a running program)."""

    command: str = ""
    """Exactly what runs."""
    cwd: str = ""
    kind: str = "command"
    allowed_host: str = ""
    """The host that Codex offers to allow in its network rules for ever; empty when it offers none."""
    proposed_rule: tuple[str, ...] = ()
    """Words a command must start with to run unasked for ever, as Codex proposes; empty when it proposes none."""
    network_host: str = ""
    extra_permissions: str = ""
    """JSON text of permissions asked for this one command; empty when none."""

    @property
    def offered(self) -> tuple[Decision, ...]:
        if self.proposed_rule or self.allowed_host:
            return (Decision.ONCE, Decision.SESSION, Decision.ALWAYS, Decision.DECLINE, Decision.CANCEL)
        return (Decision.ONCE, Decision.SESSION, Decision.DECLINE, Decision.CANCEL)


class FileChangeApproval(Approval, frozen=True):
    """May these files change? The request carries no diff: it is in the item of the same id."""

    grant_root: str = ""


class PermissionsApproval(Approval, frozen=True):
    """May later commands have these permissions? Granted for the turn (ONCE) or the session."""

    permissions: str = ""
    """JSON text of what is asked, sent back unchanged when granted."""
    summary: tuple[str, ...] = ()
    """The same in words, one line each."""

    @property
    def offered(self) -> tuple[Decision, ...]:
        return (Decision.ONCE, Decision.SESSION, Decision.DECLINE)


class QuestionOption(Struct, frozen=True):
    """One answer the model offers."""

    label: str
    description: str = ""
    value: str = ""
    """What is sent for it, where that is not the label."""

    @property
    def sent(self) -> str:
        """What an answer holds when this one was chosen."""
        return self.value or self.label


class FieldRules(Struct, frozen=True):
    """What the schema of an MCP form asks of a field."""

    is_optional: bool = False
    minimum: float | None = None
    maximum: float | None = None
    min_length: int = 0
    max_length: int | None = None
    format: str = ""
    """`email`, `uri`, `date`, `date-time`; empty: any text."""


class Question(Struct, frozen=True):
    """One question of the model."""

    id: str
    text: str
    header: str = ""
    options: tuple[QuestionOption, ...] = ()
    allows_other: bool = False
    """Free text is welcome."""
    is_secret: bool = False
    kind: str = "string"
    """The JSON type the answer must have in an MCP form: `string`, `integer`, `number`, `boolean` or `array`."""
    rules: FieldRules = FieldRules()


class QuestionApproval(Approval, frozen=True):
    """The model asks the user something (`item/tool/requestUserInput`)."""

    questions: tuple[Question, ...] = ()
    auto_resolve_ms: int | None = None
    """After this long the client must answer by itself (0.144); None means it waits for ever."""

    @property
    def offered(self) -> tuple[Decision, ...]:
        return (Decision.ONCE, Decision.DECLINE)


class McpApproval(Approval, frozen=True):
    """An MCP tool wants to run (`is_tool_call`), or its server asks for input (form or URL)."""

    server: str = ""
    message: str = ""
    is_tool_call: bool = False
    tool: str = ""
    arguments: str = ""
    """JSON text of the tool's arguments."""
    url: str = ""
    questions: tuple[Question, ...] = ()
    """The form's fields; empty for tool calls."""
    persist: tuple[str, ...] = ()
    """How long a yes may last beyond this call: `session`, `always`."""

    @property
    def offered(self) -> tuple[Decision, ...]:
        lasting = [
            d for d, name in ((Decision.SESSION, "session"), (Decision.ALWAYS, "always")) if name in self.persist
        ]
        return (Decision.ONCE, *lasting, Decision.DECLINE, Decision.CANCEL)


def has_questions(approval: Approval) -> bool:
    """Whether a yes takes more than a yes: words, or a choice among options."""
    return isinstance(approval, (QuestionApproval, McpApproval)) and bool(approval.questions)


class Answer(Struct, frozen=True):
    """What goes back to Codex."""

    decision: Decision
    answers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """For questions and forms: question id and the texts given."""


class Decided(Struct, frozen=True):
    """One line of the log of decisions."""

    at: int
    """Seconds since 1970."""
    thread_id: str
    asked: str
    """What was asked, as it was shown: `run: pip install foo`."""
    answer: str
    """The decision's name."""
    words: str = ""
    """What the user said Codex should do instead."""


def asked_text(approval: Approval) -> str:
    """What an approval asks, in one line for the log; answers to questions are not in it, they may be secret."""
    match approval:
        case CommandApproval():
            return f"{'type' if approval.kind == 'writeStdin' else 'run'}: {approval.command}"
        case FileChangeApproval():
            return f"change files: {approval.reason or approval.item_id or ''}".strip()
        case PermissionsApproval():
            return f"permissions: {'; '.join(approval.summary)}"
        case QuestionApproval():
            return f"question: {'; '.join(q.text for q in approval.questions)}"
        case McpApproval():
            return f"{approval.server}: {approval.tool or approval.message or approval.url}"
    return "unknown"
