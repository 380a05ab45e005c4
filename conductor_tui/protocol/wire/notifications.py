"""Parameters of notifications."""

from __future__ import annotations

from typing import Any

import msgspec

from conductor_tui.protocol.wire.base import Wire
from conductor_tui.protocol.wire.items import FilePatchBody
from conductor_tui.protocol.wire.threads import ErrorBody, SettingsBody, StatusBody, ThreadBody, TurnBody


class OnThread(Wire):
    """The part all notifications of a session share."""

    thread_id: str | None = None
    turn_id: str | None = None


class ThreadStartedParams(Wire):
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
    changes: list[FilePatchBody] | None = None


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


class LoginNote(Wire):
    """`account/login/completed`."""

    login_id: str | None = None
    success: bool | None = None
    error: str | None = None


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


class CreditsBody(Wire):
    has_credits: bool | None = None
    unlimited: bool | None = None
    balance: str | None = None


class LimitsBody(Wire):
    primary: LimitBody | None = None
    secondary: LimitBody | None = None
    credits: CreditsBody | None = None
    plan_type: str | None = None


class LimitsNote(Wire):
    """`account/rateLimits/updated`, and the reply to `account/rateLimits/read`."""

    rate_limits: LimitsBody | None = None


class GoalBody(Wire):
    objective: str | None = None
    status: str | None = None
    tokens_used: int | None = None
    token_budget: int | None = None
    time_used_seconds: int | None = None


class GoalNote(OnThread):
    goal: GoalBody | None = None


class McpStatusNote(OnThread):
    name: str | None = None
    status: str | None = None
    error: str | None = None
    failure_reason: str | None = None


class McpLoginNote(OnThread):
    """`mcpServer/oauthLogin/completed`."""

    name: str | None = None
    success: bool | None = None
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
