"""Real repositories for the tests of worktrees, and how to look at what is on disk."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

from msgspec import Struct

from conductor_tui.git.worktrees import GitWorktrees, open_worktrees


def git(root: Path, *arguments: str, check: bool = True, stdin: bytes | None = None) -> str:
    done = subprocess.run(["git", "-C", str(root), *arguments], check=check, capture_output=True, input=stdin)
    return os.fsdecode(done.stdout).strip()


class World(Struct):
    """A repository with a remote, and the folder for its worktrees."""

    root: Path
    remote: Path
    places: Path
    worktrees: GitWorktrees

    def commit(self, where: Path, name: str, text: str = "x\n") -> str:
        (where / name).parent.mkdir(parents=True, exist_ok=True)
        (where / name).write_text(text)
        git(where, "add", "--", name)
        git(where, "commit", "-qm", f"write {name}")
        return git(where, "rev-parse", "HEAD")


async def make_world(folder: Path) -> World:
    """`a repo` on main with two files, pushed to a bare remote."""
    root, remote, places = folder / "a repo's «näme»", folder / "remote.git", folder / "places"
    root.mkdir()
    places.mkdir()
    git(root, "init", "-q")
    (root / "a.txt").write_text("one\ntwo\nthree\n")
    (root / "sub").mkdir()
    (root / "sub" / "b.txt").write_text("b\n")
    (root / ".gitignore").write_text("*.log\nbuild/\n.env\n")
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    git(folder, "clone", "-q", "--bare", str(root), str(remote))
    git(root, "remote", "add", "origin", str(remote))
    git(root, "fetch", "-q")
    git(root, "remote", "set-head", "origin", "main")
    return World(root, remote, places, await open_worktrees(root))


def on_disk(root: Path) -> dict[bytes, tuple[int, bytes]]:
    """Every file below `root` but git's own: permissions (or 0 for a link), bytes (or its target)."""
    found: dict[bytes, tuple[int, bytes]] = {}
    for folder, folders, files in os.walk(root):
        for name in [*files, *folders]:
            path = Path(folder, name)
            mode = path.lstat().st_mode
            inside = os.fsencode(path.relative_to(root))
            if inside == b".git" or inside.startswith(b".git/"):
                continue
            if stat.S_ISLNK(mode):
                found[inside] = (0, os.fsencode(path.readlink()))
            elif stat.S_ISREG(mode):
                found[inside] = (stat.S_IMODE(mode), path.read_bytes())
    return found


def folder_modes(root: Path) -> dict[bytes, int]:
    """Permissions of `root` and of every folder below it in which there is a file, but git's own."""
    inside = {path.relative_to(root) for path in root.rglob("*") if not path.is_dir() or path.is_symlink()}
    folders = {folder for path in inside for folder in path.parents if ".git" not in path.parts}
    return {os.fsencode(folder): stat.S_IMODE((root / folder).lstat().st_mode) for folder in folders}


def status(root: Path) -> str:
    """What git says of index and files, submodules too."""
    return git(root, "status", "--porcelain=v2", "-z", "--untracked-files=all", "--ignore-submodules=none")


def index(root: Path) -> str:
    return git(root, "ls-files", "--stage", "-v", "-z")
