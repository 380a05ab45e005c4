"""The worktrees of one repository. Meets `sessions.ports.Worktrees`; each subject has its own module beside it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.pull_requests import OpenRequest
from conductor_tui.domain.worktrees import (
    BIG_FILE,
    Branch,
    Changed,
    Checkout,
    Commit,
    Created,
    DefaultBranch,
    Losses,
    Operation,
    Removed,
    Restored,
    Salvage,
    Start,
    Traits,
    Unfinished,
)
from conductor_tui.git import branches, creation, fetch, listing, pr_refs, repair, restore, snapshot
from conductor_tui.git.journal import Journal
from conductor_tui.git.losses import inspect
from conductor_tui.git.program import git
from conductor_tui.git.raw_blobs import sweep_folders
from conductor_tui.git.removal import check_alone, check_there, end_removal, remove

Progress = Callable[[str], None]


async def open_worktrees(root: Path) -> GitWorktrees:
    """The worktrees of the repository that `root`, any checkout of it or a bare one, belongs to.

    Raises:
        RepositoryError: no repository there, or one that git does not trust.
    """
    said = await git(root, "rev-parse", "--path-format=absolute", "--git-common-dir")
    checkouts = await listing.list_checkouts(root)
    common = Path(os.fsdecode(said.removesuffix(b"\n")))
    await asyncio.to_thread(_sweep, common)
    return GitWorktrees(checkouts[0].path, common)


def _sweep(common: Path) -> None:
    """Takes away what processes that were killed have left and nobody needs."""
    Journal(common).sweep()
    sweep_folders(common)


class GitWorktrees:
    """Asked without blocking the loop. Every method raises RepositoryError with a Trouble for the user."""

    def __init__(self, root: Path, common: Path, clock: Callable[[], float] = time.time) -> None:
        self.root = root
        self._common = common
        self._journal = Journal(common)
        self._clock = clock

    async def checkouts(self) -> tuple[Checkout, ...]:
        """All that git lists, the main one first, with what was begun there and not ended."""
        begun = {Path(entry.path): entry.operation for entry in self._journal.entries()}
        found = []
        for checkout in await listing.list_checkouts(self.root):
            operation = begun.get(checkout.path)
            if operation is None and checkout.locked in (creation.OUR_REASON, "initializing"):
                operation = Operation.CREATE
            found.append(replace(checkout, unfinished=operation))
        return tuple(found)

    async def branches(self) -> tuple[Branch, ...]:
        """Local and remote ones, newest commit first."""
        return await listing.list_branches(self.root)

    async def default_branch(self) -> DefaultBranch | None:
        """Where new work begins; None before the first commit."""
        return await listing.find_default_branch(self.root)

    async def commits(self, start: str = "HEAD", limit: int = 100) -> tuple[Commit, ...]:
        """`start` and those before it, newest first."""
        return await listing.list_commits(self.root, start, limit)

    async def traits(self, commit: str = "HEAD") -> Traits:
        """Submodules, LFS, shallow, bare."""
        return await listing.find_traits(self.root, commit)

    async def fetch(
        self, remote: str = "", *, timeout: float = fetch.FETCH_TIMEOUT, on_progress: Progress | None = None
    ) -> Trouble | None:
        """Gets the newest commits; why not, if not. Never raises."""
        return await fetch.fetch(self.root, remote, timeout=timeout, on_progress=on_progress)

    async def fetch_request(self, request: OpenRequest, *, on_progress: Progress | None = None) -> Start:
        """Gets the commits of a pull request; where a worktree for it begins."""
        return await pr_refs.fetch_request(self.root, request, on_progress or _ignore)

    async def create(
        self, path: Path, start: Start, *, submodules: bool = True, on_progress: Progress | None = None
    ) -> Created:
        """A new worktree at `path`, which must be free; what a crashed call left there is cleared first."""
        path = _placed(path)
        with self._journal.hold(path) as hold:
            await repair.clear_left_over(self.root, hold, common=self._common, now=self._now())
            try:
                return await creation.create(
                    self.root, hold, start, submodules=submodules, on_progress=on_progress or _ignore
                )
            except (RepositoryError, OSError, asyncio.CancelledError):
                with contextlib.suppress(RepositoryError):  # else the next call clears it
                    await repair.clear_left_over(self.root, hold, common=self._common, now=self._now())
                raise

    async def losses(self, path: Path, *, goes: str = "", size_limit: int = BIG_FILE) -> Losses:
        """All that `remove` with the same `goes` and `size_limit` would lose."""
        checkout = await creation.checkout_at(self.root, _placed(path))
        check_there(checkout.path, self._common)
        await check_alone(self.root, checkout.path)
        entry = self._journal.entry(checkout.path)
        found = await inspect(
            self.root,
            checkout,
            branch_goes=bool(goes) and goes == checkout.branch,
            size_limit=size_limit,
            unfinished=entry.operation if entry else None,
        )
        return found.losses

    async def salvage(self, path: Path, *, name: str = "", size_limit: int = BIG_FILE) -> Salvage:
        """Keeps a checkout as it is, also the main one; nothing in it changes."""
        checkout = await creation.checkout_at(self.root, _placed(path))
        if not checkout.is_main:
            check_there(checkout.path, self._common)
        found = await inspect(self.root, checkout, branch_goes=False, size_limit=size_limit)
        name = name or checkout.path.name
        return await snapshot.keep(found, checkout, name=name, now=self._now(), common=self._common)

    async def remove(
        self,
        path: Path,
        seen: str,
        *,
        name: str = "",
        goes: str = "",
        size_limit: int = BIG_FILE,
    ) -> Removed | Changed:
        """Removes a worktree whose losses still have the fingerprint `seen`; everything that can be is salvaged first.

        The branch `goes` is deleted; it stays if it is the default one, in use, has moved, or is not the one that is
        checked out and has commits of its own. A removal that failed half-way is gone on with.
        """
        path = _placed(path)
        with self._journal.hold(path) as hold:
            entry = hold.left_over()
            try:
                checkout = await creation.checkout_at(self.root, path)
            except RepositoryError:
                if entry is None or entry.operation is not Operation.REMOVE:
                    raise
                return await end_removal(self.root, hold, entry)
            return await remove(
                self.root,
                hold,
                checkout,
                seen,
                name=name or path.name,
                goes=goes,
                size_limit=size_limit,
                now=self._now(),
                common=self._common,
            )

    async def restore(
        self, ref: str, path: Path, *, submodules: bool = True, on_progress: Progress | None = None
    ) -> Restored:
        """The worktree that `ref` keeps, made again at `path`, which must be free; the ref stays."""
        path = _placed(path)
        with self._journal.hold(path) as hold:
            await repair.clear_left_over(self.root, hold, common=self._common, now=self._now())
            try:
                return await restore.restore(
                    self.root,
                    hold,
                    ref,
                    common=self._common,
                    submodules=submodules,
                    on_progress=on_progress or _ignore,
                )
            except (RepositoryError, OSError, asyncio.CancelledError):
                with contextlib.suppress(RepositoryError):  # else the next call clears it
                    await repair.clear_left_over(self.root, hold, common=self._common, now=self._now())
                raise

    async def salvages(self) -> tuple[Salvage, ...]:
        """All that are kept, newest first."""
        return await snapshot.list_salvages(self.root)

    async def patch(self, ref: str, base: str = "") -> bytes:
        """What was uncommitted, untracked files included, for `git apply`; from `base` with the commits too."""
        return await snapshot.patch_of(self.root, ref, base)

    async def forget(self, ref: str) -> None:
        """Drops a salvage."""
        await snapshot.forget_salvage(self.root, ref)

    async def rename_branch(self, old: str, new: str, *, even_if_pushed: bool = False) -> None:
        """Renames a local branch wherever it is checked out; what it follows stays the same."""
        await branches.rename_branch(self.root, old, new, even_if_pushed=even_if_pushed)

    async def unfinished(self) -> tuple[Unfinished, ...]:
        """What processes that are gone have begun: the same call again ends it, `clear` undoes create and restore."""
        return tuple(
            Unfinished(entry.operation, Path(entry.path), entry.ref, entry.branch)
            for entry in self._journal.entries()
            if not self._journal.is_held(Path(entry.path))
        )

    async def clear(self, path: Path) -> Salvage | None:
        """Takes away what is left of a worktree that was being made; what was kept of it, if anything was."""
        with self._journal.hold(_placed(path)) as hold:
            return await repair.clear_left_over(self.root, hold, common=self._common, now=self._now())

    async def prune(self, path: Path) -> Salvage:
        """Forgets a worktree whose folder is gone; its HEAD and index are kept."""
        path = _placed(path)
        with self._journal.hold(path) as hold:
            checkout = await creation.checkout_at(self.root, path)
            return await repair.prune(self.root, hold, checkout, common=self._common, now=self._now())

    async def repair(self, path: Path) -> Checkout:
        """Finds a worktree again whose folder was moved to `path`."""
        path = _placed(path)
        await git(self.root, "worktree", "repair", str(path))
        return await creation.checkout_at(self.root, path)

    def _now(self) -> int:
        return int(self._clock())


def _placed(path: Path) -> Path:
    """As git lists it: absolute, links resolved, the last part not followed."""
    return path.parent.resolve() / path.name


def _ignore(line: str) -> None:
    """Progress that nobody wants to see."""
