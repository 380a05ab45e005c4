"""Whatever is done in a worktree: nothing is deleted that was not in the list made before, and all in that is there."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conductor_tui.domain.worktrees import Changed, Losses, LossKind, NewBranch, Removed
from tests.unit.git.worlds import World, git, index, make_world, on_disk, status

NAMES = st.sampled_from(
    [
        "a.txt",
        "sub/b.txt",
        "new.txt",
        "sub/new.txt",
        "deep/er/f",
        "x.log",
        "build/out",
        ".env",
        ".gitignore",
        "bad\udcff\nx",
    ]
)
DOINGS = st.sampled_from(
    ["write", "delete", "link", "folder", "add", "add -N", "unstage", "commit", "push", "branch", "detach", "hide",
     "nested", "stash", "reset", "exec", "ignore", "unignore", "hard reset", "touch", "private", "merge", "autostash",
     "rebase", "pick", "bisect", "abort", "switch"]
)  # fmt: skip


def do(world: World, place: Path, doing: str, name: str, text: str) -> None:
    """Does something as a person or an agent would; what cannot be done is not done."""
    file = place / name
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if doing == "write":
            file.write_text(text)
        elif doing == "delete":
            file.unlink()
        elif doing == "link":
            file.symlink_to(text)
        elif doing == "folder":
            file.unlink(missing_ok=True)
            file.mkdir()
            (file / "inside").write_text(text)
        elif doing == "exec":
            file.chmod(0o755)
        elif doing == "private":
            file.chmod(0o600)
        elif doing == "touch":
            os.utime(file, (1, 1))
        elif doing == "nested":
            git(place, "init", "-q", str(file.parent / "nested"), check=False)
            (file.parent / "nested" / "f").write_text(text)
        elif doing in ("ignore", "unignore"):
            (place / ".gitignore").write_text("*.txt\n" if doing == "ignore" else "")
    except (OSError, ValueError):
        return
    commands = {
        "add": ("add", "-f", "--", name),
        "add -N": ("add", "-N", "--", name),
        "unstage": ("reset", "-q", "--", name),
        "commit": ("commit", "-qam", text),
        "push": ("push", "-q", "origin", "HEAD:refs/heads/pushed"),
        "branch": ("branch", "-f", "other"),
        "detach": ("checkout", "-q", "--detach"),
        "hide": ("update-index", "--assume-unchanged", "--", name),
        "stash": ("stash", "-qu"),
        "reset": ("reset", "-q", "HEAD~1"),
        "hard reset": ("reset", "-q", "--hard"),
        "merge": ("merge", "-q", "--no-commit", "--no-ff", "other"),
        "autostash": ("merge", "-q", "--autostash", "other"),
        "rebase": ("rebase", "-q", "other"),
        "pick": ("cherry-pick", "other"),
        "bisect": ("bisect", "start", "HEAD", "main"),
        "abort": ("merge", "--abort"),
        "switch": ("checkout", "-qB", "other", "main"),
    }
    if doing in commands:
        git(place, *commands[doing], check=False)


def check_list(world: World, place: Path, losses: Losses, files: set[bytes]) -> None:
    """Every entry is really there, and every file that is not as some commit has it is in an entry."""
    listed = {os.fsencode(item.path) for item in losses.items}
    ignored = {os.fsencode(folder.path) for folder in losses.ignored}
    tracked = {line.split("\t", 1)[1] for line in index(place).split("\0") if line}
    for item in losses.items:
        if item.kind in (LossKind.MODIFIED, LossKind.UNTRACKED, LossKind.NESTED):
            assert os.path.lexists(place / item.path), item
        elif item.kind is LossKind.COMMIT:
            assert git(world.root, "cat-file", "-t", item.path) == "commit"
    head = {
        os.fsencode(name): (mode, oid)
        for line in git(place, "ls-tree", "-r", "-z", "HEAD").split("\0")
        if line
        for about, _, name in [line.partition("\t")]
        for mode, _, oid in [about.split(" ")]
    }
    for path in files:
        if any(path == entry or path.startswith(entry + b"/") for entry in listed):
            continue
        if path in head:
            mode = (place / os.fsdecode(path)).lstat().st_mode
            data = os.fsencode((place / os.fsdecode(path)).readlink()) if mode & 0o120000 == 0o120000 else None
            oid = (
                git(place, "hash-object", "--stdin", stdin=data)
                if data is not None
                else git(place, "hash-object", "--no-filters", "--", os.fsdecode(path))
            )
            assert oid == head[path][1], path
        else:
            assert os.fsdecode(path) not in tracked
            assert path.split(b"/")[0] in ignored, path


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(st.lists(st.tuples(DOINGS, NAMES, st.sampled_from(["one\n", "two\r\n", "three"])), min_size=1, max_size=14))
def test_nothing_is_deleted_that_was_not_listed(doings: list[tuple[str, str, str]]) -> None:
    asyncio.run(_nothing_is_deleted_that_was_not_listed(doings))


async def _nothing_is_deleted_that_was_not_listed(doings: list[tuple[str, str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = await make_world(Path(folder))
        place = world.places / "lima"
        await world.worktrees.create(place, NewBranch("x"))
        for doing in doings:
            do(world, place, *doing)
        files = on_disk(place)
        before = (
            *(status(place), index(place)),
            *(git(place, "for-each-ref", "refs/bisect", "refs/worktree"), git(place, "reflog")),
        )
        head = git(place, "rev-parse", "HEAD")
        goes = git(place, "branch", "--show-current") == "x"
        losses = await world.worktrees.losses(place, goes="x" if goes else "")
        assert (on_disk(place), status(place), index(place)) == (files, *before[:2])
        check_list(world, place, losses, set(files))
        on_remote = git(
            world.root, "for-each-ref", "--contains", head, "refs/remotes", "refs/heads/main", "refs/heads/other"
        )
        if not on_remote and goes:
            assert head in {item.path for item in losses.items if item.kind is LossKind.COMMIT and not item.stays}
        (place / "came meanwhile").write_text("x")
        refused = await world.worktrees.remove(place, losses.fingerprint, goes="x" if goes else "")
        seen_by_git = "came meanwhile" in status(place)
        assert isinstance(refused, Changed) or not seen_by_git
        assert on_disk(place).items() >= files.items()
        (place / "came meanwhile").unlink()
        done = await world.worktrees.remove(place, losses.fingerprint, goes="x" if goes else "")
        assert isinstance(done, Removed)
        assert not place.exists()
        await world.worktrees.restore(done.salvage.ref, place)
        own = git(place, "for-each-ref", "refs/bisect", "refs/worktree"), git(place, "reflog")
        assert own == before[2:], "the refs and the log that the worktree had for itself"
        if not losses.not_salvaged and not losses.ignored:
            assert (status(place), index(place)) == before[:2]
        again = on_disk(place)
        nested = tuple(os.fsencode(i.path) + b"/" for i in losses.items if i.kind is LossKind.NESTED)
        ignored = {os.fsencode(folder.path) for folder in losses.ignored}
        kept = {p: f for p, f in files.items() if not p.startswith(nested)} if nested else files
        for path, content in kept.items():
            if again.get(path) != content:
                assert path.split(b"/")[0] in ignored, path
        assert git(place, "rev-parse", "HEAD") == head
