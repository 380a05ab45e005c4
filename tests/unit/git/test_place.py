"""Which folder a repository is trusted by."""

from __future__ import annotations

import subprocess
from pathlib import Path

from conductor_tui.demo.world import make_repository
from conductor_tui.git.discovery import main_folder


def run(*command: str | Path, cwd: Path) -> None:
    subprocess.run(["git", "-c", "protocol.file.allow=always", *command], cwd=cwd, check=True, capture_output=True)


def test_a_linked_worktree_stands_for_its_main_one_and_others_for_themselves(tmp_path: Path) -> None:
    root = tmp_path.resolve()
    repo, lima, bare, of_bare, outer = (root / n for n in ("repo", "lima", "bare.git", "of-bare", "outer"))
    make_repository(repo, {"a": "b"})
    run("worktree", "add", "-q", "-b", "lima", lima, cwd=repo)
    run("clone", "-q", "--bare", repo, bare, cwd=root)
    run("worktree", "add", "-q", "-b", "x", of_bare, cwd=bare)
    make_repository(outer, {"a": "b"})
    run("submodule", "--quiet", "add", repo, "inner", cwd=outer)
    assert main_folder(repo) == repo
    assert main_folder(lima) == repo
    assert main_folder(of_bare) == of_bare
    assert main_folder(outer / "inner") == outer / "inner"
    assert main_folder(root) == root


def test_a_broken_link_stands_for_itself(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: /nowhere/.git/worktrees/x\n")
    assert main_folder(tmp_path) == tmp_path
