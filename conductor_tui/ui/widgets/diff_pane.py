"""The diff pane: a virtual view of all files, live while Codex edits, without losing its place."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import ClassVar

from msgspec import Struct
from textual.binding import BindingType
from textual.content import Content

from conductor_tui.domain.diffs import DiffLine, DiffScope, FileDiff, Hunk, LineKind
from conductor_tui.domain.text import visible_line
from conductor_tui.ui.bindings import pane_bindings
from conductor_tui.ui.commands.keymap import first_key
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.messages import CommandWanted, CopyRequested
from conductor_tui.ui.presentation.diff import FILLS, SIGNS, file_header, shown_text
from conductor_tui.ui.presentation.highlight import highlighted_file
from conductor_tui.ui.presentation.lines import BLANK, Line, Span, line
from conductor_tui.ui.presentation.wrapping import wrap
from conductor_tui.ui.widgets.line_view import LineView

HIGHLIGHT_LIMIT = 4000
"""Lines of a hunk that are highlighted; a longer hunk stays plain."""
_OTHER = {DiffScope.UNCOMMITTED: DiffScope.LAST_TURN, DiffScope.LAST_TURN: DiffScope.UNCOMMITTED}
"""The scope to switch to; a race has only one."""
_NOTHING = {
    DiffScope.UNCOMMITTED: "No uncommitted changes",
    DiffScope.LAST_TURN: "Codex applied no patches in the last turn",
    DiffScope.SINCE_START: "No changes since the start",
}


class _Part(Struct, frozen=True):
    """A run of rows: a file's header (no hunk), a hunk (its heading row first), or the blank row after a file."""

    file: int
    hunk: int | None
    height: int


class DiffPane(LineView):
    """Files one below the other; each can be folded."""

    BINDINGS: ClassVar[list[BindingType]] = [*pane_bindings(Pane.DIFF)]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.keys: Mapping[str, Sequence[str]] = {}
        """The user's, by command; `content_changed` shows others."""
        self._files: tuple[FileDiff, ...] = ()
        self._folded: set[str] = set()
        self._parts: list[_Part] = []
        self._tops: list[int] = []
        self._root = ""
        self._said: list[Span] = []
        self._notes: list[Line] = []
        """What is said above the files, wrapped."""
        self._height = 0
        self._widest = 0
        self._row = 0
        self._scope = DiffScope.UNCOMMITTED
        self._highlights: dict[tuple[int, int], tuple[list[list[Span]], list[list[Span]]]] = {}

    # Public

    def show(
        self,
        diff: Sequence[FileDiff],
        *,
        scope: DiffScope,
        left_out: Sequence[str] = (),
        note: str = "",
        root: str = "",
    ) -> None:
        """Shows a diff; the row in view stays in view when the diff is a newer one of the same scope.

        `root`: the session's folder, to which absolute paths are shown relative.
        """
        files = tuple(diff)
        notes = [(visible_line(n), "warn") for n in left_out]
        if note and (not files or scope is DiffScope.LAST_TURN):
            notes.append((note, "muted"))
        if not files:
            notes.insert(0, (_NOTHING[scope], ""))
        if (files, scope, notes, root) == (self._files, self._scope, self._said, self._root):
            return
        place = self._place() if scope is self._scope else None
        self._files, self._scope, self._said, self._root = files, scope, notes, root
        self._highlights.clear()
        self._lay_out()
        self._go_back(place)
        added, deleted = sum(f.added for f in files), sum(f.deleted for f in files)
        count = f"{len(files)} file{'' if len(files) == 1 else 's'} +{added} −{deleted}" if files else "nothing"
        self.border_title = Content(f"diff · {scope.value} · {count}")

    def content_changed(self, first: int = 0) -> None:
        """The frame names the keys to text beyond the edge and to the other scope."""
        super().content_changed(first)
        right, switch, parts = first_key(self.keys, "diff.right"), first_key(self.keys, "diff.scope"), []
        if right and self._widest > self.scrollable_content_region.width:
            parts.append(f"{right}: scroll")
        if switch and (other := _OTHER.get(self._scope)) is not None:
            parts.append(f"{switch}: show {other.value}")
        self.border_subtitle = Content(" · ".join(parts))

    # Rows

    def _lay_out(self) -> None:
        self._parts, self._tops = [], []
        self._widest = 0
        self._notes = [row for said in self._said for row in wrap([said], max(8, self.text_width - 2))]
        top = len(self._notes) + (1 if self._notes else 0)
        for number, file in enumerate(self._files):
            parts = [_Part(number, None, 1)]
            if file.path not in self._folded:
                parts.extend(_Part(number, h, 1 + len(hunk.lines)) for h, hunk in enumerate(file.hunks))
                parts.append(_Part(number, -1, 1))
            for part in parts:
                self._parts.append(part)
                self._tops.append(top)
                top += part.height
        self._height = top
        self._row = min(self._row, max(0, top - 1))
        self.content_changed()

    @property
    def line_count(self) -> int:
        return self._height

    @property
    def content_width(self) -> int:
        return max(self._widest, self.scrollable_content_region.width)

    def line_at(self, y: int) -> Line:
        if y < len(self._notes):
            return Line((("  ", ""), *self._notes[y].spans))
        found = self._part_at(y)
        if found is None:
            return BLANK
        part, row = found
        file = self._files[part.file]
        if part.hunk is None:
            header = file_header(file, self.text_width - 1, self._root, is_folded=file.path in self._folded)
            return Line(((" ", ""), *header.spans), "headfill")
        if part.hunk < 0:
            return BLANK
        hunk = file.hunks[part.hunk]
        if row == 0:
            heading = f" {visible_line(hunk.heading)}" if hunk.heading else ""
            old, new = (_counted(hunk.old_start, hunk.old_count), _counted(hunk.new_start, hunk.new_count))
            return line((f"  @@ -{old} +{new} @@{heading}", "muted"))
        return self._diff_line(part, hunk, row - 1)

    def row_shown(self, y: int) -> int:
        """At the top of the view stands the name of the file, also when its begin is above."""
        row = super().row_shown(y)
        found = self._part_at(row) if y == 0 else None
        if found is None or found[0].hunk in (None, -1):
            return row
        return next(t for p, t in zip(self._parts, self._tops, strict=True) if p.file == found[0].file)

    def fixed_cells(self, row: int) -> int:
        """Line numbers and signs stay; headers and notes do not move at all."""
        found = self._part_at(row)
        if row < len(self._notes) or found is None or found[0].hunk is None or found[1] == 0:
            return self.text_width
        hunk = self._files[found[0].file].hunks[found[0].hunk]
        return 2 * _digits(hunk) + 5

    def _lead(self, row: int) -> int:
        """Rows that must be above a row in view: the file's name covers one."""
        found = self._part_at(row)
        return 1 if found is not None and found[0].hunk not in (None, -1) else 0

    def _part_at(self, y: int) -> tuple[_Part, int] | None:
        at = bisect_right(self._tops, y) - 1
        if at < 0 or y >= self._height:
            return None
        return self._parts[at], y - self._tops[at]

    def _diff_line(self, part: _Part, hunk: Hunk, at: int) -> Line:
        row = hunk.lines[at]
        digits = _digits(hunk)
        if row.kind is LineKind.NO_NEWLINE:
            return line((" " * (2 * digits + 5) + row.text, "muted"))
        sign, style = SIGNS[row.kind]
        old = f"{row.old_number:>{digits}}" if row.old_number is not None else " " * digits
        new = f"{row.new_number:>{digits}}" if row.new_number is not None else " " * digits
        spans = [(f" {old} {new} ", "muted"), (f"{sign} ", style), *self._code(part, hunk, at)]
        made = Line(tuple(spans), FILLS.get(row.kind, ""))
        if made.cells > self._widest:
            self._widest = made.cells
            self.call_after_refresh(self.content_changed)
        return made

    def _code(self, part: _Part, hunk: Hunk, at: int) -> list[Span]:
        """The line's text, highlighted as part of its side of the hunk, so that strings over lines come out right."""
        row = hunk.lines[at]
        assert part.hunk is not None
        if len(hunk.lines) > HIGHLIGHT_LIMIT:
            return [(shown_text(row.text), "")]
        key = (part.file, part.hunk)
        if key not in self._highlights:
            path = self._files[part.file].path
            old = "\n".join(shown_text(r.text) for r in hunk.lines if _is_old(r))
            new = "\n".join(shown_text(r.text) for r in hunk.lines if _is_new(r))
            if len(self._highlights) > 64:
                self._highlights.clear()
            self._highlights[key] = (highlighted_file(old, path), highlighted_file(new, path))
        side = 0 if row.kind is LineKind.DELETED else 1
        lines = self._highlights[key][side]
        index = sum(1 for r in hunk.lines[:at] if (_is_old(r) if side == 0 else _is_new(r)))
        return lines[index] if index < len(lines) else [(shown_text(row.text), "")]

    # Place

    def _place(self) -> tuple[str, DiffLine | None, int, int] | None:
        """File, line and screen row of the cursor, to find it again in another diff."""
        found = self._part_at(self._row)
        if found is None:
            return None
        part, row = found
        file = self._files[part.file]
        hunk = file.hunks[part.hunk] if part.hunk is not None and part.hunk >= 0 else None
        diff_line = hunk.lines[row - 1] if hunk is not None and row > 0 else None
        return file.path, diff_line, self._row - self.scroll_offset.y, self._row

    def _go_back(self, place: tuple[str, DiffLine | None, int, int] | None) -> None:
        if place is None:
            self._row = 0
            self.scroll_to(y=0, animate=False, immediate=True)
            return
        path, wanted, on_screen, _ = place
        self._row = self._find(path, wanted)
        self.scroll_to(y=max(0, self._row - on_screen), animate=False, immediate=True)

    def _find(self, path: str, wanted: DiffLine | None) -> int:
        """The row of the line most like `wanted` in that file; the file's header otherwise."""
        header = 0
        best: tuple[int, int] | None = None
        for part, top in zip(self._parts, self._tops, strict=True):
            if self._files[part.file].path != path:
                continue
            if part.hunk is None:
                header = top
            elif part.hunk >= 0 and wanted is not None:
                for n, row in enumerate(self._files[part.file].hunks[part.hunk].lines):
                    if row.text == wanted.text and row.kind is wanted.kind:
                        distance = abs(
                            (row.new_number or row.old_number or 0) - (wanted.new_number or wanted.old_number or 0)
                        )
                        if best is None or distance < best[0]:
                            best = (distance, top + 1 + n)
        return best[1] if best else header

    # Keys

    def cursor_rows(self) -> range:
        return range(self._row, self._row + 1)

    def _move_to(self, row: int) -> None:
        self._row = max(0, min(row, self._height - 1))
        height = self.scrollable_content_region.height
        y = self.scroll_offset.y
        lead = self._lead(self._row)
        if self._row < y + lead or self._row >= y + height:
            y = self._row - lead if self._row < y + lead else self._row - height + 1
            self.scroll_to(y=y, animate=False, immediate=True)
        self.refresh()

    def action_cursor(self, step: int) -> None:
        """A row up or down."""
        self._move_to(self._row + step)

    def action_page(self, step: int) -> None:
        """A page up or down."""
        rows = step * max(1, self.scrollable_content_region.height - 1)
        self.scroll_relative(y=rows, animate=False, immediate=True)
        self._move_to(self._row + rows)

    def action_edge(self, side: int) -> None:
        """The first or last row."""
        self._move_to(0 if side < 0 else self._height - 1)

    def action_sideways(self, cells: int) -> None:
        """Shows more of long lines."""
        self.scroll_relative(x=cells, animate=False, immediate=True)

    def action_file(self, step: int) -> None:
        """The next file, or the one before."""
        self._jump([t for p, t in zip(self._parts, self._tops, strict=True) if p.hunk is None], step)

    def action_hunk(self, step: int) -> None:
        """The next hunk, or the one before."""
        self._jump(
            [t for p, t in zip(self._parts, self._tops, strict=True) if p.hunk is not None and p.hunk >= 0], step
        )

    def _jump(self, rows: list[int], step: int) -> None:
        ahead = [r for r in rows if r > self._row] if step > 0 else [r for r in reversed(rows) if r < self._row]
        if ahead:
            self._move_to(ahead[0])
            self.scroll_to(y=ahead[0] - self._lead(ahead[0]), animate=False, immediate=True)

    def action_fold(self) -> None:
        """Folds or opens the file under the cursor."""
        found = self._part_at(self._row)
        if found is None:
            return
        path = self._files[found[0].file].path
        self._folded.symmetric_difference_update({path})
        self._lay_out()
        self._move_to(self._find(path, None))

    def action_scope(self) -> None:
        """The other scope."""
        self.post_message(CommandWanted("view.diff_scope"))

    def action_copy(self) -> None:
        """Copies the line under the cursor."""
        place = self._place()
        if place is not None:
            self.post_message(CopyRequested(place[1].text if place[1] else place[0], "line"))

    def on_resize(self) -> None:
        """The cursor stays in view; notes are wrapped anew."""
        self._lay_out()
        self._move_to(self._row)


def _digits(hunk: Hunk) -> int:
    """Cells of a line number."""
    return max(3, len(str(max(hunk.old_start + hunk.old_count, hunk.new_start + hunk.new_count))))


def _counted(start: int, count: int) -> str:
    """Lines as git names them: `3,7`, and `3` for one."""
    return f"{start}" if count == 1 else f"{start},{count}"


def _is_old(row: DiffLine) -> bool:
    return row.kind in (LineKind.DELETED, LineKind.CONTEXT)


def _is_new(row: DiffLine) -> bool:
    return row.kind in (LineKind.ADDED, LineKind.CONTEXT)
