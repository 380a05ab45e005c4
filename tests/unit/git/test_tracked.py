"""Whose a file is: a branch's, which git tracks, or the user's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from conductor_tui.git.tracked import is_tracked
from tests.unit.git.worlds import git


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "-q")
    (root / "config").mkdir()
    for name in (".env.shared", "config/Größe.env", "other.env"):
        (root / name).write_text("A=1\n")
    (root / "link.env").symlink_to(".env")
    (root / "folder").symlink_to("private")
    git(root, "add", ".")
    git(root, "commit", "-qm", "1")
    (root / "private").mkdir()
    for name in (".env", "config/mine.env", "private/.env"):
        (root / name).write_text("A=1\n")
    (root / "mine.env").symlink_to("other.env")
    return root


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (".env.shared", True),
        ("config/../.env.shared", True),
        (".ENV.shared", True),  # the same file on a Mac
        ("config/Größe.env", True),
        ("link.env", True),  # a branch says what it leads to
        ("folder/.env", True),
        ("mine.env", True),  # leads to a file of the branch's
        (".env", False),
        ("config/mine.env", False),
        ("private/.env", False),
        ("../outside.env", False),
    ],
)
def test_a_file_is_a_branchs_where_git_tracks_it_or_the_way_to_it(checkout: Path, name: str, expected: bool) -> None:
    assert is_tracked(checkout, checkout / name) is expected


def test_a_file_in_a_submodule_is_a_branchs(checkout: Path, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    git(inner, "init", "-q")
    (inner / ".env").write_text("A=1\n")
    git(inner, "add", ".")
    git(inner, "commit", "-qm", "1")
    git(checkout, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner), "inner")
    assert is_tracked(checkout, checkout / "inner" / ".env")


def test_a_linked_worktree_has_an_index_of_its_own(checkout: Path, tmp_path: Path) -> None:
    worktree = tmp_path / "worktree"
    git(checkout, "worktree", "add", "-q", str(worktree))
    git(worktree, "rm", "-q", "--cached", ".env.shared")
    assert not is_tracked(worktree, worktree / ".env.shared")
    assert is_tracked(checkout, checkout / ".env.shared")


def test_without_git_all_is_the_users(tmp_path: Path) -> None:
    assert not is_tracked(tmp_path, tmp_path / ".env")


def test_what_git_cannot_tell_counts_as_tracked(checkout: Path) -> None:
    (checkout / ".git" / "index").write_bytes(b"no index")
    assert is_tracked(checkout, checkout / ".env")
