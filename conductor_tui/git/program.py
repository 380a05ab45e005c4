"""Runs the `git` program: as a subprocess, bounded in time, free of the user's display settings, locks and prompts."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import select
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.worktrees import SaidByGit
from conductor_tui.fileio.processes import end_process

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


_GRACE = 0.3
"""Seconds between two looks at a git: when it has ended, and nothing comes between two, no more is waited for."""

_CHUNK = 64 << 10
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
    limit: int = 0,
) -> bytes:
    """What git printed.

    `on_progress` gets each line that git writes to its error output, on the loop's thread. `held` are file
    descriptors that git and its children keep open: a lock on one lasts as long as they do. A git that takes over
    `timeout` seconds, or whose caller is cancelled, is ended with all its children. With a `limit`, no more bytes than
    that are read, and a git that would print more is ended.

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
    talk = _Talk(process, on_progress, limit)
    try:
        await asyncio.wait_for(talk.run(stdin), timeout)
    except TimeoutError as error:
        what = f"git {_name(arguments)} took over {timeout:g} s."
        raise RepositoryError(Trouble("git does not answer", what)) from error
    finally:
        if process.returncode is None:
            await end_process(process)
    if process.returncode not in ok and not talk.is_cut:
        said = talk.err.decode("utf-8", "replace").strip() or f"exit code {process.returncode}"
        raise RepositoryError(_trouble(_name(arguments), said, root))
    return bytes(talk.out)


async def together(*calls: Coroutine[Any, Any, bytes]) -> list[bytes]:
    """What several gits printed that run at once. When one fails, or the caller is cancelled, all have ended first."""
    try:
        async with asyncio.TaskGroup() as group:
            running = [group.create_task(call) for call in calls]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [call.result() for call in running]


def _name(arguments: tuple[str, ...]) -> str:
    """The command among git's arguments, which may begin with settings and options of git itself."""
    rest = iter(arguments)
    for argument in rest:
        if argument == "-c":
            next(rest, "")
        elif not argument.startswith("-"):
            return argument
    return ""


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


class _Talk:
    """What goes to a git and comes from it, until it has ended.

    Its pipes may outlive it: a hook's background process has them too. Nobody waits for that, and what it writes is
    read and dropped, so that it can go on.
    """

    def __init__(
        self, process: asyncio.subprocess.Process, on_progress: Callable[[str], None] | None, limit: int
    ) -> None:
        self.out = bytearray()
        self.err = bytearray()
        self._process = process
        self._on_progress = on_progress
        self._limit = limit
        self._read_so_far = 0

    @property
    def is_cut(self) -> bool:
        """Whether there is more than was to be read."""
        return bool(self._limit) and len(self.out) >= self._limit

    async def run(self, stdin: bytes | None) -> None:
        work = (self._write(stdin), self._read(), self._follow())
        running = {asyncio.create_task(part) for part in work}
        try:
            read_before = -1
            while running and not self.is_cut:
                done, running = await asyncio.wait(running, timeout=_GRACE, return_when=asyncio.FIRST_COMPLETED)
                for part in done:
                    part.result()
                if self._process.returncode is None or done or self._has_more():
                    read_before = -1
                elif read_before == self._read_so_far:
                    self._leave()
                    return
                else:
                    read_before = self._read_so_far
        finally:
            for part in running:
                part.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        if self.is_cut:
            self._leave()
        else:
            await self._process.wait()

    def _has_more(self) -> bool:
        """Whether something waits in a pipe: this loop may have been too busy to read it."""
        poll = select.poll()
        for number in (1, 2):
            transport = self._process._transport.get_pipe_transport(number)  # type: ignore[attr-defined]
            if transport is not None and not transport.is_closing():
                poll.register(transport.get_extra_info("pipe"), select.POLLIN)
        return bool(poll.poll(0))

    async def _write(self, data: bytes | None) -> None:
        stdin = self._process.stdin
        if stdin is None:
            return
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            stdin.write(data or b"")
            await stdin.drain()
        stdin.close()

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while chunk := await self._process.stdout.read(_CHUNK):
            self.out += chunk
            self._read_so_far += len(chunk)
            if self.is_cut:
                del self.out[self._limit :]
                return

    async def _follow(self) -> None:
        """Hands on each line, those that git overwrites by a carriage return too."""
        assert self._process.stderr is not None
        rest = b""
        while chunk := await self._process.stderr.read(_CHUNK):
            self.err = (self.err + chunk)[-_SAID_LIMIT:]
            self._read_so_far += len(chunk)
            if self._on_progress is not None:
                *lines, rest = re.split(rb"[\r\n]+", rest + chunk)
                for line in filter(bytes.strip, lines):
                    self._on_progress(SaidByGit(line.decode("utf-8", "replace").strip()))

    def _leave(self) -> None:
        task = asyncio.create_task(_drop(self._process), name="what git leaves behind")
        _dropping.add(task)
        task.add_done_callback(_dropping.discard)


_dropping: set[asyncio.Task[None]] = set()


async def _drop(process: asyncio.subprocess.Process) -> None:
    """Reads what nobody wants, until all who could write it have ended."""
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        await asyncio.gather(_to_end(process.stdout), _to_end(process.stderr))
    finally:
        if process.returncode is not None:
            process._transport.close()  # type: ignore[attr-defined]  # its pipes; asyncio has no other way to them


async def _to_end(stream: asyncio.StreamReader) -> None:
    while await stream.read(_CHUNK):
        pass


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
