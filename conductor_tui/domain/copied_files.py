"""What became of the files that a new workspace is to get from the repository's own checkout."""

from __future__ import annotations

from msgspec import Struct


class SkippedFile(Struct, frozen=True):
    """A path (relative, `/`; bytes that are no UTF-8 as surrogates) that was not copied, and why."""

    path: str
    reason: str


class CopiedFiles(Struct, frozen=True):
    """The report of one copy."""

    copied: tuple[str, ...] = ()
    """Relative paths, `/`; bytes that are no UTF-8 as surrogates."""
    skipped: tuple[SkippedFile, ...] = ()
    over_limit: int = 0
    """Files beyond the limits of count and size, not listed one by one."""
    first_over_limit: str = ""
    """The first of them."""
    passed_over: tuple[str, ...] = ()
    """Folders ignored as a whole in which a bare pattern matches some files, which stay behind; no fault."""
    size: int = 0
    """Bytes copied."""

    @property
    def is_complete(self) -> bool:
        """Whether all that was asked for is there."""
        return not self.skipped and not self.over_limit
