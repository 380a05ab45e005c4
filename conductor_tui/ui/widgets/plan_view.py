"""The steps of a plan with a cursor over them; draws lines, so that a plan of any length costs what is visible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.content import Content
from textual.strip import Strip

from conductor_tui.ui.presentation.lines import BLANK, Line
from conductor_tui.ui.presentation.markdown import Part
from conductor_tui.ui.presentation.plan import Layout, counted, lay_out, place_of
from conductor_tui.ui.widgets.line_view import LineView


class PlanView(LineView):
    """Shows steps and comments; the screen has the keys."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._steps: Sequence[Part] = ()
        self._comments: Mapping[int, str] = {}
        self._layout = Layout()
        self._width = 0
        self.step = 0
        """The step under the cursor, from 0."""

    # Public

    def show(self, steps: Sequence[Part], comments: Mapping[int, str]) -> None:
        """Shows a plan with its comments; the cursor stays where it is."""
        self._steps, self._comments = steps, dict(comments)
        self._lay_out()
        self.move_to(self.step)

    def move_to(self, step: int) -> None:
        """Puts the cursor on a step, the nearest there is, and brings it into view."""
        self.step = max(0, min(step, len(self._steps) - 1))
        rows, height, top = self.cursor_rows(), self.scrollable_content_region.height, self.scroll_offset.y
        if rows and height:
            if rows.start < top or len(rows) >= height:
                self._scroll(rows.start)
            elif rows.stop > top + height:
                self._scroll(rows.stop - height)
        self._say_place()
        self.refresh()

    def page(self, step: int) -> None:
        """A page up or down; the cursor goes to the step that stands there."""
        rows, height = self.cursor_rows(), max(1, self.scrollable_content_region.height)
        if not rows:
            return
        top, wanted = self.scroll_offset.y, step * (height - 1)
        if len(rows) > height and (top + height < rows.stop if step > 0 else top > rows.start):
            self._scroll(top + wanted)  # one step that is higher than the view
            return
        row = max(0, min(rows.start + wanted, self.line_count - 1))
        at = next((n for n, r in enumerate(self._layout.rows) if row < r.stop), len(self._steps) - 1)
        self.move_to(self.step + step if at == self.step else at)

    # Lines

    @property
    def line_count(self) -> int:
        return len(self._layout.lines)

    def line_at(self, y: int) -> Line:
        return self._layout.lines[y] if 0 <= y < len(self._layout.lines) else BLANK

    def cursor_rows(self) -> range:
        return self._layout.rows[self.step] if self.step < len(self._layout.rows) else range(0)

    def render_line(self, y: int) -> Strip:
        """The step stays marked while its comment is written."""
        strip = super().render_line(y)
        is_here = not self.has_focus and y + self.scroll_offset.y in self.cursor_rows()
        return self._with_cursor(strip) if is_here else strip

    def on_resize(self) -> None:
        """Another width wraps anew; the cursor stays in view."""
        if self._width != self.text_width:
            self._lay_out()
        self.move_to(self.step)

    def _lay_out(self) -> None:
        self._width = self.text_width
        self._layout = lay_out(self._steps, self._comments, self._width)
        self.content_changed()

    def _scroll(self, row: int) -> None:
        self.scroll_to(y=row, animate=False, immediate=True)

    def _say_place(self) -> None:
        place = place_of(self.step, self._steps)
        said = counted(len(self._comments)) if self._comments else ""
        self.border_subtitle = Content(" · ".join(part for part in (place, said) if part))
