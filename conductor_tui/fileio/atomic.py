"""Files that are replaced whole or not at all, also when the process is killed or the power is cut.

The new text is written to a file beside the old one, brought to the disk and renamed.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

NEW_SUFFIX = ".new"
"""How the name of a file that is not renamed yet ends; it begins with a dot and the name that it is to get."""


def write_private(path: Path, data: bytes) -> None:
    """Replaces a file by one that only the user can read.

    Raises:
        OSError
    """
    with _beside(path, data, None) as new:
        new.replace(path)
    _sync_folder(path.parent)


def replace_file(path: Path, before: bytes | None, after: bytes, *, like: os.stat_result | None = None) -> bool:
    """Replaces a file that others write too; mode and owner stay, or become those of `like`.

    A file that is new is the user's alone.

    False: the file no longer has the text `before` (None: it does not exist), and nothing has changed. `path` is no
    symbolic link. A program can only slip in between the last look and the rename.

    Raises:
        OSError
    """
    if before is not None and not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, "write-protected")
    with _beside(path, after, None if before is None else like or path.stat()) as new:
        if read_or_none(path) != before:
            return False
        new.replace(path)
    _sync_folder(path.parent)
    return True


def read_or_none(path: Path) -> bytes | None:
    """What is in a file; None where there is none.

    Raises:
        OSError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


@contextlib.contextmanager
def _beside(path: Path, data: bytes, like: os.stat_result | None) -> Iterator[Path]:
    """A file beside `path` with these bytes, on the disk; it is gone afterwards."""
    new = path.with_name(f".{path.name}.{os.urandom(4).hex()}{NEW_SUFFIX}")
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
            if like is not None:
                _look_like(fd, like)
            file.flush()
            os.fsync(fd)
        yield new
    finally:
        new.unlink(missing_ok=True)


def _look_like(fd: int, was: os.stat_result) -> None:
    """Mode and owner of the file that is replaced."""
    now = os.fstat(fd)
    if (now.st_uid, now.st_gid) != (was.st_uid, was.st_gid):
        with contextlib.suppress(PermissionError):
            os.fchown(fd, was.st_uid, was.st_gid)
    os.fchmod(fd, stat.S_IMODE(was.st_mode))


def _sync_folder(folder: Path) -> None:
    """A rename lasts through a power cut once its folder is on the disk; file systems without that go without."""
    with contextlib.suppress(OSError):
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
