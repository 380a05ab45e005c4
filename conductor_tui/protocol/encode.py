"""From the domain to the wire: answers to approvals, settings, inputs. Pure functions."""

from __future__ import annotations

import json
from typing import Any

from conductor_tui.domain import approvals as ap
from conductor_tui.domain.controls import SandboxKind, SandboxPolicy, SessionSettings, SettingsUpdate

_COMMAND = {
    ap.Decision.ONCE: "accept",
    ap.Decision.SESSION: "acceptForSession",
    ap.Decision.DECLINE: "decline",
    ap.Decision.CANCEL: "cancel",
}


def text_input(text: str) -> list[dict[str, Any]]:
    """`UserInput` of a message."""
    return [{"type": "text", "text": text}]


def answer(approval: ap.Approval, given: ap.Answer) -> dict[str, Any]:
    """The result that answers an approval. A decision that does not exist for its kind becomes a plain no."""
    match approval:
        case ap.PermissionsApproval():
            return _permissions(approval, given)
        case ap.QuestionApproval():
            return {"answers": {name: {"answers": list(texts)} for name, texts in given.answers}}
        case ap.McpApproval():
            return _elicitation(approval, given)
        case ap.CommandApproval() if given.decision is ap.Decision.ALWAYS and approval.proposed_rule:
            rule = {"execpolicy_amendment": list(approval.proposed_rule)}
            return {"decision": {"acceptWithExecpolicyAmendment": rule}}
        case ap.CommandApproval() if given.decision is ap.Decision.ALWAYS and approval.allowed_host:
            amendment = {"action": "allow", "host": approval.allowed_host}
            return {"decision": {"applyNetworkPolicyAmendment": {"network_policy_amendment": amendment}}}
    return {"decision": _COMMAND.get(given.decision, "decline")}


def _permissions(approval: ap.PermissionsApproval, given: ap.Answer) -> dict[str, Any]:
    if given.decision not in (ap.Decision.ONCE, ap.Decision.SESSION):
        return {"permissions": {}, "scope": "turn"}
    asked = {k: v for k, v in json.loads(approval.permissions or "{}").items() if v is not None}
    return {"permissions": asked, "scope": "session" if given.decision is ap.Decision.SESSION else "turn"}


def _elicitation(approval: ap.McpApproval, given: ap.Answer) -> dict[str, Any]:
    if given.decision in (ap.Decision.DECLINE, ap.Decision.CANCEL):
        action = "decline" if given.decision is ap.Decision.DECLINE else "cancel"
        return {"action": action, "content": None, "_meta": None}
    kinds = {q.id: q.kind for q in approval.questions}
    content = {name: _typed(kinds.get(name, "string"), texts) for name, texts in given.answers}
    lasting = {ap.Decision.SESSION: "session", ap.Decision.ALWAYS: "always"}.get(given.decision)
    return {"action": "accept", "content": content, "_meta": {"persist": lasting} if lasting else None}


def _typed(kind: str, texts: tuple[str, ...]) -> Any:
    """A form field in the type its schema asks for; what does not fit stays text, and the server says no."""
    text = texts[0] if texts else ""
    try:
        match kind:
            case "integer":
                return int(text)
            case "number":
                return float(text)
            case "boolean":
                return text.strip().lower() in ("true", "yes", "y", "1")
            case "array":
                return list(texts)
    except ValueError:
        pass
    return text


def sandbox(policy: SandboxPolicy) -> dict[str, Any]:
    """`SandboxPolicy`."""
    match policy.kind:
        case SandboxKind.READ_ONLY:
            return {"type": "readOnly", "networkAccess": policy.network_access}
        case SandboxKind.WORKSPACE_WRITE:
            return {
                "type": "workspaceWrite",
                "networkAccess": policy.network_access,
                "writableRoots": list(policy.writable_roots),
                "excludeTmpdirEnvVar": policy.exclude_tmpdir,
                "excludeSlashTmp": policy.exclude_slash_tmp,
            }
        case SandboxKind.EXTERNAL:
            access = "enabled" if policy.network_access else "restricted"
            return {"type": "externalSandbox", "networkAccess": access}
    return {"type": policy.kind.value}


def settings_update(thread_id: str, update: SettingsUpdate, current: SessionSettings) -> dict[str, Any]:
    """Parameters of `thread/settings/update`.

    The collaboration mode carries a model and an effort of its own, which win over those beside it: so it is sent
    along with every change of either.
    """
    params: dict[str, Any] = {"threadId": thread_id}
    if update.model is not None:
        params["model"] = update.model
    if update.effort is not None:
        params["effort"] = update.effort
    if update.service_tier is not None:
        params["serviceTier"] = update.service_tier
    if update.approval_policy is not None:
        params["approvalPolicy"] = _approval_policy(update)
    if update.personality is not None:
        params["personality"] = update.personality
    if update.permission_profile is not None:
        params["permissions"] = update.permission_profile
    elif update.sandbox is not None:
        params["sandboxPolicy"] = sandbox(update.sandbox)
    if update.is_plan_mode is not None or update.model is not None or update.effort is not None:
        is_plan = current.is_plan_mode if update.is_plan_mode is None else update.is_plan_mode
        params["collaborationMode"] = {
            "mode": "plan" if is_plan else "default",
            "settings": {
                "model": update.model or current.model,
                "reasoning_effort": update.effort or current.effort,
                "developer_instructions": None,
            },
        }
    return params


def _approval_policy(update: SettingsUpdate) -> Any:
    if update.approval_policy == "granular" and update.approval_rules:
        return {"granular": json.loads(update.approval_rules)}
    return update.approval_policy


def turn_start(
    thread_id: str, text: str, client_id: str, update: SettingsUpdate | None, current: SessionSettings | None
) -> dict[str, Any]:
    """Parameters of `turn/start`; an `update` takes the same fields as `thread/settings/update`."""
    params: dict[str, Any] = {"threadId": thread_id, "input": text_input(text), "clientUserMessageId": client_id}
    return params | (settings_update(thread_id, update, current or SessionSettings()) if update else {})
