"""What an approval shows: exactly what runs, where, why, and the keys. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace
from textual.content import Content

from conductor_tui.domain.approvals import (
    Approval,
    CommandApproval,
    Decision,
    FileChangeApproval,
    McpApproval,
    PermissionsApproval,
    Question,
    QuestionApproval,
    has_questions,
)
from conductor_tui.domain.items import FileChange, PatchKind
from conductor_tui.domain.shell import shell_and_script
from conductor_tui.domain.text import from_home, visible, visible_line
from conductor_tui.ui.commands.keymap import first_key
from conductor_tui.ui.presentation.diff import relative
from conductor_tui.ui.question_form import QuestionForm, may_be_left_out, takes_words

Line = tuple[str, str]
"""Text and its style."""

_MUTED, _STRONG, _WARN = "$text-muted", "bold", "bold $warning"
_VERBS = {PatchKind.ADD: "new file", PatchKind.DELETE: "delete", PatchKind.UPDATE: "edit"}


class Sheet(Struct, frozen=True):
    """An approval in words."""

    title: str
    lines: tuple[Line, ...]
    keys: tuple[AnswerKey, ...]
    """In the order shown."""
    words_keys: tuple[AnswerKey, ...] = ()
    """While words are written: what sends them, what goes back."""
    questions: tuple[Question, ...] = ()
    scrolling: str = ""
    """The keys that scroll."""


class AnswerKey(Struct, frozen=True):
    """A key that answers."""

    key: str
    label: str
    decision: Decision | None = None
    """What it decides; None: it chooses an option."""
    short: str = ""
    """The label where there is little room, if that is another one."""

    @property
    def allows(self) -> bool:
        """Whether it lets something happen."""
        return self.decision in (Decision.ONCE, Decision.SESSION, Decision.ALWAYS)


class Around(Struct, frozen=True):
    """What an approval is seen against."""

    change: FileChange | None = None
    """The item a file approval asks about."""
    asker: str = ""
    """The sub-agent that asks, if one does."""
    home: str = ""
    """What becomes ~."""
    root: str = ""
    """The session's folder: paths below it are relative to it."""
    is_plan_mode: bool = False
    keys: Mapping[str, Sequence[str]] = {}
    """The user's keys by command."""


def sheet(approval: Approval, around: Around) -> Sheet:
    """All that is asked; what runs is there to its last character."""
    match approval:
        case CommandApproval():
            title, lines = _command(approval, around.home)
        case FileChangeApproval():
            title, lines = "Edit these files?", _patches(around.change, around.root, around.home)
            if approval.grant_root:
                lines.append((f"and anything else under {visible_line(approval.grant_root)}", _WARN))
        case PermissionsApproval():
            title = "Grant Codex these permissions?"
            lines = [(f"• {visible_line(line)}", _STRONG) for line in approval.summary]
        case QuestionApproval():
            title, lines = "Codex has a question", []
            if approval.auto_resolve_ms:
                lines.append((f"Codex continues without an answer after {approval.auto_resolve_ms // 1000} s", _MUTED))
        case McpApproval():
            title, lines = _mcp(approval)
        case _:
            title, lines = "Codex has a question", []
    if approval.reason:
        lines.append((f'Codex says: "{visible(approval.reason)}"', _MUTED))
    if isinstance(approval, CommandApproval) and approval.proposed_rule:
        rule = visible_line(" ".join(approval.proposed_rule))
        lines.append((f"Always allow: `{rule} …` runs without asking in every session", _MUTED))
    elif isinstance(approval, CommandApproval) and approval.allowed_host:
        host = visible_line(approval.allowed_host)
        lines.append((f"Always allow: {host} is reached without asking in every session", _MUTED))
    if around.is_plan_mode and not isinstance(approval, QuestionApproval):
        lines.insert(0, ("Plan Mode is on. Yes lets this one write anyway", _WARN))
    if around.asker:
        lines.insert(0, (f"Requested by sub-agent {visible_line(around.asker)}", _WARN))
    questions = approval.questions if isinstance(approval, (QuestionApproval, McpApproval)) else ()
    words_keys = (AnswerKey("Enter", "Answer" if questions else "Decline"), AnswerKey("Esc", "Back"))
    scrolling = " ".join(first_key(around.keys, id_) for id_ in ("approval.down", "approval.page_down"))
    return Sheet(title, tuple(lines), keys(approval, around.keys), words_keys, questions, scrolling)


_KEYS = {
    Decision.ONCE: ("approval.once", "Yes", ""),
    Decision.SESSION: ("approval.session", "Yes, don't ask again this session", "Yes, this session"),
    Decision.ALWAYS: ("approval.always", "Always allow", "Always"),
    Decision.DECLINE: ("approval.decline", "No, tell Codex why", "No …"),
    Decision.CANCEL: ("approval.cancel", "No, and stop", ""),
}
"""The command, its label, and a short one."""
_RULE_CELLS = 24


def keys(approval: Approval, named: Mapping[str, Sequence[str]]) -> tuple[AnswerKey, ...]:
    """The keys that answer, with what each means here. `named`: the user's keys by command."""
    found = [
        AnswerKey(key, f"{label}{_always(approval)}" if decision is Decision.ALWAYS else label, decision, short)
        for decision, (id_, label, short) in _KEYS.items()
        if decision in approval.offered and (key := first_key(named, id_))
    ]
    if not has_questions(approval):
        return tuple(found)
    refusing = [
        replace(k, label="Skip", short="") if k.decision is Decision.DECLINE else k for k in found if not k.allows
    ]
    way = " ".join(filter(None, (first_key(named, "approval.up"), first_key(named, "approval.down"))))
    choose = first_key(named, "approval.choose")
    choosing = (AnswerKey(way, "Move"), AnswerKey("1-9", "Choose"), AnswerKey(choose, "Answer"))
    return (*(k for k in choosing if k.key), *refusing)


def _always(approval: Approval) -> str:
    """What would always be allowed, in brief."""
    if not isinstance(approval, CommandApproval):
        return ""
    allowed = visible_line(" ".join(approval.proposed_rule)) or visible_line(approval.allowed_host)
    return f" `{Content(allowed).truncate(_RULE_CELLS, ellipsis=True).plain}`"


def question_lines(form: QuestionForm) -> list[Content]:
    """The current question with its options; the one under the cursor is marked."""
    question = form.asked
    if question is None:
        return []
    count = f"{form.number + 1}/{len(form.questions)} " if len(form.questions) > 1 else ""
    header = f"{count}{visible_line(question.header)}: " if question.header else count
    lines = [Content.assemble((header, "$text-muted"), (visible(question.text), "bold"))]
    labels = [(visible_line(o.label), visible_line(o.description)) for o in question.options]
    if takes_words(question):
        labels.append(("Another answer …", ""))
    if may_be_left_out(question):
        labels.append(("Skip this question", ""))
    for number, (label, description) in enumerate(labels):
        is_here = number == form.option
        lines.append(
            Content.assemble(
                ("› " if is_here else "  ", "bold $accent"),
                (f"{number + 1} ", "$primary"),
                (label, "bold" if is_here else ""),
                (f"  {description}" if description else "", "$text-muted"),
            )
        )
    return lines


def _command(approval: CommandApproval, home: str) -> tuple[str, list[Line]]:
    """The command as the transcript shows it, and the shell that it is handed to."""
    is_typing = approval.kind == "writeStdin"
    title = "Type this into the running program?" if is_typing else "Run this command?"
    shell, command = ("", approval.command) if is_typing else shell_and_script(approval.command)
    first, *rest = visible(command).split("\n")
    lines = [(f"$ {first}", _STRONG), *((f"  {line}", _STRONG) for line in rest)]
    if approval.cwd:
        with_shell = f" · {visible_line(shell)}" if shell else ""
        lines.append((f"in {visible_line(from_home(approval.cwd, home))}{with_shell}", _MUTED))
    elif shell:
        lines.append((f"with {visible_line(shell)}", _MUTED))
    if approval.network_host:
        lines.append((f"network: {visible_line(approval.network_host)}", _WARN))
    if approval.extra_permissions:
        lines.append((f"with extra permissions: {visible_line(approval.extra_permissions)}", _WARN))
    return title, lines


def _patches(change: FileChange | None, root: str, home: str) -> list[Line]:
    if change is None or not change.patches:
        return [("Codex has not listed the files. Check the diff before you answer", _WARN)]
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
    return f"{server} has a question", lines
