"""Plans that Codex proposed in Plan Mode: which one is open, and what is said to Codex about it. Pure functions."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from msgspec import Struct

from conductor_tui.domain.items import ItemStatus, PlanText
from conductor_tui.domain.projection import SessionProjection
from conductor_tui.domain.text import visible_line

_QUOTED = 12
"""Lines of a step that a remark quotes at the most."""
_TITLE = 60


class StepComment(Struct, frozen=True):
    """The user's words on one step of a plan."""

    step: int
    """Which step, from 0."""
    step_hash: str
    """Of the step's text (`step_hash`), to find it again."""
    text: str


class Remark(Struct, frozen=True):
    """A comment together with the step it is about."""

    step: str
    text: str


def step_hash(text: str) -> str:
    """A short name for the text of a step."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def newest_plan(projection: SessionProjection) -> PlanText | None:
    """The plan proposed last, whatever came after it; None when no whole one is known."""
    for turn_id in reversed(projection.turns):
        for item in reversed(projection.items_of(turn_id)):
            if isinstance(item, PlanText) and item.status is ItemStatus.COMPLETED:
                return item
    return None


def open_plan(projection: SessionProjection) -> PlanText | None:
    """The plan that nothing was done about yet: proposed by the newest turn, which has ended."""
    newest = next(reversed(projection.turns), None)
    if newest is None or projection.running_turn is not None:
        return None
    plan = next((i for i in reversed(projection.items_of(newest)) if isinstance(i, PlanText)), None)
    return plan if plan is not None and plan.status is ItemStatus.COMPLETED else None


def title(plan: str) -> str:
    """The first heading or line, short enough to name a session; empty for an empty plan."""
    first = next((line.strip("#*_ \t") for line in plan.split("\n") if line.strip("#*_ \t")), "")
    return shortened(first)


def shortened(text: str) -> str:
    """The first line, made visible, at most 60 characters."""
    first = visible_line(text.partition("\n")[0])
    return first if len(first) <= _TITLE else f"{first[: _TITLE - 1]}…"


def placed(comments: Sequence[StepComment], steps: Sequence[str]) -> dict[int, str]:
    """Comments by the step they stand under: the one of that place and text, else of that text, else the nearest."""
    hashes = [step_hash(step) for step in steps]
    found: dict[int, str] = {}
    for comment in comments:
        at = comment.step
        if not (0 <= at < len(hashes) and hashes[at] == comment.step_hash):
            at = hashes.index(comment.step_hash) if comment.step_hash in hashes else max(0, min(at, len(hashes) - 1))
        found[at] = f"{found[at]}\n{comment.text}" if at in found else comment.text
    return found


def remarks(steps: Sequence[str], comments: Mapping[int, str]) -> tuple[Remark, ...]:
    """The comments in the order of their steps."""
    return tuple(Remark(steps[at], comments[at]) for at in sorted(comments) if at < len(steps))


def revision(said: Sequence[Remark], words: str) -> str:
    """The message that asks for another plan: each remark under the step it quotes, then the user's own words."""
    parts = ["Revise the plan."]
    if said:
        parts = ["Revise the plan. Take these comments into account:", _numbered(said)]
    return "\n\n".join([*parts, *([words.strip()] if words.strip() else [])])


def implementation(said: Sequence[Remark]) -> str:
    """The message that has the plan of this conversation carried out."""
    return (
        f"Implement the plan. Take these comments into account:\n\n{_numbered(said)}" if said else "Implement the plan."
    )


def fresh_implementation(prompt: str, plan: str, said: Sequence[Remark]) -> str:
    """The first message of a fresh session. `prompt` is Codex's own; empty where it has none, so the plan is in it."""
    start = prompt or f"Implement the plan below.\n\n{plan.strip()}"
    return f"{start}\n\nTake these comments into account:\n\n{_numbered(said)}" if said else start


def _numbered(said: Sequence[Remark]) -> str:
    parts = []
    for number, remark in enumerate(said, 1):
        lead = f"{number}. "
        lines = remark.step.strip("\n").split("\n")
        quote = [f"> {line}".rstrip() for line in lines[:_QUOTED]]
        if len(lines) > _QUOTED:
            quote.append("> …")
        body = [*quote, "", *remark.text.strip().split("\n")]
        indent = " " * len(lead)
        parts.append("\n".join((lead if not at else indent) + line if line else "" for at, line in enumerate(body)))
    return "\n\n".join(parts)
