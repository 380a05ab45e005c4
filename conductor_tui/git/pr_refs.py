"""Where the commits of a pull request are, and where a worktree for it begins.

A branch of a repository that we have as a remote is followed; what came from a fork is had by the number that the
remote keeps it under, on a branch `pr-N` of ours that `git pull` and `gh` know as that pull request.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.pull_requests import OpenRequest
from conductor_tui.domain.worktrees import ExistingBranch, NewBranch, Start
from conductor_tui.git.fetch import fetch_ref
from conductor_tui.git.listing import free_branch_name, list_remotes, resolve
from conductor_tui.git.program import git


async def fetch_request(root: Path, request: OpenRequest, on_progress: Callable[[str], None]) -> Start:
    """Gets the commits of a pull request.

    Raises:
        RepositoryError: there is no remote, or it does not give them.
    """
    remotes = {name: await _repository_of(root, name) for name in await list_remotes(root)}
    if not remotes:
        steps = ("Add the repository on GitHub as a remote: git remote add origin URL",)
        raise RepositoryError(Trouble("No remote to get the pull request from", str(root), steps))
    base = _of(remotes, request.repository) or next(iter(remotes))
    holder = _of(remotes, request.head_repository) or ("" if request.is_from_fork else base)
    if holder and request.branch:
        followed = f"refs/remotes/{holder}/{request.branch}"
        try:
            await fetch_ref(root, holder, f"refs/heads/{request.branch}", followed, on_progress)
            return ExistingBranch(f"{holder}/{request.branch}")
        except RepositoryError as error:
            if "couldn't find remote ref" not in error.trouble.cause:
                raise  # else it was merged and its branch deleted: the number still has it
    kept = f"refs/pull/{request.number}/head"
    had = f"refs/remotes/{base}/pr/{request.number}"
    await fetch_ref(root, base, kept, had, on_progress)
    return await _numbered(root, base, kept, had, f"pr-{request.number}")


async def _numbered(root: Path, remote: str, kept: str, had: str, wanted: str) -> Start:
    """The branch of an earlier time if it stands where the pull request does, else a new one."""
    if await resolve(root, f"refs/heads/{wanted}") == await resolve(root, had):
        return ExistingBranch(wanted)
    name = await free_branch_name(root, wanted)
    await git(root, "config", "--local", f"branch.{name}.remote", remote)
    await git(root, "config", "--local", f"branch.{name}.merge", kept)
    return NewBranch(name, had)


def _of(remotes: dict[str, str], repository: str) -> str:
    return next((name for name, of in remotes.items() if of and of == repository.casefold()), "")


async def _repository_of(root: Path, remote: str) -> str:
    """`owner/name` at the end of a remote's address, in small letters; empty when it has no such end."""
    said = await git(root, "remote", "get-url", "--", remote, ok=(0, 2, 128))
    match = re.search(r"([^/:]+/[^/:]+?)(?:\.git)?/*$", os.fsdecode(said).strip())
    return match[1].casefold() if match else ""
