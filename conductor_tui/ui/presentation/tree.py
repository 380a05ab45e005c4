"""The workspace tree in rows: repositories, their workspaces, and the sessions worth a row. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from conductor_tui.domain.text import visible_line
from conductor_tui.domain.workspaces import (
    LOCAL,
    RepositoryRecord,
    RepositoryState,
    WorkspaceRecord,
    WorkspaceState,
    display_name,
    in_tree,
)
from conductor_tui.ui.presentation.threads import SessionEntry, counts, urgency

if TYPE_CHECKING:
    from conductor_tui.domain.pull_requests import PullRequest

_LIFE = {WorkspaceState.CREATING: "creating", WorkspaceState.ARCHIVING: "archiving"}


_NONE: Mapping[str, Sequence[str]] = {}
_NO_WORDS: Mapping[str, str] = {}


class WorkspaceRow(Struct, frozen=True):
    """A workspace, and the sessions under it."""

    record: WorkspaceRecord
    name: str
    detail: tuple[str, ...]
    """The lines below the name: its city, the counts of its checkout, running scripts."""
    sign: str
    style: str
    word: str
    """What it is doing; empty when there is nothing to say."""
    is_here: bool
    """Whether the session on screen is in it."""
    sessions: tuple[SessionEntry, ...] = ()
    request: str = ""
    """Its pull request, as `#12 ✗ 2 failing`; empty: none is known."""
    note: str = ""
    """Set when there are details of a last error to read."""
    found_by: str = ""
    """What a filter searches, in lower case: name, branch, city, and the titles of all sessions."""

    @property
    def needs_user(self) -> bool:
        """Whether something in it waits for the user."""
        return any(entry.needs_user for entry in self.sessions)


class TreeBranch(Struct, frozen=True):
    """A repository with its workspaces."""

    name: str
    rows: tuple[WorkspaceRow, ...]


def branches(
    records: Sequence[WorkspaceRecord],
    repositories: Sequence[RepositoryRecord],
    entries: Sequence[SessionEntry],
    here: Path,
    state_of: Callable[[Path], RepositoryState | None],
    steps: Mapping[str, str],
    running: Mapping[str, Sequence[str]] = _NONE,
    request_of: Callable[[WorkspaceRecord, str], PullRequest | None] = lambda record, branch: None,
    racing: Mapping[str, str] = _NO_WORDS,
) -> list[TreeBranch]:
    """The tree: pinned workspaces first in each repository, then those that need the user, then as they were made.

    By workspace id: `steps`, what is being done to it right now; `running`, the run scripts that run in it; `racing`,
    the model of those in a race: their branches are named alike. `request_of`: the pull request of its branch.
    """
    by_folder: dict[str, list[SessionEntry]] = {}
    for entry in entries:
        by_folder.setdefault(entry.folder, []).append(entry)
    alive = [r for r in records if not r.is_archived]
    alive.sort(key=lambda r: (not _is_needed(by_folder.get(str(r.path), [])), not r.is_local, r.created_at))
    names = {r.root: r.name for r in repositories}
    found: dict[Path, list[WorkspaceRow]] = {}
    for record in in_tree(alive, repositories):
        mine = by_folder.get(str(record.path), [])
        state, scripts = state_of(record.path), running.get(record.id, ())
        request = request_of(record, state.branch if state else record.branch)
        row = _row(record, mine, record.path == here, state, steps.get(record.id, ""), scripts, request)
        if record.id in racing:
            row = replace(row, name=RACING + " · ".join(filter(None, (racing[record.id], row.name))))
        found.setdefault(record.repository, []).append(row)
    return [
        TreeBranch(visible_line(names.get(root, root.name or str(root))), tuple(rows)) for root, rows in found.items()
    ]


def filtered(branches: Sequence[TreeBranch], typed: str) -> list[TreeBranch]:
    """The workspaces that every word typed is found in; repositories without one are left out."""
    words = typed.casefold().split()
    kept = [replace(b, rows=tuple(r for r in b.rows if all(w in r.found_by for w in words))) for b in branches]
    return [branch for branch in kept if branch.rows or not words]


def _is_needed(entries: Sequence[SessionEntry]) -> bool:
    return any(entry.needs_user for entry in entries)


def _row(
    record: WorkspaceRecord,
    entries: Sequence[SessionEntry],
    is_here: bool,
    state: RepositoryState | None,
    step: str,
    scripts: Sequence[str],
    request: PullRequest | None,
) -> WorkspaceRow:
    loudest = min(entries, key=urgency, default=None)
    word, (sign, style) = "", ("○", "$text-muted")
    if loudest is not None:
        word, (sign, style) = loudest.word, loudest.sign
    if step or not record.is_usable:
        word = step or ("folder missing" if record.is_missing else _LIFE.get(record.state, ""))
        sign, style = ("…", "$text-warning") if step or not record.is_missing else ("✕", "$text-error")
    branch = state.label if state else record.branch
    name = display_name(replace(record, branch=branch), request.title if request else "")
    city = LOCAL if record.is_local else record.name
    runs = (f"▶ {visible_line(script)}" for script in scripts)
    detail = tuple(filter(None, (visible_line(city) if city != name else "", counts(state), *runs)))
    shown = entries if is_here else [e for e in entries if urgency(e) < QUIET]
    pin = "★ " if record.is_pinned else ""
    return WorkspaceRow(
        record,
        pin + visible_line(name),
        detail,
        sign,
        style,
        word,
        is_here,
        tuple(shown),
        request.label if request else "",
        NOTED if record.trouble and record.is_usable else "",
        "\n".join((name, branch, city, record.name, *(e.title for e in entries))).casefold(),
    )


NOTED = "! note"
"""Marks a workspace with details of a last error to read."""
RACING = "⚑ "
"""Precedes the name of a workspace in an undecided race."""
QUIET = 4
"""Sessions of this urgency and above have no row of their own outside the workspace on screen."""
