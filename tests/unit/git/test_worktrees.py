"""Looking at worktrees and making them, in real repositories."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from pathlib import Path

import psutil
import pytest

from conductor_tui.domain.diffs import FileChangeKind
from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.workspaces import Standing, WorkingDiff
from conductor_tui.domain.worktrees import DetachedCommit, ExistingBranch, NewBranch, Operation
from conductor_tui.git.checkout import open_repository
from conductor_tui.git.worktrees import open_worktrees
from tests.builders import until
from tests.unit.git.worlds import World, git, on_disk


async def refused(call: object, title: str) -> RepositoryError:
    with pytest.raises(RepositoryError) as raised:
        await call  # type: ignore[misc]
    trouble = raised.value.trouble
    assert title in trouble.title, trouble
    return raised.value


async def test_all_checkouts_are_listed(world: World) -> None:
    for name, start in (("lima", NewBranch("fix-1")), ("oslo", DetachedCommit("main"))):
        await world.worktrees.create(world.places / name, start)
    git(world.root, "worktree", "lock", "--reason", "on a\nstick", str(world.places / "oslo"))
    main, lima, oslo = await world.worktrees.checkouts()
    assert (main.path, main.branch, main.is_main) == (world.root, "main", True)
    assert (lima.path, lima.branch, lima.is_main, lima.locked) == (world.places / "lima", "fix-1", False, None)
    assert (oslo.branch, oslo.locked, oslo.head) == ("", "on a\nstick", main.head)
    shutil.rmtree(lima.path)
    assert (await world.worktrees.checkouts())[1].prunable
    inside = await open_worktrees(oslo.path)
    assert inside.root == world.root


async def test_branches_say_where_they_are(world: World) -> None:
    await world.worktrees.create(world.places / "lima", NewBranch("fix/1"))
    git(world.places / "lima", "commit", "-q", "--allow-empty", "-m", "subject «x»\n\nbody", "--date=now")
    found = {branch.name: branch for branch in await world.worktrees.branches()}
    assert set(found) == {"main", "fix/1", "origin/main"}
    assert found["fix/1"].checked_out == world.places / "lima"
    assert found["fix/1"].subject == "subject «x»"
    assert found["origin/main"].remote == "origin"
    assert found["main"].checked_out == world.root
    assert abs(found["fix/1"].date - time.time()) < 1000


async def test_the_default_branch_is_the_remotes(world: World) -> None:
    git(world.root, "checkout", "-qb", "other")
    default = await world.worktrees.default_branch()
    assert default is not None
    assert (default.name, default.start) == ("main", "origin/main")
    git(world.root, "remote", "remove", "origin")
    default = await world.worktrees.default_branch()
    assert default is not None
    assert (default.name, default.start) == ("main", "main")
    git(world.root, "branch", "-m", "main", "trunk")
    default = await world.worktrees.default_branch()
    assert default is not None
    assert default.name == "other"


async def test_commits_to_pick_from(world: World) -> None:
    second = world.commit(world.root, "new.txt")
    commits = await world.worktrees.commits("main")
    assert [c.subject for c in commits] == ["write new.txt", "first"]
    assert commits[0].id == second
    assert await world.worktrees.commits("--all") == ()


async def test_new_work_begins_at_the_newest_remote_commit_and_our_branch_stays(world: World, tmp_path: Path) -> None:
    other = tmp_path / "other"
    git(tmp_path, "clone", "-q", str(world.remote), str(other))
    newest = world.commit(other, "newest.txt")
    git(other, "push", "-q")
    before = git(world.root, "rev-parse", "main")
    said: list[str] = []
    assert await world.worktrees.fetch(on_progress=said.append) is None
    assert said
    created = await world.worktrees.create(world.places / "lima", NewBranch("fix-1"), on_progress=said.append)
    assert created.checkout.head == newest
    assert created.made_branch
    assert (world.places / "lima" / "newest.txt").exists()
    assert git(world.root, "rev-parse", "main") == before
    assert git(world.root, "for-each-ref", "--format=%(upstream)", "refs/heads/fix-1") == ""
    assert any(line.startswith("Updating files") for line in said)
    assert created.checkout.locked is None


async def test_a_fetch_that_fails_is_a_value(world: World) -> None:
    git(world.root, "remote", "set-url", "origin", str(world.remote) + "-gone")
    trouble = await world.worktrees.fetch()
    assert trouble is not None
    assert trouble.title == "The remote does not let git in"
    git(world.root, "remote", "remove", "origin")
    assert await world.worktrees.fetch() is None


async def test_a_fetch_that_hangs_is_ended_with_its_children(world: World, tmp_path: Path) -> None:
    ssh, pid = tmp_path / "ssh", tmp_path / "pid"
    ssh.write_text(f'#!/bin/sh\necho "$$ $*" > "{pid}"\nexec sleep 600\n')
    ssh.chmod(0o755)
    git(world.root, "remote", "set-url", "origin", "ssh://nowhere.invalid/x.git")
    git(world.root, "config", "core.sshCommand", str(ssh))
    trouble = await world.worktrees.fetch(timeout=2)
    assert trouble is not None
    assert trouble.title == "git does not answer"
    number, words = pid.read_text().split(" ", 1)
    assert "BatchMode=yes" in words
    await until(lambda: not psutil.pid_exists(int(number)) or psutil.Process(int(number)).status() == "zombie")


async def test_an_existing_branch_is_checked_out_once(world: World) -> None:
    git(world.root, "branch", "feature")
    created = await world.worktrees.create(world.places / "lima", ExistingBranch("feature"))
    assert (created.checkout.branch, created.made_branch) == ("feature", False)
    error = await refused(world.worktrees.create(world.places / "oslo", ExistingBranch("feature")), "is in use")
    assert str(world.places / "lima") in error.trouble.cause
    error = await refused(world.worktrees.create(world.places / "oslo", ExistingBranch("main")), "is in use")
    assert str(world.root) in error.trouble.cause
    assert not (world.places / "oslo").exists()


@pytest.mark.parametrize("name", ["feature/x", "origin/feature/x"])
async def test_a_branch_of_the_remote_gets_a_local_one_that_follows(world: World, name: str) -> None:
    git(world.root, "push", "-q", "origin", "main:feature/x")
    created = await world.worktrees.create(world.places / "lima", ExistingBranch(name))
    assert (created.checkout.branch, created.made_branch) == ("feature/x", True)
    assert git(created.checkout.path, "rev-parse", "--abbrev-ref", "@{u}") == "origin/feature/x"


async def test_a_commit_without_a_branch(world: World) -> None:
    head = git(world.root, "rev-parse", "HEAD")
    created = await world.worktrees.create(world.places / "lima", DetachedCommit(head[:10]))
    assert (created.checkout.branch, created.checkout.head) == ("", head)


@pytest.mark.parametrize(
    ("start", "title"),
    [
        (NewBranch("has space"), "Not a name for a branch"),
        (NewBranch("-x"), "Not a name for a branch"),
        (NewBranch("a..b"), "Not a name for a branch"),
        (NewBranch("HEAD"), "Not a name for a branch"),
        (NewBranch("nul\0"), "Not a name for a branch"),
        (NewBranch("main"), "Branch main exists"),
        (NewBranch("main/x"), "Git cannot write refs/heads/main/x"),
        (NewBranch("x", "nowhere"), "No such commit"),
        (NewBranch("x", "--all"), "No such commit"),
        (ExistingBranch("nowhere"), "No such branch"),
        (DetachedCommit("nowhere"), "No such commit"),
    ],
)
async def test_a_bad_start_is_said_and_leaves_nothing(world: World, start: NewBranch, title: str) -> None:
    branches = await world.worktrees.branches()
    await refused(world.worktrees.create(world.places / "lima", start), title)
    assert len(await world.worktrees.checkouts()) == 1
    assert await world.worktrees.branches() == branches
    assert await world.worktrees.unfinished() == ()
    assert not (world.places / "lima").exists()


async def test_nothing_is_made_where_something_is(world: World, tmp_path: Path) -> None:
    place = world.places / "lima"
    place.mkdir()
    (place / "mine.txt").write_text("mine")
    await refused(world.worktrees.create(place, NewBranch("x")), "Something is there already")
    assert on_disk(place) == {b"mine.txt": ((place / "mine.txt").stat().st_mode & 0o777, b"mine")}
    (world.places / "link").symlink_to(tmp_path)
    (world.places / "dangling").symlink_to(tmp_path / "nowhere")
    (world.places / "file").write_text("")
    for name in ("link", "dangling", "file"):
        await refused(world.worktrees.create(world.places / name, NewBranch("x")), "Something is there already")
    (world.places / "empty").mkdir()
    await world.worktrees.create(world.places / "empty", NewBranch("x"))
    await refused(world.worktrees.create(world.root / "a.txt" / "x", NewBranch("y")), "Something is there already")


async def test_before_the_first_commit_there_is_nothing_to_begin_at(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "empty")
    worktrees = await open_worktrees(tmp_path / "empty")
    assert await worktrees.default_branch() is None
    for start in (NewBranch("x"), ExistingBranch("main"), DetachedCommit("HEAD")):
        await refused(worktrees.create(tmp_path / "lima", start), "No commits yet")


async def test_a_bare_and_a_shallow_repository_have_worktrees_too(world: World, tmp_path: Path) -> None:
    bare = await open_worktrees(world.remote)
    assert (await bare.traits()).is_bare
    assert (await bare.checkouts())[0].is_bare
    created = await bare.create(tmp_path / "of bare", NewBranch("x"))
    assert (created.checkout.path / "a.txt").exists()
    losses = await bare.losses(created.checkout.path, goes="x")
    assert losses.is_clean, losses
    git(tmp_path, "clone", "-q", "--depth=1", world.remote.as_uri(), "shallow")
    shallow = await open_worktrees(tmp_path / "shallow")
    assert (await shallow.traits()).is_shallow
    await shallow.create(tmp_path / "of shallow", NewBranch("x"))


async def test_a_hook_that_fails_is_noted(world: World) -> None:
    hook = world.root / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho no way >&2\nexit 3\n")
    hook.chmod(0o755)
    created = await world.worktrees.create(world.places / "lima", NewBranch("x"))
    (note,) = created.notes
    assert note.title == "The post-checkout hook failed"
    assert "no way" in note.cause
    assert created.checkout.locked is None
    assert await world.worktrees.unfinished() == ()


async def test_a_failed_checkout_leaves_nothing(world: World) -> None:
    git(world.root, "config", "filter.bad.smudge", "false")
    git(world.root, "config", "filter.bad.required", "true")
    (world.root / ".gitattributes").write_text("*.bad filter=bad\n")
    (world.root / "x.bad").write_text("x")
    git(world.root, "-c", "filter.bad.clean=cat", "add", ".")
    git(world.root, "-c", "filter.bad.clean=cat", "commit", "-qm", "bad")
    await refused(world.worktrees.create(world.places / "lima", NewBranch("x", "main")), "git worktree failed")
    assert not (world.places / "lima").exists()
    assert len(await world.worktrees.checkouts()) == 1
    assert "x" not in {b.name for b in await world.worktrees.branches()}
    assert await world.worktrees.unfinished() == ()


async def test_a_cancelled_creation_leaves_nothing(world: World) -> None:
    hook = world.root / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntouch started\nexec sleep 600\n")
    hook.chmod(0o755)
    task = asyncio.create_task(world.worktrees.create(world.places / "lima", NewBranch("x")))
    await until((world.places / "lima" / "started").exists)
    assert (await world.worktrees.checkouts())[1].unfinished is Operation.CREATE
    await refused(world.worktrees.create(world.places / "lima", NewBranch("y")), "Another window is at work")
    assert await world.worktrees.unfinished() == ()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not (world.places / "lima").exists()
    assert len(await world.worktrees.checkouts()) == 1
    hook.unlink()
    await world.worktrees.create(world.places / "lima", NewBranch("x"))


async def test_a_locked_index_is_explained(world: World) -> None:
    created = await world.worktrees.create(world.places / "lima", NewBranch("x"))
    lock = world.root / ".git" / "refs" / "heads" / "x.lock"
    lock.touch()
    error = await refused(world.worktrees.rename_branch("x", "y"), "")
    assert "x.lock" in error.trouble.cause
    lock.unlink()
    assert created.checkout.branch == "x"


async def test_submodules_are_filled_or_said(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(tmp_path, "init", "-q", "lib")
    world.commit(tmp_path / "lib", "lib.txt")
    git(world.root, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(tmp_path / "lib"), "lib")
    git(world.root, "commit", "-qm", "lib")
    assert (await world.worktrees.traits()).has_submodules
    created = await world.worktrees.create(world.places / "lima", NewBranch("x", "main"))
    (note,) = created.notes  # git does not clone from files any more, unless it is told to
    assert note.title == "Submodules are missing"
    assert "transport 'file' not allowed" in note.cause
    monkeypatch.setenv("GIT_ALLOW_PROTOCOL", "file")
    created = await world.worktrees.create(world.places / "oslo", NewBranch("y", "main"))
    assert created.notes == ()
    assert (world.places / "oslo" / "lib" / "lib.txt").exists()
    created = await world.worktrees.create(world.places / "rome", NewBranch("z", "main"), submodules=False)
    assert created.notes == ()


async def test_missing_lfs_is_said(world: World) -> None:
    git(world.root, "config", "filter.lfs.smudge", "git-lfs-is-not-here smudge -- %f")
    git(world.root, "config", "filter.lfs.process", "git-lfs-is-not-here filter-process")
    git(world.root, "config", "filter.lfs.required", "true")
    (world.root / "sub" / ".gitattributes").write_text("*.bin filter=lfs diff=lfs merge=lfs -text\n")
    (world.root / "sub" / "x.bin").write_text("version https://git-lfs.github.com/spec/v1\n")
    git(world.root, "-c", "filter.lfs.required=false", "-c", "filter.lfs.process=", "add", ".")
    git(world.root, "-c", "filter.lfs.required=false", "-c", "filter.lfs.process=", "commit", "-qm", "large")
    traits = await world.worktrees.traits()
    assert (traits.uses_lfs, traits.has_lfs_program) == (True, False)
    created = await world.worktrees.create(world.places / "lima", NewBranch("x", "main"))
    assert [note.title for note in created.notes] == ["Large files are pointers"]
    assert (world.places / "lima" / "sub" / "x.bin").exists()


async def test_a_branch_is_renamed_wherever_it_is(world: World) -> None:
    await world.worktrees.create(world.places / "lima", NewBranch("x"))
    await world.worktrees.rename_branch("x", "fix/rounding")
    assert git(world.places / "lima", "branch", "--show-current") == "fix/rounding"
    await refused(world.worktrees.rename_branch("fix/rounding", "main"), "Branch main exists")
    await refused(world.worktrees.rename_branch("gone", "y"), "No such branch")
    git(world.places / "lima", "push", "-qu", "origin", "fix/rounding")
    error = await refused(world.worktrees.rename_branch("fix/rounding", "z"), "is on a remote")
    assert "origin/fix/rounding" in error.trouble.cause
    await world.worktrees.rename_branch("fix/rounding", "z", even_if_pushed=True)
    assert git(world.places / "lima", "rev-parse", "--abbrev-ref", "z@{u}") == "origin/fix/rounding"


async def test_a_moved_worktree_is_found_again(world: World) -> None:
    await world.worktrees.create(world.places / "lima", NewBranch("x"))
    (world.places / "lima").rename(world.places / "oslo")
    assert (await world.worktrees.checkouts())[1].prunable
    checkout = await world.worktrees.repair(world.places / "oslo")
    assert (checkout.branch, checkout.prunable) == ("x", None)
    await refused(world.worktrees.repair(world.places / "nowhere"), "")


async def test_a_worktree_whose_folder_is_gone_is_forgotten_only_when_asked(world: World) -> None:
    place = world.places / "lima"
    await world.worktrees.create(place, NewBranch("x"))
    world.commit(place, "mine.txt")
    (place / "staged.txt").write_text("staged\n")
    git(place, "add", "staged.txt")
    await refused(world.worktrees.prune(place), "Git would not forget this worktree")
    shutil.rmtree(place)
    await refused(world.worktrees.losses(place), "The folder of this worktree is missing")
    await refused(world.worktrees.remove(place, ""), "The folder of this worktree is missing")
    assert len(await world.worktrees.checkouts()) == 2
    kept = await world.worktrees.prune(place)
    assert len(await world.worktrees.checkouts()) == 1
    restored = await world.worktrees.restore(kept.ref, place)
    assert restored.checkout.branch == "x"
    assert git(place, "status", "--porcelain") == "A  staged.txt"
    assert (place / "staged.txt").read_text() == "staged\n"


async def test_names_that_are_not_utf8_and_with_newlines_are_places_too(world: World) -> None:
    place = world.places / os.fsdecode(b"bad\xff\nname")
    await world.worktrees.create(place, NewBranch("x"))
    losses = await world.worktrees.losses(place)
    assert losses.is_clean, losses
    removed = await world.worktrees.remove(place, losses.fingerprint)
    assert not place.exists()
    assert removed.salvage.path == str(place)  # type: ignore[union-attr]
    assert (await world.worktrees.salvages())[0] == removed.salvage  # type: ignore[union-attr]


async def test_how_worktrees_stand_to_the_default_branch(world: World) -> None:
    place = world.places / "lima"
    await world.worktrees.create(place, NewBranch("x"))
    repository = await open_repository(place)
    assert await repository.standing("origin/main") == Standing()
    world.commit(world.root, "theirs.txt", "1\n2\n")
    world.commit(place, "ours.txt", "1\n2\n3\n")
    (place / "a.txt").write_text("one\n")
    assert await repository.standing("main") == Standing(1, 1, added=3, deleted=2, is_dirty=True)
    with pytest.raises(RepositoryError):
        await repository.standing("nowhere")
    git(place, "checkout", "-q", "--orphan", "fresh")
    assert (await repository.standing("main")).added == 8
    await repository.close()


async def test_the_diff_from_the_start_has_what_is_committed_and_what_is_not(world: World) -> None:
    place = world.places / "lima"
    created = await world.worktrees.create(place, NewBranch("x"))
    repository = await open_repository(place)
    assert await repository.diff_from(created.checkout.head) == WorkingDiff()
    world.commit(place, "committed.txt", "1\n2\n3\n")
    (place / "a.txt").write_text("one\n")
    (place / "new.txt").write_text("new\n")
    found = await repository.diff_from(created.checkout.head)
    assert {f.path: f.kind for f in found.files} == {
        "a.txt": FileChangeKind.MODIFIED,
        "committed.txt": FileChangeKind.ADDED,
        "new.txt": FileChangeKind.UNTRACKED,
    }
    assert (found.added, found.deleted) == (4, 2)
    uncommitted = await repository.working_diff()
    assert {f.path for f in uncommitted.files} == {"a.txt", "new.txt"}
    await repository.diff_from(created.checkout.head)
    assert (await repository.state()).changed_files == 2
    for wrong in ("nowhere", "--output=x"):
        with pytest.raises(RepositoryError):
            await repository.diff_from(wrong)
    await repository.close()


async def test_a_worktree_that_another_git_is_making_is_waited_for(world: World) -> None:
    place = world.places / "lima"
    await world.worktrees.create(place, NewBranch("x"))
    common = world.root / ".git" / "worktrees" / "lima" / "commondir"
    whole = common.read_text()
    common.write_text("")
    both = asyncio.gather(world.worktrees.branches(), world.worktrees.checkouts())
    asyncio.get_running_loop().call_later(0.2, common.write_text, whole)
    branches, checkouts = await both
    assert "x" in {branch.name for branch in branches}
    assert place in {checkout.path for checkout in checkouts}


async def test_a_branch_whose_worktree_is_gone_is_in_use_until_git_forgets_that(world: World) -> None:
    place = world.places / "lima"
    await world.worktrees.create(place, NewBranch("x"))
    shutil.rmtree(place)
    with pytest.raises(RepositoryError) as raised:
        await world.worktrees.create(world.places / "oslo", ExistingBranch("x"))
    trouble = raised.value.trouble
    assert trouble.cause == f"Checked out in {place}, whose folder is gone"
    assert "git worktree prune" in trouble.steps[0]
    git(world.root, "worktree", "prune", "--expire=now")
    assert (await world.worktrees.create(world.places / "oslo", ExistingBranch("x"))).checkout.branch == "x"
