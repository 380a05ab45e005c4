"""Checkouts as the screen shows them: git state and uncommitted changes, kept fresh without polling.

Asked again when files change on disk or Codex changed something; one question at a time, the newest answer wins. Where
files cannot be watched git is asked now and then, and the user is told.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.workspaces import RepositoryState, WorkingDiff
from conductor_tui.services.interfaces import Repository

log = logging.getLogger(__name__)

OpenRepository = Callable[[Path], Awaitable[Repository]]
"""Raises RepositoryError."""


UNWATCHED_PAUSE = 20.0
"""Seconds between two looks at a checkout that cannot be watched."""


class WatchedCheckout:
    """One checkout. `on_change` is called on the loop's thread after `state`, `diff` or `trouble` changed."""

    def __init__(self, repository: Repository, on_change: Callable[[], None], pause: float = UNWATCHED_PAUSE) -> None:
        self._pause = pause
        self.repository = repository
        self.state: RepositoryState | None = None
        self.diff: WorkingDiff | None = None
        """None until git has answered."""
        self._failed: Trouble | None = None
        """Why git did not answer the last time."""
        self._unwatched: Trouble | None = None
        """Why changes on disk are not noticed at once."""
        self._on_change = on_change
        self._wanted = asyncio.Event()

    async def run(self) -> None:
        """Keeps the state fresh until cancelled."""
        self._wanted.set()
        watcher = asyncio.create_task(self._watch(), name="watch files")
        try:
            while True:
                await self._wanted.wait()
                self._wanted.clear()
                await self._refresh()
        finally:
            watcher.cancel()
            await asyncio.gather(watcher, return_exceptions=True)
            await self.repository.close()

    @property
    def trouble(self) -> Trouble | None:
        """What the user should know about what is shown."""
        return self._failed or self._unwatched

    def refresh_soon(self) -> None:
        """Asks git again; calls in quick succession are one question."""
        self._wanted.set()

    async def _watch(self) -> None:
        while True:
            try:
                async for _paths in self.repository.changes():
                    self._say_unwatched(None)
                    self.refresh_soon()
            except RepositoryError as error:
                log.warning("%s is not watched: %s", self.repository.root, error)
                self._say_unwatched(error.trouble)
            await asyncio.sleep(self._pause)
            self.refresh_soon()

    def _say_unwatched(self, trouble: Trouble | None) -> None:
        if trouble != self._unwatched:
            self._unwatched = trouble
            self._on_change()

    async def _refresh(self) -> None:
        before = (self.state, self.diff, self.trouble)
        try:
            self.diff = await self.repository.working_diff()
            self.state = await self.repository.state()
            self._failed = None
        except RepositoryError as error:
            self._failed = error.trouble
        except Exception as error:  # what git says of a stranger's repository must not end the look at it
            log.exception("git's answer about %s is not understood", self.repository.root)
            cause = f"{self.repository.root}: {error!r}"
            steps = ("It is asked again at the next change; the log has more.",)
            self._failed = Trouble("Git's answer is not understood", cause, steps)
        if (self.state, self.diff, self.trouble) != before:
            self._on_change()


class Checkouts:
    """The checkouts of all workspaces, each watched while it is there."""

    def __init__(self, open_repository: OpenRepository, on_change: Callable[[], None]) -> None:
        """`on_change` is called on the loop's thread after anything of any checkout changed."""
        self.troubles: dict[Path, Trouble] = {}
        """Why a checkout cannot be watched."""
        self._open = open_repository
        self._on_change = on_change
        self._watched: dict[Path, WatchedCheckout] = {}
        self._tasks: dict[Path, asyncio.Task[None]] = {}

    def get(self, path: Path) -> WatchedCheckout | None:
        """The checkout in a folder, once git has found it."""
        return self._watched.get(path)

    def follow(self, paths: Iterable[Path]) -> None:
        """Watches these and no others."""
        wanted = set(paths)
        for path in self._tasks.keys() - wanted:
            self._tasks.pop(path).cancel()
            self._watched.pop(path, None)
            self.troubles.pop(path, None)
        for path in sorted(wanted - self._tasks.keys()):
            self._tasks[path] = asyncio.create_task(self._run(path), name=f"checkout {path.name}")

    async def _run(self, path: Path) -> None:
        try:
            watched = WatchedCheckout(await self._open(path), self._on_change)
        except RepositoryError as error:
            self.troubles[path] = error.trouble
            self._on_change()
            return
        self._watched[path] = watched
        await watched.run()

    async def close(self) -> None:
        """Watches nothing any more."""
        tasks, self._tasks = list(self._tasks.values()), {}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
