"""The folder `.context` of a workspace: notes, todos, plans and attachments that agents share, kept out of git.

It is kept out by `info/exclude` in the repository's git folder, which all its worktrees share; the user's .gitignore is
not touched.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from conductor_tui.domain.copied_files import CopiedFiles
from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.problems import Trouble
from conductor_tui.git.copy import copy_files, copy_folder
from conductor_tui.git.files_to_copy import FilesToCopy
from conductor_tui.git.program import git
from conductor_tui.git.safe_paths import folder_beneath

CONTEXT = ".context"
FOLDERS = ("plans", "attachments")
FILES = ("notes.md", "todos.md")
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


async def prepare_context(workspace: Path) -> Path:
    """Makes what is missing of `.context` in a workspace and keeps it out of git; the folder. What is there stays.

    A repository that tracks files in `.context` has a use of its own for it: nothing is made there, nothing excluded.

    Raises:
        RepositoryError: git failed, it cannot be written, or a file or link stands in its place.
    """
    folder = workspace / CONTEXT
    if await git(workspace, "ls-files", "-z", "--", CONTEXT):
        return folder
    try:
        await asyncio.to_thread(_make, workspace)
        if not await git(workspace, "check-ignore", f"{CONTEXT}/{FILES[0]}", ok=(0, 1)):
            common = await git(workspace, "rev-parse", "--path-format=absolute", "--git-common-dir")
            await asyncio.to_thread(_exclude, Path(os.fsdecode(common.removesuffix(b"\n"))))
    except OSError as error:
        where = os.fsdecode(error.filename) if isinstance(error.filename, (str, bytes)) else CONTEXT
        cause = f"{where} in {workspace}: {error.strerror or error}"
        steps = (f"See that {folder} is a folder, or nothing, and that git's info/exclude can be written.",)
        raise RepositoryError(Trouble("The folder .context cannot be made", cause, steps)) from error
    return folder


async def keep_context(workspace: Path, kept: Path) -> CopiedFiles:
    """Copies `.context` of a workspace into the folder `kept`, where what was kept before and is gone now stays.

    Raises:
        RepositoryError: it cannot be written.
    """
    return await asyncio.to_thread(_guarded, _keep, workspace, kept)


async def bring_context(kept: Path, workspace: Path) -> CopiedFiles:
    """Copies what is in the folder `kept` into a workspace; nothing there is overwritten.

    Raises:
        RepositoryError: it cannot be read.
    """
    return await asyncio.to_thread(_guarded, _bring, kept, workspace)


def _guarded(work: Callable[[Path, Path], CopiedFiles], source: Path, target: Path) -> CopiedFiles:
    try:
        return work(source, target)
    except OSError as error:
        steps = ("Make room, or look at who owns the folder; nothing was removed.",)
        raise RepositoryError(Trouble("The folder .context cannot be copied", str(error), steps)) from error


def _keep(workspace: Path, kept: Path) -> CopiedFiles:
    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = Path(tempfile.mkdtemp(prefix="new-", dir=kept.parent))
    try:
        copied = _bring(workspace, new)
        _bring(kept, new)
        shutil.rmtree(kept, ignore_errors=True)
        new.rename(kept)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    return copied


def _bring(source: Path, target: Path) -> CopiedFiles:
    top = source / CONTEXT
    paths = []
    for folder, folders, files in os.walk(top) if not top.is_symlink() else ():
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]  # noqa: PTH114, PTH118
        inside = os.path.relpath(folder, source)
        with suppress(NotADirectoryError):  # a file or a link is there: of each file that is said below
            copy_folder(source, target, os.fsencode(inside))
        paths += [os.fsencode(os.path.join(inside, name)) for name in (*files, *links)]  # noqa: PTH118
    return copy_files(source, target, FilesToCopy(tuple(sorted(paths))))


def _make(workspace: Path) -> None:
    name = CONTEXT.encode()
    for folder in FOLDERS:
        with folder_beneath(workspace, (name, folder.encode()), (0o777, 0o777)):
            pass
    with folder_beneath(workspace, (name,)) as top:
        for file in FILES:
            with suppress(FileExistsError):
                os.close(os.open(file, _NEW_FILE, 0o666, dir_fd=top))


def _exclude(common: Path) -> None:
    """Adds a line to `info/exclude`, in one write: two windows at once at worst add it twice."""
    path = common / "info" / "exclude"
    path.parent.mkdir(exist_ok=True)
    text = path.read_bytes() if path.exists() else b""
    line = f"/{CONTEXT}/\n".encode()
    with path.open("ab", buffering=0) as file:
        file.write(line if not text or text.endswith(b"\n") else b"\n" + line)
