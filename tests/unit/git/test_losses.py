"""The list of what a removal would lose names everything, and nothing that is not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conductor_tui.domain.worktrees import Losses, LossKind, NewBranch
from tests.unit.git.worlds import World, git


@pytest.fixture
async def place(world: World) -> Path:
    await world.worktrees.create(world.places / "lima", NewBranch("x"))
    return world.places / "lima"


def named(losses: Losses) -> set[tuple[str, str]]:
    return {(item.kind.value, item.path) for item in losses.lost}


async def test_nothing_is_lost_of_a_new_worktree(world: World, place: Path) -> None:
    losses = await world.worktrees.losses(place, goes="x")
    assert losses.is_clean
    assert losses.ignored == ()


async def test_every_uncommitted_file_is_named(world: World, place: Path) -> None:
    for number in range(120):
        (place / f"new {number}.txt").write_text("x")
    (place / "a.txt").write_text("changed\n")
    git(place, "mv", "sub/b.txt", "moved.txt")
    (place / "staged.txt").write_text("s\n")
    git(place, "add", "staged.txt")
    (place / "meant.txt").write_text("m\n")
    git(place, "add", "-N", "meant.txt")
    (place / os.fsdecode(b"bad\xff\nname")).write_text("x")
    (place / ".gitignore").unlink()
    (place / "deep" / "er").mkdir(parents=True)
    (place / "deep" / "er" / "f").write_text("12345")
    losses = await world.worktrees.losses(place)
    assert named(losses) == {
        ("modified", "a.txt"), ("renamed", "moved.txt"), ("staged", "staged.txt"), ("untracked", "meant.txt"),
        ("untracked", os.fsdecode(b"bad\xff\nname")), ("deleted", ".gitignore"), ("untracked", "deep/er/f"),
        *(("untracked", f"new {number}.txt") for number in range(120)),
    }  # fmt: skip
    sizes = {item.path: (item.size, item.detail) for item in losses.items}
    assert sizes["deep/er/f"] == (5, "")
    assert sizes["moved.txt"] == (2, "sub/b.txt")
    assert not losses.not_salvaged


async def test_ignored_files_are_counted_by_folder(world: World, place: Path) -> None:
    for name in ("build/a/x", "build/b", "sub/y.log", ".env"):
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text("123")
    losses = await world.worktrees.losses(place)
    assert losses.is_clean
    found = {(folder.path, folder.files, folder.size) for folder in losses.ignored}
    assert found == {("build", 2, 6), ("sub", 1, 3), (".env", 1, 3)}


async def test_commits_that_only_this_branch_has(world: World, place: Path) -> None:
    first = world.commit(place, "1.txt")
    git(place, "push", "-q", "origin", "x:pushed")
    second = world.commit(place, "2.txt")
    git(place, "branch", "other")
    third = world.commit(place, "3.txt")
    losses = await world.worktrees.losses(place, goes="x")
    assert named(losses) == {("commit", third)}
    losses = await world.worktrees.losses(place)
    assert losses.is_clean
    mentioned = {item.path: item.detail for item in losses.items if item.kind is LossKind.COMMIT}
    assert mentioned == {third: "write 3.txt"}
    assert first not in mentioned
    git(place, "branch", "-D", "other")
    assert named(await world.worktrees.losses(place, goes="x")) == {("commit", second), ("commit", third)}
    git(place, "checkout", "-q", "--detach")
    assert named(await world.worktrees.losses(place)) == set()
    fourth = world.commit(place, "4.txt")
    assert named(await world.worktrees.losses(place)) == {("commit", fourth)}


async def test_what_hides_from_git_status_is_found(world: World, place: Path) -> None:
    git(place, "update-index", "--assume-unchanged", "a.txt")
    git(place, "update-index", "--skip-worktree", "sub/b.txt")
    assert (await world.worktrees.losses(place)).is_clean
    (place / "a.txt").write_text("secret\n")
    (place / "sub" / "b.txt").unlink()
    (place / "sub" / "b.txt").symlink_to("else")
    assert named(await world.worktrees.losses(place)) == {("modified", "a.txt"), ("modified", "sub/b.txt")}
    git(world.root, "config", "status.showUntrackedFiles", "no")
    git(world.root, "config", "core.quotePath", "false")
    (place / "new").write_text("")
    assert ("untracked", "new") in named(await world.worktrees.losses(place))


async def test_operations_stashes_and_locks(world: World, place: Path) -> None:
    world.commit(world.root, "a.txt", "theirs\n")
    world.commit(place, "a.txt", "ours\n")
    (place / "new.txt").write_text("x")
    git(place, "stash", "push", "-qu", "-m", "later")
    git(place, "merge", "main", check=False)
    git(world.root, "worktree", "lock", "--reason", "mine", str(place))
    losses = await world.worktrees.losses(place)
    assert named(losses) == {("in conflict", "a.txt"), ("in progress", ""), ("locked", "")}
    (stash,) = [item for item in losses.items if item.kind is LossKind.STASH]
    assert (stash.path, stash.detail, stash.stays) == ("stash@{0}", "On x: later", True)
    git(place, "merge", "--abort")
    git(place, "rebase", "main", check=False)
    assert ("in progress", "") in named(await world.worktrees.losses(place))


async def test_repositories_inside_are_named_and_their_files_are_not_ours(world: World, place: Path) -> None:
    for name in ("nested", "build/nested", "with commits"):
        (place / name).mkdir(parents=True)
        git(place / name, "init", "-q")
        (place / name / "f").write_text("x")
    world.commit(place / "with commits", "g")
    losses = await world.worktrees.losses(place)
    assert named(losses) == {(LossKind.NESTED.value, name) for name in ("nested", "build/nested", "with commits")}
    assert losses.ignored == ()
    assert len(losses.not_salvaged) == 3
    (place / "nested" / "f").write_text("y")
    assert (await world.worktrees.losses(place)).fingerprint != losses.fingerprint


async def test_submodules_with_work_of_their_own(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_ALLOW_PROTOCOL", "file")
    git(tmp_path, "init", "-q", "lib")
    world.commit(tmp_path / "lib", "lib.txt")
    git(world.root, "submodule", "add", "-q", str(tmp_path / "lib"), "lib")
    git(world.root, "commit", "-qm", "lib")
    git(world.root, "push", "-q", "origin", "main")
    await world.worktrees.create(world.places / "lima", NewBranch("x"))
    place = world.places / "lima"
    assert (await world.worktrees.losses(place, goes="x")).is_clean
    (place / "lib" / "new.txt").write_text("x")
    losses = await world.worktrees.losses(place)
    assert named(losses) == {("submodule", "lib")}
    assert losses.not_salvaged
    git(place / "lib", "add", ".")
    git(place / "lib", "commit", "-qm", "mine")
    losses = await world.worktrees.losses(place)
    assert named(losses) == {("submodule", "lib")}
    details = {item.detail for item in losses.items}
    assert details == {"stands at another commit", "1 commits or stashes that are on no remote"}
    git(place, "submodule", "deinit", "-f", "lib")
    assert {item.detail for item in (await world.worktrees.losses(place)).not_salvaged} == {
        "1 commits or stashes that are on no remote"
    }


async def test_what_cannot_be_determined_is_not_clean(world: World, place: Path) -> None:
    git_dir = Path(git(place, "rev-parse", "--absolute-git-dir"))
    index = (git_dir / "index").read_bytes()
    (git_dir / "index").write_bytes(index[:20])
    losses = await world.worktrees.losses(place)
    assert {item.kind for item in losses.items} == {LossKind.UNKNOWN}
    assert not losses.is_clean
    assert "index" in losses.items[0].detail


async def test_files_that_cannot_be_read_are_named(world: World, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "secret").write_text("x")
    monkeypatch.setattr("conductor_tui.git.losses.can_read", lambda root, path: path != b"secret")
    (item,) = (await world.worktrees.losses(place)).not_salvaged
    assert (item.path, item.detail) == ("secret", "cannot be read")


async def test_folders_that_cannot_be_read_are_unknown(world: World, place: Path) -> None:
    (place / "closed").mkdir(mode=0)
    if os.access(place / "closed", os.R_OK):
        pytest.skip("root reads everything")
    (item,) = (await world.worktrees.losses(place)).not_salvaged
    assert (item.kind, item.path) == (LossKind.UNKNOWN, "closed")
    (place / "closed").chmod(0o755)


async def test_big_files_are_said_to_be_lost(world: World, place: Path) -> None:
    (place / "big").write_bytes(b"x" * 2000)
    (place / "small").write_bytes(b"x")
    losses = await world.worktrees.losses(place, size_limit=1000)
    assert [item.path for item in losses.not_salvaged] == ["big"]


async def test_the_fingerprint_changes_with_what_would_be_lost(world: World, place: Path) -> None:
    async def fingerprint(goes: str = "") -> str:
        return (await world.worktrees.losses(place, goes=goes)).fingerprint

    seen = [await fingerprint()]
    assert await fingerprint() == seen[0]
    seen.append(await fingerprint(goes="x"))
    (place / "new").write_text("1")
    seen.append(await fingerprint())
    (place / "new").write_text("2")
    seen.append(await fingerprint())
    git(place, "add", "new")
    seen.append(await fingerprint())
    git(place, "commit", "-qm", "new")
    seen.append(await fingerprint())
    (place / ".env").write_text("2")
    seen.append(await fingerprint())
    assert len(set(seen)) == len(seen)
