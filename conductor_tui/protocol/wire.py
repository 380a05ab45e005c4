"""The wire's shapes, as far as they are read. Every field is optional and unknown fields are ignored.

Enum values stay strings: new ones appear with new Codex versions. Items and turns stay raw until they are needed.
Names are those of the schema; `wire` structs are decoded from camelCase.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Wire(msgspec.Struct, rename="camel"):
    """Base of all shapes."""


class Tagged(Wire):
    """Anything that names its kind."""

    type: str = ""


# Items


class ItemHead(Wire):
    type: str = ""
    id: str = ""


class UserInput(Wire):
    type: str = ""
    text: str | None = None
    path: str | None = None
    name: str | None = None
    url: str | None = None


class UserMessageItem(Wire):
    client_id: str | None = None
    content: list[UserInput] | None = None


class AsyncQuestion(Wire):
    title: str = ""
    options: list[str] | None = None


class AgentMessageItem(Wire):
    text: str | None = None
    phase: str | None = None
    questions: list[AsyncQuestion] | None = None


class TextItem(Wire):
    """`plan`."""

    text: str | None = None


class ReasoningItem(Wire):
    summary: list[str] | None = None
    content: list[str] | None = None


class CommandAction(Wire):
    type: str = ""
    command: str | None = None


class CommandItem(Wire):
    command: str | None = None
    cwd: str | None = None
    process_id: str | None = None
    source: str | None = None
    status: str | None = None
    command_actions: list[CommandAction] | None = None
    aggregated_output: str | None = None
    exit_code: int | None = None
    duration_ms: int | None = None


class PatchKind(Wire):
    type: str = ""
    move_path: str | None = msgspec.field(default=None, name="move_path")


class FilePatch(Wire):
    path: str = ""
    kind: PatchKind | None = None
    diff: str | None = None


class FileChangeItem(Wire):
    changes: list[FilePatch] | None = None
    status: str | None = None


class ToolError(Wire):
    message: str | None = None


class McpToolCallItem(Wire):
    server: str | None = None
    tool: str | None = None
    status: str | None = None
    arguments: Any = None
    result: Any = None
    error: ToolError | None = None
    duration_ms: int | None = None


class DynamicToolCallItem(Wire):
    namespace: str | None = None
    tool: str | None = None
    status: str | None = None
    arguments: Any = None
    content_items: list[dict[str, Any]] | None = None
    duration_ms: int | None = None


class SearchAction(Wire):
    type: str = ""
    query: str | None = None
    queries: list[str] | None = None
    url: str | None = None
    pattern: str | None = None


class WebSearchItem(Wire):
    query: str | None = None
    action: SearchAction | None = None


class SubAgentItem(Wire):
    kind: str | None = None
    agent_thread_id: str | None = None
    agent_path: str | None = None


class CollabItem(Wire):
    tool: str | None = None
    status: str | None = None
    prompt: str | None = None
    receiver_thread_ids: list[str] | None = None


class ReviewItem(Wire):
    review: str | None = None


class PathItem(Wire):
    """`imageView`."""

    path: str | None = None


class SleepItem(Wire):
    duration_ms: int | None = None


class HookFragment(Wire):
    text: str | None = None


class HookPromptItem(Wire):
    fragments: list[HookFragment] | None = None


# Threads and turns


class ErrorBody(Wire):
    message: str | None = None
    codex_error_info: Any = None
    additional_details: str | None = None


class TurnBody(Wire):
    id: str = ""
    status: str | None = None
    items: list[msgspec.Raw] | None = None
    error: ErrorBody | None = None
    started_at: float | None = None
    duration_ms: int | None = None


class StatusBody(Wire):
    type: str = ""
    active_flags: list[str] | None = None


class GitBody(Wire):
    branch: str | None = None


class ThreadBody(Wire):
    id: str = ""
    name: str | None = None
    preview: str | None = None
    cwd: str | None = None
    model: str | None = None
    status: StatusBody | None = None
    git_info: GitBody | None = None
    updated_at: int | None = None
    recency_at: int | None = None
    parent_thread_id: str | None = None
    cli_version: str | None = None


class SandboxBody(Wire):
    type: str = ""
    network_access: bool | str | None = None
    writable_roots: list[str] | None = None
    exclude_tmpdir_env_var: bool | None = None
    exclude_slash_tmp: bool | None = None


class ModeBody(Wire):
    mode: str | None = None


class ProfileId(Wire):
    id: str | None = None


class SettingsBody(Wire):
    model: str | None = None
    model_provider: str | None = None
    effort: str | None = None
    service_tier: str | None = None
    approval_policy: Any = None
    sandbox_policy: SandboxBody | None = None
    active_permission_profile: ProfileId | None = None
    collaboration_mode: ModeBody | None = None
    personality: str | None = None
    cwd: str | None = None


class TurnsPage(Wire):
    data: list[TurnBody] | None = None
    next_cursor: str | None = None
    backwards_cursor: str | None = None


class OpenedBody(Wire):
    """Replies to `thread/start` and `thread/resume`."""

    thread: ThreadBody | None = None
    model: str | None = None
    model_provider: str | None = None
    reasoning_effort: str | None = None
    service_tier: str | None = None
    approval_policy: Any = None
    sandbox: SandboxBody | None = None
    active_permission_profile: ProfileId | None = None
    collaboration_mode: ModeBody | None = None
    cwd: str | None = None
    initial_turns_page: TurnsPage | None = None
    turns_backwards_cursor: str | None = None


# Notifications


class OnThread(Wire):
    """The part all notifications of a session share."""

    thread_id: str | None = None
    turn_id: str | None = None


class ThreadStarted(Wire):
    thread: ThreadBody | None = None


class ThreadStatus(OnThread):
    status: StatusBody | None = None


class ThreadName(OnThread):
    thread_name: str | None = None


class TurnNote(OnThread):
    """`turn/started`, `turn/completed`."""

    turn: TurnBody | None = None


class ItemNote(OnThread):
    """`item/started`, `item/completed`."""

    item: msgspec.Raw = msgspec.Raw(b"{}")


class Delta(OnThread):
    item_id: str = ""
    delta: str = ""
    summary_index: int | None = None
    content_index: int | None = None


class SummaryPart(OnThread):
    item_id: str = ""
    summary_index: int | None = None


class PatchNote(OnThread):
    item_id: str = ""
    changes: list[FilePatch] | None = None


class TypedNote(OnThread):
    item_id: str = ""
    stdin: str | None = None


class DiffNote(OnThread):
    diff: str | None = None


class PlanStep(Wire):
    step: str | None = None
    status: str | None = None


class PlanNote(OnThread):
    explanation: str | None = None
    plan: list[PlanStep] | None = None


class UsageBody(Wire):
    total_tokens: int | None = None
    input_tokens: int | None = None
    cached_input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_output_tokens: int | None = None


class UsageTotals(Wire):
    total: UsageBody | None = None
    last: UsageBody | None = None
    model_context_window: int | None = None


class UsageNote(OnThread):
    token_usage: UsageTotals | None = None


class SettingsNote(OnThread):
    thread_settings: SettingsBody | None = None


class RerouteNote(OnThread):
    from_model: str | None = None
    to_model: str | None = None
    reason: Any = None


class ResolvedNote(OnThread):
    request_id: int | str | None = None


class ErrorNote(OnThread):
    error: ErrorBody | None = None
    will_retry: bool | None = None


class WarningNote(OnThread):
    """`warning`, `guardianWarning`."""

    message: str | None = None


class Position(Wire):
    line: int | None = None
    column: int | None = None


class Span(Wire):
    start: Position | None = None


class SummaryNote(Wire):
    """`deprecationNotice`, `configWarning`."""

    summary: str | None = None
    details: str | None = None
    path: str | None = None
    range: Span | None = None


class ReviewVerdict(Wire):
    status: str | None = None
    risk_level: str | None = None
    rationale: str | None = None


class AutoReviewNote(OnThread):
    review: ReviewVerdict | None = None


class LimitBody(Wire):
    used_percent: float | None = None
    window_duration_mins: int | None = None
    resets_at: int | None = None


class LimitsBody(Wire):
    primary: LimitBody | None = None
    secondary: LimitBody | None = None
    plan_type: str | None = None


class LimitsNote(Wire):
    """`account/rateLimits/updated`, and the reply to `account/rateLimits/read`."""

    rate_limits: LimitsBody | None = None


class GoalBody(Wire):
    objective: str | None = None
    status: str | None = None


class GoalNote(OnThread):
    goal: GoalBody | None = None


class McpStatusNote(OnThread):
    name: str | None = None
    status: str | None = None
    error: str | None = None


class HookEntry(Wire):
    kind: str | None = None
    text: str | None = None


class HookRun(Wire):
    id: str = ""
    event_name: str | None = None
    status: str | None = None
    status_message: str | None = None
    entries: list[HookEntry] | None = None


class HookNote(OnThread):
    run: HookRun | None = None


# Server requests


class NetworkContext(Wire):
    host: str | None = None


class CommandRequest(OnThread):
    item_id: str | None = None
    kind: str | None = None
    reason: str | None = None
    command: str | None = None
    cwd: str | None = None
    proposed_execpolicy_amendment: list[str] | None = None
    network_approval_context: NetworkContext | None = None
    additional_permissions: Any = None


class FileRequest(OnThread):
    item_id: str | None = None
    reason: str | None = None
    grant_root: str | None = None


class PermissionsRequest(OnThread):
    item_id: str | None = None
    reason: str | None = None
    permissions: Any = None


class OptionBody(Wire):
    label: str | None = None
    description: str | None = None


class QuestionBody(Wire):
    id: str = ""
    header: str | None = None
    question: str | None = None
    is_other: bool | None = None
    is_secret: bool | None = None
    options: list[OptionBody] | None = None


class InputRequest(OnThread):
    item_id: str | None = None
    questions: list[QuestionBody] | None = None
    auto_resolution_ms: int | None = None


class ElicitationRequest(OnThread):
    server_name: str | None = None
    mode: str | None = None
    message: str | None = None
    url: str | None = None
    title: str | None = None
    description: str | None = None
    requested_schema: Any = None
    meta: Any = msgspec.field(default=None, name="_meta")


# Replies


class TurnReply(Wire):
    turn: TurnBody | None = None


class ThreadPage(Wire):
    data: list[ThreadBody] | None = None
    next_cursor: str | None = None


class EffortBody(Wire):
    reasoning_effort: str = ""
    description: str | None = None


class TierBody(Wire):
    id: str = ""
    name: str | None = None
    description: str | None = None


class ModelBody(Wire):
    id: str = ""
    model: str | None = None
    display_name: str | None = None
    description: str | None = None
    is_default: bool | None = None
    hidden: bool | None = None
    supported_reasoning_efforts: list[EffortBody] | None = None
    default_reasoning_effort: str | None = None
    service_tiers: list[TierBody] | None = None
    input_modalities: list[str] | None = None
    supports_personality: bool | None = None
    upgrade: str | None = None


class ModelPage(Wire):
    data: list[ModelBody] | None = None
    next_cursor: str | None = None


class ProfileBody(Wire):
    id: str = ""
    description: str | None = None
    allowed: bool | None = None


class ProfilePage(Wire):
    data: list[ProfileBody] | None = None
    next_cursor: str | None = None


class AccountBody(Wire):
    type: str | None = None
    email: str | None = None
    plan_type: str | None = None


class AccountReply(Wire):
    account: AccountBody | None = None
    requires_openai_auth: bool | None = None


class TerminalBody(Wire):
    process_id: str | None = None


class TerminalPage(Wire):
    data: list[TerminalBody] | None = None


class InitializeReply(Wire):
    user_agent: str | None = None
    codex_home: str | None = None
