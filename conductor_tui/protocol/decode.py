"""What the server says by itself, decoded into events. Never raises on content: what is not understood is kept raw."""

from __future__ import annotations

import logging
from collections.abc import Callable

import msgspec

from conductor_tui.domain import events as ev
from conductor_tui.domain.controls import Credits, LimitWindow, RateLimits
from conductor_tui.domain.goals import Goal, GoalStatus
from conductor_tui.domain.ids import ItemId, ThreadId, TurnId
from conductor_tui.domain.items import ChecklistStep, Severity
from conductor_tui.domain.toolbox import McpServer, McpState
from conductor_tui.domain.turns import TokenUsage, TurnError
from conductor_tui.protocol import decode_items as di
from conductor_tui.protocol import wire
from conductor_tui.protocol.decode_approvals import approval
from conductor_tui.protocol.decode_items import read
from conductor_tui.protocol.rpc import RpcMessage

log = logging.getLogger(__name__)

_message = msgspec.json.Decoder(RpcMessage)


def decode_line(data: bytes) -> ev.Event | None:
    """The event of one recorded message; None for answers to requests and for requests that are not the user's."""
    message = _message.decode(data)
    return decode(message) if message.method is not None else None


def decode(message: RpcMessage) -> ev.Event | None:
    """The event of a notification or a server request; None for a request that is not the user's to answer."""
    method = message.method or ""
    try:
        if message.id is not None:
            asked = approval(method, message.id, message.params)
            return ev.ApprovalRequested(asked.thread_id, asked) if asked else None
        maker = _MAKERS.get(method)
        if maker is not None:
            return maker(method, message.params)
        if method in IGNORED:
            return ev.Ignored(None, method)
    except Exception:  # the decode border
        log.warning("cannot decode %s: %.500s", method, bytes(message.params), exc_info=True)
        if message.id is not None:
            raise  # the caller refuses a request that it cannot show
    return ev.UnknownEvent(_thread_of(message.params), method, bytes(message.params).decode("utf-8", "replace"))


def _thread_of(raw: msgspec.Raw) -> ThreadId | None:
    try:
        thread_id = read(raw, wire.OnThread).thread_id
    except msgspec.DecodeError:
        return None
    return ThreadId(thread_id) if thread_id else None


def _thread(body: wire.OnThread) -> ThreadId | None:
    return ThreadId(body.thread_id) if body.thread_id else None


def _turn(body: wire.OnThread) -> TurnId | None:
    return TurnId(body.turn_id) if body.turn_id else None


def _thread_started(method: str, raw: msgspec.Raw) -> ev.Event:
    made = di.thread(read(raw, wire.ThreadStartedParams).thread or wire.ThreadBody())
    return ev.ThreadStarted(made.id, made)


def _thread_status(method: str, raw: msgspec.Raw) -> ev.Event:
    body = read(raw, wire.ThreadStatus)
    return ev.ThreadStatusChanged(_thread(body), di.state(body.status))


def _thread_name(method: str, raw: msgspec.Raw) -> ev.Event:
    body = read(raw, wire.ThreadName)
    return ev.ThreadNameChanged(_thread(body), body.thread_name or "")


def _archived(method: str, raw: msgspec.Raw) -> ev.Event:
    return ev.ThreadArchived(_thread(read(raw, wire.OnThread)), is_archived=method == "thread/archived")


def _plain(make: Callable[[ThreadId | None], ev.Event]) -> Callable[[str, msgspec.Raw], ev.Event]:
    return lambda method, raw: make(_thread(read(raw, wire.OnThread)))


def _turn_started(method: str, raw: msgspec.Raw) -> ev.Event:
    body = read(raw, wire.TurnNote)
    return ev.TurnStarted(_thread(body), di.turn(body.turn or wire.TurnBody(status="inProgress")))


def _turn_completed(method: str, raw: msgspec.Raw) -> ev.Event:
    body = read(raw, wire.TurnNote)
    return ev.TurnCompleted(_thread(body), di.turn(body.turn or wire.TurnBody()))


def _item_started(method: str, raw: msgspec.Raw) -> ev.Event:
    body = read(raw, wire.ItemNote)
    return ev.ItemStarted(_thread(body), di.item(body.item, TurnId(body.turn_id or ""), is_open=True))


def _item_completed(method: str, raw: msgspec.Raw) -> ev.Event:
    body = read(raw, wire.ItemNote)
    return ev.ItemCompleted(_thread(body), di.item(body.item, TurnId(body.turn_id or ""), is_open=False))


_DELTAS = {
    "item/agentMessage/delta": ev.TextKind.MESSAGE,
    "item/plan/delta": ev.TextKind.PLAN,
    "item/reasoning/summaryTextDelta": ev.TextKind.REASONING_SUMMARY,
    "item/reasoning/textDelta": ev.TextKind.REASONING_CONTENT,
    "item/commandExecution/outputDelta": ev.TextKind.COMMAND_OUTPUT,
}


def _delta(method: str, raw: msgspec.Raw) -> ev.Event:
    body = read(raw, wire.Delta)
    index = body.summary_index if body.summary_index is not None else body.content_index or 0
    turn_id, item_id = TurnId(body.turn_id or ""), ItemId(body.item_id)
    return ev.TextAppended(_thread(body), turn_id, item_id, _DELTAS[method], body.delta, index)


def _summary_part(method: str, raw: msgspec.Raw) -> ev.Event:
    body = read(raw, wire.SummaryPart)
    turn_id, item_id = TurnId(body.turn_id or ""), ItemId(body.item_id)
    kind = ev.TextKind.REASONING_SUMMARY
    return ev.TextAppended(_thread(body), turn_id, item_id, kind, "", body.summary_index or 0)


def _patches(method: str, raw: msgspec.Raw) -> ev.Event:
    body = read(raw, wire.PatchNote)
    return ev.PatchesUpdated(_thread(body), TurnId(body.turn_id or ""), ItemId(body.item_id), di.patches(body.changes))


def _typed(method: str, raw: msgspec.Raw) -> ev.Event:
    body = read(raw, wire.TypedNote)
    return ev.TerminalTyped(_thread(body), TurnId(body.turn_id or ""), ItemId(body.item_id), body.stdin or "")


def _diff(method: str, raw: msgspec.Raw) -> ev.Event:
    body = read(raw, wire.DiffNote)
    return ev.TurnDiffChanged(_thread(body), TurnId(body.turn_id or ""), body.diff or "")


def _checklist(method: str, raw: msgspec.Raw) -> ev.Event:
    body = read(raw, wire.PlanNote)
    steps = tuple(ChecklistStep(s.step or "", s.status or "pending") for s in body.plan or [])
    return ev.ChecklistChanged(_thread(body), TurnId(body.turn_id or ""), body.explanation or "", steps)


def _usage(method: str, raw: msgspec.Raw) -> ev.Event:
    body = read(raw, wire.UsageNote)
    totals = body.token_usage or wire.UsageTotals()
    total, last = totals.total or wire.UsageBody(), totals.last or wire.UsageBody()
    usage = TokenUsage(
        total=total.total_tokens or 0,
        input=total.input_tokens or 0,
        cached_input=total.cached_input_tokens or 0,
        output=total.output_tokens or 0,
        reasoning_output=total.reasoning_output_tokens or 0,
        last_total=last.total_tokens or 0,
        context_window=totals.model_context_window,
    )
    return ev.UsageChanged(_thread(body), _turn(body), usage)


def _settings(method: str, raw: msgspec.Raw) -> ev.Event:
    body = read(raw, wire.SettingsNote)
    return ev.SettingsChanged(_thread(body), di.settings(body.thread_settings or wire.SettingsBody()))


def _rerouted(method: str, raw: msgspec.Raw) -> ev.Event:
    body = read(raw, wire.RerouteNote)
    reason = body.reason if isinstance(body.reason, str) else di.compact_json(body.reason)
    return ev.ModelRerouted(_thread(body), _turn(body), body.from_model or "", body.to_model or "", reason)


def _resolved(method: str, raw: msgspec.Raw) -> ev.Event:
    body = read(raw, wire.ResolvedNote)
    return ev.ApprovalResolved(_thread(body), body.request_id if body.request_id is not None else "")


def _error(method: str, raw: msgspec.Raw) -> ev.Event:
    body = read(raw, wire.ErrorNote)
    error = di.error(body.error) or TurnError("Codex reported an error without a message")
    return ev.ErrorReported(_thread(body), _turn(body), error, bool(body.will_retry))


def _warning(method: str, raw: msgspec.Raw) -> ev.Event:
    body = read(raw, wire.WarningNote)
    return ev.NoticeReported(_thread(body), Severity.WARNING, body.message or method, source=method)


def _config_warning(method: str, raw: msgspec.Raw) -> ev.Event:
    body = read(raw, wire.SummaryNote)
    detail = body.details or ""
    if body.path and body.path not in detail:
        start = body.range.start if body.range else None
        line = f":{start.line}" if start and start.line is not None else ""
        detail = f"{body.path}{line}: {detail}" if detail else f"{body.path}{line}"
    # Sessions cannot open with a configuration that is not valid; all else is a remark on the set-up.
    is_broken = body.path or (body.summary or "").startswith("Invalid configuration")
    severity = Severity.ERROR if is_broken else Severity.WARNING
    return ev.NoticeReported(None, severity, body.summary or method, detail, source=method)


def _deprecation(method: str, raw: msgspec.Raw) -> ev.Event:
    """For whoever maintains a client, not for the user: kept out of sight."""
    body = read(raw, wire.SummaryNote)
    return ev.NoticeReported(None, Severity.INFO, body.summary or method, body.details or "", source=method)


def _auto_review(method: str, raw: msgspec.Raw) -> ev.Event:
    body = read(raw, wire.AutoReviewNote)
    verdict = body.review or wire.ReviewVerdict()
    risk = f" (risk: {verdict.risk_level})" if verdict.risk_level else ""
    text = f"Automatic approval review: {verdict.status or 'done'}{risk}"
    return ev.NoticeReported(_thread(body), Severity.INFO, text, verdict.rationale or "", source=method)


def limits(body: wire.LimitsBody | None) -> RateLimits:
    """`RateLimitSnapshot`; windows without a percentage were not reported."""
    body = body or wire.LimitsBody()
    said = body.credits
    credits = Credits(bool(said.has_credits), bool(said.unlimited), said.balance or "") if said else None
    return RateLimits(_window(body.primary), _window(body.secondary), credits, body.plan_type)


def _window(body: wire.LimitBody | None) -> LimitWindow | None:
    if body is None or body.used_percent is None:
        return None
    return LimitWindow(round(body.used_percent), body.window_duration_mins, body.resets_at)


def _limits(method: str, raw: msgspec.Raw) -> ev.Event:
    return ev.RateLimitsChanged(None, limits(read(raw, wire.LimitsNote).rate_limits))


def _account(method: str, raw: msgspec.Raw) -> ev.Event:
    return ev.AccountChanged(None)


def _signed_in(method: str, raw: msgspec.Raw) -> ev.Event:
    body = read(raw, wire.LoginNote)
    failed = "the sign-in did not work" if body.success is False else ""
    return ev.SignInEnded(None, body.login_id, body.error or failed)


_GOAL_STATES = frozenset(GoalStatus)


def _goal(method: str, raw: msgspec.Raw) -> ev.Event:
    note = read(raw, wire.GoalNote)
    body = note.goal
    if body is None or not body.objective:
        return ev.GoalChanged(_thread(note), None)
    status = GoalStatus(body.status) if body.status in _GOAL_STATES else GoalStatus.UNKNOWN
    goal = Goal(body.objective, status, body.tokens_used or 0, body.token_budget, body.time_used_seconds or 0)
    return ev.GoalChanged(_thread(note), goal)


_MCP_STATES = {"starting": McpState.STARTING, "ready": McpState.READY, "failed": McpState.FAILED}


def _mcp_status(method: str, raw: msgspec.Raw) -> ev.Event:
    body = read(raw, wire.McpStatusNote)
    state = _MCP_STATES.get(body.status or "", McpState.UNKNOWN)
    if state is McpState.FAILED and body.failure_reason == "reauthenticationRequired":
        state = McpState.NEEDS_SIGN_IN
    return ev.McpServerChanged(_thread(body), McpServer(body.name or "", state, body.error or ""))


def _mcp_signed_in(method: str, raw: msgspec.Raw) -> ev.Event:
    body = read(raw, wire.McpLoginNote)
    failed = "the sign-in did not work" if body.success is False else ""
    return ev.McpSignInEnded(None, body.name or "", body.error or failed)


def _hook(method: str, raw: msgspec.Raw) -> ev.Event:
    body = read(raw, wire.HookNote)
    run = body.run or wire.HookRun()
    detail = "\n".join(e.text for e in run.entries or [] if e.text) or run.status_message or ""
    return ev.HookRan(
        _thread(body), _turn(body), run.id, f"hook {run.event_name or ''}".strip(), detail, run.status or ""
    )


_MAKERS: dict[str, Callable[[str, msgspec.Raw], ev.Event]] = {
    "thread/started": _thread_started,
    "thread/status/changed": _thread_status,
    "thread/name/updated": _thread_name,
    "thread/archived": _archived,
    "thread/unarchived": _archived,
    "thread/deleted": _plain(ev.ThreadDeleted),
    "thread/closed": _plain(ev.ThreadClosed),
    "thread/reverted": _plain(ev.ThreadReverted),
    "thread/queue/changed": _plain(ev.QueueChanged),
    "thread/goal/updated": _goal,
    "thread/goal/cleared": _goal,
    "thread/settings/updated": _settings,
    "thread/tokenUsage/updated": _usage,
    "turn/started": _turn_started,
    "turn/completed": _turn_completed,
    "turn/diff/updated": _diff,
    "turn/plan/updated": _checklist,
    "item/started": _item_started,
    "item/completed": _item_completed,
    **dict.fromkeys(_DELTAS, _delta),
    "item/reasoning/summaryPartAdded": _summary_part,
    "item/fileChange/patchUpdated": _patches,
    "item/commandExecution/terminalInteraction": _typed,
    "item/autoApprovalReview/completed": _auto_review,
    "serverRequest/resolved": _resolved,
    "model/rerouted": _rerouted,
    "error": _error,
    "warning": _warning,
    "guardianWarning": _warning,
    "configWarning": _config_warning,
    "deprecationNotice": _deprecation,
    "account/rateLimits/updated": _limits,
    "account/updated": _account,
    "account/login/completed": _signed_in,
    "mcpServer/startupStatus/updated": _mcp_status,
    "mcpServer/oauthLogin/completed": _mcp_signed_in,
    "skills/changed": _plain(ev.SkillsChanged),
    "hook/completed": _hook,
}
DECODED_METHODS = frozenset(_MAKERS)

IGNORED = frozenset(
    {
        "hook/started",
        "item/autoApprovalReview/started",
        "item/fileChange/outputDelta",
        "item/mcpToolCall/progress",
        "model/safetyBuffering/updated",
        "model/verification",
        "project/changed",
        "remoteControl/status/changed",
        "thread/compacted",
        "thread/environment/connected",
        "thread/environment/disconnected",
        "thread/prediction/updated",
        "thread/project/updated",
        "thread/readState/changed",
        "turn/moderationMetadata",
    }
)
"""Known, and nothing on screen depends on them."""
