"""A proposed plan as the plan view shows it: steps, the user's comments under them, the keys. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from rich.cells import cell_len
from textual.content import Content

from conductor_tui.domain.text import visible
from conductor_tui.ui.presentation.lines import BLANK, Line, prefixed
from conductor_tui.ui.presentation.markdown import Part, parts
from conductor_tui.ui.presentation.wrapping import wrap_text

MARGIN = 2
"""Cells before a step: the first is the cursor's."""
BETWEEN = Content.styled(" · ", "$text-disabled")
"""Stands between two keys."""


class Layout(Struct, frozen=True):
    """The plan's lines at one width, and the rows of each step with its comment."""

    lines: tuple[Line, ...] = ()
    rows: tuple[range, ...] = ()


class Key(Struct, frozen=True):
    """A key and what it does; with a `reason` it is dim."""

    key: str
    label: str
    reason: str = ""
    is_obvious: bool = False
    """Whether being dim says enough."""


def steps(text: str) -> tuple[Part, ...]:
    """The plan cut into steps: items of its lists with their continuation, headings, paragraphs, other blocks."""
    return tuple(parts(text))


def lay_out(plan: Sequence[Part], comments: Mapping[int, str], width: int) -> Layout:
    """The steps below each other, each with its comment."""
    if not plan:
        return Layout((Line(((" " * MARGIN, ""), ("This plan is empty", "muted"))),))
    margin = (" " * MARGIN, "")
    lines: list[Line] = []
    rows: list[range] = []
    for number, step in enumerate(plan):
        if lines and step.is_first:
            lines.append(BLANK)
        top = len(lines)
        lines.extend(prefixed(margin, margin, step.lines(width - MARGIN)))
        if number in comments:
            lines.extend(_comment(comments[number], width))
        rows.append(range(top, len(lines)))
    return Layout(tuple(lines), tuple(rows))


def _comment(text: str, width: int) -> list[Line]:
    first, rest = (" " * MARGIN + "  └ you: ", "you"), (" " * (MARGIN + 9), "")
    return prefixed(first, rest, wrap_text(visible(text), max(8, width - MARGIN - 9), "you"))


def place_of(at: int, plan: Sequence[Part]) -> str:
    """Where the cursor is: steps are the items of lists; a plan without lists has parts."""
    steps = [number for number, part in enumerate(plan) if part.mark]
    if not steps:
        return f"part {at + 1} of {len(plan)}" if plan else ""
    if at in steps:
        return f"step {steps.index(at) + 1} of {len(steps)}"
    return f"{len(steps)} step{'s' if len(steps) != 1 else ''}"


def counted(number: int) -> str:
    """So many comments, in words."""
    return f"{number} comment{'' if number == 1 else 's'}"


def along(number: int, keys: Sequence[Key]) -> str:
    """Which keys send the comments; empty when none does."""
    able = [key.key for key in keys if not key.reason]
    if not number or not able:
        return ""
    last = f"{', '.join(able[:-1])} or {able[-1]}" if len(able) > 1 else able[0]
    return f"{counted(number)} will be sent with {last}"


def key_rows(keys: Sequence[Key], width: int, note: str = "", warning: str = "") -> Content:
    """The keys, on as many rows as they need; a note and a warning; why the dim keys do not apply, each reason once."""
    rows: list[Content] = []
    row: list[Content] = []
    room = width
    for key in keys:
        cells = cell_len(key.key) + 1 + cell_len(key.label)
        if row and cells > room:
            rows.append(BETWEEN.join(row))
            row, room = [], width
        style = "$text-disabled" if key.reason else ""
        row.append(Content.assemble((key.key, style or "bold $primary"), (f" {key.label}", style)))
        room -= cells + BETWEEN.cell_length
    rows.append(BETWEEN.join(row))
    for text, look in ((note, "$text-muted"), (warning, "$text-warning")):
        if text:
            rows.append(Content.styled(text, look))
    reasons: dict[str, list[str]] = {}
    for key in keys:
        if key.reason and not key.is_obvious:
            reasons.setdefault(key.reason, []).append(key.key)
    why = "; ".join(f"{' '.join(of)} ({reason})" for reason, of in reasons.items())
    if why:
        rows.append(Content.styled(f"Not now: {why}", "$text-disabled"))
    return Content("\n").join(rows)
