"""The rows of the workspace tree at a width: cut, never wrapped. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len
from textual.content import Content

from conductor_tui.domain.listing import age
from conductor_tui.ui.presentation.threads import SessionEntry
from conductor_tui.ui.presentation.tree import WorkspaceRow

INDENT = 4
"""Cells in front of what is said below a name."""
NAME_CELLS = 14
"""Cells that a name keeps (if it has as many) beside the word at the right; else the word has its own line."""


def repository_row(name: str, width: int) -> Content:
    """The head of a repository's workspaces."""
    return cut(Content.assemble(("▾ ", "$text-muted"), (name, "bold")), width)


def workspace_row(row: WorkspaceRow, width: int) -> Content:
    """A workspace: its name and what it is doing, and how its checkout stands: beside the name, if there is room."""
    mark = ("▌ ", "$primary") if row.is_here else ("  ", "")
    word = "" if any(entry.word == row.word for entry in row.sessions) else row.word  # its own row says it
    name = Content.styled(row.name, "bold" if row.is_here else "")
    packed = _packed((*row.detail, row.request), width - INDENT)
    if packed and not word and INDENT + name.cell_length + 2 + cell_len(packed[0]) <= width:
        lines = _named(mark, row.sign, row.style, name, packed.pop(0), width, "$text-muted")
    else:
        lines = _named(mark, row.sign, row.style, name, word, width)
    lines += [_below(line, "$text-muted", width) for line in packed]
    if row.note:
        lines.append(_below(row.note, "$text-warning", width))
    return Content("\n").join(lines)


def session_row(entry: SessionEntry, now: float, width: int) -> Content:
    """A session: its title, and at the right its state or its age. `now`: Unix seconds."""
    sign, style = entry.sign
    word = entry.word or (age(now - entry.updated_at) if entry.updated_at else "")
    mark = ("▌   ", "$primary") if entry.is_shown else ("    ", "")
    title = Content.styled(entry.title, "bold" if entry.is_shown else "")
    return Content("\n").join(_named(mark, sign, style, title, word, width))


def cut(line: Content, width: int) -> Content:
    """One line of at most `width` cells."""
    return line.truncate(max(0, width), ellipsis=True)


def _named(
    mark: tuple[str, str], sign: str, style: str, name: Content, word: str, width: int, word_style: str = ""
) -> list[Content]:
    """Mark, sign, name, and at the right what it is doing, or below where the name has no room beside it.

    The word has the sign's `style`, unless it has one of its own.
    """
    left = cell_len(mark[0]) + 2
    room = width - left - (cell_len(word) + 2 if word else 0)
    if word and room < min(name.cell_length, NAME_CELLS):
        head = _named(mark, sign, style, name, "", width)
        return [*head, _below(word, style, width, left)]
    kept = cut(name, room)
    gap = " " * (room - kept.cell_length + 2) if word else ""
    parts = [
        Content.assemble(mark, (f"{sign} ", style)),
        kept,
        Content.assemble((gap, ""), (word, word_style or style)),
    ]
    return [cut(Content("").join(parts), width)]


def _below(text: str, style: str, width: int, indent: int = INDENT) -> Content:
    return cut(Content.assemble((" " * indent, ""), (text, style)), width)


def _packed(parts: Iterable[str], room: int) -> list[str]:
    """The parts on as few lines as have room for them."""
    lines: list[str] = []
    for part in filter(None, parts):
        if lines and cell_len(lines[-1]) + 1 + cell_len(part) <= room:
            lines[-1] += f" {part}"
        else:
            lines.append(part)
    return lines
