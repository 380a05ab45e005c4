"""Texts of windows: the keys, the log of decisions, Codex's warnings. Pure functions."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from conductor_tui.domain.approvals import Decided
from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.text import visible, visible_line
from conductor_tui.ui.commands.catalogue import commands_of
from conductor_tui.ui.commands.command import Command
from conductor_tui.ui.commands.keymap import key_text
from conductor_tui.ui.commands.pane import Pane

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext

KEY_CELLS = 12
_ANSWERS = {
    "once": ("yes", "$text-success"),
    "session": ("yes, this session", "$text-success"),
    "always": ("always allow", "$text-warning"),
    "decline": ("no", "$text-error"),
    "cancel": ("no, and stop", "$text-error"),
}


def keys(ctx: UiContext, focused: Pane) -> Content:
    """The keys of the focused pane, then all others; a command that does not apply now says why."""
    others = [p for p in Pane if p not in (focused, Pane.APP)]
    lines: list[Content] = []
    for pane in dict.fromkeys((focused, Pane.APP, *others)):
        commands = [c for c in commands_of(pane) if key_text(ctx.keys, c)]
        if commands:
            lines.extend([Content(""), Content.styled(pane.value, "bold $text-primary")])
            lines.extend(_key_line(ctx, c) for c in commands)
    return Content("\n").join(lines[1:])


def _key_line(ctx: UiContext, command: Command) -> Content:
    reason = ctx.reason(command.id) if command.pane is Pane.APP else None
    style = "$text-disabled" if reason else ""
    text = f"{command.help} ({reason})" if reason else command.help
    return Content.assemble((f"  {key_text(ctx.keys, command):<{KEY_CELLS}}  ", "$text-primary"), (text, style))


def decisions(log: Sequence[Decided], titles: Mapping[ThreadId, str]) -> Content:
    """The log, newest first: when, in which session, what was asked, what was answered. `titles` by thread id."""
    if not log:
        return Content("No decisions yet. Your answers to Codex's requests are listed here.")
    lines: list[Content] = []
    for made in log:
        answer, style = _ANSWERS.get(made.answer, (made.answer, ""))
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(made.at))
        title = visible_line(titles.get(ThreadId(made.thread_id), made.thread_id))
        lines.append(Content.assemble((when, "$text-muted"), "  ", (answer, style), "  ", (title, "$text-muted")))
        lines.append(Content(f"  {visible_line(made.asked)}"))
        if made.words:
            lines.append(Content.styled(f"  instead: {visible_line(made.words)}", "$text-muted"))
    return Content("\n").join(lines)


def remarks(said: Sequence[Trouble]) -> Content:
    """What Codex warned about its setup."""
    if not said:
        return Content("No warnings from Codex")
    lines = []
    for remark in said:
        lines.append(Content.assemble(("! ", "$text-warning"), visible(remark.title)))
        if remark.cause:
            lines.append(Content.styled(f"  {visible(remark.cause)}", "$text-muted"))
    return Content("\n").join(lines)
