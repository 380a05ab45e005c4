"""Worktrees as git has them: where they are, how one begins, what its removal would lose, what is kept of it."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from msgspec import Struct

from conductor_tui.domain.problems import Trouble

BIG_FILE = 100 << 20
"""Bytes over which a file is not salvaged, unless the caller says otherwise."""


class SaidByGit(str):
    """A line of progress in git's words, between the steps in ours."""

    __slots__ = ()


class Operation(Enum):
    """What conductor-tui does to a worktree, and may have been killed in."""

    CREATE = "create"
    RESTORE = "restore"
    REMOVE = "remove"


class Checkout(Struct, frozen=True):
    """One line of `git worktree list`."""

    path: Path
    head: str = ""
    """Commit id in hex; empty where there is no commit."""
    branch: str = ""
    """Without `refs/heads/`; empty when HEAD is detached."""
    is_main: bool = False
    """Whether it is the repository's own checkout."""
    is_bare: bool = False
    locked: str | None = None
    """Why it is locked (may be empty); None when it is not."""
    prunable: str | None = None
    """Why git would forget it; None when it is all right."""
    unfinished: Operation | None = None
    """What was begun here and not ended: it goes on in another window, or that one was killed."""


class Branch(Struct, frozen=True):
    """A local branch, or what a remote's branch was at the last fetch."""

    name: str
    """`fix-1`, or `origin/fix-1` for one of a remote."""
    head: str
    date: int
    """When its newest commit was made, Unix seconds."""
    subject: str = ""
    remote: str = ""
    """The remote it belongs to; empty for a local one."""
    upstream: str = ""
    """What a local one follows, as `origin/fix-1`."""
    checked_out: Path | None = None


class DefaultBranch(Struct, frozen=True):
    """Where new work begins."""

    name: str
    start: str
    """What to begin at: `origin/main`, or the local branch where no remote has it."""
    head: str


class Commit(Struct, frozen=True):
    """One commit, to be picked from a list."""

    id: str
    date: int
    author: str
    subject: str


class Traits(Struct, frozen=True):
    """What makes a repository special for worktrees."""

    has_submodules: bool = False
    uses_lfs: bool = False
    has_lfs_program: bool = False
    is_shallow: bool = False
    is_bare: bool = False


class NewBranch(Struct, frozen=True):
    """Begins on a branch of its own."""

    name: str
    start: str = ""
    """Branch, tag or commit; empty for the default branch as its remote had it at the last fetch."""


class ExistingBranch(Struct, frozen=True):
    """Begins on a local branch, or on a local one that is made to follow a remote's."""

    name: str


class DetachedCommit(Struct, frozen=True):
    """Begins on a commit, without a branch."""

    commit: str


Start = NewBranch | ExistingBranch | DetachedCommit


class Created(Struct, frozen=True):
    """A new worktree."""

    checkout: Checkout
    made_branch: bool = False
    """Whether the branch was made with it."""
    notes: tuple[Trouble, ...] = ()
    """What did not work and was gone on without: submodules, LFS, a hook."""


class LossKind(Enum):
    """What a loss is, in the words of the list."""

    MODIFIED = "modified"
    STAGED = "staged"
    DELETED = "deleted"
    RENAMED = "renamed"
    CONFLICTED = "in conflict"
    UNTRACKED = "untracked"
    SUBMODULE = "submodule"
    NESTED = "repository of its own"
    COMMIT = "commit"
    STASH = "stash"
    OPERATION = "in progress"
    LOCKED = "locked"
    UNKNOWN = "unknown"


class Loss(Struct, frozen=True):
    """One thing that goes with a worktree."""

    kind: LossKind
    path: str = ""
    """Relative to the worktree, `/`; bytes that are no UTF-8 as surrogates. For a commit its id."""
    detail: str = ""
    """The old path of a rename, a commit's subject, the reason of what is unknown."""
    size: int = 0
    """Bytes on disk, of a file."""
    is_salvaged: bool = True
    """Whether a salvage made now would keep it."""
    stays: bool = False
    """Whether it is only mentioned: it stays in the repository without a salvage."""


class IgnoredFolder(Struct, frozen=True):
    """Ignored files below one top folder (or one ignored file at the top); they go and are not salvaged."""

    path: str
    files: int
    size: int
    """Bytes."""


class Losses(Struct, frozen=True):
    """All that the removal of a worktree would lose, as it was at one moment."""

    path: Path
    items: tuple[Loss, ...] = ()
    ignored: tuple[IgnoredFolder, ...] = ()
    fingerprint: str = ""
    """Changes with anything in the list, with HEAD and the index: `remove` wants the one that the user saw."""

    @property
    def lost(self) -> tuple[Loss, ...]:
        """What would go, ignored files aside."""
        return tuple(item for item in self.items if not item.stays)

    @property
    def is_clean(self) -> bool:
        """Whether nothing but ignored files would go, and everything could be determined."""
        return not self.lost

    @property
    def not_salvaged(self) -> tuple[Loss, ...]:
        """What would be gone for good."""
        return tuple(item for item in self.lost if not item.is_salvaged)


class Salvage(Struct, frozen=True):
    """What was kept of a worktree, under a private ref."""

    ref: str
    name: str
    path: str
    """Where it was."""
    made_at: int
    """Unix seconds."""
    branch: str = ""
    head: str = ""
    """Empty where there was no commit yet."""
    upstream: str = ""
    files: int = 0
    """Changed and untracked files that are kept."""
    not_kept: tuple[Loss, ...] = ()
    """What is not in it: too big, not readable, a repository of its own."""


class Restored(Struct, frozen=True):
    """A worktree made again from a salvage."""

    checkout: Checkout
    is_other_branch: bool = False
    """Whether the old branch was taken, and the worktree is on a new one."""
    notes: tuple[Trouble, ...] = ()


class Removed(Struct, frozen=True):
    """A worktree is gone."""

    salvage: Salvage
    deleted_branch: str = ""
    notes: tuple[Trouble, ...] = ()
    """Why the branch stayed, if it was to be deleted."""


class Changed(Struct, frozen=True):
    """Nothing was removed: what would be lost is not what the user saw."""

    losses: Losses


class Unfinished(Struct, frozen=True):
    """Something that was begun and whose process is gone; the same call again ends it."""

    operation: Operation
    path: Path
    ref: str = ""
    """The salvage: of a removal the one made, of a restore the one it is made from."""
    branch: str = ""
