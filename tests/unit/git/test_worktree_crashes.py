"""A process that is killed while it makes, removes or restores a worktree loses nothing; the same call again ends it.

A child runs the call and kills itself with SIGKILL when it starts its n-th git, or after its n-th deleted file. The git
that it had started goes on, as it would in life; the next call waits for the end of that.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.worktrees import Changed, NewBranch, Operation, Removed
from conductor_tui.git.journal import Journal
from conductor_tui.git.program import _name
from conductor_tui.git.raw_blobs import exact_files
from conductor_tui.git.worktrees import open_worktrees
from tests.builders import until
from tests.unit.git.worlds import World, folder_modes, git, on_disk, status

CHILD = """
import asyncio, os, signal, sys
from pathlib import Path
root, place, call, kind, count = sys.argv[1:6]
left = int(count)

def step(wanted):
    global left
    if kind == wanted:
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

spawn = asyncio.create_subprocess_exec
async def spawned(*arguments, **options):
    step("before a git")
    process = await spawn(*arguments, **options)
    step("during a git")
    return process
asyncio.create_subprocess_exec = spawned

unlink = os.unlink
def unlinked(*arguments, **options):
    unlink(*arguments, **options)
    step("after a file")
os.unlink = unlinked

from conductor_tui.domain.worktrees import NewBranch
from conductor_tui.git.worktrees import open_worktrees

async def main():
    worktrees = await open_worktrees(Path(root))
    if call == "create":
        await worktrees.create(Path(place), NewBranch("x"))
    elif call == "remove":
        losses = await worktrees.losses(Path(place), goes="x")
        await worktrees.remove(Path(place), losses.fingerprint, goes="x")
    else:
        await worktrees.restore(call, Path(place))

asyncio.run(main())
"""


def killed(world: World, place: Path, call: str, kind: str, count: int) -> bool:
    """Whether the child died on the way; else it was done before its time came."""
    arguments = [sys.executable, "-c", CHILD, str(world.root), str(place), call, kind, str(count)]
    done = subprocess.run(arguments, capture_output=True, check=False, cwd=Path(__file__).parents[3])
    assert done.returncode in (0, -9), done.stderr.decode()
    return done.returncode == -9


async def settled(world: World, place: Path) -> bool:
    """Whether something is unfinished, once the git that a killed process left behind has ended; the next start."""
    journal = Journal(world.root / ".git")
    await until(lambda: not journal.is_held(place))
    await open_worktrees(world.root)
    assert left_behind(world) == []
    return bool(await world.worktrees.unfinished())


def left_behind(world: World) -> list[str]:
    """Temporary files and locks in the repository; our own locks are files that stay."""
    common = world.root / ".git"
    files = [file.relative_to(common) for file in common.rglob("*")]
    ours = [file for file in files if file.parts[0] == "conductor-tui" and len(file.parts) > 1]
    odd = [file for file in ours if file.suffix not in (".lock", ".json")]
    return [str(file) for file in (*odd, *(f for f in files if f.suffix == ".lock" and f not in ours))]


WRITES = {
    "branch", "checkout-index", "config", "read-tree", "symbolic-ref", "update-index", "update-ref", "worktree",
}  # fmt: skip
"""Commands that may leave a lock file, or half of something, while they run."""
READS = {"list", "--get", "--get-regexp", "--quiet"}
"""What some of them are told that only ask."""


async def test_whatever_git_writes_with_holds_the_lock_for_as_long_as_it_runs(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may outlive a window that is killed, and the next one must not meet it."""
    place, ran, loose = world.places / "lima", set(), []
    spawn = asyncio.create_subprocess_exec

    async def spawned(*argv: str, pass_fds: tuple[int, ...] = (), **more: Any) -> asyncio.subprocess.Process:
        name = _name(argv[3:])
        reads = name in ("config", "symbolic-ref", "worktree") and READS & set(argv)
        if name in WRITES and not reads:
            ran.add(name)
            loose.extend([] if pass_fds else [argv[argv.index(name) :]])
        return await spawn(*argv, pass_fds=pass_fds, **more)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", spawned)
    await world.worktrees.create(place, NewBranch("x"))
    fill(world, place)
    git(place, "update-ref", "refs/worktree/mine", "HEAD")
    git(place, "branch", "-q", "--set-upstream-to=origin/main")
    removed = await end_removal(world, place)
    await world.worktrees.restore(removed.salvage.ref, place)
    assert loose == []
    assert ran == WRITES - {"symbolic-ref"}


async def test_one_git_at_a_time_adds_a_worktree_over_all_windows(world: World) -> None:
    inside, most = 0, 0

    async def add(number: int) -> None:
        nonlocal inside, most
        journal = Journal(world.root / ".git")
        with journal.hold(world.places / f"{number}"):
            async with journal.turn():
                inside += 1
                most = max(most, inside)
                for _ in range(20):
                    await asyncio.sleep(0)
                inside -= 1

    await asyncio.gather(*(add(number) for number in range(4)))
    assert (inside, most) == (0, 1)


async def test_what_somebody_works_with_is_not_swept_away(world: World) -> None:
    common = world.root / ".git"
    async with exact_files(world.root, common) as files:
        await open_worktrees(world.root)
        await files.put_files([b"a.txt"])
        assert await files.write_tree()
    assert left_behind(world) == []
    journal = Journal(common)
    with journal.hold(world.places):
        half = journal.file(world.places, "new")
        half.write_text("{")
        await open_worktrees(world.root)
        assert half.exists()
    await open_worktrees(world.root)
    assert not half.exists()


@pytest.mark.parametrize("kind", ["before a git", "during a git"])
async def test_killed_while_making_one(world: World, kind: str) -> None:
    for number in range(1, 60, 4):
        place = world.places / f"place {number}"
        before = await world.worktrees.checkouts()
        if not killed(world, place, "create", kind, number):
            break
        after = [c for c in await world.worktrees.checkouts() if c not in before]
        assert [c for c in after if c.path == place and c.unfinished is not Operation.CREATE] == []
        if await settled(world, place) or not place.exists():
            await world.worktrees.create(place, NewBranch("x"))
        assert status(place) == ""
        assert (place / "sub" / "b.txt").read_text() == "b\n"
        assert await world.worktrees.unfinished() == ()
        losses = await world.worktrees.losses(place, goes="x")
        await world.worktrees.remove(place, losses.fingerprint, goes="x")
    assert number > 8


def fill(world: World, place: Path) -> dict[bytes, tuple[int, bytes]]:
    world.commit(place, "committed.txt", "c\n")
    (place / "a.txt").write_text("changed\n")
    (place / "staged.txt").write_text("staged\n")
    git(place, "add", "staged.txt")
    for number in range(5):
        (place / f"new {number}").write_text(f"{number}\n")
    (place / "sub").chmod(0o2700)
    return on_disk(place)


async def end_removal(world: World, place: Path) -> Removed:
    """What the next start does: looks again, and removes again, if that had not ended."""
    if not place.exists() and not await world.worktrees.unfinished():
        return Removed((await world.worktrees.salvages())[0])
    try:
        fingerprint = (await world.worktrees.losses(place, goes="x")).fingerprint
    except RepositoryError:
        fingerprint = ""  # the folder is gone already
    done = await world.worktrees.remove(place, fingerprint, goes="x")
    assert not isinstance(done, Changed)
    return done


@pytest.mark.parametrize("kind", ["before a git", "during a git", "after a file"])
async def test_killed_while_removing_one(world: World, kind: str) -> None:
    place = world.places / "lima"
    for number in range(100):
        if number % (2 if kind == "after a file" else 8):
            continue  # each costs a second
        await world.worktrees.create(place, NewBranch("x"))
        before, head = fill(world, place), git(place, "rev-parse", "HEAD")
        state, modes = status(place), folder_modes(place)
        if not killed(world, place, "remove", kind, number):
            break
        if await settled(world, place) and place.exists() and on_disk(place) != before:
            (unfinished,) = await world.worktrees.unfinished()
            assert (unfinished.operation, unfinished.path) == (Operation.REMOVE, place)
        done = await end_removal(world, place)
        assert not place.exists()
        assert await world.worktrees.unfinished() == ()
        assert "x" not in {branch.name for branch in await world.worktrees.branches()}
        await world.worktrees.restore(done.salvage.ref, place)
        assert (on_disk(place), status(place), git(place, "rev-parse", "HEAD")) == (before, state, head)
        assert folder_modes(place) == modes
        again = await end_removal(world, place)
        for ref in {done.salvage.ref, again.salvage.ref}:
            await world.worktrees.forget(ref)
    assert number > 5


@pytest.mark.parametrize("kind", ["before a git", "during a git"])
async def test_killed_while_restoring_one(world: World, kind: str) -> None:
    place = world.places / "lima"
    await world.worktrees.create(place, NewBranch("x"))
    before, state = fill(world, place), status(place)
    ref = (await end_removal(world, place)).salvage.ref
    for number in range(0, 100, 5):
        if not killed(world, place, ref, kind, number):
            break
        if await settled(world, place) or not place.exists():
            restored = await world.worktrees.restore(ref, place)
            assert not restored.is_other_branch
        assert (on_disk(place), status(place)) == (before, state)
        assert await world.worktrees.unfinished() == ()
        await end_removal(world, place)
    assert number > 5


async def test_what_somebody_wrote_into_an_unfinished_worktree_is_kept(world: World) -> None:
    place = world.places / "lima"
    hook = world.root / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    kill = "read -r _ _ _ parent _ < /proc/$PPID/stat\nkill -9 $parent $PPID\n"
    hook.write_text(f"#!/bin/sh\necho precious > precious\n{kill}")
    hook.chmod(0o755)
    assert killed(world, place, "create", "by its hook", 0)
    hook.unlink()
    assert await settled(world, place)
    await world.worktrees.create(place, NewBranch("x"))
    (kept,) = await world.worktrees.salvages()
    assert git(world.root, "show", f"{kept.ref}:precious") == "precious"
    assert not (place / "precious").exists()


async def test_an_unfinished_worktree_can_be_cleared(world: World) -> None:
    place = world.places / "lima"
    assert killed(world, place, "create", "before a git", 12)
    assert await settled(world, place)
    (unfinished,) = await world.worktrees.unfinished()
    assert (unfinished.operation, unfinished.path, unfinished.branch) == (Operation.CREATE, place, "x")
    assert await world.worktrees.clear(place) is None
    assert await world.worktrees.unfinished() == ()
    assert [c.path for c in await world.worktrees.checkouts()] == [world.root]
    assert "x" not in {branch.name for branch in await world.worktrees.branches()}


async def test_a_worktree_that_git_alone_was_making_is_left_alone(world: World) -> None:
    place = world.places / "lima"
    git(world.root, "worktree", "add", "-q", "--lock", "--reason", "initializing", "-b", "x", str(place))
    assert (await world.worktrees.checkouts())[1].unfinished is Operation.CREATE
    with pytest.raises(RepositoryError, match="Git is making a worktree there"):
        await world.worktrees.create(place, NewBranch("y"))
    assert (place / "a.txt").exists()


async def test_clearing_takes_no_branch_that_another_worktree_made_meanwhile(world: World) -> None:
    place, other = world.places / "lima", world.places / "oslo"
    for number in range(40):
        assert killed(world, place, "create", "before a git", number)
        if await settled(world, place):
            break
    assert "x" not in {branch.name for branch in await world.worktrees.branches()}
    await world.worktrees.create(other, NewBranch("x"))
    await world.worktrees.clear(place)
    assert await world.worktrees.unfinished() == ()
    assert "x" in {branch.name for branch in await world.worktrees.branches()}
    assert git(other, "rev-parse", "HEAD") == git(other, "rev-parse", "x")
