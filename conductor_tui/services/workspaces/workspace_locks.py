"""Who works on which workspace: one window at a time, known to all, and over with the process that did.

What is unfinished and not locked was left by a process that is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

from conductor_tui.domain.errors import WorkspaceError
from conductor_tui.domain.problems import Trouble
from conductor_tui.fileio.locks import is_locked, try_lock

T = TypeVar("T")


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
            lock = try_lock(self._file(name))
        except OSError as error:
            raise WorkspaceError(Trouble("The state folder cannot be written", str(error))) from error
        if lock is None:
            steps = ("Wait until that is done, then try again.",)
            raise WorkspaceError(Trouble("Another window is at work on this workspace", what, steps))
        with lock:
            yield

    def is_held(self, name: str) -> bool:
        """Whether somebody, perhaps this window, is at work on it right now."""
        return is_locked(self._file(name))

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.lock"


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
