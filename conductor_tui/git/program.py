"""Runs the `git` program: as a subprocess, bounded in time, free of the user's display settings, locks and prompts."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
from collections.abc import Callable, Mapping
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


_NOT_INHERITED = ("GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS", "GIT_ASKPASS", "SSH_ASKPASS")
"""What would change git's output, or open a window to ask for a password; `terminals.inheritance` drops the rest."""

_PATIENCE = 2.0
"""Seconds that a git which is told to end has to take its lock files with it."""

_SAID_LIMIT = 64 << 10
"""Bytes of git's words that are kept."""


async def git(
    root: Path,
    *arguments: str,
    ok: tuple[int, ...] = (0,),
    stdin: bytes | None = None,
    timeout: float = TIMEOUT,
    environment: Mapping[str, str] | None = None,
    on_progress: Callable[[str], None] | None = None,
    held: tuple[int, ...] = (),
) -> bytes:
    """What git printed.

    `on_progress` gets each line that git writes to its error output, on the loop's thread. `held` are file
    descriptors that git and its children keep open: a lock on one lasts as long as they do. A git that takes over
    `timeout` seconds, or whose caller is cancelled, is ended with all its children.

    Raises:
        RepositoryError: git is missing, failed (with its own words as the cause) or took too long.
    """
    command = ["git", "-C", str(root)]
    for setting in _CONFIG:
        command += ["-c", setting]
    try:
        process = await asyncio.create_subprocess_exec(
            *command, *arguments,
            stdin=asyncio.subprocess.DEVNULL if stdin is None else asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            env=_environment(environment or {}), start_new_session=True, pass_fds=held,
        )  # fmt: skip
    except FileNotFoundError as error:
        steps = ("Install git, and see that it is on PATH.",)
        raise RepositoryError(Trouble("git was not found", "The git program is needed for the diff.", steps)) from error
    except OSError as error:
        raise RepositoryError(Trouble("git cannot be started", str(error))) from error
    try:
        out, err = await asyncio.wait_for(_talk(process, stdin, on_progress), timeout)
    except TimeoutError as error:
        raise RepositoryError(Trouble("git does not answer", f"git {arguments[0]} took over {timeout:g} s.")) from error
    finally:
        if process.returncode is None:
            await end_process(process)
    if process.returncode not in ok:
        said = err.decode("utf-8", "replace").strip() or f"exit code {process.returncode}"
        raise RepositoryError(_trouble(arguments[0], said, root))
    return out


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
    environment |= {
        "GIT_OPTIONAL_LOCKS": "0",
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_PAGER": "cat",
        "GCM_INTERACTIVE": "never",
        "SSH_ASKPASS_REQUIRE": "never",
    }
    return environment | dict(more)


async def _talk(
    process: asyncio.subprocess.Process, stdin: bytes | None, on_progress: Callable[[str], None] | None
) -> tuple[bytes, bytes]:
    if on_progress is None:
        return await process.communicate(stdin)
    assert process.stdout is not None
    assert process.stderr is not None
    out, err = await asyncio.gather(process.stdout.read(), _follow(process.stderr, on_progress))
    await process.wait()
    return out, err


async def _follow(stream: asyncio.StreamReader, on_progress: Callable[[str], None]) -> bytes:
    """Hands on each line, those that git overwrites by a carriage return too; what was said, for errors."""
    said, rest = b"", b""
    while chunk := await stream.read(4096):
        *lines, rest = re.split(rb"[\r\n]+", rest + chunk)
        for line in lines:
            if line.strip():
                on_progress(line.decode("utf-8", "replace").strip())
        said = (said + chunk)[-_SAID_LIMIT:]
    return said


async def end_process(process: asyncio.subprocess.Process) -> None:
    """Ends a program that leads a session, and its children: first so that it can tidy up, then in any case."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)  # Popen.kill would reap it before asyncio can
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _PATIENCE)
            break
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


_MEANINGS: tuple[tuple[str, str, str], ...] = (
    (r"Unable to create '([^']*\.lock)': File exists", "Another git is at work here",
     "Wait for it; if none is running, a crashed one left {0}: remove that file."),
    (r"No space left on device|Disk quota exceeded", "The disk is full", "Make room, then try again."),
    (r"Permission denied \(publickey|Host key verification failed|Could not read from remote|Authentication failed"
     r"|terminal prompts disabled|could not read (?:Username|Password)", "The remote does not let git in",
     "Run git fetch in a terminal once: it may ask for a password, a key or a host to be trusted."),
    (r"Could not resolve host|Connection (?:refused|timed out|reset)|Network is unreachable",
     "The remote cannot be reached", "Look at the network, then try again."),
    (r"[Pp]ermission denied|Read-only file system|Operation not permitted", "Git may not write here",
     "Look at who owns the files named above."),
    (r"is already (?:checked out|used by worktree) at '([^']*)'", "The branch is in use in another worktree",
     "It is checked out in {0}: use that one, or make a new branch."),
    (r"cannot lock ref '([^']*)'", "Git cannot write {0}",
     "A branch whose name is the beginning of this one may exist, or another git is writing it."),
    (r"bad object|object file .* is empty|loose object .* is corrupt|index file (?:corrupt|smaller)|bad index file",
     "The repository is damaged", "Run git fsck in it to see what is missing."),
)  # fmt: skip
"""What git says, what that means to a user, and what to do; `{0}` is what the pattern found."""


def _trouble(what: str, said: str, root: Path) -> Trouble:
    if "dubious ownership" in said:
        steps = (f"If you trust it: git config --global --add safe.directory {root}",)
        return Trouble("Git does not trust this repository", f"{root} belongs to another user.", steps)
    for pattern, title, step in _MEANINGS:
        if match := re.search(pattern, said):
            found = match.groups() or ("",)
            return Trouble(title.format(*found), said[-2000:], (step.format(*found),))
    return Trouble(f"git {what} failed", said[:2000], (f"Run git {what} in {root} to see more.",))
