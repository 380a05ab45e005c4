"""Repositories and workspaces: as git reports them, as we keep them, in what order and under what name they stand."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from msgspec import Struct

from conductor_tui.domain.diffs import FileDiff


class RepositoryState(Struct, frozen=True):
    """What git says of a checkout right now."""

    root: Path
    """The working tree's top folder, absolute."""
    branch: str = ""
    """Empty when HEAD is detached."""
    head: str = ""
    """Commit id in hex; empty in a repository without commits."""
    ahead: int | None = None
    """Commits the upstream lacks; None without an upstream."""
    behind: int | None = None
    added: int = 0
    """Lines added since HEAD, untracked files included."""
    deleted: int = 0
    changed_files: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether there is no commit yet."""
        return not self.head

    @property
    def is_detached(self) -> bool:
        """Whether HEAD names a commit, not a branch."""
        return bool(self.head) and not self.branch

    @property
    def label(self) -> str:
        """The branch, or what stands in its place."""
        if self.branch:
            return self.branch
        return f"detached at {self.head[:8]}" if self.head else "no commits yet"


class Standing(Struct, frozen=True):
    """How a checkout stands to the branch that it is to go into."""

    ahead: int = 0
    """Commits that the base lacks."""
    behind: int = 0
    """Commits of the base that it lacks."""
    added: int = 0
    """Lines since the merge base, committed or not; untracked files are not counted."""
    deleted: int = 0
    is_dirty: bool = False
    """Whether anything is uncommitted, untracked files included."""


class WorkingDiff(Struct, frozen=True):
    """Everything uncommitted against HEAD (or against nothing, in an empty repository)."""

    files: tuple[FileDiff, ...] = ()
    left_out: tuple[str, ...] = ()
    """One line for each thing not shown, with the reason: too large, unreadable, too many files."""

    @property
    def added(self) -> int:
        return sum(f.added for f in self.files)

    @property
    def deleted(self) -> int:
        return sum(f.deleted for f in self.files)


LOCAL = "local"
"""The name of the workspace that is the repository's own checkout."""


class WorkspaceState(StrEnum):
    """Where a workspace stands in its life."""

    CREATING = "creating"
    """It is being made or restored, or that was cut short."""
    READY = "ready"
    ARCHIVING = "archiving"
    ARCHIVED = "archived"
    """Its folder is gone; what was in it is kept under `WorkspaceRecord.salvage`."""


class RepositoryRecord(Struct, frozen=True):
    """A repository that the user works in."""

    root: Path
    """The top folder of its own checkout."""
    name: str
    added_at: int = 0
    """Unix seconds."""


class WorkspaceRecord(Struct, frozen=True, kw_only=True):
    """A workspace as it is remembered."""

    id: str
    repository: Path
    """The top folder of the repository's own checkout."""
    name: str
    """A city, or `local`; unique in its repository."""
    path: Path
    is_local: bool = False
    branch: str = ""
    """As last seen; empty when HEAD is detached."""
    base: str = ""
    """The branch or commit that it began at; empty: not known."""
    made_by_us: bool = False
    """Whether its folder was made by conductor-tui, not adopted."""
    made_branch: str = ""
    """The branch that was made for it, whichever is checked out now; empty: none was."""
    title: str = ""
    """The user's name for it."""
    is_pinned: bool = False
    created_at: int = 0
    """Unix seconds."""
    port: int = 0
    """The first of its block of ten; 0: it has none."""
    state: WorkspaceState = WorkspaceState.READY
    salvage: str = ""
    """The ref that keeps what was in it when it was archived."""
    head: str = ""
    """The commit that it stood on when it was archived."""
    archived_at: int = 0
    """Unix seconds; 0: it is not archived."""
    trouble: str = ""
    """What the last step could not do, in words for the user; a line each."""
    is_missing: bool = False
    """Whether its folder was gone when it was last looked at."""

    @property
    def is_archived(self) -> bool:
        return self.state is WorkspaceState.ARCHIVED

    @property
    def is_usable(self) -> bool:
        """Whether sessions and scripts may be started in it."""
        return self.state is WorkspaceState.READY and not self.is_missing

    @property
    def is_restoring(self) -> bool:
        """Whether it is being made from what was kept."""
        return self.state is WorkspaceState.CREATING and bool(self.salvage)


def display_name(record: WorkspaceRecord, pull_request: str = "") -> str:
    """What a workspace is called on screen: the user's name for it, its pull request's title, its branch, its name."""
    return record.title or pull_request or record.branch or record.name


def in_tree(records: Sequence[WorkspaceRecord], repositories: Sequence[RepositoryRecord] = ()) -> list[WorkspaceRecord]:
    """The order of the tree: the pinned, then each repository's, in the order of `repositories`.

    Within these the order stays as given: who needs the user first is the caller's knowledge.
    """
    places = {repository.root: place for place, repository in enumerate(repositories)}
    unknown = len(places)

    def key(record: WorkspaceRecord) -> tuple[bool, int, str]:
        place = places.get(record.repository, unknown)
        return not record.is_pinned, place, str(record.repository) if place == unknown else ""

    return sorted(records, key=key)


def found_by(word: str, records: Sequence[WorkspaceRecord]) -> list[WorkspaceRecord]:
    """The workspaces that a word of the user's means: by name, else id, branch or title; several if unclear."""
    for of in (
        lambda r: (r.name, f"{r.repository.name}/{r.name}"),
        lambda r: (r.id, str(r.path)),
        lambda r: (r.branch, r.title),
    ):
        found = [record for record in records if word and word in of(record)]
        if found:
            return found
    return []
