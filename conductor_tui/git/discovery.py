"""Where a repository is, as far as that can be told without libgit2: for the start, which imports nothing slow."""

from __future__ import annotations

from pathlib import Path

from conductor_tui.domain.problems import Trouble


def find_root(path: Path) -> Path | None:
    """The top folder of the working tree that holds `path`, without importing anything slow; None when there is none.

    A hint for the start, before libgit2 is loaded: `open_repository` has the last word.
    """
    for folder in (path, *path.parents):
        git_dir = folder / ".git"
        if git_dir.is_file() or (git_dir / "HEAD").exists():  # sandboxes leave empty .git folders behind
            return folder
    return None


def main_folder(root: Path) -> Path:
    """The main worktree's top folder for a linked worktree, as Codex finds it; else `root` itself.

    A submodule, and a worktree of a bare repository, stand for themselves.
    """
    try:
        said = (root / ".git").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:  # a folder, or nothing
        return root
    git_dir = (root / said.strip().removeprefix("gitdir:").strip()).resolve()
    common = git_dir.parent.parent
    is_linked = git_dir.parent.name == "worktrees" and common.name == ".git" and common.is_dir()
    return common.parent if is_linked else root


def no_repository(path: Path) -> Trouble:
    """What to say where there is no repository."""
    steps = ("Start it in a repository: conductor-tui PATH", f"or make one here: git init {path}")
    return Trouble("No git repository here", f"{path}: Codex works, but there is no diff to show.", steps)
