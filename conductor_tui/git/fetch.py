"""Talks to remotes: bounded in time, never asks for a password, and a failure is something to show, not the end."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.problems import Trouble
from conductor_tui.git.listing import list_remotes
from conductor_tui.git.program import git

FETCH_TIMEOUT = 30.0
"""Seconds after which one goes on without the remote."""

REQUEST_TIMEOUT = 120.0
"""Seconds that the commits of a pull request may take: without them there is nothing to begin at."""

SUBMODULE_TIMEOUT = 600.0
"""Seconds that all submodules together may take."""


async def fetch(
    root: Path, remote: str = "", *, timeout: float = FETCH_TIMEOUT, on_progress: Callable[[str], None] | None = None
) -> Trouble | None:
    """Gets the newest commits of `remote` (empty: origin, or the only one); why not, if not.

    No branch of ours moves, and nothing that a remote has deleted is forgotten.
    """
    try:
        remote = remote or next(iter(await list_remotes(root)), "")
        if not remote:
            return None
        await git(
            root, "-c", "maintenance.auto=false", "-c", "gc.auto=0",
            "fetch", "--progress", "--no-recurse-submodules", "--no-write-fetch-head", "--no-prune", "--", remote,
            timeout=timeout, environment=await _no_questions(root), on_progress=on_progress or _ignore,
        )  # fmt: skip
    except RepositoryError as error:
        return error.trouble
    return None


async def fetch_ref(root: Path, remote: str, ref: str, to: str, on_progress: Callable[[str], None]) -> None:
    """Gets one ref of a remote, `refs/…`, to a ref of ours, which is overwritten.

    Raises:
        RepositoryError: it could not be had, or is not there.
    """
    await git(
        root, "-c", "maintenance.auto=false", "-c", "gc.auto=0",
        "fetch", "--progress", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-prune",
        "--", remote, f"+{ref}:{to}",
        timeout=REQUEST_TIMEOUT, environment=await _no_questions(root), on_progress=on_progress,
    )  # fmt: skip


async def fill_submodules(
    root: Path, *, held: tuple[int, ...] = (), on_progress: Callable[[str], None] | None = None
) -> Trouble | None:
    """Checks out the submodules of the worktree `root`; why not, if not."""
    try:
        await git(
            root, "submodule", "update", "--init", "--recursive", "--progress",
            timeout=SUBMODULE_TIMEOUT, environment=await _no_questions(root), held=held,
            on_progress=on_progress or _ignore,
        )  # fmt: skip
    except RepositoryError as error:
        step = f"When that is mended: git -C {root} submodule update --init --recursive"
        return Trouble("Submodules are missing", error.trouble.cause or error.trouble.title, (step,))
    return None


async def _no_questions(root: Path) -> dict[str, str]:
    """An ssh that fails where it would ask, by whatever command the user has chosen for git."""
    if "GIT_SSH" in os.environ and "GIT_SSH_COMMAND" not in os.environ:
        return {}
    configured = await git(root, "config", "--get", "core.sshCommand", ok=(0, 1))
    command = os.environ.get("GIT_SSH_COMMAND") or os.fsdecode(configured).strip() or "ssh"
    return {"GIT_SSH_COMMAND": f"{command} -o BatchMode=yes"}


def _ignore(line: str) -> None:
    """Progress that nobody wants to see."""
