"""Items as lines of the transcript. Pure functions of the item, the width and whether it is open.

Messages stand behind a label; everything Codex did is one line that opens. Meaning never rests on colour alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct
from rich.cells import cell_len

from conductor_tui.domain import items as it
from conductor_tui.domain.diagnosis import sandbox_step
from conductor_tui.domain.diff_parser import diff_of_patch
from conductor_tui.domain.projection import OutgoingMessage
from conductor_tui.domain.text import plain_output, visible, visible_line
from conductor_tui.domain.threads import QueuedMessage
from conductor_tui.ui.presentation.diff import patch_lines, relative
from conductor_tui.ui.presentation.lines import BLANK, Line, Span, prefixed
from conductor_tui.ui.presentation.markdown import markdown_lines
from conductor_tui.ui.presentation.wrapping import PROSE_CELLS, cut_in_front, wrap, wrap_text

WIDE_GUTTER, NARROW_GUTTER, NARROW = 8, 3, 60
"""Cells in front of the text, and the width below which they are few; the first cell is the cursor's."""
TAIL_LINES = 5
"""Lines of output under a command that runs or failed."""
OUTPUT_ENDS = 200
"""Lines of a huge output shown at either end."""

Markdown = Callable[[str, int], list[Line]]


class Look(Struct, frozen=True):
    """How an item is drawn."""

    width: int
    is_expanded: bool = False
    root: str = ""
    """The repository's folder: paths below it are shown relative."""
    is_waiting: bool = False
    """Whether it waits for the user's answer."""
    markdown: Markdown = markdown_lines
    """Lays out Markdown; the view passes one that keeps what is laid out already."""

    @property
    def gutter(self) -> int:
        """Cells in front of the text."""
        return WIDE_GUTTER if self.width >= NARROW else NARROW_GUTTER

    @property
    def room(self) -> int:
        """Cells for the text."""
        return max(8, self.width - self.gutter)

    @property
    def prose_room(self) -> int:
        """Cells for lines of prose."""
        return min(self.room, PROSE_CELLS)


def item_lines(item: it.Item, look: Look) -> list[Line]:
    """The lines of an item."""
    maker = _MAKERS.get(type(item), _unknown)
    return maker(item, look)


def can_expand(item: it.Item) -> bool:
    """Whether there is more to see than the folded line."""
    match item:
        case it.UserMessage() | it.AgentMessage() | it.PlanText() | it.Checklist() | it.Compaction():
            return False
        case it.WebSearch() | it.Notice():
            return False
        case it.Activity() | it.SubAgentActivity():
            return "\n" in item.detail or len(item.detail) > 60
    return True


def is_message(item: it.Item) -> bool:
    """Whether it stands by itself, with room above."""
    return isinstance(item, (it.UserMessage, it.AgentMessage, it.PlanText, it.Checklist, it.Notice))


def item_text(item: it.Item) -> str:
    """The logical text of an item, for copying."""
    match item:
        case it.UserMessage() | it.AgentMessage() | it.PlanText():
            return item.text
        case it.CommandRun():
            return f"$ {item.command}\n{plain_output(item.output)}".rstrip("\n")
        case it.Reasoning():
            return "\n\n".join((*item.summary, *item.content))
        case it.FileChange():
            return "\n".join(f"{p.kind.value} {p.path}\n{p.diff}" for p in item.patches)
        case it.ToolCall():
            return "\n".join(filter(None, (f"{item.server} {item.tool} {item.arguments}", item.result, item.error)))
        case it.Checklist():
            return "\n".join(f"[{'x' if s.status == 'completed' else ' '}] {s.text}" for s in item.steps)
        case it.UnknownItem():
            return item.raw
    return "\n".join(ln.text.strip() for ln in item_lines(item, Look(10_000, is_expanded=True)))


# Messages


def _labelled(label: str, style: str, lines: list[Line], look: Look, fill: str = "") -> list[Line]:
    if look.gutter == NARROW_GUTTER:
        label = {"you": "›", "codex": "●"}.get(label, "▪")
    return prefixed((f" {label:<{look.gutter - 1}}", style), (" " * look.gutter, ""), lines or [BLANK], fill)


def user_message_lines(text: str, look: Look, remark: Span = ("", ""), attachments: tuple[str, ...] = ()) -> list[Line]:
    """What the user wrote; `remark` says that it is being sent or was not sent."""
    lines = wrap_text(visible(text), look.prose_room, "user")
    lines.extend(ln for a in attachments for ln in wrap([(f"⊕ {visible_line(a)}", "muted")], look.room))
    said, style = remark
    if said:
        lines.extend(wrap([(visible_line(said), style)], look.room))
    return _labelled("you", "you bold", lines, look, "userfill")


def outgoing_remark(message: OutgoingMessage) -> Span:
    """The state of a message that is not in the session yet; in a warning's colour only where it waits for
    something."""
    match message.state:
        case "failed":
            return f"not sent: {message.error}", "warn"
        case "waiting":
            return message.waits, "warn"
        case "taken":
            return "Delivered after the current command", "muted"
    return "sending …", "muted"


def queue_lines(messages: Sequence[QueuedMessage], look: Look) -> list[Line]:
    """What other clients queued in Codex, the next one first."""
    lines: list[Line] = []
    for message in messages:
        said = "\n".join((message.text, *(f"⊕ {a}" for a in message.attachments))).strip()
        lines.extend(wrap_text(visible(f"Queued elsewhere: {said}"), look.prose_room, "muted"))
    return _labelled("", "", lines, look)


def _user(item: it.UserMessage, look: Look) -> list[Line]:
    return user_message_lines(item.text, look, attachments=item.attachments)


def _agent(item: it.AgentMessage, look: Look) -> list[Line]:
    lines = list(look.markdown(item.text, look.room))
    for question in item.questions:
        lines.extend(prefixed(("? ", "warn"), ("  ", ""), wrap([(visible(question), "bold")], look.room - 2)))
    if item.status is it.ItemStatus.INTERRUPTED:
        lines.append(Line((("— interrupted here", "warn"),)))
    return _labelled("codex", "codex bold", lines, look)


def _plan(item: it.PlanText, look: Look) -> list[Line]:
    bar = ("┃ ", "plan")
    lines = [Line((("Plan", "plan bold"),)), *look.markdown(item.text, look.room - 2)]
    return _labelled("plan", "plan bold", prefixed(bar, bar, lines), look)


def _checklist(item: it.Checklist, look: Look) -> list[Line]:
    signs = {"completed": ("☑ ", "good"), "inProgress": ("◐ ", "run")}
    lines = wrap([(visible_line(item.explanation), "muted")], look.room) if item.explanation else []
    for step in item.steps:
        style = "muted" if step.status == "completed" else "bold" if step.status == "inProgress" else ""
        wrapped = wrap([(visible_line(step.text), style)], look.room - 2)
        lines.extend(prefixed(signs.get(step.status, ("☐ ", "muted")), ("  ", ""), wrapped))
    return _labelled("plan", "muted", lines, look)


def _notice(item: it.Notice, look: Look) -> list[Line]:
    label, style = {
        it.Severity.ERROR: ("error", "bad"),
        it.Severity.WARNING: ("warn", "warn"),
        it.Severity.INFO: ("note", "muted"),
    }[item.severity]
    lines = wrap_text(visible(item.text), look.prose_room, "" if item.severity is it.Severity.INFO else style)
    if item.detail:
        lines.extend(wrap_text(visible(item.detail), look.prose_room, "muted"))
    for step in item.steps:
        lines.extend(prefixed(("→ ", "accent"), ("  ", ""), wrap([(visible_line(step), "")], look.room - 2)))
    return _labelled(label, f"{style} bold", lines, look)


# What Codex did


def _folded(item: it.Item, look: Look, what: list[Span], after: str = "", after_style: str = "muted") -> Line:
    """The one line of an item: a sign, what it is, and at the right what came of it."""
    sign = ("▾ " if look.is_expanded else "▸ ") if can_expand(item) else "· "
    after = f"  {after}" if after else ""
    room = look.room - 2 - len(after)
    text = wrap([(t.replace("\n", " "), s) for t, s in what], 100_000)[0]
    if text.cells > room:
        text = _cut(text, max(8, room - 1))
    return Line(((" " * look.gutter, ""), (sign, "muted"), *text.spans, (after, after_style)))


def _cut(line: Line, cells: int) -> Line:
    spans: list[Span] = []
    for text, style in line.spans:
        part = wrap([(text, style)], cells)[0] if cells > 0 else BLANK
        kept = text if part.text == text else text[: len(part.text)]
        spans.append((kept, style))
        cells -= Line(((kept, style),)).cells
        if kept != text or cells <= 0:
            break
    return Line((*spans, ("…", "muted")))


def _body(lines: list[Line], look: Look) -> list[Line]:
    """Lines under a folded line."""
    bar = (" " * look.gutter + "│ ", "muted")
    return prefixed(bar, bar, lines)


def duration(ms: int | None) -> str:
    """A duration for people: 40 ms, 3.2 s, 2 min 5 s."""
    if ms is None:
        return ""
    if ms < 100:
        return f"{ms} ms"
    if ms < 59_950:
        return f"{ms / 1000:.1f} s"
    seconds = round(ms / 1000)
    return (
        f"{seconds // 60} min {seconds % 60} s" if seconds < 3600 else f"{seconds // 3600} h {seconds // 60 % 60} min"
    )


def _outcome(item: it.CommandRun, look: Look) -> tuple[str, str]:
    took = f" · {duration(item.duration_ms)}" if item.duration_ms else ""
    match item.status:
        case it.ItemStatus.IN_PROGRESS:
            return ("needs approval", "accent") if look.is_waiting else ("running", "run")
        case it.ItemStatus.DECLINED:
            return "declined", "warn"
        case it.ItemStatus.INTERRUPTED:
            return "interrupted", "warn"
        case it.ItemStatus.FAILED if (item.exit_code or 0) < 0:  # Codex's word for one that it ended
            return f"interrupted{took}", "warn"
        case it.ItemStatus.FAILED:
            return (f"exit {item.exit_code}{took}" if item.exit_code is not None else f"failed{took}"), "bad"
    return f"exit {item.exit_code or 0}{took}", "muted"


def _command(item: it.CommandRun, look: Look) -> list[Line]:
    outcome, style = _outcome(item, look)
    name = "!" if item.is_user_shell else "$"
    shown = visible(item.command) or "unknown command"
    first, *more = shown.split("\n")
    head = _folded(item, look, [(f"{name} ", "accent"), (first + (" …" if more else ""), "cmd")], outcome, style)
    output = plain_output(item.output).rstrip("\n")
    if look.is_expanded:
        return [head, *_body(_command_details(item, output, look), look)]
    if not output or item.status in (it.ItemStatus.COMPLETED, it.ItemStatus.DECLINED):
        return [head]
    rows = output.split("\n")
    tail = [ln for row in rows[-TAIL_LINES:] for ln in wrap([(row, "out")], look.room - 2)][-TAIL_LINES:]
    if item.status is it.ItemStatus.FAILED and (step := sandbox_step(output)):
        tail.extend(prefixed(("→ ", "accent"), ("  ", ""), wrap([(step, "")], look.room - 4)))
    return [head, *_body(tail, look)]


def _command_details(item: it.CommandRun, output: str, look: Look) -> list[Line]:
    room = look.room - 2
    lines = wrap_text(visible(item.command), room, "cmd")
    if item.cwd:
        lines.extend(wrap([(f"in {relative(item.cwd, '')}", "muted")], room))
    lines.extend(ln for text in item.typed for ln in wrap([(f"input: {visible_line(text)}", "muted")], room))
    rows = output.split("\n") if output else []
    if len(rows) > 2 * OUTPUT_ENDS:
        hidden = len(rows) - 2 * OUTPUT_ENDS
        rows = [*rows[:OUTPUT_ENDS], f"… {hidden} lines hidden. Copying the item copies all …", *rows[-OUTPUT_ENDS:]]
    lines.extend(ln for row in rows for ln in wrap([(row, "out")], room))
    if not rows:
        lines.append(Line((("no output", "muted"),)))
    return lines


def _files(item: it.FileChange, look: Look) -> list[Line]:
    words = {it.PatchKind.ADD: "added", it.PatchKind.DELETE: "deleted", it.PatchKind.UPDATE: "edited"}
    status, style = {
        it.ItemStatus.IN_PROGRESS: ("needs approval", "accent") if look.is_waiting else ("not applied yet", "run"),
        it.ItemStatus.FAILED: ("failed", "bad"),
        it.ItemStatus.DECLINED: ("declined", "warn"),
        it.ItemStatus.INTERRUPTED: ("interrupted", "warn"),
    }.get(item.status, ("", "muted"))
    lines: list[Line] = []
    for patch in item.patches:
        diff = diff_of_patch(patch)
        verb, counts = f"{words[patch.kind]} ", (f"  +{diff.added}", f" −{diff.deleted}")
        room = look.room - 2 - sum(map(cell_len, (verb, *counts, f"  {status}" if status else "")))
        paths = [relative(path, look.root) for path in (patch.path, patch.moved_to) if path]
        if sum(map(cell_len, paths)) + (3 if len(paths) > 1 else 0) > room:
            paths = [cut_in_front(path, (room - 3) // 2 if len(paths) > 1 else room) for path in paths]
        what: list[Span] = [(verb, "accent"), (" → ".join(paths), ""), (counts[0], "good"), (counts[1], "bad")]
        lines.append(_folded(item, look, what, status, style))
        if look.is_expanded:
            lines.extend(_body(patch_lines(diff, look.room - 2), look))
    return lines or [_folded(item, look, [("a file change", "")], status, style)]


def _reasoning(item: it.Reasoning, look: Look) -> list[Line]:
    texts = [t for t in (*item.summary, *item.content) if t.strip()]
    first = visible(texts[0]).strip().split("\n")[0].replace("**", "").strip("# ") if texts else "…"
    head = _folded(item, look, [("thinking ", "muted italic"), (first, "muted italic")])
    if not look.is_expanded:
        return [head]
    body = [ln for n, text in enumerate(texts) for ln in ([BLANK] if n else []) + look.markdown(text, look.room - 2)]
    return [head, *_body(body, look)]


def _tool(item: it.ToolCall, look: Look) -> list[Line]:
    name = visible_line(".".join(filter(None, (item.server, item.tool))))
    outcome, style = {
        it.ItemStatus.IN_PROGRESS: ("running", "run"),
        it.ItemStatus.FAILED: ("failed", "bad"),
        it.ItemStatus.DECLINED: ("declined", "warn"),
        it.ItemStatus.INTERRUPTED: ("interrupted", "warn"),
    }.get(item.status, (duration(item.duration_ms), "muted"))
    arguments = f" {visible_line(item.arguments)}" if item.arguments else ""
    head = _folded(item, look, [("tool ", "accent"), (name, ""), (arguments, "muted")], outcome, style)
    room = look.room - 2
    if not look.is_expanded:
        first = visible(item.error).strip().partition("\n")[0]
        return [head, *_body(wrap_text(first, room, "bad")[:2], look)] if first else [head]
    lines = wrap_text(visible(item.arguments), room, "muted")
    lines += wrap_text(plain_output(item.result), room, "out") if item.result else []
    lines += wrap_text(visible(item.error), room, "bad") if item.error else []
    return [head, *_body(lines, look)]


def _search(item: it.WebSearch, look: Look) -> list[Line]:
    words = {"search": "searched the web", "openPage": "opened", "findInPage": "searched in page"}
    what = words.get(item.action, "searched the web")
    return [_folded(item, look, [(f"{what} ", "accent"), (visible_line(item.detail), "")])]


def _short(item: it.Activity | it.SubAgentActivity, look: Look) -> list[Line]:
    if isinstance(item, it.SubAgentActivity):
        label = f"sub-agent {visible_line(item.agent)} {visible_line(item.action)}".replace("  ", " ")
    else:
        label = visible_line(item.label)
    status = "failed" if item.status is it.ItemStatus.FAILED else ""
    head = _folded(item, look, [(f"{label} ", "accent"), (visible_line(item.detail), "")], status, "bad")
    if not look.is_expanded:
        return [head]
    return [head, *_body(wrap_text(visible(item.detail), look.room - 2), look)]


def _review(item: it.ReviewMark, look: Look) -> list[Line]:
    if item.is_start:
        return [_folded(item, look, [("review ", "accent"), (visible_line(item.text), "")])]
    return _labelled("review", "accent bold", list(look.markdown(item.text, look.room)), look)


def _compaction(item: it.Compaction, look: Look) -> list[Line]:
    said = "compacting the conversation …" if item.is_open else "conversation compacted"
    return [_folded(item, look, [(said, "muted")])]


def _unknown(item: it.Item, look: Look) -> list[Line]:
    kind = visible_line(item.kind) if isinstance(item, it.UnknownItem) else type(item).__name__
    raw = item.raw if isinstance(item, it.UnknownItem) else ""
    head = _folded(item, look, [(f"{kind} ", "accent"), ("(unknown to this version)", "muted")])
    return [head, *_body(wrap_text(visible(raw), look.room - 2, "out"), look)] if look.is_expanded else [head]


_MAKERS: dict[type[it.Item], Callable[[Any, Look], list[Line]]] = {
    it.UserMessage: _user,
    it.AgentMessage: _agent,
    it.PlanText: _plan,
    it.Checklist: _checklist,
    it.Notice: _notice,
    it.CommandRun: _command,
    it.FileChange: _files,
    it.Reasoning: _reasoning,
    it.ToolCall: _tool,
    it.WebSearch: _search,
    it.Activity: _short,
    it.SubAgentActivity: _short,
    it.ReviewMark: _review,
    it.Compaction: _compaction,
    it.UnknownItem: _unknown,
}
