"""Changes branches. A branch that others may know by its name is renamed only when the caller says so."""

from __future__ import annotations

from pathlib import Path

from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.problems import Trouble
from conductor_tui.git.creation import check_branch_name
from conductor_tui.git.listing import list_branches
from conductor_tui.git.program import git


async def rename_branch(root: Path, old: str, new: str, *, even_if_pushed: bool = False) -> None:
    """Renames a local branch wherever it is checked out; what it follows stays the same.

    Raises:
        RepositoryError: no such branch, a bad or taken name, or it is on a remote.
    """
    branches = await list_branches(root)
    branch = next((b for b in branches if b.name == old and not b.remote), None)
    if branch is None:
        raise RepositoryError(Trouble("No such branch", f"“{old}” is not a local branch."))
    await check_branch_name(root, new)
    pushed = [b.name for b in branches if b.remote and b.name == f"{b.remote}/{old}"]
    known_as = ", ".join(dict.fromkeys((*([branch.upstream] if branch.upstream else []), *pushed)))
    if known_as and not even_if_pushed:
        steps = ("Rename it all the same: the remote keeps the old name, and the branch goes on following that.",)
        raise RepositoryError(Trouble(f"Branch {old} is on a remote", f"It is known there as {known_as}.", steps))
    await git(root, "branch", "-m", "--", old, new)
