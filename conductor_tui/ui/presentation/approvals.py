"""What an approval shows: exactly what runs, where, why, and the keys. Pure functions."""

from __future__ import annotations

from msgspec import Struct

from conductor_tui.domain.approvals import (
    Approval,
    CommandApproval,
    Decision,
    FileChangeApproval,
    McpApproval,
    PermissionsApproval,
    Question,
    QuestionApproval,
)
from conductor_tui.domain.items import FileChange, PatchKind
from conductor_tui.domain.text import from_home, visible, visible_line
from conductor_tui.ui.presentation.items import relative

Line = tuple[str, str]
"""Text and its style."""

_MUTED, _STRONG, _WARN = "$text-muted", "bold", "bold $warning"
_VERBS = {PatchKind.ADD: "new file", PatchKind.DELETE: "delete", PatchKind.UPDATE: "edit"}


class Sheet(Struct, frozen=True):
    """An approval in words."""

    title: str
    lines: tuple[Line, ...]
    keys: tuple[tuple[str, str], ...]
    """Key and label, in the order shown."""
    questions: tuple[Question, ...] = ()


def sheet(approval: Approval, change: FileChange | None, *, asker: str = "", home: str = "", root: str = "") -> Sheet:
    """`change` is the item a file approval asks about; `asker` names the sub-agent when one asks.

    Paths below `root`, the session's folder, are relative to it; `home` becomes ~ in the others.
    """
    match approval:
        case CommandApproval():
            title, lines = _command(approval, home)
        case FileChangeApproval():
            title, lines = "Change these files?", _patches(change, root, home)
            if approval.grant_root:
                lines.append((f"and anything else under {visible_line(approval.grant_root)}", _WARN))
        case PermissionsApproval():
            title = "Give Codex these permissions?"
            lines = [(f"• {visible_line(line)}", _STRONG) for line in approval.summary]
        case QuestionApproval():
            title, lines = "Codex asks", []
            if approval.auto_resolve_ms:
                lines.append((f"Codex goes on by itself after {approval.auto_resolve_ms // 1000} s", _MUTED))
        case McpApproval():
            title, lines = _mcp(approval)
        case _:
            title, lines = "Codex asks", []
    if approval.reason:
        lines.append((f"why: {visible(approval.reason)}", _MUTED))
    if asker:
        lines.insert(0, (f"asked by sub-agent {visible_line(asker)}", _WARN))
    questions = approval.questions if isinstance(approval, (QuestionApproval, McpApproval)) else ()
    return Sheet(title, tuple(lines), keys(approval), questions)


def keys(approval: Approval) -> tuple[tuple[str, str], ...]:
    """The keys that answer, with what each means here."""
    if isinstance(approval, QuestionApproval) or (isinstance(approval, McpApproval) and approval.questions):
        return (("enter", "answer"), ("n", "skip"))
    label = {
        Decision.ONCE: ("y", "once"),
        Decision.SESSION: ("s", "session"),
        Decision.ALWAYS: ("p", "always" + _rule(approval)),
        Decision.DECLINE: ("n", "no …"),
        Decision.CANCEL: ("esc", "no, and stop"),
    }
    return tuple(label[d] for d in approval.offered)


def _rule(approval: Approval) -> str:
    if isinstance(approval, CommandApproval) and approval.proposed_rule:
        return f" `{visible_line(' '.join(approval.proposed_rule))} …`"
    return ""


def _command(approval: CommandApproval, home: str) -> tuple[str, list[Line]]:
    is_typing = approval.kind == "writeStdin"
    title = "Type this into the running program?" if is_typing else "Run this command?"
    first, *rest = visible(approval.command).split("\n")
    lines = [(f"$ {first}", _STRONG), *((f"  {line}", _STRONG) for line in rest)]
    if approval.cwd:
        lines.append((f"in {visible_line(from_home(approval.cwd, home))}", _MUTED))
    if approval.network_host:
        lines.append((f"network: {visible_line(approval.network_host)}", _WARN))
    if approval.extra_permissions:
        lines.append((f"with extra permissions: {visible_line(approval.extra_permissions)}", _WARN))
    return title, lines


def _patches(change: FileChange | None, root: str, home: str) -> list[Line]:
    if change is None or not change.patches:
        return [("Codex has not said which files; look at the diff before you answer.", _WARN)]
    lines: list[Line] = []
    for patch in change.patches:
        name = from_home(relative(patch.path, root), home)
        moved = f" → {from_home(relative(patch.moved_to, root), home)}" if patch.moved_to else ""
        lines.append((f"{_VERBS[patch.kind]} {name}{moved}", _STRONG))
        sign = {PatchKind.ADD: "+", PatchKind.DELETE: "-", PatchKind.UPDATE: ""}[patch.kind]
        lines.extend(_diff_line(sign + visible(line)) for line in patch.diff.rstrip("\n").split("\n"))
    return lines


def _diff_line(text: str) -> Line:
    style = {"+": "$text-success", "-": "$text-error", "@": _MUTED}.get(text[:1], "")
    return f"  {text}", style


def _mcp(approval: McpApproval) -> tuple[str, list[Line]]:
    server = visible_line(approval.server)
    if approval.is_tool_call:
        lines = [(f"{visible_line(approval.tool)}", _STRONG)] if approval.tool else []
        if approval.arguments:
            lines.extend((f"  {line}", "") for line in visible(approval.arguments).split("\n"))
        if approval.message:
            lines.append((visible(approval.message), _MUTED))
        return f"Call this tool of {server}?", lines
    lines = [(visible(approval.message), "")] if approval.message else []
    if approval.url:
        lines.append((f"open {visible_line(approval.url)}", _STRONG))
    return f"{server} asks", lines
