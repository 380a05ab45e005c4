"""Items, turns, threads and settings: from the wire to the domain."""

from __future__ import annotations

import json
import logging
import zlib
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from conductor_tui.domain import items as it
from conductor_tui.domain.controls import SandboxKind, SandboxPolicy, SessionSettings
from conductor_tui.domain.ids import ItemId, ThreadId, TurnId
from conductor_tui.domain.shell import shell_and_script
from conductor_tui.domain.threads import QueuedMessage, ThreadState, ThreadSummary
from conductor_tui.domain.turns import RecordedTurn, Turn, TurnError, TurnStatus
from conductor_tui.protocol import wire

log = logging.getLogger(__name__)

T = TypeVar("T", bound=wire.Wire)


def read(raw: msgspec.Raw, shape: type[T]) -> T:
    """Decodes raw JSON into a shape; raises msgspec.DecodeError where even the optional fields do not fit."""
    return msgspec.json.decode(raw, type=shape)


def compact_json(value: Any) -> str:
    """JSON text for people; empty for nothing."""
    return "" if value is None else json.dumps(value, ensure_ascii=False)


_STATUS = {
    "inProgress": it.ItemStatus.IN_PROGRESS,
    "completed": it.ItemStatus.COMPLETED,
    "failed": it.ItemStatus.FAILED,
    "declined": it.ItemStatus.DECLINED,
    "interrupted": it.ItemStatus.INTERRUPTED,
}


def item(raw: msgspec.Raw, turn_id: TurnId, *, is_open: bool) -> it.Item:
    """One item. `is_open`: it was only started; items that carry their own status use that."""
    status = it.ItemStatus.IN_PROGRESS if is_open else it.ItemStatus.COMPLETED
    try:
        head = read(raw, wire.ItemHead)
    except msgspec.DecodeError:
        head = wire.ItemHead(id=f"unreadable-{zlib.crc32(raw):08x}")
    maker = _MAKERS.get(head.type)
    if maker is not None:
        try:
            return maker(raw, ItemId(head.id), turn_id, status)
        except Exception:  # the decode border
            log.info("%s in a new shape is shown raw: %.200s", head.type, bytes(raw), exc_info=True)
    return it.UnknownItem(ItemId(head.id), turn_id, status, head.type or "item", bytes(raw).decode("utf-8", "replace"))


def _status(value: str | None, otherwise: it.ItemStatus) -> it.ItemStatus:
    return _STATUS.get(value or "", otherwise)


def _user_message(raw: msgspec.Raw, id_: ItemId, turn: TurnId, status: it.ItemStatus) -> it.Item:
    body = read(raw, wire.UserMessageItem)
    text, attachments = _said(body.content)
    return it.UserMessage(id_, turn, status, text, attachments, body.client_id)


def queued_message(body: wire.QueuedBody) -> QueuedMessage:
    """An entry of `thread/queue/list`."""
    text, attachments = _said(body.input)
    return QueuedMessage(body.id, body.client_user_message_id or "", text, attachments)


def _said(content: Sequence[wire.UserInput] | None) -> tuple[str, tuple[str, ...]]:
    """The text of a message, and what is attached to it."""
    texts, others = [], []
    for part in content or []:
        if part.type == "text":
            texts.append(part.text or "")
        else:
            others.append(f"{part.type}: {part.name or part.path or _short_url(part.url)}")
    return "\n".join(texts), tuple(others)


def _short_url(url: str | None) -> str:
    """Images may come inline, as a data URL of any size."""
    return "inline" if url is None or url.startswith("data:") else url


def _agent_message(raw: msgspec.Raw, id_: ItemId, turn: TurnId, status: it.ItemStatus) -> it.Item:
    body = read(raw, wire.AgentMessageItem)
    questions = tuple(
        q.title + (f" ({' / '.join(q.options)})" if q.options else "") for q in body.questions or [] if q.title
    )
    return it.AgentMessage(id_, turn, status, body.text or "", body.phase == "commentary", questions)


def _plan(raw: msgspec.Raw, id_: ItemId, turn: TurnId, status: it.ItemStatus) -> it.Item:
    return it.PlanText(id_, turn, status, read(raw, wire.TextItem).text or "")


def _reasoning(raw: msgspec.Raw, id_: ItemId, turn: TurnId, status: it.ItemStatus) -> it.Item:
    body = read(raw, wire.ReasoningItem)
    return it.Reasoning(id_, turn, status, tuple(body.summary or ()), tuple(body.content or ()))


def _command(raw: msgspec.Raw, id_: ItemId, turn: TurnId, status: it.ItemStatus) -> it.Item:
    body = read(raw, wire.CommandItem)
    raw_command = body.command or ""
    shown = " && ".join(a.command for a in body.command_actions or [] if a.command)
    return it.CommandRun(
        id_,
        turn,
        _status(body.status, status),
        command=shell_and_script(raw_command)[1] or shown,
        raw_command=raw_command,
        cwd=body.cwd or "",
        output=body.aggregated_output or "",
        exit_code=body.exit_code,
        duration_ms=body.duration_ms,
        process_id=body.process_id,
        is_user_shell=body.source == "userShell",
    )


def patches(changes: list[wire.FilePatchBody] | None) -> tuple[it.FilePatch, ...]:
    """The patches of a file change; a kind that is not known counts as an update."""
    kinds = {"add": it.PatchKind.ADD, "delete": it.PatchKind.DELETE}
    return tuple(
        it.FilePatch(
            path=c.path,
            kind=kinds.get(c.kind.type if c.kind else "", it.PatchKind.UPDATE),
            diff=c.diff or "",
            moved_to=c.kind.move_path if c.kind else None,
        )
        for c in changes or []
    )


def _file_change(raw: msgspec.Raw, id_: ItemId, turn: TurnId, status: it.ItemStatus) -> it.Item:
    body = read(raw, wire.FileChangeItem)
    return it.FileChange(id_, turn, _status(body.status, status), patches(body.changes))


def _mcp_call(raw: msgspec.Raw, id_: ItemId, turn: TurnId, status: it.ItemStatus) -> it.Item:
    body = read(raw, wire.McpToolCallItem)
    return it.ToolCall(
        id_,
        turn,
        _status(body.status, status),
        server=body.server or "",
        tool=body.tool or "",
        arguments=compact_json(body.arguments),
        result=_result_text(body.result),
        error=(body.error.message or "") if body.error else "",
        duration_ms=body.duration_ms,
    )


def _result_text(result: Any) -> str:
    """The texts of an MCP result; JSON where there are none."""
    content = result.get("content") if isinstance(result, dict) else None
    parts = content if isinstance(content, list) else []
    texts = [p["text"] for p in parts if isinstance(p, dict) and isinstance(p.get("text"), str)]
    return "\n".join(texts) if texts else compact_json(result)


def _dynamic_call(raw: msgspec.Raw, id_: ItemId, turn: TurnId, status: it.ItemStatus) -> it.Item:
    body = read(raw, wire.DynamicToolCallItem)
    return it.ToolCall(
        id_,
        turn,
        _status(body.status, status),
        server=body.namespace or "",
        tool=body.tool or "",
        arguments=compact_json(body.arguments),
        result=_result_text({"content": body.content_items}) if body.content_items else "",
        duration_ms=body.duration_ms,
    )


def _web_search(raw: msgspec.Raw, id_: ItemId, turn: TurnId, status: it.ItemStatus) -> it.Item:
    body = read(raw, wire.WebSearchItem)
    action = body.action or wire.SearchAction()
    detail = action.url or action.query or body.query or ", ".join(action.queries or [])
    if action.pattern:
        detail = f"{action.pattern} in {detail}"
    return it.WebSearch(id_, turn, status, action.type or "search", detail)


def _sub_agent(raw: msgspec.Raw, id_: ItemId, turn: TurnId, status: it.ItemStatus) -> it.Item:
    body = read(raw, wire.SubAgentItem)
    thread = ThreadId(body.agent_thread_id) if body.agent_thread_id else None
    return it.SubAgentActivity(
        id_, turn, status, body.kind or "", (body.agent_path or "").removeprefix("/root/"), thread
    )


def _collab(raw: msgspec.Raw, id_: ItemId, turn: TurnId, status: it.ItemStatus) -> it.Item:
    body = read(raw, wire.CollabItem)
    return it.SubAgentActivity(id_, turn, _status(body.status, status), body.tool or "", detail=body.prompt or "")


def _review_start(raw: msgspec.Raw, id_: ItemId, turn: TurnId, status: it.ItemStatus) -> it.Item:
    return it.ReviewMark(id_, turn, status, is_start=True, text=read(raw, wire.ReviewItem).review or "")


def _review_end(raw: msgspec.Raw, id_: ItemId, turn: TurnId, status: it.ItemStatus) -> it.Item:
    return it.ReviewMark(id_, turn, status, is_start=False, text=read(raw, wire.ReviewItem).review or "")


def _compaction(raw: msgspec.Raw, id_: ItemId, turn: TurnId, status: it.ItemStatus) -> it.Item:
    return it.Compaction(id_, turn, status)


def _image_view(raw: msgspec.Raw, id_: ItemId, turn: TurnId, status: it.ItemStatus) -> it.Item:
    return it.Activity(id_, turn, status, "looked at", read(raw, wire.PathItem).path or "")


def _sleep(raw: msgspec.Raw, id_: ItemId, turn: TurnId, status: it.ItemStatus) -> it.Item:
    seconds = (read(raw, wire.SleepItem).duration_ms or 0) / 1000
    return it.Activity(id_, turn, status, "waits", f"{seconds:g} s")


def _hook_prompt(raw: msgspec.Raw, id_: ItemId, turn: TurnId, status: it.ItemStatus) -> it.Item:
    fragments = read(raw, wire.HookPromptItem).fragments or []
    return it.Activity(id_, turn, status, "hook", "\n".join(f.text or "" for f in fragments))


_MAKERS: dict[str, Callable[[msgspec.Raw, ItemId, TurnId, it.ItemStatus], it.Item]] = {
    "userMessage": _user_message,
    "agentMessage": _agent_message,
    "plan": _plan,
    "reasoning": _reasoning,
    "commandExecution": _command,
    "fileChange": _file_change,
    "mcpToolCall": _mcp_call,
    "dynamicToolCall": _dynamic_call,
    "webSearch": _web_search,
    "subAgentActivity": _sub_agent,
    "collabAgentToolCall": _collab,
    "enteredReviewMode": _review_start,
    "exitedReviewMode": _review_end,
    "contextCompaction": _compaction,
    "imageView": _image_view,
    "sleep": _sleep,
    "hookPrompt": _hook_prompt,
}


# Turns and threads


def error(body: wire.ErrorBody | None) -> TurnError | None:
    """`TurnError`; `codexErrorInfo` is a string or an object with one key."""
    if body is None:
        return None
    info, status = body.codex_error_info, None
    if isinstance(info, dict) and info:
        kind, inner = next(iter(info.items()))
        status = inner.get("httpStatusCode") if isinstance(inner, dict) else None
    else:
        kind = info if isinstance(info, str) else "other"
    return TurnError(
        body.message or "Codex reported an error without a message",
        str(kind),
        status if isinstance(status, int) else None,
        body.additional_details or "",
    )


def turn(body: wire.TurnBody) -> Turn:
    """A turn without its items. A status that is not known counts as completed: the turn will not go on."""
    known = {s.value: s for s in TurnStatus}
    return Turn(
        TurnId(body.id or f"unreadable-{zlib.crc32(msgspec.json.encode(body)):08x}"),
        known.get(body.status or "", TurnStatus.COMPLETED),
        started_at=body.started_at,
        duration_ms=body.duration_ms,
        error=error(body.error),
    )


def recorded_turn(body: wire.TurnBody) -> RecordedTurn:
    """A turn of history with its items; only a running turn's items may be open."""
    made = turn(body)
    items = (item(raw, made.id, is_open=False) for raw in body.items or [])
    return RecordedTurn(made, tuple(items))


def state(body: wire.StatusBody | None) -> ThreadState:
    """`ThreadStatus`. A status that is not known counts as idle."""
    if body is None:
        return ThreadState.NOT_LOADED
    flags = body.active_flags or []
    match body.type:
        case "active" if "waitingOnApproval" in flags:
            return ThreadState.NEEDS_APPROVAL
        case "active" if "waitingOnUserInput" in flags:
            return ThreadState.NEEDS_INPUT
        case "active":
            return ThreadState.WORKING
        case "systemError":
            return ThreadState.FAILED
        case "notLoaded":
            return ThreadState.NOT_LOADED
    return ThreadState.IDLE


def thread(body: wire.ThreadBody) -> ThreadSummary:
    """A thread as lists show it."""
    return ThreadSummary(
        ThreadId(body.id),
        state(body.status),
        name=body.name or "",
        preview=body.preview or "",
        cwd=body.cwd or "",
        branch=(body.git_info.branch or "") if body.git_info else "",
        model=body.model or "",
        updated_at=body.recency_at or body.updated_at or 0,
        parent_id=ThreadId(body.parent_thread_id) if body.parent_thread_id else None,
        cli_version=body.cli_version or "",
    )


# Settings


def sandbox(body: wire.SandboxBody | None) -> SandboxPolicy | None:
    """`SandboxPolicy`; an external sandbox says its network access in words."""
    if body is None:
        return None
    known = {k.value: k for k in SandboxKind}
    return SandboxPolicy(
        known.get(body.type, SandboxKind.UNKNOWN),
        network_access=body.network_access is True or body.network_access == "enabled",
        writable_roots=tuple(body.writable_roots or ()),
        exclude_tmpdir=bool(body.exclude_tmpdir_env_var),
        exclude_slash_tmp=bool(body.exclude_slash_tmp),
    )


def approval_policy(value: Any) -> str:
    """The policy's name; the granular form is an object."""
    if isinstance(value, str):
        return value
    return str(next(iter(value), "")) if isinstance(value, dict) else ""


def _approval_rules(value: Any) -> str:
    rules = value.get("granular") if isinstance(value, dict) else None
    return json.dumps(rules) if isinstance(rules, dict) else ""


def settings(body: wire.SettingsBody) -> SessionSettings:
    """`ThreadSettings`."""
    mode = body.collaboration_mode
    return SessionSettings(
        model=body.model or "",
        provider=body.model_provider or "",
        effort=body.effort,
        is_plan_mode=mode is not None and mode.mode == "plan",
        service_tier=body.service_tier,
        approval_policy=approval_policy(body.approval_policy),
        approval_rules=_approval_rules(body.approval_policy),
        approvals_reviewer=body.approvals_reviewer or "",
        sandbox=sandbox(body.sandbox_policy),
        permission_profile=body.active_permission_profile.id if body.active_permission_profile else None,
        personality=body.personality,
        cwd=body.cwd or "",
        is_mode_known=mode is not None,
    )


def opened_settings(body: wire.OpenedBody) -> SessionSettings:
    """The settings in replies to `thread/start` and `thread/resume`, which name some fields differently."""
    return settings(
        wire.SettingsBody(
            model=body.model,
            model_provider=body.model_provider,
            effort=body.reasoning_effort,
            service_tier=body.service_tier,
            approval_policy=body.approval_policy,
            approvals_reviewer=body.approvals_reviewer,
            sandbox_policy=body.sandbox,
            active_permission_profile=body.active_permission_profile,
            collaboration_mode=body.collaboration_mode,
            cwd=body.cwd,
        )
    )
