"""Opens and makes folders below a working tree without following a symlink on the way.

What is checked out may be a stranger's branch: a link in the place of a folder must not lead our writing out of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def folder_beneath(
    root: Path, parts: Sequence[bytes], modes: Sequence[int] | None = None, *, is_exact: bool = False
) -> Iterator[int]:
    """A descriptor of the folder `parts` below `root`, for `dir_fd`; closed at the end.

    Args:
        modes: of each part, before the umask, for those that are made because they are missing; None: none is made.
        is_exact: whether the umask is left out, and setgid and the like are set too.

    Raises:
        OSError: a part is missing, or is a link or a file (ENOTDIR or ELOOP).
    """
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for index, part in enumerate(parts):
            is_new = False
            if modes is not None:
                with suppress(FileExistsError):
                    os.mkdir(part, modes[index], dir_fd=folder)
                    is_new = True
            inner = os.open(part, FOLDER, dir_fd=folder)
            os.close(folder)
            folder = inner
            if modes is not None and is_new and is_exact:
                os.fchmod(folder, modes[index])
        yield folder
    finally:
        os.close(folder)
