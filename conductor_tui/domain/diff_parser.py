"""Unified diffs, as `git diff` and Codex write them, parsed into data.

The counts in a hunk's header decide where it ends, so that a line which looks like a header cannot break it.
Lines end with a newline only: form feeds and other separators belong to the text.
"""

from __future__ import annotations

import re

from msgspec import Struct, field

from conductor_tui.domain.diffs import DiffLine, FileChangeKind, FileDiff, Hunk, LineKind
from conductor_tui.domain.items import FilePatch, PatchKind

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.S)
_ESCAPED = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}


_HALF = (FileChangeKind.ADDED, FileChangeKind.DELETED)
"""Kinds whose mode does not change: there is only one."""


class _File(Struct):
    """A file while it is being read."""

    old: str = ""
    new: str = ""
    kind: FileChangeKind = FileChangeKind.MODIFIED
    old_mode: str = ""
    new_mode: str = ""
    is_binary: bool = False
    hunks: list[Hunk] = field(default_factory=list)

    def finished(self) -> FileDiff:
        lines = [line.kind for hunk in self.hunks for line in hunk.lines]
        moved = self.kind in (FileChangeKind.RENAMED, FileChangeKind.COPIED)
        return FileDiff(
            path=(self.old if self.kind is FileChangeKind.DELETED else self.new) or self.old or self.new,
            kind=self.kind,
            old_path=self.old if moved else "",
            is_binary=self.is_binary,
            old_mode=self.old_mode if self.kind not in _HALF else "",
            new_mode=self.new_mode if self.kind not in _HALF else "",
            hunks=tuple(self.hunks),
            added=lines.count(LineKind.ADDED),
            deleted=lines.count(LineKind.DELETED),
        )


def parse_unified_diff(text: str) -> tuple[FileDiff, ...]:
    """The files of a git-style diff, in its order. Combined diffs (conflicts) keep their files, without hunks."""
    lines = text.split("\n")
    files: list[_File] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.startswith("diff --git "):
            old, new = _names(line[len("diff --git ") :])
            files.append(_File(old, new))
        elif line.startswith(("diff --cc ", "diff --combined ")):
            name = _unquoted(line.split(" ", 2)[2])
            files.append(_File(name, name, FileChangeKind.CONFLICTED))
        elif files and (header := _HUNK.match(line)):
            hunk, at = _hunk(header, lines, at + 1)
            files[-1].hunks.append(hunk)
            continue
        elif files:
            _extended(files[-1], line)
        at += 1
    return tuple(f.finished() for f in _joined(files))


def _joined(files: list[_File]) -> list[_File]:
    """A file that became a link, or the reverse, is one change: git prints it as deleted, then as new."""
    joined: list[_File] = []
    for file in files:
        before = joined[-1] if joined else None
        is_second_half = before is not None and before.old == file.new and file.kind is FileChangeKind.ADDED
        if before is not None and is_second_half and before.kind is FileChangeKind.DELETED:
            before.kind, before.new, before.new_mode = FileChangeKind.TYPE_CHANGED, file.new, file.new_mode
            before.hunks += file.hunks
            before.is_binary |= file.is_binary
        else:
            joined.append(file)
    return joined


def diff_of_patch(patch: FilePatch) -> FileDiff:
    """Codex's patch of one file: whole content for new and deleted files, bare hunks for changed ones."""
    if patch.kind is PatchKind.UPDATE:
        file = _File(patch.path, patch.moved_to or patch.path)
        if patch.moved_to:
            file.kind = FileChangeKind.RENAMED
        lines = patch.diff.split("\n")
        at = 0
        while at < len(lines):
            if header := _HUNK.match(lines[at]):
                hunk, at = _hunk(header, lines, at + 1)
                file.hunks.append(hunk)
            else:
                at += 1
        return file.finished()
    is_new = patch.kind is PatchKind.ADD
    texts = patch.diff.removesuffix("\n").split("\n") if patch.diff else []
    kind = LineKind.ADDED if is_new else LineKind.DELETED
    content = tuple(
        DiffLine(kind, text, None if is_new else n, n if is_new else None) for n, text in enumerate(texts, 1)
    )
    size = len(content)
    if content and not patch.diff.endswith("\n"):
        content = (*content, DiffLine(LineKind.NO_NEWLINE, "No newline at end of file"))
    hunk = Hunk(0 if is_new else 1, 0 if is_new else size, 1 if is_new else 0, size if is_new else 0, "", content)
    file = _File(patch.path, patch.path, FileChangeKind.ADDED if is_new else FileChangeKind.DELETED)
    file.hunks = [hunk] if content else []
    return file.finished()


def _hunk(header: re.Match[str], lines: list[str], at: int) -> tuple[Hunk, int]:
    """The hunk whose lines begin at `at`, and where it ends."""
    old, new = int(header[1]), int(header[3])
    old_left = int(header[2]) if header[2] is not None else 1
    new_left = int(header[4]) if header[4] is not None else 1
    counts = (old_left, new_left)
    found: list[DiffLine] = []
    old_at, new_at = old, new
    while at < len(lines) and (old_left > 0 or new_left > 0 or lines[at].startswith("\\")):
        line = lines[at]
        sign, text = line[:1], line[1:]
        if sign == "+" and new_left > 0:
            found.append(DiffLine(LineKind.ADDED, text, None, new_at))
            new_at, new_left = new_at + 1, new_left - 1
        elif sign == "-" and old_left > 0:
            found.append(DiffLine(LineKind.DELETED, text, old_at, None))
            old_at, old_left = old_at + 1, old_left - 1
        elif sign == "\\":
            found.append(DiffLine(LineKind.NO_NEWLINE, text.strip()))
        elif sign in (" ", "") and old_left > 0 and new_left > 0 and (line or at + 1 < len(lines)):
            found.append(DiffLine(LineKind.CONTEXT, text, old_at, new_at))
            old_at, new_at, old_left, new_left = old_at + 1, new_at + 1, old_left - 1, new_left - 1
        else:
            break  # cut short
        at += 1
    return Hunk(old, counts[0], new, counts[1], header[5], tuple(found)), at


_KINDS = {
    "new file mode ": FileChangeKind.ADDED,
    "deleted file mode ": FileChangeKind.DELETED,
    "rename from ": FileChangeKind.RENAMED,
    "copy from ": FileChangeKind.COPIED,
}


def _extended(file: _File, line: str) -> None:
    """A line between a file's header and its hunks."""
    for start, kind in _KINDS.items():
        if line.startswith(start):
            file.kind = kind
    value = line.rsplit(" ", 1)[-1]
    if line.startswith(("old mode ", "deleted file mode ")):
        file.old_mode = value
    elif line.startswith(("new mode ", "new file mode ")):
        file.new_mode = value
    elif line.startswith(("rename from ", "copy from ")):
        file.old = _unquoted(line.split(" from ", 1)[1])
    elif line.startswith(("rename to ", "copy to ")):
        file.new = _unquoted(line.split(" to ", 1)[1])
    elif line.startswith("--- "):
        file.old = _side(line[4:]) or file.old
    elif line.startswith("+++ "):
        file.new = _side(line[4:]) or file.new
    elif line.startswith(("Binary files ", "GIT binary patch")):
        file.is_binary = True


def _side(text: str) -> str:
    """The name in a `---` or `+++` line, without its prefix; empty for /dev/null. Git ends odd names with a tab."""
    name = _unquoted(text.removesuffix("\t"))
    if name == "/dev/null":
        return ""
    return name[2:] if name[:2] in ("a/", "b/") else name


def _names(text: str) -> tuple[str, str]:
    """The two names of a `diff --git` line. Unquoted names may hold spaces; both are equal unless a rename follows."""
    if text.startswith('"'):
        first, rest = _quoted(text)
        second = _quoted(rest.lstrip())[0] if rest.lstrip().startswith('"') else rest.strip()
    elif text.endswith('"') and ' "' in text:
        first, second = text.split(' "', 1)
        second = _unquoted('"' + second)
    else:
        half = (len(text) - 1) // 2
        first, second = text[:half], text[half + 1 :]
        if first[2:] != second[2:]:
            first, _, second = text.partition(" b/")
            second = f"b/{second}"
    return first.removeprefix("a/"), second.removeprefix("b/")


def _quoted(text: str) -> tuple[str, str]:
    """A C-quoted name at the start of `text`, and what follows it."""
    at = 1
    while at < len(text) and text[at] != '"':
        at += 2 if text[at] == "\\" else 1
    return _unquoted(text[: at + 1]), text[at + 1 :]


def _unquoted(name: str) -> str:
    """A name as git writes it: quoted with backslash escapes where it has odd bytes."""
    if not (name.startswith('"') and name.endswith('"') and len(name) >= 2):
        return name

    def plain(match: re.Match[bytes]) -> bytes:
        code = match[1]
        return bytes([int(code, 8) & 0xFF]) if len(code) == 3 else _ESCAPED.get(code, code)

    data = name[1:-1].encode("utf-8", "surrogateescape")
    return _ESCAPE.sub(plain, data).decode("utf-8", "surrogateescape")
