"""The files of a worktree as they are on disk: walks and deletes them, and never leaves the tree.

Links are entries, never followed; a folder with a `.git` of its own is another repository; another file system is not
entered. Functions here block: they run in a thread.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct, field


class Tree(Struct):
    """What a walk found. Paths are bytes, relative, `/`."""

    files: dict[bytes, int] = field(default_factory=dict)
    """Everything that is no folder, and a mark that changes with the file."""
    sizes: dict[bytes, int] = field(default_factory=dict)
    linked: set[bytes] = field(default_factory=set)
    """Files that have another name, perhaps elsewhere."""
    nested: list[bytes] = field(default_factory=list)
    """Folders that are repositories of their own; their files are in `files`."""
    mounts: list[bytes] = field(default_factory=list)
    """Where other file systems are mounted; not entered."""
    unread: dict[bytes, str] = field(default_factory=dict)
    """Folders that could not be read, with the reason."""

    def is_nested(self, path: bytes) -> bool:
        """Whether `path` is in a repository of its own."""
        return any(path.startswith(folder + b"/") for folder in self.nested)


def mark(found: os.stat_result, *, is_linked: bool) -> int:
    """Changes when the file is replaced or written.

    When one of its names is deleted the file's ctime changes, and git sets the mtime of objects that it would write
    again: both say nothing of what is in a file with several names.
    """
    times = (found.st_mtime_ns, found.st_ctime_ns)
    if is_linked:
        times = (found.st_mtime_ns if found.st_mode & 0o222 else 0, 0)
    return hash((found.st_mode, found.st_ino, found.st_size, times))


def file_of(root: Path, path: bytes) -> Path:
    """The file that `path` names below `root`."""
    return root / os.fsdecode(path)


def link_target(root: Path, path: bytes) -> bytes:
    """Where a link points to; empty for anything else."""
    file = file_of(root, path)
    return os.fsencode(file.readlink()) if file.is_symlink() else b""


def can_store(root: Path, path: bytes) -> bool:
    """Whether git takes a file of this name: none called like its own folder, in any case, and no link as its list."""
    *_, name = parts = path.lower().split(b"/")
    return b".git" not in parts and not (name == b".gitmodules" and file_of(root, path).is_symlink())


def can_read(root: Path, path: bytes) -> bool:
    """Whether what git would store of a file can be read."""
    file = file_of(root, path)
    return file.is_symlink() or os.access(file, os.R_OK)


def walk(root: Path) -> Tree:
    """All that is below `root`, its own `.git` left out."""
    tree = Tree()
    top = os.fsencode(root)
    device = os.lstat(top).st_dev
    mounts = _mount_points()

    def enters(path: bytes, entry: os.DirEntry[bytes]) -> bool:
        if path == b".git":
            return False
        if entry.name == b".git" and _is_repository(entry):
            tree.nested.append(path.rpartition(b"/")[0])
        found = entry.stat(follow_symlinks=False)
        if not stat.S_ISDIR(found.st_mode):
            tree.files[path] = mark(found, is_linked=found.st_nlink > 1)
            if found.st_nlink > 1:
                tree.linked.add(path)
            tree.sizes[path] = found.st_size
        elif found.st_dev != device or top + b"/" + path in mounts:
            tree.mounts.append(path)
        else:
            return True
        return False

    tree.unread = descend(top, enters)
    return tree


def descend(top: bytes, enters: Callable[[bytes, os.DirEntry[bytes]], bool]) -> dict[bytes, str]:
    """Shows `enters` everything below `top`, and looks into the folders for which it says so.

    Paths are relative to `top`. Returns the folders that could not be read, with the reason; what goes away meanwhile
    is left out.
    """
    unread: dict[bytes, str] = {}
    waiting = [b""]
    while waiting:
        folder = waiting.pop()
        try:
            with os.scandir(top + b"/" + folder) as entries:
                for entry in entries:
                    path = folder + b"/" + entry.name if folder else entry.name
                    with contextlib.suppress(FileNotFoundError):
                        if enters(path, entry):
                            waiting.append(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            unread[folder] = error.strerror or str(error)
    return unread


def _is_repository(entry: os.DirEntry[bytes]) -> bool:
    """Sandboxes leave empty `.git` folders behind."""
    return not entry.is_dir(follow_symlinks=False) or os.path.lexists(entry.path + b"/HEAD")


def _mount_points() -> frozenset[bytes]:
    """Where file systems are mounted: a folder of the same disk may be mounted a second time."""
    try:
        lines = Path("/proc/self/mountinfo").read_bytes().splitlines()
    except OSError:
        return frozenset()  # not Linux: other disks are told by their device number
    return frozenset(re.sub(rb"\\(\d{3})", lambda m: bytes([int(m[1], 8)]), line.split(b" ")[4]) for line in lines)


class NotDeleted(Struct, frozen=True):
    """Something that was not deleted."""

    path: str
    reason: str


def delete_files(root: Path, tree: Tree) -> tuple[NotDeleted, ...]:
    """Deletes exactly the files of `tree` that are still as they were, then empty folders; what is left, and why.

    `root` and its `.git` stay. What came or changed since the walk stays too.
    """
    left: list[NotDeleted] = []
    fd = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        _delete_below(fd, tree, left)
    finally:
        os.close(fd)
    return tuple(left)


class _Folder(Struct):
    """A folder while its entries are deleted."""

    prefix: bytes
    """Its path with a `/` behind it; empty for the root."""
    identity: tuple[int, int]
    names: list[bytes]
    """What is still to be looked at."""
    before: int
    """How much was left when it was entered."""


def _delete_below(fd: int, tree: Tree, left: list[NotDeleted]) -> None:
    """Works on open folders only, so that no name can be swapped for a link on the way; one is open at a time."""
    device = os.fstat(fd).st_dev
    here = os.dup(fd)
    folders = [_entered(here, b"", left)]
    try:
        while True:
            folder = folders[-1]
            if folder.names:
                inner = _delete_entry(here, folder.prefix, folder.names.pop(), device, tree, left)
                if inner is not None:
                    fd, prefix = inner
                    os.close(here)
                    here = fd
                    folders.append(_entered(here, prefix, left))
                continue
            folders.pop()
            if not folders:
                return
            outer = os.open("..", os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = outer
            if _identity(here) != folders[-1].identity:
                left.append(NotDeleted(os.fsdecode(folder.prefix[:-1]), "it was moved meanwhile"))
                return
            if len(left) == folder.before:
                _remove_folder(here, folder.prefix, left)
    finally:
        os.close(here)


def _entered(fd: int, prefix: bytes, left: list[NotDeleted]) -> _Folder:
    return _Folder(prefix, _identity(fd), [os.fsencode(name) for name in os.listdir(fd)], len(left))


def _identity(fd: int) -> tuple[int, int]:
    found = os.fstat(fd)
    return found.st_dev, found.st_ino


def _remove_folder(outer: int, prefix: bytes, left: list[NotDeleted]) -> None:
    path = prefix[:-1]
    try:
        os.rmdir(path.rpartition(b"/")[2], dir_fd=outer)
    except FileNotFoundError:
        pass
    except OSError as error:
        left.append(NotDeleted(os.fsdecode(path), error.strerror or str(error)))


def _delete_entry(
    fd: int, prefix: bytes, name: bytes, device: int, tree: Tree, left: list[NotDeleted]
) -> tuple[int, bytes] | None:
    """Deletes a file of the folder `fd`; of a folder, its descriptor and prefix."""
    path = prefix + name
    if path == b".git":
        return None
    try:
        found = os.stat(name, dir_fd=fd, follow_symlinks=False)
        if stat.S_ISDIR(found.st_mode):
            if found.st_dev == device:
                return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=fd), path + b"/"
            left.append(NotDeleted(os.fsdecode(path), "another file system is mounted there"))
        elif tree.files.get(path) == mark(found, is_linked=path in tree.linked):
            os.unlink(name, dir_fd=fd)
        else:
            left.append(NotDeleted(os.fsdecode(path), "it came or changed meanwhile"))
    except FileNotFoundError:
        pass
    except OSError as error:
        left.append(NotDeleted(os.fsdecode(path), error.strerror or str(error)))
    return None
