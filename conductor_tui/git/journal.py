"""What is being done to which worktree: one at a time, and remembered across a crash.

Each path has a lock file and an entry in `conductor-tui/` of the common git folder. The lock is the kernel's
(`flock`), is shared with the git processes that work under it, and ends with the last of them: an entry whose lock is
free was left by a process that is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import hashlib
import json
import os
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.troubles import Trouble
from conductor_tui.domain.worktrees import Operation

_PAUSE = 0.05
"""Seconds between two looks at a lock that another has."""
_TRIES, _LOOK = 5, 0.002
"""How often a lock is tried that somebody may only look at, and seconds between that."""


class Entry(Struct, frozen=True):
    """What was begun."""

    operation: Operation
    path: str
    branch: str = ""
    """The branch that is made, or is to be deleted."""
    branch_head: str = ""
    """Where that branch stands: it is deleted only as long as it stands there."""
    ref: str = ""
    """The salvage that is restored, or was made before a removal."""


class Hold(Struct, frozen=True):
    """The right to work on one path; `fd` is handed to git."""

    journal: Journal
    path: Path
    fd: int

    def left_over(self) -> Entry | None:
        """What an earlier process began here and did not end."""
        return self.journal.entry(self.path)

    def begin(self, entry: Entry) -> None:
        """Remembers what is about to be done."""
        self.journal.write(self.path, entry)

    def done(self) -> None:
        """Forgets it."""
        self.journal.file(self.path, "json").unlink(missing_ok=True)


class Journal:
    """The entries of one repository. Small files, read and written without leaving the loop."""

    def __init__(self, common: Path) -> None:
        self._folder = common / "conductor-tui"

    @contextlib.contextmanager
    def hold(self, path: Path) -> Iterator[Hold]:
        """Nobody else works on `path` meanwhile.

        Raises:
            RepositoryError: another window or call does.
        """
        try:
            self._folder.mkdir(exist_ok=True)
            fd = os.open(self.file(path, "lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise RepositoryError(Trouble("The repository cannot be written", str(error))) from error
        try:
            if not _take(fd):
                steps = ("Wait until that is done, then try again.",)
                raise RepositoryError(Trouble("Another window is at work on this worktree", str(path), steps))
            try:
                yield Hold(self, path, fd)
            finally:
                fcntl.flock(fd, fcntl.LOCK_UN)  # a hook's background process has it too, and would hold it on
        except OSError as error:
            raise RepositoryError(_trouble(error)) from error
        finally:
            os.close(fd)

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """One at a time, over all windows: git fails where it meets a worktree that another git is just making."""
        fd = os.open(self._folder / "turn.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            while True:
                try:
                    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    await asyncio.sleep(_PAUSE)
            yield
        finally:
            os.close(fd)

    def entries(self) -> list[Entry]:
        """All that was begun and not ended, in no order."""
        found = (self._read(file) for file in self._folder.glob("*.json"))
        return [entry for entry in found if entry is not None]

    def entry(self, path: Path) -> Entry | None:
        """What was begun at `path`."""
        return self._read(self.file(path, "json"))

    def is_held(self, path: Path) -> bool:
        """Whether somebody is at work there right now."""
        try:
            fd = os.open(self.file(path, "lock"), os.O_RDWR)
        except OSError:
            return False
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(fd)
        return False

    def write(self, path: Path, entry: Entry) -> None:
        """Replaces the entry of `path`, whole or not at all."""
        new = self.file(path, "new")
        try:
            with new.open("w", encoding="ascii") as file:
                json.dump(msgspec.to_builtins(entry), file)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.file(path, "json"))
            folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except BaseException:
            new.unlink(missing_ok=True)
            raise

    def sweep(self) -> None:
        """Takes away half written entries of processes that were killed. Blocking."""
        for new in self._folder.glob("*.new"):
            with contextlib.suppress(OSError):
                fd = os.open(new.with_suffix(".lock"), os.O_RDWR | os.O_CLOEXEC)
                try:
                    fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    new.unlink()
                finally:
                    os.close(fd)

    def file(self, path: Path, kind: str) -> Path:
        """Where the entry or the lock of `path` is."""
        return self._folder / f"{hashlib.sha256(os.fsencode(path)).hexdigest()[:32]}.{kind}"

    def _read(self, file: Path) -> Entry | None:
        try:
            return msgspec.convert(json.loads(file.read_text(encoding="ascii")), Entry)
        except (OSError, ValueError, msgspec.ValidationError):
            return None


def _take(fd: int) -> bool:
    """Whether the lock is ours now; tried again for a moment, because a mere look takes it too."""
    for _ in range(_TRIES):
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(_LOOK)
        else:
            return True
    return False


def _trouble(error: OSError) -> Trouble:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Trouble("The disk is full", str(error), ("Make room, then try again.",))
    return Trouble("Files cannot be written", str(error), ("Look at who owns them.",))
