"""Repositories and workspaces as git reports them."""

from __future__ import annotations

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
