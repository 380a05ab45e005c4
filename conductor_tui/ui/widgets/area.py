"""A field of several lines that survives having no room: TextArea wraps its placeholder at no width, and fails.

It has no cursor while `show_cursor` is off, which TextArea heeds only where nothing can be written.
"""

from __future__ import annotations

from textual.strip import Strip
from textual.widgets import TextArea


class Area(TextArea):
    """Draws nothing while it has no width, as in the middle of a change of the terminal's size."""

    def render_line(self, y: int) -> Strip:
        """A row of the text, or of the placeholder."""
        return super().render_line(y) if self.content_size.width > 0 else Strip.blank(self.size.width)

    @property
    def _draw_cursor(self) -> bool:
        return self.show_cursor and super()._draw_cursor
