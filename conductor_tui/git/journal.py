"""What is being done to which worktree: one at a time, and remembered across a crash.

Each path has a lock file and an entry in `conductor-tui/` of the common git folder. The git processes that work under
the lock hold it too: an entry whose lock is free was left by processes that are all gone.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.worktrees import Operation
from conductor_tui.fileio.atomic import NEW_SUFFIX, write_private
from conductor_tui.fileio.locks import is_locked, try_lock, wait_for_lock_async


class JournalEntry(Struct, frozen=True):
    """What was begun."""

    operation: Operation
    path: str
    branch: str = ""
    """The branch that is made, or is to be deleted."""
    branch_head: str = ""
    """Where that branch stands: it is deleted only as long as it stands there."""
    ref: str = ""
    """The salvage that is restored, or was made before a removal."""


class PathLock(Struct, frozen=True):
    """The right to work on one path; `fd` is handed to git."""

    journal: Journal
    path: Path
    fd: int

    def left_over(self) -> JournalEntry | None:
        """What an earlier process began here and did not end."""
        return self.journal.entry(self.path)

    def begin(self, entry: JournalEntry) -> None:
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
    def hold(self, path: Path) -> Iterator[PathLock]:
        """Nobody else works on `path` meanwhile.

        Raises:
            RepositoryError: another window or call does.
        """
        try:
            self._folder.mkdir(exist_ok=True)
            lock = try_lock(self.file(path, "lock"))
        except OSError as error:
            raise RepositoryError(Trouble("The repository cannot be written", str(error))) from error
        if lock is None:
            steps = ("Wait until that is done, then try again.",)
            raise RepositoryError(Trouble("Another window is at work on this worktree", str(path), steps))
        try:
            with lock:
                yield PathLock(self, path, lock.fd)
        except OSError as error:
            raise RepositoryError(_trouble(error)) from error

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """One at a time, over all windows: git fails where it meets a worktree that another git is just making."""
        with await wait_for_lock_async(self._folder / "turn.lock"):
            yield

    def entries(self) -> list[JournalEntry]:
        """All that was begun and not ended, in no order."""
        found = (self._read(file) for file in self._folder.glob("*.json"))
        return [entry for entry in found if entry is not None]

    def entry(self, path: Path) -> JournalEntry | None:
        """What was begun at `path`."""
        return self._read(self.file(path, "json"))

    def is_held(self, path: Path) -> bool:
        """Whether somebody is at work there right now."""
        return is_locked(self.file(path, "lock"))

    def write(self, path: Path, entry: JournalEntry) -> None:
        """Replaces the entry of `path`, whole or not at all."""
        write_private(self.file(path, "json"), json.dumps(msgspec.to_builtins(entry)).encode("ascii"))

    def sweep(self) -> None:
        """Takes away half written entries of processes that were killed. Blocking."""
        for new in self._folder.glob(f"*{NEW_SUFFIX}"):
            with contextlib.suppress(OSError):
                lock = try_lock(self._folder / f"{new.name.lstrip('.').partition('.')[0]}.lock", creates=False)
                if lock is not None:
                    with lock:
                        new.unlink()

    def file(self, path: Path, kind: str) -> Path:
        """Where the entry or the lock of `path` is."""
        return self._folder / f"{hashlib.sha256(os.fsencode(path)).hexdigest()[:32]}.{kind}"

    def _read(self, file: Path) -> JournalEntry | None:
        try:
            return msgspec.convert(json.loads(file.read_text(encoding="ascii")), JournalEntry)
        except (OSError, ValueError, msgspec.ValidationError):
            return None


def _trouble(error: OSError) -> Trouble:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Trouble("The disk is full", str(error), ("Make room, then try again.",))
    return Trouble("Files cannot be written", str(error), ("Look at who owns them.",))
