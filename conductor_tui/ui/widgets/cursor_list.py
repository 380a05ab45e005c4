"""A list whose cursor is seen in every theme and terminal: inverse, with a sign in front."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widgets import OptionList

CURSOR = "›"


class CursorList(OptionList):
    """Marks the first line of the highlighted option; colours alone are not to be seen everywhere."""

    @property
    def has_cursor(self) -> bool:
        """Whether keys act on the highlighted option."""
        return True

    def render_line(self, y: int) -> Strip:
        """Draws the line of an option, and the cursor where it is."""
        strip = super().render_line(y)
        line = self.scroll_offset.y + y
        if not self.has_cursor or line >= len(self._lines) or self._lines[line] != (self.highlighted, 0):
            return strip
        base = self.get_visual_style("option-list--option", "option-list--option-highlighted").rich_style
        return _marked(strip, base)


def _marked(strip: Strip, base: Style) -> Strip:
    """The line in one inverse colour, with the sign on its first free cell; without one, everything moves right."""
    width = strip.cell_length
    free = next((x for x in (0, 1) if strip.crop(x, x + 1).text == " "), None)
    sign = Segment(CURSOR, base)
    parts = [sign, *strip.crop(0, width - 1)] if free is None else [*strip.crop(0, free), sign, *strip.crop(free + 1)]
    inverse = Style(color=base.color, bgcolor=base.bgcolor, reverse=True)
    return Strip([Segment(s.text, _over(s.style, inverse), s.control) for s in parts], width)


def _over(style: Style | None, inverse: Style) -> Style:
    """Bold and the row's number (for the mouse) stay; colours go."""
    if style is None:
        return inverse
    return inverse + Style(bold=style.bold, meta=style.meta or None)
