"""A repository with a remote and the workspaces of one user; as a program, a window that is killed at a step."""

from __future__ import annotations

import asyncio
import importlib
import os
import signal
import sys
from pathlib import Path
from typing import Any

from conductor_tui.cli.composition import open_workspaces
from conductor_tui.domain.workspaces import WorkspaceRecord
from conductor_tui.domain.worktrees import NewBranch
from conductor_tui.services.workspaces.workspaces import Workspaces
from conductor_tui.storage.database import Store
from tests.unit.git.worlds import World, git, make_world


class Window:
    """One window: its own connection to the shared store."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.root = root
        self.store = Store(folder / "state" / "store.sqlite3")
        self.workspaces: Workspaces = open_workspaces(self.store, folder / "made here", folder / "state")
        self.said: list[str] = []

    async def open(self) -> None:
        await self.workspaces.add_repository(self.root)

    async def create(self, name: str = "", prompt: str = "", branch: str = "", start: str = "") -> WorkspaceRecord:
        return await self.workspaces.create(
            self.root, NewBranch(branch, start), name=name, prompt=prompt, on_progress=self.said.append
        )

    async def archive(self, record: WorkspaceRecord, *, delete_branch: bool = False) -> WorkspaceRecord:
        losses = await self.workspaces.losses(record, delete_branch=delete_branch)
        done = await self.workspaces.archive(
            record, losses.fingerprint, delete_branch=delete_branch, on_progress=self.said.append
        )
        assert isinstance(done, WorkspaceRecord)
        return done

    def named(self, name: str) -> WorkspaceRecord | None:
        return next((r for r in self.workspaces.records if r.name == name), None)

    def close(self) -> None:
        self.store.close()


async def make_windows(folder: Path) -> tuple[World, Window]:
    """A repository with an ignored `.env` and settings, and a window that knows it."""
    world = await make_world(folder)
    (world.root / ".env").write_text("SECRET=1\n")
    world.commit(world.root, ".conductor/settings.toml", '[git]\nbranch_prefix_type = "none"\n')
    git(world.root, "push", "-q", "origin", "main")
    git(world.root, "fetch", "-q")
    window = Window(folder, world.root)
    await window.open()
    return world, window


async def _killed(folder: Path, root: Path, what: str, step: int) -> None:
    """Does `what` with workspace `lima` and dies when the step of this number is said."""
    window = Window(folder, root)
    await window.open()
    window.said = _Dying(step)
    if what == "create":
        await window.create("lima")
    else:
        record = window.named("lima")
        assert record is not None
        if what == "archive":
            await window.archive(record)
        else:
            await window.workspaces.restore(record, window.said.append)
    window.close()


def _die_in(where: str) -> None:
    """Replaces `module:name` or `module:class.name` by death."""
    module, _, name = where.partition(":")
    holder: Any = importlib.import_module(module)
    *outer, name = name.split(".")
    for part in outer:
        holder = getattr(holder, part)
    setattr(holder, name, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))


class _Dying(list[str]):
    def __init__(self, step: int) -> None:
        super().__init__()
        self._step = step

    def append(self, line: str) -> None:
        super().append(line)
        if len(self) == self._step:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    if sys.argv[5:]:
        _die_in(sys.argv[5])
    asyncio.run(_killed(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])))
