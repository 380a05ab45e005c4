"""Odd states of a worktree: archived and restored they give the same bytes, or the list says before what is lost."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.worktrees import LossKind, NewBranch, Removed
from conductor_tui.git import losses as losses_module
from conductor_tui.git import tree_walk as disk
from tests.unit.git.worlds import World, folder_modes, git, index, on_disk, status


@pytest.fixture
async def place(world: World) -> Path:
    await world.worktrees.create(world.places / "lima", NewBranch("x"))
    return world.places / "lima"


def everything(place: Path) -> tuple[object, ...]:
    """Files, and all that git says of them, with what this worktree has for itself."""
    own = git(place, "for-each-ref", "refs/bisect", "refs/worktree", "refs/rewritten")
    files = on_disk(place), folder_modes(place)
    return *files, status(place), index(place), own, git(place, "reflog"), git(place, "status")


def diverged(world: World, place: Path) -> None:
    """Branch `o`, checked out, and branch `x` have changed the same file."""
    git(place, "branch", "o")
    world.commit(place, "a.txt", "1\n")
    git(place, "checkout", "-q", "o")
    world.commit(place, "a.txt", "2\n")


def autostash(world: World, place: Path) -> None:
    diverged(world, place)
    (place / "sub" / "b.txt").write_text("in no commit\n")
    git(place, "merge", "--autostash", "x", check=False)
    autostash_of(place)


def autostash_of(place: Path) -> str:
    git_dir = Path(git(place, "rev-parse", "--absolute-git-dir"))
    return git(place, "show", f"{(git_dir / 'MERGE_AUTOSTASH').read_text().strip()}:sub/b.txt")


def stat_only(world: World, place: Path) -> None:
    diverged(world, place)
    git(place, "merge", "x", check=False)
    os.utime(place / "sub" / "b.txt", (1, 1))


def rebase(world: World, place: Path) -> None:
    diverged(world, place)
    git(place, "rebase", "x", check=False)


def bisection(world: World, place: Path) -> None:
    for number in range(4):
        world.commit(place, f"f{number}")
    git(place, "bisect", "start", "HEAD", "HEAD~3")


def refs_of_its_own(world: World, place: Path) -> None:
    world.commit(place, "only-there")
    git(place, "update-ref", "refs/worktree/mine", "HEAD")
    git(place, "reset", "-q", "--hard", "HEAD~1")
    git(place, "reflog", "expire", "--expire=all", "--all")


def only_in_the_log(world: World, place: Path) -> None:
    world.commit(place, "lost")
    git(place, "reset", "-q", "--hard", "HEAD~1")


def permissions(world: World, place: Path) -> None:
    (place / "a.txt").chmod(0o600)
    (place / "sub" / "b.txt").chmod(0o4744)


def modes_of_folders(world: World, place: Path) -> None:
    (place / "new" / "inner").mkdir(parents=True)
    (place / "new" / "inner" / "f").write_text("untracked\n")
    (place / "new" / "inner").chmod(0o1777)
    (place / "new").chmod(0o2770)
    (place / "sub").chmod(0o700)
    place.chmod(0o711)


def no_file_modes(world: World, place: Path) -> None:
    git(world.root, "config", "core.fileMode", "false")
    (place / "a.txt").chmod(0o755)


def empty_gitlink(world: World, place: Path) -> None:
    git(place, "update-index", "--add", "--cacheinfo", f"160000,{git(place, 'rev-parse', 'HEAD')},deep/link")
    git(place, "commit", "-qm", "a submodule that nobody describes")
    (place / "deep" / "link").mkdir(parents=True)


def branch_that_is_no_utf8(world: World, place: Path) -> None:
    subprocess.run([b"git", b"-C", os.fsencode(place), b"branch", b"-m", b"b\xff"], check=True)


def deep(world: World, place: Path) -> None:
    folder = place.joinpath(*["d"] * 600)
    folder.mkdir(parents=True)
    (folder / "f").write_text("x")


@pytest.mark.parametrize(
    "make",
    [autostash, stat_only, rebase, bisection, refs_of_its_own, only_in_the_log, permissions,
     modes_of_folders, no_file_modes, empty_gitlink, branch_that_is_no_utf8, deep],
)  # fmt: skip
async def test_it_comes_back_as_it_was(world: World, place: Path, make: Callable[[World, Path], None]) -> None:
    make(world, place)
    before = everything(place)
    losses = await world.worktrees.losses(place)
    assert losses.not_salvaged == ()
    done = await world.worktrees.remove(place, losses.fingerprint)
    assert isinstance(done, Removed)
    assert not place.exists()
    git(world.root, "gc", "-q", "--prune=now")
    await world.worktrees.restore(done.salvage.ref, place)
    assert everything(place) == before
    logged = git(place, "reflog", "--format=%H").split()
    assert len([git(place, "cat-file", "-t", commit) for commit in logged]) == len(logged)
    if make is autostash:
        assert autostash_of(place) == "in no commit"


def embedded(place: Path) -> None:
    git(place, "clone", "-q", str(place), str(place / "inner"))
    git(place, "add", "inner")
    git(place, "commit", "-qm", "a repository in it")


def linked_list(place: Path) -> None:
    (place / ".gitmodules").symlink_to("a.txt")


def named_like_gits_folder(place: Path) -> None:
    (place / "sub" / ".GIT").mkdir()
    (place / "sub" / ".GIT" / "x").write_text("x")


@pytest.mark.parametrize(
    ("make", "path"),
    [(embedded, "inner"), (linked_list, ".gitmodules"), (named_like_gits_folder, "sub/.GIT/x")],
)
async def test_what_does_not_come_back_is_listed_and_the_rest_does(
    world: World, place: Path, make: Callable[[Path], None], path: str
) -> None:
    make(place)
    (place / "a.txt").write_text("changed\n")
    before = on_disk(place)
    losses = await world.worktrees.losses(place)
    assert path in {loss.path for loss in losses.not_salvaged}
    done = await world.worktrees.remove(place, losses.fingerprint)
    assert isinstance(done, Removed)
    assert not place.exists()
    await world.worktrees.restore(done.salvage.ref, place)
    lost = os.fsencode(path)
    assert on_disk(place) == {p: f for p, f in before.items() if p != lost and not p.startswith(lost + b"/")}


async def test_a_file_with_two_names_is_removed_with_both(world: World, place: Path) -> None:
    (place / "one.log").write_text("x")
    os.link(place / "one.log", place / "sub" / "two.log")
    losses = await world.worktrees.losses(place)
    assert isinstance(await world.worktrees.remove(place, losses.fingerprint), Removed)
    assert not place.exists()


async def test_a_worktree_in_another_one_is_never_removed_with_it(world: World, place: Path) -> None:
    git(world.root, "worktree", "add", "-q", "-b", "inner", str(place / "inner"))
    (place / "inner" / "work").write_text("mine")
    with pytest.raises(RepositoryError, match="inside this one"):
        await world.worktrees.losses(place)
    with pytest.raises(RepositoryError, match="inside this one"):
        await world.worktrees.remove(place, "")
    assert (place / "inner" / "work").read_text() == "mine"
    assert (place / "a.txt").exists()


async def test_nothing_is_removed_where_something_is_mounted(
    world: World, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounted = place / "sub"
    monkeypatch.setattr(disk, "_mount_points", lambda: frozenset({os.fsencode(mounted)}))
    before = on_disk(place)
    losses = await world.worktrees.losses(place)
    assert ("sub", "another file system") in {(loss.path, loss.detail) for loss in losses.not_salvaged}
    with pytest.raises(RepositoryError, match="mounted in this worktree"):
        await world.worktrees.remove(place, losses.fingerprint)
    assert on_disk(place) == before
    assert await world.worktrees.salvages() == ()


async def test_nothing_is_removed_where_a_folder_cannot_be_read(
    world: World, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def walk_but(root: Path) -> disk.Tree:
        tree = disk.walk(root)
        tree.unread[b"sub"] = "Permission denied"
        return tree

    monkeypatch.setattr(losses_module, "walk", walk_but)
    before = on_disk(place)
    losses = await world.worktrees.losses(place)
    assert ("sub", "cannot be read: Permission denied") in {(loss.path, loss.detail) for loss in losses.not_salvaged}
    with pytest.raises(RepositoryError, match="cannot be read"):
        await world.worktrees.remove(place, losses.fingerprint)
    assert on_disk(place) == before


async def test_commits_that_only_a_ref_of_the_worktree_has_are_listed(world: World, place: Path) -> None:
    only_there = world.commit(place, "only-there")
    git(place, "update-ref", "refs/worktree/mine", "HEAD")
    git(place, "reset", "-q", "--hard", "HEAD~1")
    losses = await world.worktrees.losses(place)
    assert [(loss.kind, loss.path, loss.stays) for loss in losses.items] == [(LossKind.COMMIT, only_there, False)]


def as_the_first_version_wrote_it(world: World, ref: str) -> None:
    """Takes the list of refs out of a salvage."""
    head, index_commit, papers = git(world.root, "rev-parse", f"{ref}^@").split()
    lines = git(world.root, "ls-tree", f"{papers}:papers").split("\n")
    inner = git(world.root, "mktree", stdin="".join(f"{x}\n" for x in lines if not x.endswith("\trefs")).encode())
    outer = git(world.root, "ls-tree", papers).replace(git(world.root, "rev-parse", f"{papers}:papers"), inner)
    tree = git(world.root, "mktree", stdin=f"{outer}\n".encode())
    old = git(world.root, "commit-tree", tree, "-m", "Papers")
    about = git(world.root, "log", "-1", "--format=%B", ref).encode()
    parents = ("-p", head, "-p", index_commit, "-p", old)
    commit = git(world.root, "commit-tree", f"{ref}^{{tree}}", *parents, stdin=about)
    git(world.root, "update-ref", ref, commit)


async def test_a_salvage_of_the_first_version_is_restored(world: World, place: Path) -> None:
    (place / "new").write_text("x")
    before = on_disk(place), status(place)
    losses = await world.worktrees.losses(place)
    done = await world.worktrees.remove(place, losses.fingerprint)
    assert isinstance(done, Removed)
    as_the_first_version_wrote_it(world, done.salvage.ref)
    await world.worktrees.restore(done.salvage.ref, place)
    assert (on_disk(place), status(place)) == before


def test_a_walk_finds_what_comes_after_a_file_that_goes_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(9):
        (tmp_path / f"f{number}").touch()
    names = [entry.name for entry in os.scandir(tmp_path)]
    mark = disk.mark

    def mark_and_delete(found: os.stat_result, *, is_linked: bool) -> int:
        (tmp_path / names[3]).unlink(missing_ok=True)
        return mark(found, is_linked=is_linked)

    monkeypatch.setattr(disk, "mark", mark_and_delete)
    assert set(disk.walk(tmp_path).files) == {os.fsencode(name) for name in names if name != names[3]}
