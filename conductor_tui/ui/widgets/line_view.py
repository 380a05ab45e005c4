"""A scrolling view that draws lines, not widgets: only what is visible costs anything.

Owns drawing, the cursor's mark and text selection; subclasses own the lines.
"""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from conductor_tui.ui.graphemes import graphemes
from conductor_tui.ui.presentation.lines import Line
from conductor_tui.ui.widgets.line_styles import resolve

SELECTION_LIMIT = 20_000
"""Lines that a selection with the mouse may hold."""
LOOKS_LIMIT = 4096


class LineView(ScrollView, can_focus=True):
    """Subclasses say how many lines there are and what stands on each."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._looks: dict[str, Style] = {}

    # For subclasses

    def line_at(self, y: int) -> Line:
        """The line at a row of the content; BLANK beyond its end."""
        raise NotImplementedError

    @property
    def line_count(self) -> int:
        """Rows of the content."""
        raise NotImplementedError

    def cursor_rows(self) -> range:
        """Rows that the cursor stands on; they are marked while the view has the focus."""
        return range(0)

    def row_shown(self, y: int) -> int:
        """The row of the content that stands on a row of the view."""
        return y + self.scroll_offset.y

    def fixed_cells(self, row: int) -> int:
        """Cells at a row's begin that stay when the view is scrolled sideways."""
        return 0

    # Drawing

    @property
    def text_width(self) -> int:
        """Cells for the text: the view without its scrollbar."""
        return max(8, self.scrollable_content_region.width)

    def render_line(self, y: int) -> Strip:
        """One visible row."""
        row = self.row_shown(y)
        width = self.scrollable_content_region.width
        if row >= self.line_count:
            return Strip.blank(width, self.rich_style)
        line = self.line_at(row)
        segments, at = [], 0
        for text, style in line.spans:
            segments.append(Segment(text, self.rich(style, line.fill if at >= line.fill_from else "")))
            at += cell_len(text)
        left, whole = self.scroll_offset.x, Strip(segments)
        fixed = min(self.fixed_cells(row), width) if left else 0
        strip = whole.crop_extend(left + fixed, left + width, self.rich(line.fill))
        if fixed:
            strip = Strip.join([whole.crop_extend(0, fixed, self.rich(line.fill)), strip])
        if self.has_focus and row in self.cursor_rows():
            strip = self._with_cursor(strip)
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(row)) is not None:
            strip = self._with_selection(strip, *span)
        return strip.apply_offsets(self.scroll_offset.x, row)

    def _with_cursor(self, strip: Strip) -> Strip:
        """A bar in the first column, where all lines have a space."""
        bar = Segment("▎", self.rich("cursor"))
        return Strip.join([Strip([bar]), strip.crop(1)])

    def _with_selection(self, strip: Strip, start: int, end: int) -> Strip:
        end = strip.cell_length if end == -1 else end
        parts = (
            list(strip.divide([start, end, strip.cell_length]))
            if start > 0
            else [Strip([]), *strip.divide([end, strip.cell_length])]
        )
        look = self.rich("selection")
        return Strip.join([parts[0], parts[1].apply_style(look), *parts[2:]])

    def rich(self, style: str, fill: str = "") -> Style:
        """The terminal style of a line style; kept until the theme changes."""
        key = f"{fill} {style}" if fill else style
        found = self._looks.get(key)
        if found is None:
            if len(self._looks) > LOOKS_LIMIT:  # a program's output may have any number of colours
                self._looks.clear()
            found = self._looks[key] = resolve(key, self.rich_style, self.app.theme_variables)
        return found

    def notify_style_update(self) -> None:
        """Another theme: all styles are looked up again."""
        super().notify_style_update()
        self._looks.clear()
        self.refresh()

    def watch_show_vertical_scrollbar(self, is_shown: bool) -> None:
        """It stands where the view is: what was scrolled before it was there has passed it by."""
        if is_shown:
            self.vertical_scrollbar.position = self.scroll_y

    def watch_show_horizontal_scrollbar(self, is_shown: bool) -> None:
        """The same for the other one."""
        if is_shown:
            self.horizontal_scrollbar.position = self.scroll_x

    def on_focus(self) -> None:
        """The cursor appears."""
        self.refresh()

    def on_blur(self) -> None:
        """The cursor goes."""
        self.refresh()

    # Content

    def content_changed(self, first: int = 0) -> None:
        """The rows from `first` on differ: the size is set and what is visible of them is drawn again."""
        self.virtual_size = Size(self.content_width, self.line_count)
        self.refresh()

    @property
    def content_width(self) -> int:
        """Cells of the widest row that may be scrolled to; the view's own width where lines are wrapped."""
        return self.scrollable_content_region.width

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text, line by line."""
        first = selection.start.y if selection.start else 0
        last = selection.end.y if selection.end else self.line_count - 1
        last = min(last, self.line_count - 1, first + SELECTION_LIMIT)
        rows = []
        for y in range(first, last + 1):
            text = self.line_at(y).text
            span = selection.get_span(y)
            if span is None:
                continue
            start, end = span
            rows.append(_cells_cut(text, start, cell_len(text) if end == -1 else end).rstrip())
        return "\n".join(rows), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """The mouse selects."""
        self.refresh()


def _cells_cut(text: str, start: int, end: int) -> str:
    """The characters between two cells."""
    if text.isascii():
        return text[start:end]
    at, kept = 0, []
    for piece, cells in graphemes(text):
        if start <= at < end:
            kept.append(piece)
        at += cells
    return "".join(kept)
