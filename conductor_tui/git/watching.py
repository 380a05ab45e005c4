"""What of a checkout is watched: the folders that git looks into, and where git keeps HEAD, the index and the refs.

Each folder costs a watch, of which a user has a limited number: ignored ones and git's objects are left out. A linked
worktree has HEAD and index below the repository's `.git`, beside all refs.
"""

from __future__ import annotations

import asyncio
import os
import stat
import threading
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from msgspec import Struct

from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.problems import Trouble
from conductor_tui.git.program import git
from conductor_tui.git.tree_walk import descend

_TOGETHER, _STEP, _PATIENCE = 400, 200, 60_000
"""Milliseconds: changes that are one batch, between two looks for one, and until the thread looks around anyway."""

_OWN = frozenset({"HEAD", "index"})
"""Files of a checkout's git folder that say how it stands."""
_SHARED = frozenset({"packed-refs", "config"})
"""Files of the repository's git folder that do."""
_ADDED = 1


class Places(Struct, frozen=True):
    """Where a checkout is, and where git keeps what belongs to it. Absolute, links resolved."""

    root: Path
    git_dir: Path
    """Its own: `.git`, or `.git/worktrees/NAME`."""
    common: Path
    """The repository's."""


def find_places(root: Path, git_dir: Path) -> Places:
    """Blocking."""
    git_dir = git_dir.resolve()
    try:
        common = (git_dir / os.fsdecode((git_dir / "commondir").read_bytes()).strip("\n")).resolve()
    except OSError:
        common = git_dir
    return Places(root, git_dir, common)


async def watch(places: Places, follows: Callable[[str], bool]) -> AsyncGenerator[frozenset[str], None]:
    """What changed, relative to the root, in batches; an empty one whenever watching begins.

    `follows` says whether a ref, as `refs/heads/main`, matters to the checkout.

    Raises:
        RepositoryError: it cannot be watched, as where the user has no watches left.
    """
    worker = ThreadPoolExecutor(1, thread_name_prefix="watch")
    stop = threading.Event()
    loop = asyncio.get_running_loop()
    try:
        folders = await _folders(places)
        while True:
            try:
                notifier = await loop.run_in_executor(worker, _Notifier, folders, stop)
            except FileNotFoundError:  # a folder went away meanwhile
                folders = await _folders(places)
                continue
            try:
                yield frozenset()
                is_same = True
                while is_same:
                    batch = await loop.run_in_executor(worker, notifier.wait)
                    if any(_may_change_folders(places, kind, path, folders) for kind, path in batch):
                        before, folders = folders, await _folders(places)
                        is_same = folders == before and not any(path in before for _, path in batch)
                    seen = frozenset(path for _, path in batch if _is_relevant(places, path, follows))
                    if seen:
                        yield frozenset(path.removeprefix(f"{places.root}{os.sep}") for path in seen)
            finally:
                worker.submit(notifier.close)
    finally:
        stop.set()
        worker.shutdown(wait=False)


class _Notifier:
    """Watches folders, and none below them. Blocking."""

    def __init__(self, folders: frozenset[str], stop: threading.Event) -> None:
        """Raises FileNotFoundError where a folder is gone, and RepositoryError where nothing can be watched."""
        from watchfiles._rust_notify import RustNotify

        self._stop = stop
        try:
            self._notify = RustNotify(sorted(folders), False, False, 300, False, True)
        except FileNotFoundError:
            raise
        except (OSError, RuntimeError) as error:
            steps = (
                "Close other programs that watch files, or allow more: "
                "sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=1024",
            )
            cause = f"This system gives no more file watches, so git is asked now and then instead. ({error})"
            raise RepositoryError(Trouble("Changes are seen late", cause, steps)) from error

    def wait(self) -> set[tuple[int, str]]:
        """Kinds and paths of the next changes; none after a while, or at the end."""
        found = self._notify.watch(_TOGETHER, _STEP, _PATIENCE, self._stop)
        return found if isinstance(found, set) else set()

    def close(self) -> None:
        """Gives the watches back."""
        self._notify.close()


async def _folders(places: Places) -> frozenset[str]:
    """All folders to be watched."""
    said = await git(
        places.root, "ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z", timeout=300
    )
    ignored = {path.rstrip(b"/") for path in said.split(b"\0") if path.endswith(b"/")}
    return await asyncio.to_thread(_find_folders, places, ignored)


def _find_folders(places: Places, ignored: set[bytes]) -> frozenset[str]:
    shared = [places.common / name for name in ("refs", "reftable")]
    found = {os.fsencode(path) for path in (places.git_dir, places.common)}
    for top, left_out in ((places.root, ignored), *((path, set[bytes]()) for path in shared if path.is_dir())):
        found |= _folders_below(os.fsencode(top), left_out)
    return frozenset(map(os.fsdecode, found))


def _folders_below(top: bytes, left_out: set[bytes]) -> set[bytes]:
    """`top` and all folders below it but those of git itself, and those left out with what is in them."""
    found = {top}

    def enters(path: bytes, entry: os.DirEntry[bytes]) -> bool:
        if entry.name == b".git" or path in left_out or not entry.is_dir(follow_symlinks=False):
            return False
        found.add(top + b"/" + path)
        return True

    descend(top, enters)
    return found


def _may_change_folders(places: Places, kind: int, path: str, folders: frozenset[str]) -> bool:
    """Whether there may be other folders to watch now: one came or went, or what is ignored changed."""
    name = path.rpartition(os.sep)[2]
    if name == ".gitignore" or path == f"{places.common}{os.sep}info{os.sep}exclude":
        return True
    if path.endswith(".lock"):
        return False
    return path in folders or (kind == _ADDED and _is_folder(path))


def _is_folder(path: str) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def _is_relevant(places: Places, path: str, follows: Callable[[str], bool]) -> bool:
    """Whether a change can alter diff, branch or counts."""
    folder, _, name = path.rpartition(os.sep)
    if folder == str(places.git_dir) and name in _OWN:
        return True
    if folder == str(places.common):
        return name in _SHARED
    if path.startswith(f"{places.common}{os.sep}"):
        inside = path[len(str(places.common)) + 1 :]
        return not name.endswith(".lock") and (inside.startswith("reftable") or follows(inside))
    return not path.startswith(f"{places.git_dir}{os.sep}") and path not in (
        str(places.root),
        str(places.git_dir),
        str(places.common),
        f"{places.root}{os.sep}.git",
    )
