"""What is kept of a worktree comes back byte for byte, and removal takes nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.worktrees import Changed, DetachedCommit, NewBranch, Removed, Salvage
from conductor_tui.git import removal
from conductor_tui.git.snapshot import keep
from conductor_tui.git.worktrees import open_worktrees
from tests.unit.git.worlds import World, git, index, on_disk, status


@pytest.fixture
async def place(world: World) -> Path:
    await world.worktrees.create(world.places / "lima", NewBranch("x"))
    return world.places / "lima"


async def removed(world: World, place: Path, *, goes: str = "") -> Removed:
    losses = await world.worktrees.losses(place, goes=goes)
    done = await world.worktrees.remove(place, losses.fingerprint, goes=goes)
    assert isinstance(done, Removed)
    return done


def everything(place: Path) -> tuple[object, ...]:
    heads = (("symbolic-ref", "-q", "HEAD"), ("rev-parse", "--verify", "-q", "HEAD"))
    return (on_disk(place), status(place), index(place), *(git(place, *ask, check=False) for ask in heads))


async def comes_back(world: World, place: Path, *, goes: str = "") -> Salvage:
    """Removes and restores the worktree, and compares files, index and state with what they were."""
    before = everything(place)
    done = await removed(world, place, goes=goes)
    assert not place.exists()
    restored = await world.worktrees.restore(done.salvage.ref, place)
    assert not restored.is_other_branch
    assert everything(place) == before
    assert git(world.root, "fsck", "--no-dangling", "--connectivity-only") == ""
    return done.salvage


@contextlib.contextmanager
def undeletable(file: Path) -> Iterator[None]:
    """A file that can be read and not deleted, also by root where that can be had."""
    held = subprocess.run(["chattr", "+i", str(file)], capture_output=True, check=False).returncode == 0
    if not held:
        file.parent.chmod(0o500)
    try:
        yield
    finally:
        if held:
            subprocess.run(["chattr", "-i", str(file)], check=True)
        else:
            file.parent.chmod(0o700)


def every_change(world: World, place: Path) -> None:
    world.commit(place, "mine.txt", "mine\n")
    (place / "a.txt").write_bytes(b"one\r\ntwo\nno end")
    git(place, "mv", "sub/b.txt", "moved.txt")
    (place / "staged.txt").write_text("staged\n")
    git(place, "add", "staged.txt")
    (place / "staged.txt").write_text("and changed\n")
    (place / "meant.txt").write_text("m\n")
    git(place, "add", "-N", "meant.txt")
    (place / "script").write_text("#!/bin/sh\n")
    (place / "script").chmod(0o755)
    (place / "private").write_text("key\n")
    (place / "private").chmod(0o600)
    (place / "link").symlink_to("/nowhere/at all")
    (place / "dir link").symlink_to("sub")
    (place / os.fsdecode(b'bad\xff\nname\t"')).write_bytes(bytes(range(256)))
    (place / "deep" / "er").mkdir(parents=True)
    (place / "deep" / "er" / "f").write_text("")
    (place / "mine.txt").unlink()


async def test_everything_comes_back(world: World, place: Path) -> None:
    every_change(world, place)
    salvage = await comes_back(world, place)
    assert salvage.not_kept == ()
    assert salvage.branch == "x"


async def test_everything_comes_back_with_the_branch(world: World, place: Path) -> None:
    every_change(world, place)
    git(place, "branch", "-q", "--set-upstream-to=origin/main")
    salvage = await comes_back(world, place, goes="x")
    assert salvage.upstream == "origin/main"
    assert git(place, "rev-parse", "--abbrev-ref", "@{u}") == "origin/main"


async def test_a_salvage_changes_nothing(world: World, place: Path) -> None:
    every_change(world, place)
    for name in ("pre-commit", "post-checkout", "reference-transaction", "post-index-change"):
        hook = world.root / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch '{world.places}/ran'\n")
        hook.chmod(0o755)
    git(world.root, "config", "commit.gpgSign", "true")
    git(world.root, "config", "gpg.program", "false")
    git(world.root, "config", "user.useConfigOnly", "true")
    git_dir = Path(git(place, "rev-parse", "--absolute-git-dir"))
    before = (on_disk(place), on_disk(git_dir))
    salvage = await world.worktrees.salvage(place)
    assert (on_disk(place), on_disk(git_dir)) == before
    assert not (world.places / "ran").exists()
    assert await world.worktrees.salvages() == (salvage,)


async def test_line_ends_and_filters_come_back_as_they_were(world: World, place: Path) -> None:
    git(world.root, "config", "filter.strip.clean", "sed -e /output/d")
    git(world.root, "config", "filter.strip.smudge", "cat")
    attributes = ("*.txt text=auto", "*.nb filter=strip", "*.id ident", "*.u16 working-tree-encoding=UTF-16LE", "")
    (place / ".gitattributes").write_text("\n".join(attributes))
    (place / "crlf.txt").write_bytes(b"a\r\nb\r\n")
    (place / "x.nb").write_bytes(b"code\noutput 1\n")
    (place / "x.id").write_bytes(b"$Id: of old $\n")
    (place / "x.u16").write_bytes("ä\n".encode("utf-16-le"))
    git(place, "add", ".")
    git(place, "commit", "-qm", "converted")
    (place / "new.txt").write_bytes(b"mixed\r\nends\n")
    (place / "x.nb").write_bytes(b"code\noutput 2\n")
    git(place, "update-index", "--refresh", check=False)
    await comes_back(world, place)
    git(world.root, "config", "core.autocrlf", "true")
    (place / "plain").write_bytes(b"a\nb\n")
    git(place, "add", "plain")
    git(place, "commit", "-qm", "plain")
    await comes_back(world, place)


async def test_a_merge_with_conflicts_comes_back(world: World, place: Path) -> None:
    world.commit(world.root, "a.txt", "theirs\n")
    world.commit(place, "a.txt", "ours\n")
    git(place, "merge", "main", check=False)
    await comes_back(world, place)
    (place / "a.txt").write_text("both\n")
    git(place, "add", "a.txt")
    git(place, "commit", "--no-edit", "-q")
    assert len(git(place, "rev-parse", "HEAD^@").split()) == 2


async def test_a_rebase_comes_back(world: World, place: Path) -> None:
    world.commit(world.root, "a.txt", "theirs\n")
    world.commit(place, "a.txt", "ours\n")
    git(place, "rebase", "main", check=False)
    await comes_back(world, place)
    (place / "a.txt").write_text("both\n")
    git(place, "add", "a.txt")
    git(place, "-c", "core.editor=true", "rebase", "--continue")
    assert git(place, "branch", "--show-current") == "x"


async def test_what_git_does_not_look_at_comes_back(world: World, place: Path) -> None:
    git(place, "update-index", "--assume-unchanged", "a.txt")
    git(place, "update-index", "--skip-worktree", "sub/b.txt")
    (place / "a.txt").write_text("hidden\n")
    (place / "sub" / "b.txt").unlink()
    await comes_back(world, place)


async def test_a_branch_without_commits_comes_back(world: World, place: Path) -> None:
    git(place, "checkout", "-q", "--orphan", "fresh")
    (place / "new").write_text("x")
    await comes_back(world, place)


async def test_an_empty_repository_can_be_kept(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "empty")
    (tmp_path / "empty" / "x").write_text("1\n")
    (tmp_path / "empty" / "y").write_text("2\n")
    git(tmp_path / "empty", "add", "y")
    worktrees = await open_worktrees(tmp_path / "empty")
    salvage = await worktrees.salvage(tmp_path / "empty")
    restored = await worktrees.restore(salvage.ref, tmp_path / "lima")
    assert restored.is_other_branch
    assert on_disk(tmp_path / "lima") == on_disk(tmp_path / "empty")
    assert status(tmp_path / "lima") == status(tmp_path / "empty")
    patch = await worktrees.patch(salvage.ref)
    assert b"+++ b/x\n" in patch


async def test_a_detached_head_comes_back(world: World) -> None:
    place = world.places / "lima"
    await world.worktrees.create(place, DetachedCommit("main"))
    world.commit(place, "nowhere else.txt")
    await comes_back(world, place)


async def test_a_taken_branch_is_left_alone(world: World, place: Path) -> None:
    (place / "new").write_text("x")
    done = await removed(world, place)
    git(world.root, "checkout", "-q", "x")
    restored = await world.worktrees.restore(done.salvage.ref, place)
    assert (restored.is_other_branch, restored.checkout.branch) == (True, "x-restored")
    head = world.commit(world.root, "more.txt")
    again = await world.worktrees.restore(done.salvage.ref, world.places / "oslo")
    assert again.checkout.branch == "x-restored-2"
    assert git(world.root, "rev-parse", "x") == head
    with pytest.raises(RepositoryError, match="Something is there already"):
        await world.worktrees.restore(done.salvage.ref, place)
    with pytest.raises(RepositoryError, match="Nothing is kept under this name"):
        await world.worktrees.restore("refs/heads/main", world.places / "rome")


async def test_the_patch_makes_the_same_files(world: World, place: Path, tmp_path: Path) -> None:
    every_change(world, place)
    (place / "private").chmod(0o644)
    salvage = await world.worktrees.salvage(place)
    git(tmp_path, "clone", "-q", str(world.remote), "other")
    other = tmp_path / "other"
    git(other, "apply", "--binary", "-", stdin=await world.worktrees.patch(salvage.ref, "main"))
    assert on_disk(other) == on_disk(place)
    await world.worktrees.forget(salvage.ref)
    assert await world.worktrees.salvages() == ()


async def test_big_and_nested_things_are_named_as_not_kept(world: World, place: Path) -> None:
    (place / "big").write_bytes(b"x" * 2000)
    (place / "nested").mkdir()
    git(place / "nested", "init", "-q")
    (place / "nested" / "f").write_text("x")
    losses = await world.worktrees.losses(place, size_limit=1000)
    done = await world.worktrees.remove(place, losses.fingerprint, size_limit=1000)
    assert isinstance(done, Removed)
    assert {item.path for item in done.salvage.not_kept} == {"big", "nested"}
    assert (await world.worktrees.salvages())[0].not_kept == losses.not_salvaged
    await world.worktrees.restore(done.salvage.ref, place)
    assert not (place / "big").exists()


async def test_many_untracked_files_are_kept(world: World, place: Path) -> None:
    for number in range(5_000):
        folder = place / f"d{number % 100}"
        folder.mkdir(exist_ok=True)
        (folder / str(number)).write_text(f"{number}\n")
    before = on_disk(place)
    done = await removed(world, place)
    assert done.salvage.files == 5_000
    await world.worktrees.restore(done.salvage.ref, place)
    assert on_disk(place) == before


async def test_removal_refuses_what_was_not_seen(world: World, place: Path) -> None:
    seen = await world.worktrees.losses(place)
    (place / "new").write_text("x")
    changed = await world.worktrees.remove(place, seen.fingerprint)
    assert isinstance(changed, Changed)
    assert [item.path for item in changed.losses.items] == ["new"]
    assert (place / "new").exists()
    assert await world.worktrees.salvages() == ()
    done = await world.worktrees.remove(place, changed.losses.fingerprint)
    assert isinstance(done, Removed)


async def test_what_comes_while_it_is_removed_stays(world: World, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "notes").write_text("one")
    losses = await world.worktrees.losses(place)

    async def keep_and_write(*arguments: object, **options: object) -> Salvage:
        salvage = await keep(*arguments, **options)  # type: ignore[arg-type]
        (place / "sub" / "late").write_text("late")
        (place / "notes").write_text("two")
        return salvage

    monkeypatch.setattr(removal, "keep", keep_and_write)
    with pytest.raises(RepositoryError) as raised:
        await world.worktrees.remove(place, losses.fingerprint)
    assert "notes: it came or changed meanwhile" in raised.value.trouble.cause
    assert on_disk(place).keys() == {b"notes", b"sub/late"}
    monkeypatch.setattr(removal, "keep", keep)
    (unfinished,) = await world.worktrees.unfinished()
    assert unfinished.path == place
    again = await world.worktrees.losses(place)
    assert {item.path for item in again.lost} == {"notes", "sub/late"}
    done = await world.worktrees.remove(place, again.fingerprint)
    assert isinstance(done, Removed)
    assert not place.exists()
    assert git(world.root, "show", f"{done.salvage.ref}:notes") == "two"
    assert git(world.root, "show", f"{unfinished.ref}:notes") == "one"
    assert await world.worktrees.unfinished() == ()
    await world.worktrees.restore(done.salvage.ref, place)
    assert set(on_disk(place)) == {b"notes", b"sub/late", b"sub/b.txt", b"a.txt", b".gitignore"}


async def test_a_commit_made_meanwhile_stays(world: World, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    losses = await world.worktrees.losses(place, goes="x")

    async def keep_and_commit(*arguments: object, **options: object) -> Salvage:
        salvage = await keep(*arguments, **options)  # type: ignore[arg-type]
        git(place, "commit", "-q", "--allow-empty", "-m", "late")
        return salvage

    monkeypatch.setattr(removal, "keep", keep_and_commit)
    with pytest.raises(RepositoryError, match="Somebody committed"):
        await world.worktrees.remove(place, losses.fingerprint, goes="x")
    assert git(world.root, "log", "-1", "--format=%s", "x") == "late"
    monkeypatch.setattr(removal, "keep", keep)
    done = await removed(world, place, goes="x")
    assert git(world.root, "log", "-1", "--format=%s", f"{done.salvage.ref}^1") == "late"


async def test_a_removal_that_fails_half_way_says_what_is_left_and_is_repeated(world: World, place: Path) -> None:
    (place / "sub" / "busy").write_text("x")
    (place / "a.txt").write_text("changed")
    before = on_disk(place)
    with undeletable(place / "sub" / "busy"):
        losses = await world.worktrees.losses(place)
        with pytest.raises(RepositoryError) as raised:
            await world.worktrees.remove(place, losses.fingerprint)
    assert "sub/busy" in raised.value.trouble.cause
    assert (place / "sub" / "busy").exists()
    done = await removed(world, place)
    assert not place.exists()
    assert len(await world.worktrees.salvages()) == 1
    await world.worktrees.restore(done.salvage.ref, place)
    assert on_disk(place) == before


async def test_links_out_of_the_worktree_are_not_followed(world: World, place: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    (place / "link").symlink_to(outside)
    (place / "build").symlink_to(outside)  # an ignored one
    await removed(world, place)
    assert (outside / "precious").read_text() == "x"


async def test_only_worktrees_are_removed(world: World, place: Path, tmp_path: Path) -> None:
    losses = await world.worktrees.losses(place)
    with pytest.raises(RepositoryError, match="never removed"):
        await world.worktrees.remove(world.root, losses.fingerprint)
    for path in (place / "sub", world.places, tmp_path / "nowhere", Path("/")):
        with pytest.raises(RepositoryError, match="Not a worktree of this repository"):
            await world.worktrees.remove(path, losses.fingerprint)
    (world.places / "link").symlink_to(place)
    with pytest.raises(RepositoryError, match="Not a worktree of this repository"):
        await world.worktrees.remove(world.places / "link", losses.fingerprint)
    git(world.root, "worktree", "lock", str(place))
    losses = await world.worktrees.losses(place)
    with pytest.raises(RepositoryError, match="is locked"):
        await world.worktrees.remove(place, losses.fingerprint)
    assert (place / "a.txt").exists()
    other = await open_worktrees(world.remote)
    with pytest.raises(RepositoryError, match="Not a worktree of this repository"):
        await other.remove(place, losses.fingerprint)


async def test_what_is_in_the_place_of_a_worktree_is_not_removed(world: World, place: Path) -> None:
    seen = (await world.worktrees.losses(place)).fingerprint
    place.rename(world.places / "oslo")
    git(world.remote, "worktree", "add", "-q", "--detach", str(place))
    for call in (world.worktrees.losses(place), world.worktrees.remove(place, seen)):
        with pytest.raises(RepositoryError, match="Something else is in the place"):
            await call
    assert (place / "a.txt").exists()
    assert git(place, "rev-parse", "HEAD")
    await world.worktrees.repair(world.places / "oslo")
    assert (await world.worktrees.losses(world.places / "oslo")).is_clean


async def test_only_our_own_branches_go(world: World, place: Path) -> None:
    done = await removed(world, place)
    assert (done.deleted_branch, done.notes) == ("", ())
    assert git(world.root, "rev-parse", "x")
    await world.worktrees.restore(done.salvage.ref, place)
    git(world.root, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/x")
    git(world.root, "push", "-q", "origin", "x")
    done = await removed(world, place, goes="x")
    assert [note.cause for note in done.notes] == ["It is the default branch."]
    await world.worktrees.restore(done.salvage.ref, place)
    git(world.root, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    git(world.root, "worktree", "add", "-qf", str(world.places / "oslo"), "x")
    done = await removed(world, place, goes="x")
    assert [note.cause for note in done.notes] == [f"It is checked out in {world.places / 'oslo'}"]
    await removed(world, world.places / "oslo", goes="x")
    assert "x" not in {branch.name for branch in await world.worktrees.branches()}


async def test_two_windows_do_not_remove_at_once(world: World, place: Path) -> None:
    seen = (await world.worktrees.losses(place)).fingerprint
    other = await open_worktrees(world.root)
    done = await asyncio.gather(world.worktrees.remove(place, seen), other.remove(place, seen), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in done) == ["Removed", "RepositoryError"]


async def test_nothing_is_removed_when_it_cannot_be_kept(world: World, place: Path) -> None:
    (place / "new").write_text("x")
    losses = await world.worktrees.losses(place)
    (world.root / ".git" / "refs" / "conductor-tui").write_text("in the way")
    with pytest.raises(RepositoryError):
        await world.worktrees.remove(place, losses.fingerprint)
    assert (place / "new").exists()
    assert (place / "a.txt").exists()
