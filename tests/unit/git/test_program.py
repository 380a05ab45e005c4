"""The git program: when it has ended nobody waits for what it left behind, and its errors name its command."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from conductor_tui.domain.errors import RepositoryError, WorkspaceError
from conductor_tui.domain.worktrees import NewBranch, Removed
from conductor_tui.git.journal import Journal
from conductor_tui.git.program import git as run
from conductor_tui.services.workspaces.workspace_locks import Holds, to_its_end
from tests.builders import until
from tests.unit.git.worlds import World, git


def hook(world: World, background: str) -> Path:
    """A post-checkout hook that leaves a process behind; the file that gets its process id."""
    pid = world.places / "pid"
    file = world.root / ".git" / "hooks" / "post-checkout"
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!/bin/sh\n{background} &\necho $! > '{pid}'\n")
    file.chmod(0o755)
    return pid


def end(pid: Path) -> None:
    os.kill(int(pid.read_text()), signal.SIGKILL)


@pytest.mark.parametrize("output", ["", " >/dev/null 2>&1"])
async def test_a_process_that_a_hook_leaves_behind_holds_neither_creation_nor_the_lock(
    world: World, output: str
) -> None:
    pid = hook(world, f"sleep 60{output}")
    place = world.places / "lima"
    try:
        async with asyncio.timeout(20):
            await world.worktrees.create(place, NewBranch("x"))
            losses = await world.worktrees.losses(place)
            assert isinstance(await world.worktrees.remove(place, losses.fingerprint), Removed)
    finally:
        end(pid)


async def test_a_process_that_a_hook_leaves_behind_can_write_on(world: World) -> None:
    alive, gate = world.places / "alive", world.places / "gate"
    os.mkfifo(gate)
    hook(world, f"(read line < '{gate}'; seq 100000; echo yes > '{alive}')")
    await world.worktrees.create(world.places / "lima", NewBranch("x"))
    opened = await asyncio.to_thread(gate.open, "w")
    opened.write("go\n")
    opened.close()
    await until(alive.exists)


async def test_no_more_is_read_than_is_wanted(world: World) -> None:
    (world.root / "big").write_bytes(b"0123456789" * 1_000_000)
    git(world.root, "add", "big")
    assert await run(world.root, "cat-file", "blob", ":big", limit=15) == b"012345678901234"
    assert len(await run(world.root, "cat-file", "blob", ":big")) == 10_000_000


async def test_an_error_names_the_command(world: World) -> None:
    with pytest.raises(RepositoryError) as raised:
        await run(world.root, "-c", "core.pager=cat", "--git-dir=nowhere", "frobnicate", "HEAD")
    trouble = raised.value.trouble
    assert trouble.title == "git frobnicate failed"
    assert trouble.steps == (f"Run git frobnicate in {world.root} to see more.",)


def look_briefly(file: Path) -> None:
    """Holds the lock as somebody does that only looks: for a moment."""
    fd = os.open(file, os.O_RDWR | os.O_CREAT)
    fcntl.flock(fd, fcntl.LOCK_EX)
    threading.Timer(0.003, os.close, [fd]).start()


def test_a_look_at_a_hold_refuses_nobody(tmp_path: Path) -> None:
    holds, journal = Holds(tmp_path), Journal(tmp_path)
    with holds.hold("a", "a"), journal.hold(tmp_path):
        assert holds.is_held("a")
        assert journal.is_held(tmp_path)
        with pytest.raises(WorkspaceError), holds.hold("a", "a"):
            pass
        with pytest.raises(RepositoryError), journal.hold(tmp_path):
            pass
    look_briefly(tmp_path / "a.lock")
    with holds.hold("a", "a"):
        pass
    look_briefly(journal.file(tmp_path, "lock"))
    with journal.hold(tmp_path):
        pass


async def test_one_at_a_time_has_its_turn(tmp_path: Path) -> None:
    journal, other = Journal(tmp_path), Journal(tmp_path)
    with journal.hold(tmp_path):
        pass  # makes the folder
    begun, order = asyncio.Event(), list[str]()

    async def second() -> None:
        begun.set()
        async with other.turn():
            order.append("second")

    async with journal.turn():
        task = asyncio.create_task(second())
        await begun.wait()
        for _ in range(3):
            await asyncio.wait([task], timeout=0.06)
        order.append("first")
    await task
    assert order == ["first", "second"]


async def test_what_must_not_be_cut_short_survives_several_cancellations() -> None:
    goes_on, done = asyncio.Event(), list[str]()

    async def work() -> None:
        await goes_on.wait()
        done.append("done")

    task = asyncio.create_task(to_its_end(work()))
    for _ in range(3):
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task], timeout=0.01)
        assert not task.done()
    goes_on.set()
    await asyncio.wait([task])
    assert task.cancelled()
    assert done == ["done"]


def be_busy() -> None:
    """Keeps the loop from everything else for longer than a git that has ended is listened to."""
    time.sleep(0.4)


async def test_a_busy_window_misses_nothing_that_git_said(world: World) -> None:
    (world.root / "big").write_bytes(b"0123456789" * 50_000)
    git(world.root, "add", "big")
    reading = asyncio.create_task(run(world.root, "cat-file", "blob", ":big"))
    while not reading.done():
        await asyncio.sleep(0)
        be_busy()
    assert len(reading.result()) == 500_000
