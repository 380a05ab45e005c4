"""Diffs as data: files, hunks and lines, parsed from unified diffs (git's format)."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class DiffScope(StrEnum):
    """Which changes are shown."""

    UNCOMMITTED = "uncommitted"
    LAST_TURN = "last turn"
    SINCE_START = "since the start"
    """Of a workspace in a race: committed or not."""


class FileChangeKind(StrEnum):
    """What happened to a file."""

    ADDED = "added"
    DELETED = "deleted"
    MODIFIED = "modified"
    RENAMED = "renamed"
    COPIED = "copied"
    TYPE_CHANGED = "type changed"
    UNTRACKED = "untracked"
    CONFLICTED = "conflicted"


class LineKind(StrEnum):
    """How a line differs."""

    CONTEXT = " "
    ADDED = "+"
    DELETED = "-"
    NO_NEWLINE = "\\"


class DiffLine(Struct, frozen=True):
    """One line of a hunk; numbers count from 1, None on the side where the line is not."""

    kind: LineKind
    text: str
    old_number: int | None = None
    new_number: int | None = None


class Hunk(Struct, frozen=True):
    """A run of lines with the context around it."""

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    heading: str = ""
    lines: tuple[DiffLine, ...] = ()


class FileDiff(Struct, frozen=True):
    """How one file differs. Paths are relative to the repository, with `/`."""

    path: str
    kind: FileChangeKind = FileChangeKind.MODIFIED
    old_path: str = ""
    """Where a renamed or copied file came from."""
    is_binary: bool = False
    old_mode: str = ""
    new_mode: str = ""
    """Octal, where the mode changed."""
    hunks: tuple[Hunk, ...] = ()
    added: int = 0
    deleted: int = 0
