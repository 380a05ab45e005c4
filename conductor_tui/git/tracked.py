"""Whether git tracks a file, for the question whose it is: a branch can change it then, else only the user can."""

from __future__ import annotations

import logging
import os
import unicodedata
from pathlib import Path

log = logging.getLogger(__name__)


def is_tracked(checkout: Path, path: Path) -> bool:
    """Whether a checkout's index has a file: itself, what it leads to, a link or submodule on the way. Blocking.

    Names are compared as the most lenient file system does. True where git cannot tell, False outside the checkout and
    where there is no git.
    """
    wanted = _on_the_way(Path(os.path.abspath(checkout)), Path(os.path.abspath(path)))  # noqa: PTH100 (keeps links)
    wanted |= _on_the_way(checkout.resolve(), path.resolve())
    if not wanted:
        return False
    import pygit2

    try:
        found = pygit2.discover_repository(str(checkout))
        if found is None:
            return False
        return any(_folded(os.fsencode(entry.path)) in wanted for entry in pygit2.Repository(found).index)
    except (pygit2.GitError, KeyError, ValueError, OSError) as error:
        log.warning("what git tracks in %s is not known: %s", checkout, error)
        return True


def _on_the_way(checkout: Path, path: Path) -> set[str]:
    """A path within the checkout and the folders that lead to it."""
    if not path.is_relative_to(checkout):
        return set()
    relative = path.relative_to(checkout)
    return {_folded(os.fsencode(part)) for part in (relative, *relative.parents) if part.parts}


def _folded(path: bytes) -> str:
    return unicodedata.normalize("NFC", path.decode("utf-8", "surrogateescape")).casefold()
