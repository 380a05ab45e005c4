"""Git state and uncommitted changes, in real repositories."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conductor_tui.domain.diffs import FileChangeKind, LineKind
from conductor_tui.domain.errors import RepositoryError
from conductor_tui.git import checkout as repository_module
from conductor_tui.git.checkout import GitRepository, open_repository
from conductor_tui.git.discovery import find_root


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


async def test_a_renamed_file_with_any_name_is_a_rename(repository: GitRepository, root: Path) -> None:
    for name in ("u turn.md", "? x", "1 one", "2 two"):
        (root / name).write_text(f"{name}\n" * 5)
    git(root, "add", ".")
    git(root, "commit", "-qm", "odd names")
    for name in ("u turn.md", "? x", "1 one", "2 two"):
        git(root, "mv", name, name.replace(" ", "_"))
    diff = await repository.working_diff()
    assert {(f.old_path, f.path, f.kind) for f in diff.files} == {
        (name, name.replace(" ", "_"), FileChangeKind.RENAMED) for name in ("u turn.md", "? x", "1 one", "2 two")
    }


async def test_a_huge_diff_lists_all_files(
    repository: GitRepository, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository_module, "DIFF_LIMIT", 2000)
    (root / "gone").write_text("g\n")
    (root / "huge").write_text("")
    git(root, "add", ".")
    git(root, "commit", "-qm", "more")
    (root / "a.txt").write_text("one\n")
    (root / "gone").unlink()
    (root / "huge").write_text("a line\n" * 2000)
    (root / "z\tz").write_text("z\n")
    (root / "blob").write_bytes(b"\0" * 9)
    git(root, "add", "z\tz", "blob")
    diff = await repository.working_diff()
    found = {f.path: (f.kind, f.added, f.deleted, bool(f.hunks)) for f in diff.files}
    assert found == {
        "a.txt": (FileChangeKind.MODIFIED, 0, 1, True),
        "gone": (FileChangeKind.DELETED, 0, 1, True),
        "huge": (FileChangeKind.MODIFIED, 2000, 0, False),
        "z\tz": (FileChangeKind.ADDED, 1, 0, False),
        "blob": (FileChangeKind.ADDED, 0, 0, False),
    }
    assert diff.left_out
    assert (await repository.state()).changed_files == 5


async def test_a_file_that_becomes_a_link_is_one_change_with_both_sides(repository: GitRepository, root: Path) -> None:
    (root / "link").symlink_to("nowhere")
    git(root, "add", ".")
    git(root, "commit", "-qm", "link")
    (root / "link").unlink()
    (root / "link").write_text("a file\n")
    (root / "a.txt").unlink()
    (root / "a.txt").symlink_to("elsewhere")
    files = {f.path: f for f in (await repository.working_diff()).files}
    assert {path: (f.kind, f.added, f.deleted, f.old_mode, f.new_mode) for path, f in files.items()} == {
        "link": (FileChangeKind.TYPE_CHANGED, 1, 1, "120000", "100644"),
        "a.txt": (FileChangeKind.TYPE_CHANGED, 1, 2, "100644", "120000"),
    }
    assert [line.text for hunk in files["link"].hunks for line in hunk.lines if line.old_number or line.new_number] == [
        "nowhere",
        "a file",
    ]


async def test_an_untracked_file_without_a_last_newline_has_the_mark(repository: GitRepository, root: Path) -> None:
    (root / "with").write_text("x\n")
    (root / "without").write_text("x")
    marks = {
        f.path: [line.kind for hunk in f.hunks for line in hunk.lines] for f in (await repository.working_diff()).files
    }
    assert marks == {"with": [LineKind.ADDED], "without": [LineKind.ADDED, LineKind.NO_NEWLINE]}


async def test_a_submodule_with_only_untracked_files_is_a_change(root: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(root), "other")
    git(root, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(tmp_path / "other"), "sub")
    git(root, "commit", "-qm", "sub")
    (root / "sub" / "new").write_text("x")
    repository = await open_repository(root)
    assert [f.path for f in (await repository.working_diff()).files] == ["sub"]
    await repository.close()


async def test_a_branch_whose_name_is_no_utf8_has_state_and_diff(repository: GitRepository, root: Path) -> None:
    git(root, "branch", "-m", os.fsdecode(b"b\xff"))
    git(root, "branch", "up")
    git(root, "branch", "-q", "-u", "up")
    (root / "new").write_text("x\n")
    assert [f.path for f in (await repository.working_diff()).files] == ["new"]
    state = await repository.state()
    assert (os.fsencode(state.branch), state.ahead, state.changed_files) == (b"b\xff", 0, 1)


async def test_large_files_are_named_not_shown(repository: GitRepository, root: Path) -> None:
    (root / "big.txt").write_text("x" * 2_000_000)
    diff = await repository.working_diff()
    assert diff.left_out == ("big.txt: over 1.0M",)
    assert [f.path for f in diff.files] == ["big.txt"]


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


async def test_when_one_git_fails_the_other_has_ended_too(
    repository: GitRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in = tmp_path / "bin" / "git"
    stand_in.parent.mkdir()
    stand_in.write_text('#!/bin/sh\ncase "$*" in *" diff "*) exit 3 ;; esac\nexec sleep 60\n')
    stand_in.chmod(0o755)
    monkeypatch.setenv("PATH", str(stand_in.parent), prepend=os.pathsep)
    started: list[asyncio.subprocess.Process] = []
    spawn = asyncio.create_subprocess_exec

    async def spawned(*argv: Any, **options: Any) -> asyncio.subprocess.Process:
        started.append(await spawn(*argv, **options))
        return started[-1]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", spawned)
    with pytest.raises(RepositoryError, match="git diff failed"):
        await repository.working_diff()
    assert len(started) == 2
    assert None not in [process.returncode for process in started]


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
