"""Diffs as lines: for an item of the transcript, and row by row for the diff pane."""

from __future__ import annotations

from rich.cells import cell_len

from conductor_tui.domain.diffs import DiffLine, FileChangeKind, FileDiff, LineKind
from conductor_tui.domain.text import visible_line
from conductor_tui.ui.presentation.lines import Line, Span, prefixed
from conductor_tui.ui.presentation.wrapping import cut_in_front, wrap

FILLS = {LineKind.ADDED: "addedfill", LineKind.DELETED: "deletedfill"}
SIGNS = {LineKind.ADDED: ("+", "added"), LineKind.DELETED: ("-", "deleted"), LineKind.CONTEXT: (" ", "")}
PATCH_LIMIT = 400
"""Lines of a patch shown in the transcript; the diff pane shows all."""


def shown_text(text: str) -> str:
    """A line of a file for the screen: a carriage return at its end is shown, tabs become spaces."""
    ending = "␍" if text.endswith("\r") else ""
    return visible_line(text.removesuffix("\r").expandtabs(4)) + ending


def patch_lines(diff: FileDiff, width: int) -> list[Line]:
    """One file's hunks, with line numbers, wrapped to the width."""
    last = max((h.new_start + h.new_count + h.old_start for h in diff.hunks), default=1)
    digits = len(str(last))
    lines: list[Line] = []
    for number, hunk in enumerate(diff.hunks):
        if number:
            lines.append(Line((("⋯", "muted"),)))
        for at, row in enumerate(hunk.lines):
            if len(lines) >= PATCH_LIMIT:
                rest = sum(len(h.lines) for h in diff.hunks[number:]) - at
                lines.append(Line(((f"… {rest} more lines. The diff pane shows all", "muted"),)))
                return lines
            lines.extend(_patch_row(row, digits, width))
    if diff.is_binary:
        lines.append(Line((("binary file", "muted"),)))
    return lines


def _patch_row(row: DiffLine, digits: int, width: int) -> list[Line]:
    if row.kind is LineKind.NO_NEWLINE:
        return [Line(((" " * (digits + 3) + row.text, "muted"),))]
    sign, style = SIGNS[row.kind]
    number = row.new_number if row.new_number is not None else row.old_number
    first: Span = (f"{number:>{digits}} {sign} ", style or "muted")
    rest: Span = (" " * (digits + 3), "")
    wrapped = wrap([(shown_text(row.text), "")], max(8, width - digits - 3))
    return prefixed(first, rest, wrapped, FILLS.get(row.kind, ""))


def relative(path: str, root: str) -> str:
    """A path for people: relative where it lies in the repository."""
    return visible_line(path[len(root) :].lstrip("/") if root and path.startswith(f"{root}/") else path)


def file_header(diff: FileDiff, width: int, root: str = "", *, is_folded: bool) -> Line:
    """The line above a file's hunks. Paths are relative to `root` and give way to what stands behind them: they are
    cut in front, where a name is told from others last."""
    behind: list[Span] = [(f"  +{diff.added}", "added"), (f" −{diff.deleted}", "deleted")]
    if diff.kind is not FileChangeKind.MODIFIED:
        behind.append((f"  {diff.kind.value}", "accent"))
    if diff.is_binary:
        behind.append(("  binary", "muted"))
    if diff.old_mode and diff.new_mode and diff.old_mode != diff.new_mode:
        behind.append((f"  mode {diff.old_mode} → {diff.new_mode}", "muted"))
    paths = [relative(path, root) for path in (diff.path, diff.old_path) if path]
    room = width - 2 - sum(cell_len(text) for text, _ in behind) - (3 if len(paths) > 1 else 0)
    if sum(map(cell_len, paths)) > room:
        paths = [cut_in_front(path, max(8, room // len(paths))) for path in paths]
    spans: list[Span] = [("▸ " if is_folded else "▾ ", "muted"), (paths[0], "bold")]
    spans += [(f" ← {path}", "muted") for path in paths[1:]]
    return Line((*spans, *behind), "headfill")
