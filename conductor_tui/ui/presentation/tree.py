"""The workspace tree in rows: repositories, their workspaces, and the sessions worth a row. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

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
from conductor_tui.ui.presentation.threads import Entry, counts, urgency

_LIFE = {WorkspaceState.CREATING: "being made", WorkspaceState.ARCHIVING: "being archived"}


class WorkspaceRow(Struct, frozen=True):
    """A workspace, and the sessions under it."""

    record: WorkspaceRecord
    name: str
    detail: str
    """Its city and how it stands, below the name; may be empty."""
    sign: str
    style: str
    word: str
    """What it is doing; empty when there is nothing to say."""
    is_here: bool
    """Whether the session on screen is in it."""
    sessions: tuple[Entry, ...] = ()

    @property
    def needs_user(self) -> bool:
        """Whether something in it waits for the user."""
        return any(entry.needs_user for entry in self.sessions)


class Branch(Struct, frozen=True):
    """A repository with its workspaces."""

    name: str
    rows: tuple[WorkspaceRow, ...]


def branches(
    records: Sequence[WorkspaceRecord],
    repositories: Sequence[RepositoryRecord],
    entries: Sequence[Entry],
    here: Path,
    state_of: Callable[[Path], RepositoryState | None],
    steps: Mapping[str, str],
    racing: frozenset[str] = frozenset(),
) -> list[Branch]:
    """The tree: pinned workspaces first in each repository, then those that need the user, then as they were made.

    `steps`: by workspace id, what is being done to it right now; `racing`: ids of those in a race.
    """
    by_folder: dict[str, list[Entry]] = {}
    for entry in entries:
        by_folder.setdefault(entry.folder, []).append(entry)
    alive = [r for r in records if not r.is_archived]
    alive.sort(key=lambda r: (_most_urgent(by_folder.get(str(r.path), [])), not r.is_local, r.created_at))
    names = {r.root: r.name for r in repositories}
    found: dict[Path, list[WorkspaceRow]] = {}
    for record in in_tree(alive, repositories):
        mine = by_folder.get(str(record.path), [])
        row = _row(record, mine, record.path == here, state_of(record.path), steps.get(record.id, ""))
        if record.id in racing:
            row = replace(row, name=f"{RACING}{row.name}")
        found.setdefault(record.repository, []).append(row)
    return [Branch(visible_line(names.get(root, root.name or str(root))), tuple(rows)) for root, rows in found.items()]


def _most_urgent(entries: Sequence[Entry]) -> int:
    return min((urgency(e) for e in entries), default=9)


def _row(
    record: WorkspaceRecord, entries: Sequence[Entry], is_here: bool, state: RepositoryState | None, step: str
) -> WorkspaceRow:
    loudest = min(entries, key=urgency, default=None)
    word, (sign, style) = "", ("○", "$text-muted")
    if loudest is not None:
        word, (sign, style) = loudest.word, loudest.sign
    if step or not record.is_usable:
        word = step or ("folder is gone" if record.is_missing else _LIFE.get(record.state, ""))
        sign, style = ("…", "$text-warning") if step or not record.is_missing else ("✕", "$text-error")
    elif record.trouble and sign == "○":
        sign, style, word = "!", "$text-warning", "read it"
    branch = state.label if state else record.branch
    name = display_name(record) if record.title or not branch else branch
    city = LOCAL if record.is_local else record.name
    detail = " ".join(filter(None, (visible_line(city) if city != name else "", counts(state))))
    shown = entries if is_here else [e for e in entries if urgency(e) < QUIET]
    pin = "★ " if record.is_pinned else ""
    return WorkspaceRow(record, pin + visible_line(name), detail, sign, style, word, is_here, tuple(shown))


RACING = "⚑ "
"""Stands before the name of a workspace in a race that is not decided."""
QUIET = 4
"""The urgency from which a session has no row of its own outside the workspace on screen."""
