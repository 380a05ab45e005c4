"""Copies files from one checkout into another: nothing is overwritten, nothing is written outside, nothing is silent.

Blocking; meant for a thread.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from conductor_tui.domain.copied_files import CopiedFiles, SkippedFile
from conductor_tui.git.files_to_copy import FilesToCopy, folder_of
from conductor_tui.git.safe_paths import folder_beneath


class CopyLimits(Struct, frozen=True):
    """How much is copied; more is the work of a setup script. A folder ignored as a whole comes whole or not at all."""

    files: int = 5_000
    size: int = 1 << 30
    """Bytes."""


class _Skipped(Exception):
    """Why one file is not copied."""


def copy_files(source: Path, target: Path, files: FilesToCopy, limits: CopyLimits | None = None) -> CopiedFiles:
    """Copies files from one checkout to the other, in their order, with modes and times of change.

    Symlinks are copied as links. A failure costs one file, whose half copy is removed. The report has what the listing
    left out, too.
    """
    limits = limits or CopyLimits()
    copied: list[str] = []
    left = list(files.skipped)
    size = 0
    within, beyond = _within(source, files, limits)
    for path in within:
        try:
            size += _copy(source, target, path)
        except _Skipped as reason:
            left.append(SkippedFile(os.fsdecode(path), str(reason)))
        except OSError as error:
            left.append(SkippedFile(os.fsdecode(path), error.strerror or str(error)))
        else:
            copied.append(os.fsdecode(path))
    first = os.fsdecode(beyond[0]) if beyond else ""
    return CopiedFiles(tuple(copied), tuple(left), len(beyond), first, files.passed_over, size)


def copy_folder(source: Path, target: Path, path: bytes) -> None:
    """Makes a folder and those above it in the other checkout, with their modes; those that are there stay as they are.

    Raises:
        OSError: a file or a link is in the place of one, or it cannot be written.
    """
    parts = path.split(b"/")
    with folder_beneath(target, parts, _modes(source, parts), is_exact=True):
        pass


def _within(source: Path, files: FilesToCopy, limits: CopyLimits) -> tuple[list[bytes], list[bytes]]:
    """What stays within the limits and what does not, both in their order."""
    units: dict[bytes, list[bytes]] = {}
    folders = frozenset(files.folders)
    for path in files.paths:
        units.setdefault(folder_of(path, folders) or path, []).append(path)
    within: list[bytes] = []
    beyond: list[bytes] = []
    room = limits.size
    for paths in units.values():
        size = sum(_size(source, path) for path in paths)
        if len(within) + len(paths) > limits.files or size > room:
            beyond += paths
        else:
            within += paths
            room -= size
    return within, beyond


def _size(source: Path, path: bytes) -> int:
    try:
        return (source / os.fsdecode(path)).lstat().st_size
    except OSError:
        return 0  # the copying will say what is wrong


def _copy(source: Path, target: Path, path: bytes) -> int:
    """Copies one file; its bytes."""
    *parents, name = path.split(b"/")
    if not name or any(part.lower() == b".git" or part in (b"", b".", b"..") for part in (*parents, name)):
        raise _Skipped("it is not a file of the checkout")
    with folder_beneath(source, parents) as origin:
        found = os.stat(name, dir_fd=origin, follow_symlinks=False)
        if not (stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode)):
            raise _Skipped("it is neither a file nor a link")
        modes = _modes(source, parents)
        try:
            with folder_beneath(target, parents, modes, is_exact=True) as destination:
                if stat.S_ISLNK(found.st_mode):
                    os.symlink(os.readlink(name, dir_fd=origin), name, dir_fd=destination)
                    return 0
                return _copy_file(name, origin, destination)
        except FileExistsError:
            raise _Skipped("it is there already") from None
        except OSError as error:
            if error.errno in (errno.ENOTDIR, errno.ELOOP):
                raise _Skipped("a folder of its path is a file or a link there") from None
            raise


def _modes(source: Path, parents: Sequence[bytes]) -> list[int]:
    """The modes of the folders on the way, so that a private one stays private; the owner may always write."""
    modes = []
    folder = os.fsencode(source)
    for part in parents:
        folder = os.path.join(folder, part)  # noqa: PTH118 - bytes
        modes.append(stat.S_IMODE(os.lstat(folder).st_mode) | stat.S_IRWXU)
    return modes


def _copy_file(name: bytes, origin: int, destination: int) -> int:
    # O_NONBLOCK: a pipe that took the file's place would be waited for
    reading = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=origin)
    with open(reading, "rb") as read:  # noqa: PTH123 - a descriptor
        found = os.fstat(reading)
        if not stat.S_ISREG(found.st_mode):
            raise _Skipped("it changed meanwhile")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        writing = os.open(name, flags, 0o600, dir_fd=destination)
        try:
            with open(writing, "wb") as written:  # noqa: PTH123
                shutil.copyfileobj(read, written, 1 << 20)
                written.flush()
                os.fchmod(writing, stat.S_IMODE(found.st_mode) & 0o777)
                os.utime(writing, ns=(found.st_atime_ns, found.st_mtime_ns))
                return os.fstat(writing).st_size
        except BaseException:
            with suppress(OSError):
                os.unlink(name, dir_fd=destination)
            raise
