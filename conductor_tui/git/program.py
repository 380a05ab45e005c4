"""Runs the `git` program: as a subprocess, bounded in time, free of the user's display settings and of locks."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from pathlib import Path

from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.troubles import Trouble

TIMEOUT = 60.0
"""Seconds after which a git that does not answer is ended."""

_CONFIG = (
    "core.quotePath=true", "color.ui=false", "diff.noprefix=false", "diff.mnemonicPrefix=false",
    "diff.external=", "diff.renames=true", "diff.submodule=short", "core.fsmonitor=false",
    "diff.orderFile=/dev/null", "diff.interHunkContext=0", "core.pager=cat",
)  # fmt: skip
"""What a user may have set that would change the output; a repository's fsmonitor would run a program of its choice."""


async def git(root: Path, *arguments: str, ok: tuple[int, ...] = (0,)) -> bytes:
    """What git printed.

    Raises:
        RepositoryError: git is missing, failed (with its own words as the cause) or took too long.
    """
    command = ["git", "-C", str(root)]
    for setting in _CONFIG:
        command += ["-c", setting]
    environment = {
        **os.environ,
        "GIT_OPTIONAL_LOCKS": "0",
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_PAGER": "cat",
    }
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS"):
        environment.pop(name, None)
    try:
        process = await asyncio.create_subprocess_exec(
            *command, *arguments,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env=environment,
        )  # fmt: skip
    except FileNotFoundError as error:
        steps = ("Install git, and see that it is on PATH.",)
        raise RepositoryError(Trouble("git was not found", "The git program is needed for the diff.", steps)) from error
    try:
        out, err = await asyncio.wait_for(process.communicate(), TIMEOUT)
    except TimeoutError as error:
        raise RepositoryError(Trouble("git does not answer", f"git {arguments[0]} took over {TIMEOUT:g} s.")) from error
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)  # Popen.kill would reap it before asyncio can
            await process.wait()
    if process.returncode not in ok:
        said = err.decode("utf-8", "replace").strip() or f"exit code {process.returncode}"
        raise RepositoryError(_trouble(arguments[0], said, root))
    return out


def _trouble(what: str, said: str, root: Path) -> Trouble:
    if "dubious ownership" in said:
        steps = (f"If you trust it: git config --global --add safe.directory {root}",)
        return Trouble("Git does not trust this repository", f"{root} belongs to another user.", steps)
    return Trouble(f"git {what} failed", said[:2000], (f"Run git {what} in {root} to see more.",))
