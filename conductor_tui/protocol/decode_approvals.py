"""Server requests that wait for the user: from the wire to approvals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from conductor_tui.domain import approvals as ap
from conductor_tui.domain.ids import ItemId, RequestId, ThreadId, TurnId
from conductor_tui.protocol import wire
from conductor_tui.protocol.decode_items import compact_json, read


def approval(method: str, request_id: RequestId, raw: msgspec.Raw) -> ap.Approval | None:
    """The approval of a server request; None for a request that is not the user's to answer."""
    maker = _MAKERS.get(method)
    return maker(request_id, raw) if maker else None


def _where(request_id: RequestId, body: wire.OnThread, item_id: str | None) -> dict[str, Any]:
    return {
        "request_id": request_id,
        "thread_id": ThreadId(body.thread_id or ""),
        "turn_id": TurnId(body.turn_id) if body.turn_id else None,
        "item_id": ItemId(item_id) if item_id else None,
    }


def _command(request_id: RequestId, raw: msgspec.Raw) -> ap.Approval:
    body = read(raw, wire.CommandRequest)
    return ap.CommandApproval(
        **_where(request_id, body, body.item_id),
        reason=body.reason or "",
        command=body.command or "",
        cwd=body.cwd or "",
        kind=body.kind or "command",
        proposed_rule=tuple(body.proposed_execpolicy_amendment or ()),
        allowed_host=next(
            (a.host for a in body.proposed_network_policy_amendments or () if a.action == "allow" and a.host), ""
        ),
        network_host=(body.network_approval_context.host or "") if body.network_approval_context else "",
        extra_permissions=compact_json(body.additional_permissions),
    )


def _file(request_id: RequestId, raw: msgspec.Raw) -> ap.Approval:
    body = read(raw, wire.FileRequest)
    where = _where(request_id, body, body.item_id)
    return ap.FileChangeApproval(**where, reason=body.reason or "", grant_root=body.grant_root or "")


def _permissions(request_id: RequestId, raw: msgspec.Raw) -> ap.Approval:
    body = read(raw, wire.PermissionsRequest)
    return ap.PermissionsApproval(
        **_where(request_id, body, body.item_id),
        reason=body.reason or "",
        permissions=compact_json(body.permissions),
        summary=_permission_words(body.permissions),
    )


def _permission_words(permissions: Any) -> tuple[str, ...]:
    """Each permission on a line; what is not understood is shown as JSON, for nothing may be granted unseen."""
    if not isinstance(permissions, dict):
        return (compact_json(permissions),)
    lines = []
    for name, value in permissions.items():
        if value is None:
            continue
        if name == "network" and isinstance(value, dict) and value.get("enabled") is True and len(value) == 1:
            lines.append("use the network")
        elif name == "fileSystem" and isinstance(value, dict):
            lines.extend(_file_words(value))
        else:
            lines.append(f"{name}: {compact_json(value)}")
    return tuple(lines) or ("nothing",)


def _file_words(value: dict[str, Any]) -> list[str]:
    lines = []
    for name, paths in value.items():
        if not paths:
            continue
        if name in ("read", "write") and isinstance(paths, list):
            lines.append(f"{name} {', '.join(map(str, paths))}")
        else:
            lines.append(f"{name}: {compact_json(paths)}")
    return lines


def _questions(bodies: list[wire.QuestionBody] | None) -> tuple[ap.Question, ...]:
    return tuple(
        ap.Question(
            q.id,
            q.question or "",
            q.header or "",
            tuple(ap.QuestionOption(o.label or "", o.description or "") for o in q.options or []),
            allows_other=bool(q.is_other) or not q.options,
            is_secret=bool(q.is_secret),
        )
        for q in bodies or []
    )


def _input(request_id: RequestId, raw: msgspec.Raw) -> ap.Approval:
    body = read(raw, wire.InputRequest)
    return ap.QuestionApproval(
        **_where(request_id, body, body.item_id),
        questions=_questions(body.questions),
        auto_resolve_ms=body.auto_resolution_ms,
    )


def _elicitation(request_id: RequestId, raw: msgspec.Raw) -> ap.Approval:
    body = read(raw, wire.ElicitationRequest)
    meta = body.meta if isinstance(body.meta, dict) else {}
    is_tool_call = meta.get("codex_approval_kind") == "mcp_tool_call"
    persist = meta.get("persist")
    return ap.McpApproval(
        **_where(request_id, body, None),
        server=body.server_name or "",
        message=body.message or body.description or body.title or "",
        is_tool_call=is_tool_call,
        tool=str(meta.get("tool_name") or ""),
        arguments=compact_json(meta.get("tool_params")) if is_tool_call else "",
        url=body.url or "",
        questions=() if is_tool_call else _form(body.requested_schema),
        persist=tuple(map(str, persist)) if isinstance(persist, list) else (),
    )


def _form(schema: Any) -> tuple[ap.Question, ...]:
    """The fields of an MCP form (a flat JSON schema) as questions."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict):
        return ()
    required = schema.get("required")
    return tuple(
        _field(str(name), field, is_optional=name not in (required if isinstance(required, list) else ()))
        for name, field in properties.items()
        if isinstance(field, dict)
    )


def _field(name: str, field: dict[str, Any], *, is_optional: bool) -> ap.Question:
    kind = str(field.get("type") or "string")
    options = _field_options(field, kind)
    title = str(field.get("title") or name)
    text = str(field.get("description") or title)
    shape = field.get("format")
    rules = ap.FieldRules(
        is_optional=is_optional,
        minimum=_number(field.get("minimum")),
        maximum=_number(field.get("maximum")),
        min_length=int(_number(field.get("minLength")) or 0),
        max_length=None if (most := _number(field.get("maxLength"))) is None else int(most),
        format=shape if isinstance(shape, str) else "",
    )
    return ap.Question(name, text, title, options, allows_other=not options, kind=kind, rules=rules)


def _field_options(field: dict[str, Any], kind: str) -> tuple[ap.QuestionOption, ...]:
    """What may be chosen: `enum` with or without `enumNames`, or `oneOf`/`anyOf` with titles; in `items` of a list."""
    if kind == "boolean":
        return (ap.QuestionOption("true"), ap.QuestionOption("false"))
    items = field.get("items")
    place = items if kind == "array" and isinstance(items, dict) else field
    titled = place.get("oneOf") or place.get("anyOf")
    if isinstance(titled, list):
        found = [o for o in titled if isinstance(o, dict) and "const" in o]
        return tuple(ap.QuestionOption(str(o.get("title") or o["const"]), value=str(o["const"])) for o in found)
    values, names = place.get("enum"), place.get("enumNames")
    if not isinstance(values, list):
        return ()
    labels = names if isinstance(names, list) and len(names) == len(values) else values
    return tuple(ap.QuestionOption(str(label), value=str(v)) for label, v in zip(labels, values, strict=True))


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


_MAKERS: dict[str, Callable[[RequestId, msgspec.Raw], ap.Approval]] = {
    "item/commandExecution/requestApproval": _command,
    "item/fileChange/requestApproval": _file,
    "item/permissions/requestApproval": _permissions,
    "item/tool/requestUserInput": _input,
    "mcpServer/elicitation/request": _elicitation,
}
APPROVAL_METHODS = frozenset(_MAKERS)
