"""Kernel locks (`flock`) on files and folders: one holder at a time, visible to every process, released when it exits.

A lock belongs to an open file: programs that inherit `Lock.fd` hold it too, until the last of them exits.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

_PAUSE = 0.002
"""Seconds between two tries."""
_LONG_PAUSE = 0.02
"""The same where an event loop waits, perhaps for minutes."""
_MOMENT = 0.01
"""Seconds for which a lock is tried by default: `is_locked` of another process takes it for an instant."""


class Lock:
    """A lock that is held until `release`, which the end of a `with` block calls."""

    def __init__(self, fd: int) -> None:
        self.fd = fd

    def release(self) -> None:
        """Lets others take the lock, also where a program that inherited it still runs."""
        try:
            fcntl.flock(self.fd, fcntl.LOCK_UN)
        finally:
            os.close(self.fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.release()


def wait_for_lock(path: Path) -> Lock:
    """Locks a file, however long that takes; one that does not exist is created for the user alone.

    Raises:
        OSError: the file cannot be opened, or its file system has no locks.
    """
    fd = _open(path, os.O_CREAT)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
    except BaseException:
        os.close(fd)
        raise
    return Lock(fd)


def try_lock(path: Path, *, wait: float = _MOMENT, creates: bool = True) -> Lock | None:
    """Locks a file or folder; None where another holder keeps it for `wait` seconds.

    A file that does not exist is created for the user alone, unless `creates` is false.

    Raises:
        OSError: it cannot be opened, or its file system has no locks.
    """
    end = time.monotonic() + wait
    fd = _open(path, os.O_CREAT if creates else 0)
    try:
        while not _is_ours(fd, fcntl.LOCK_EX):
            if time.monotonic() >= end:
                os.close(fd)
                return None
            time.sleep(_PAUSE)
    except BaseException:
        os.close(fd)
        raise
    return Lock(fd)


async def wait_for_lock_async(path: Path, *, creates: bool = True) -> Lock:
    """Locks a file or folder as `try_lock` does, however long that takes; the event loop goes on meanwhile.

    Raises:
        OSError: it cannot be opened, or its file system has no locks.
    """
    from asyncio import sleep  # who calls this has it loaded

    while True:
        lock = try_lock(path, wait=0, creates=creates)
        if lock is not None:
            return lock
        await sleep(_LONG_PAUSE)


def is_locked(path: Path) -> bool:
    """Whether somebody, perhaps this process, holds the lock right now."""
    try:
        fd = _open(path, 0)
    except OSError:
        return False
    try:
        return not _is_ours(fd, fcntl.LOCK_SH)  # shared, so that two who look at once do not see each other
    except OSError:
        return True  # without locks nobody can tell
    finally:
        os.close(fd)


def _open(path: Path, flags: int) -> int:
    try:
        return os.open(path, os.O_RDWR | flags, 0o600)
    except IsADirectoryError:
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY)


def _is_ours(fd: int, kind: int) -> bool:
    """Whether the lock could be taken at once."""
    try:
        fcntl.flock(fd, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
