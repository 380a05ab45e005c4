"""Git state and uncommitted changes, in real repositories."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conductor_tui.domain.diffs import FileChangeKind
from conductor_tui.domain.errors import RepositoryError
from conductor_tui.git.place import find_root
from conductor_tui.git.repository import GitRepository, _is_relevant, open_repository


def git(root: Path, *arguments: str, check: bool = True) -> str:
    done = subprocess.run(["git", "-C", str(root), *arguments], check=check, capture_output=True)
    return done.stdout.decode().strip()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "a repo's «näme»"
    root.mkdir()
    git(root, "init", "-q")
    (root / "a.txt").write_text("one\ntwo\n")
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    return root


@pytest.fixture
async def repository(root: Path) -> AsyncIterator[GitRepository]:
    repository = await open_repository(root)
    yield repository
    await repository.close()


async def test_a_clean_checkout(repository: GitRepository, root: Path) -> None:
    state = await repository.state()
    assert (state.branch, state.root, state.changed_files) == ("main", root, 0)
    assert state.ahead is None
    assert (await repository.working_diff()).files == ()


async def test_everything_uncommitted_is_found(repository: GitRepository, root: Path) -> None:
    (root / "a.txt").write_text("one\nzwei\n")
    (root / "staged.txt").write_text("s\n")
    git(root, "add", "staged.txt")
    (root / "sub").mkdir()
    (root / "sub" / "new ü.txt").write_text("x\ny\n")
    (root / "blob").write_bytes(b"\0\1")
    (root / "link").symlink_to("a.txt")
    diff = await repository.working_diff()
    found = {f.path: (f.kind, f.added, f.deleted) for f in diff.files}
    assert found == {
        "a.txt": (FileChangeKind.MODIFIED, 1, 1),
        "staged.txt": (FileChangeKind.ADDED, 1, 0),
        "sub/new ü.txt": (FileChangeKind.UNTRACKED, 2, 0),
        "blob": (FileChangeKind.UNTRACKED, 0, 0),
        "link": (FileChangeKind.UNTRACKED, 1, 0),
    }
    state = await repository.state()
    assert (state.added, state.deleted, state.changed_files) == (5, 1, 5)


async def test_an_empty_repository(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "x").write_text("1\n")
    (tmp_path / "y").write_text("2\n")
    git(tmp_path, "add", "y")
    repository = await open_repository(tmp_path)
    diff = await repository.working_diff()
    state = await repository.state()
    await repository.close()
    assert {f.path for f in diff.files} == {"x", "y"}
    assert (state.branch, state.is_empty, state.label) == ("main", True, "main")


async def test_a_detached_head(repository: GitRepository, root: Path) -> None:
    git(root, "checkout", "-q", "--detach")
    state = await repository.state()
    assert state.is_detached
    assert state.label == f"detached at {git(root, 'rev-parse', 'HEAD')[:8]}"


async def test_ahead_and_behind_of_the_upstream(root: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(root), str(clone))
    git(clone, "commit", "-q", "--allow-empty", "-m", "ours")
    repository = await open_repository(clone)
    state = await repository.state()
    await repository.close()
    assert (state.ahead, state.behind) == (1, 0)


async def test_a_conflict_is_named(repository: GitRepository, root: Path) -> None:
    git(root, "checkout", "-qb", "other")
    (root / "a.txt").write_text("theirs\n")
    git(root, "commit", "-qam", "theirs")
    git(root, "checkout", "-q", "main")
    (root / "a.txt").write_text("ours\n")
    git(root, "commit", "-qam", "ours")
    git(root, "merge", "other", check=False)
    (file,) = (await repository.working_diff()).files
    assert (file.path, file.kind) == ("a.txt", FileChangeKind.CONFLICTED)


async def test_names_that_are_not_utf8_are_kept(repository: GitRepository, root: Path) -> None:
    (root / os.fsdecode(b"bad\xff.txt")).write_text("x\n")
    (file,) = (await repository.working_diff()).files
    assert os.fsencode(file.path) == b"bad\xff.txt"


async def test_the_users_git_settings_change_nothing(repository: GitRepository, root: Path) -> None:
    for name, value in (
        ("diff.noprefix", "true"), ("diff.mnemonicPrefix", "true"), ("color.ui", "always"), ("diff.external", "false"),
        ("core.pager", "false"), ("diff.orderFile", "missing"), ("core.fsmonitor", "false"),
    ):  # fmt: skip
        git(root, "config", name, value)
    (root / "a.txt").write_text("one\nzwei\n")
    (file,) = (await repository.working_diff()).files
    assert (file.path, file.added) == ("a.txt", 1)


async def test_large_files_are_named_not_shown(repository: GitRepository, root: Path) -> None:
    (root / "big.txt").write_text("x" * 2_000_000)
    diff = await repository.working_diff()
    assert diff.left_out == ("big.txt: over 1 MB",)
    assert [f.path for f in diff.files] == ["big.txt"]


async def test_a_change_on_disk_is_seen(repository: GitRepository, root: Path) -> None:
    changes = repository.changes()

    async def first() -> frozenset[str]:
        async for batch in changes:
            return batch
        raise AssertionError("the watch ended")

    task = asyncio.create_task(first())
    while not task.done():
        (root / "seen.txt").write_text(str(asyncio.get_running_loop().time()))
        await asyncio.wait([task], timeout=0.2)
    assert "seen.txt" in await task
    await changes.aclose()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("path", "matters"),
    [
        ("/r/a.py", True),
        ("/r/.git/index", True),
        ("/r/.git/refs/heads/main", True),
        ("/r/.git/objects/ab/cd", False),
        ("/r/.git/index.lock", False),
        ("/r/node_modules/x/y.js", False),
    ],
)
def test_what_can_change_the_diff(path: str, matters: bool) -> None:
    assert _is_relevant(None, path) is matters


async def test_no_repository_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError) as raised:
        await open_repository(tmp_path)
    assert raised.value.trouble.title == "No git repository here"
    assert any("git init" in step for step in raised.value.trouble.steps)
    assert find_root(tmp_path) is None


async def test_a_bare_repository_says_what_to_do(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare")
    with pytest.raises(RepositoryError, match="bare repository"):
        await open_repository(tmp_path)


async def test_git_that_fails_is_quoted(repository: GitRepository, root: Path) -> None:
    (root / ".git" / "index").write_bytes(b"garbage")
    with pytest.raises(RepositoryError) as raised:
        await repository.working_diff()
    assert "index" in raised.value.trouble.cause


async def test_git_that_is_missing_is_told(repository: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RepositoryError, match="git was not found"):
        await repository.working_diff()


def test_a_folder_inside_a_repository_belongs_to_it(root: Path) -> None:
    (root / "x" / "y").mkdir(parents=True)
    assert find_root(root / "x" / "y") == root


NAMES = st.binary(min_size=1, max_size=40).filter(
    lambda name: b"/" not in name and b"\0" not in name and name not in (b".", b"..", b".git")
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.sets(NAMES, min_size=1, max_size=5))
async def test_any_name_that_the_file_system_takes_is_listed(tmp_path: Path, names: set[bytes]) -> None:
    root = Path(tempfile.mkdtemp(dir=tmp_path))
    git(root, "init", "-q")
    for name in names:
        (root / os.fsdecode(name)).write_bytes(b"one\n")
    repository = await open_repository(root)
    try:
        diff = await repository.working_diff()
        assert {os.fsencode(f.path) for f in diff.files} == names
        assert all(f.added == 1 for f in diff.files)
        await repository.state()
    finally:
        await repository.close()
