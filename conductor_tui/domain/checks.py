"""What `conductor-tui doctor` found: each check with its outcome and what to do, for people and for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct

from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.text import visible_line


class Outcome(StrEnum):
    """How a check ended."""

    OK = "ok"
    NOTE = "note"
    """It works, and there is something to know."""
    BAD = "bad"


class Check(Struct, frozen=True):
    """One thing that was looked at."""

    name: str
    outcome: Outcome
    found: str
    steps: tuple[str, ...] = ()


_SIGNS = {Outcome.OK: "✓", Outcome.NOTE: "!", Outcome.BAD: "✕"}


def from_trouble(name: str, trouble: Trouble, outcome: Outcome = Outcome.BAD) -> Check:
    """A trouble as a check."""
    return Check(name, outcome, ": ".join(filter(None, (trouble.title, trouble.cause))), trouble.steps)


def report(checks: Sequence[Check]) -> str:
    """One line a check, and its steps below."""
    width = max((len(c.name) for c in checks), default=0)
    lines = []
    for check in checks:
        lines.append(f"{_SIGNS[check.outcome]} {check.name:<{width}}  {visible_line(check.found)}")
        lines.extend(f"  {'':<{width}}  → {visible_line(step)}" for step in check.steps)
    return "\n".join((*lines, "", _summary(checks)))


def _summary(checks: Sequence[Check]) -> str:
    bad, notes = (sum(c.outcome is outcome for c in checks) for outcome in (Outcome.BAD, Outcome.NOTE))
    warnings = f"{notes} {'warning' if notes == 1 else 'warnings'}" if notes else ""
    if bad:
        return f"{bad} of {len(checks)} checks failed{f', {warnings}' if warnings else ''}."
    return f"No problems ({warnings})." if warnings else "All is well."


def objects(checks: Sequence[Check]) -> dict[str, Any]:
    """The same for scripts: `is_well`, and per check `name`, `outcome` (ok, note, bad), `found`, `steps`."""
    return {
        "is_well": all(c.outcome is not Outcome.BAD for c in checks),
        "checks": [
            {"name": c.name, "outcome": c.outcome.value, "found": c.found, "steps": list(c.steps)} for c in checks
        ],
    }
