"""Between Textual and the terminal: takes Textual's updates of the screen, writes what differs on it.

Textual sends whole regions anew, each piece with its colours; here the screen is kept as cells, and only cells that
changed go out.
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.color import ColorSystem
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.geometry import Offset, Size

from conductor_tui.ui.output.grid import Grid
from conductor_tui.ui.output.style_table import Pens
from conductor_tui.ui.terminal import erasing_paints, has_italics

SYNC_FROM = 600
"""Bytes from which a frame is worth the sixteen that keep it from being seen half drawn (mode 2026)."""
_SYNC_START, _SYNC_END = "\x1b[?2026h", "\x1b[?2026l"


class Stage:
    """What stands on one terminal."""

    def __init__(self, color_system: ColorSystem, environ: Mapping[str, str]) -> None:
        self._grid = Grid(Pens(color_system, has_italics=has_italics(environ)), can_erase=erasing_paints(environ))
        self.can_sync = False
        """Whether the terminal shows a frame at once when asked to."""

    @property
    def size(self) -> Size:
        """Of the screen as it was drawn last."""
        return Size(self._grid.width, self._grid.height)

    def forget(self) -> None:
        """Something else may have written to the terminal."""
        self._grid.forget()

    def draw(self, update: CompositorUpdate, size: Size, cursor: Offset) -> str:
        """The text that brings an update to the screen, with the cursor at its place; empty when nothing differs.

        Raises:
            TypeError: an update of a kind that Textual has only since.
        """
        if (self._grid.width, self._grid.height) != (size.width, size.height):
            self._grid.resize(size.width, size.height)
        match update:
            case LayoutUpdate():
                self._take_layout(update)
            case ChopsUpdate():
                self._take_chops(update)
            case _:
                raise TypeError(f"an unknown update: {type(update).__name__}")
        text = self._grid.update()
        text += self._grid.move_cursor(cursor.x, cursor.y)
        return f"{_SYNC_START}{text}{_SYNC_END}" if self.can_sync and len(text) > SYNC_FROM else text

    def _take_layout(self, update: LayoutUpdate) -> None:
        for y, line in enumerate(update.strips, update.region.y):
            x = update.region.x
            for strip in line:
                self._grid.put(x, y, strip)
                x += strip.cell_length

    def _take_chops(self, update: ChopsUpdate) -> None:
        for y, first, last in update.spans:
            for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if strip is None or x > last or end <= first:
                    continue
                is_whole = first <= x < last and end <= last
                self._grid.put(x, y, strip if is_whole else strip.crop(0, min(end, last) - x))
