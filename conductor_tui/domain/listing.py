"""Sessions for the command line: as a table for people, as JSON objects for scripts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from conductor_tui.domain.text import from_home, visible_line
from conductor_tui.domain.threads import ThreadState, ThreadSummary

_WORDS = {
    ThreadState.NEEDS_APPROVAL: "needs you",
    ThreadState.NEEDS_INPUT: "asks you",
    ThreadState.FAILED: "failed",
    ThreadState.WORKING: "working",
    ThreadState.IDLE: "idle",
    ThreadState.NOT_LOADED: "",
}
_ORDER = list(_WORDS)
_TITLE = 60


def in_order(threads: Sequence[ThreadSummary]) -> list[ThreadSummary]:
    """Those that need the user first, then the failed, the working and the others; the newest first in each."""
    return sorted(threads, key=lambda t: (min(_ORDER.index(t.state), 4), -t.updated_at))


def table(threads: Sequence[ThreadSummary], *, now: float, home: str) -> str:
    """One line a session: state, age, title, folder."""
    if not threads:
        return "No sessions."
    rows = [
        (_WORDS[t.state], age(now - t.updated_at), _cut(visible_line(t.title)), visible_line(from_home(t.cwd, home)))
        for t in in_order(threads)
    ]
    widths = [max(len(row[n]) for row in rows) for n in range(3)]
    return "\n".join("  ".join((*(c.ljust(w) for c, w in zip(r, widths, strict=False)), r[3])).rstrip() for r in rows)


def _cut(title: str) -> str:
    return title if len(title) <= _TITLE else f"{title[: _TITLE - 1]}…"


def objects(threads: Sequence[ThreadSummary]) -> list[dict[str, Any]]:
    """The same for scripts; keys are never taken away, only added to.

    `id`, `state` (needsApproval, needsInput, failed, working, idle, notLoaded), `needs_user`, `title`, `cwd`,
    `branch`, `model`, `updated_at` (seconds since 1970).
    """
    return [
        {
            "id": t.id,
            "state": t.state.value,
            "needs_user": t.state.needs_user,
            "title": t.title,
            "cwd": t.cwd,
            "branch": t.branch,
            "model": t.model,
            "updated_at": t.updated_at,
        }
        for t in in_order(threads)
    ]


def age(seconds: float) -> str:
    """How long ago, in one short word; empty below a minute."""
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return ""
