"""Which files a new worktree is to get: what git ignores in a checkout and a list of patterns names.

Git itself matches, so the patterns are exactly those of .gitignore. As in Conductor, a file that is only untracked
stays behind: in the new worktree it would be a change of its own. A bare name, as `.env*` or `**/.env`, does not reach
into a folder that is ignored as a whole: `.env*` is not meant for a package in node_modules, and half a node_modules is
worse than none. It does where it names the folder, or all files in it, and patterns with a path always do.

The listing is git's and stands here; so does the copying (`git.copying`), for it is work on files in threads, which the
sessions leave to the layers below them.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection
from pathlib import Path

from msgspec import Struct

from conductor_tui.domain.copied_files import SkippedFile
from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.problems import Trouble
from conductor_tui.git.program import git

INCLUDE_FILE = ".worktreeinclude"
DEFAULT_PATTERNS = ".env*\n"
_INCLUDE_LIMIT = 1 << 20


class CopyPatterns(Struct, frozen=True):
    """Lines in the syntax of .gitignore, and what the user calls the place they are from."""

    text: bytes
    source: str


class FilesToCopy(Struct, frozen=True):
    """What is to be copied, as git's bytes, and what was named and is not."""

    paths: tuple[bytes, ...] = ()
    """Relative, `/`; those near the top first."""
    folders: tuple[bytes, ...] = ()
    """The folders ignored as a whole, with `/` at the end, from which some of the paths are."""
    skipped: tuple[SkippedFile, ...] = ()
    passed_over: tuple[str, ...] = ()
    """Folders ignored as a whole in which a bare name matches some files, which stay behind."""


def copy_patterns(root: Path, globs: str | None) -> CopyPatterns:
    """`.worktreeinclude` in `root`, else the settings' `file_include_globs` (None: not set), else `.env*`.

    Raises:
        RepositoryError: `.worktreeinclude` cannot be read.
    """
    path = root / INCLUDE_FILE
    try:
        if path.is_file():
            with path.open("rb") as file:
                return CopyPatterns(file.read(_INCLUDE_LIMIT), INCLUDE_FILE)
    except OSError as error:
        cause = f"{path}: {error.strerror or error}"
        steps = ("Without it, it is not known which files a workspace needs.",)
        raise RepositoryError(Trouble("The list of files to copy cannot be read", cause, steps)) from error
    if globs is not None:
        return CopyPatterns(os.fsencode(globs), "file_include_globs")
    return CopyPatterns(DEFAULT_PATTERNS.encode(), "the default")


async def files_to_copy(root: Path, patterns: CopyPatterns) -> FilesToCopy:
    """The files of the checkout at `root` that the patterns name and git ignores; never tracked ones, never `.git`.

    Raises:
        RepositoryError: git failed or took too long.
    """
    named = await _named(root, patterns.text)
    if not named:
        return FilesToCopy()
    ignored = await _ignored(root)
    folders = {path for path in ignored if path.endswith(b"/")}
    inside: dict[bytes, set[bytes]] = {}
    for path in named:
        if folder := folder_of(path, folders):
            inside.setdefault(folder, set()).add(path)
    reached = await _reached(root, patterns.text, inside)
    held_back = set().union(*inside.values()) - reached
    chosen, skipped = [], []
    for path in sorted(named, key=lambda path: (path.count(b"/"), path)):
        if path.endswith(b"/"):
            skipped.append(SkippedFile(os.fsdecode(path), "it is a repository of its own"))
        elif path in ignored or path in reached:
            chosen.append(path)
        elif path not in held_back:
            skipped.append(SkippedFile(os.fsdecode(path), "git does not ignore it: it would be a change there"))
    passed_over = sorted(os.fsdecode(folder) for folder, paths in inside.items() if paths & held_back)
    taken = sorted(folder for folder, paths in inside.items() if paths & reached)
    return FilesToCopy(tuple(chosen), tuple(taken), tuple(skipped), tuple(passed_over))


async def _reached(root: Path, text: bytes, inside: dict[bytes, set[bytes]]) -> set[bytes]:
    """Which of the named files in wholly ignored folders are meant: by a pattern with a path, or with their folder."""
    if not inside:
        return set()
    reached = await _named(root, _with_paths(text)) & set().union(*inside.values())
    for folder, paths in inside.items():
        if not paths <= reached:
            everything = await git(root, "ls-files", "--others", "-z", "--", f":(literal){os.fsdecode(folder)}")
            if set(everything.split(b"\0")) - {b""} <= paths:
                reached |= paths
    return reached


async def _named(root: Path, text: bytes) -> set[bytes]:
    """The files that are not tracked and that patterns name."""
    if not text.strip():
        return set()
    with tempfile.NamedTemporaryFile(prefix="conductor-tui-", suffix=".patterns") as file:
        file.write(text)
        file.flush()
        out = await git(root, "ls-files", "--others", "--ignored", "-z", f"--exclude-from={file.name}")
    return set(out.split(b"\0")) - {b""}


async def _ignored(root: Path) -> set[bytes]:
    """What a rule of the repository or the user's ignores: files, and with `/` at the end folders as a whole.

    Unlike `ls-files --directory`, this keeps folders apart that merely hold nothing but ignored files.
    """
    out = await git(
        root, "status", "--porcelain=v2", "-z", "--untracked-files=all", "--ignored=matching", "--no-renames",
        "--ignore-submodules=all",
    )  # fmt: skip
    return {entry[2:] for entry in out.split(b"\0") if entry.startswith(b"! ")}


def folder_of(path: bytes, folders: Collection[bytes]) -> bytes | None:
    """Which of the folders, each with `/` at its end, holds the path; None: none."""
    at = path.find(b"/")
    while at >= 0:
        if path[: at + 1] in folders:
            return path[: at + 1]
        at = path.find(b"/", at + 1)
    return None


def _with_paths(text: bytes) -> bytes:
    """The patterns that say where, and all that take back."""
    kept = []
    for line in text.splitlines():
        bare = line.rstrip().removeprefix(b"**/").removesuffix(b"/**").rstrip(b"/")
        if line.startswith(b"!") or b"/" in bare:
            kept.append(line)
    return b"".join(line + b"\n" for line in kept)
