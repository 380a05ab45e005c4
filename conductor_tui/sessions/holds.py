"""Who works on which workspace: one window at a time, known to all, and over with the process that did.

The lock is the kernel's (`flock`): what is unfinished and not held was left by a process that is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import time
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

from conductor_tui.domain.errors import WorkspaceError
from conductor_tui.domain.troubles import Trouble

T = TypeVar("T")

_TRIES, _LOOK = 5, 0.002
"""How often a lock is tried that somebody may only look at, and seconds between that."""


class Holds:
    """Locks by name, as small files in a folder of the app's own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextlib.contextmanager
    def hold(self, name: str, what: str) -> Iterator[None]:
        """Nobody else works on it meanwhile. `what`: what it is called in the error.

        Raises:
            WorkspaceError: another window or call does, or the lock cannot be made.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            fd = os.open(self._folder / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise WorkspaceError(Trouble("The state folder cannot be written", str(error))) from error
        try:
            if not _take(fd):
                steps = ("Wait until that is done, then try again.",)
                raise WorkspaceError(Trouble("Another window is at work on this workspace", what, steps))
            yield
        finally:
            os.close(fd)

    def is_held(self, name: str) -> bool:
        """Whether somebody, perhaps this window, is at work on it right now."""
        try:
            fd = os.open(self._folder / f"{name}.lock", os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(fd)
        return False


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


async def to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """Finishes what must not be cut short; cancellations of the caller, one or several, go on afterwards."""
    task = asyncio.create_task(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is None:
        return task.result()
    if not task.cancelled():
        task.exception()  # it is the cancellation that the caller hears of
    raise cancelled
