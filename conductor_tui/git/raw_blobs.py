"""Stores files in git and writes them again byte for byte: no line ends changed, no filter run.

For that git gets a folder of its own, with its own index and attributes, that shares only the objects: the user's
index, HEAD, hooks and settings have no part in it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.problems import Trouble
from conductor_tui.fileio.locks import Lock, try_lock, wait_for_lock_async
from conductor_tui.git.program import git

_ATTRIBUTES = "* -text -eol -crlf -ident -filter -working-tree-encoding\n"
_CONFIG = (
    "-c", "core.autocrlf=false", "-c", "core.fileMode=true", "-c", "core.symlinks=true", "-c", "core.safecrlf=false",
    "-c", "core.protectHFS=false", "-c", "core.protectNTFS=false", "-c", "core.sparseCheckout=false",
    "-c", "core.fsyncMethod=batch",
)  # fmt: skip

_PREFIX = "exact-"

STORE_TIMEOUT = 1800.0
"""Seconds that all files of a worktree may take."""


class ExactFiles:
    """An index of its own over a worktree. Paths are bytes, relative, `/`."""

    def __init__(self, environment: dict[str, str], held: tuple[int, ...], is_partial: bool) -> None:
        self._environment = environment
        self._held = held
        self._missing = ("--missing-ok",) if is_partial else ()

    async def put_entries(self, entries: bytes) -> None:
        """Adds entries as `git ls-files --stage -z` prints them."""
        await self._git("update-index", "-z", "--index-info", stdin=entries)

    async def put_files(self, paths: Iterable[bytes]) -> None:
        """Adds files as they are on disk; those that are gone are left out.

        Raises:
            RepositoryError: git leaves one out that is there.
        """
        wanted = list(paths)
        await self._git("update-index", "--add", "--remove", "-z", "--stdin", stdin=_joined(wanted))
        stored = set((await self._git("ls-files", "-z")).split(b"\0"))
        root = Path(self._environment["GIT_WORK_TREE"])
        left_out = [path for path in wanted if path not in stored]
        missing = await asyncio.to_thread(lambda: [p for p in left_out if os.path.lexists(root / os.fsdecode(p))])
        if missing:
            raise RepositoryError(Trouble("Git does not store a file", os.fsdecode(missing[0])))

    async def write_tree(self) -> str:
        """The id of the tree of all entries."""
        return (await self._git("write-tree", *self._missing)).decode().strip()

    async def clear(self) -> None:
        """Takes all entries out."""
        await self._git("read-tree", "--empty")

    async def read_tree(self, tree: str) -> None:
        """Takes the entries of a tree."""
        await self._git("read-tree", tree)

    async def take_out(self, paths: Iterable[bytes]) -> None:
        """Writes files to disk; what is there is replaced."""
        await self._git("checkout-index", "--force", "-z", "--stdin", stdin=_joined(paths))

    async def _git(self, *arguments: str, stdin: bytes | None = None) -> bytes:
        root = Path(self._environment["GIT_WORK_TREE"])
        return await git(
            root, *_CONFIG, *arguments,
            stdin=stdin, environment=self._environment, timeout=STORE_TIMEOUT, held=self._held,
        )  # fmt: skip


def _joined(paths: Iterable[bytes]) -> bytes:
    return b"".join(path + b"\0" for path in paths)


@contextlib.asynccontextmanager
async def exact_files(root: Path, common: Path, held: tuple[int, ...] = ()) -> AsyncIterator[ExactFiles]:
    """An empty index over the files of `root`; objects go to the repository whose git folder is `common`."""
    kind = (await git(root, "rev-parse", "--show-object-format")).decode().strip()
    promisors = await git(root, "config", "--get-regexp", r"^remote\..*\.promisor$", ok=(0, 1))
    folder, lock = await _make_folder(common)
    with lock:
        try:
            git_dir = folder / "git"
            using = (*held, lock.fd)
            options = ("-q", "--bare", "--template=", f"--object-format={kind}")
            await git(folder, "init", *options, str(git_dir), held=using)
            (git_dir / "info").mkdir(exist_ok=True)
            (git_dir / "info" / "attributes").write_text(_ATTRIBUTES, encoding="ascii")
            environment = {
                "GIT_DIR": str(git_dir),
                "GIT_WORK_TREE": str(root),
                "GIT_OBJECT_DIRECTORY": str(common / "objects"),
                "GIT_CONFIG_NOSYSTEM": "1",
                "GIT_CONFIG_GLOBAL": os.devnull,
            }
            yield ExactFiles(environment, using, bool(promisors))
        finally:
            shutil.rmtree(folder, ignore_errors=True)


async def _make_folder(common: Path) -> tuple[Path, Lock]:
    """A folder among the journal's files, and its lock, which is held as long as somebody works in it."""
    try:
        ours = common / "conductor-tui"
        ours.mkdir(exist_ok=True)
        with await wait_for_lock_async(ours, creates=False):  # nobody sees it before it is locked
            folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=ours))
            lock = try_lock(folder, creates=False)
    except OSError as error:
        raise RepositoryError(Trouble("The repository cannot be written", str(error))) from error
    if lock is None:
        raise RepositoryError(Trouble("The repository cannot be written", f"{folder} is locked"))
    return folder, lock


def sweep_folders(common: Path) -> None:
    """Takes away the folders of processes that were killed. Blocking."""
    for folder in (common / "conductor-tui").glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            lock = _take(folder)
            if lock is not None:
                with lock:
                    shutil.rmtree(folder, ignore_errors=True)


def _take(folder: Path) -> Lock | None:
    """The lock of a folder whose maker has gone; None while one works in it, or is just making one."""
    making = try_lock(folder.parent, creates=False)
    if making is None:
        return None
    with making:
        return try_lock(folder, creates=False)
