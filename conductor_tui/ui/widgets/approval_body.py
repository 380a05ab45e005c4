"""What an approval asks, as far as there is room; it knows how much is below, and whether the end was on screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from conductor_tui.ui.presentation.hanging import Hanging, set_in


class ApprovalBody(VerticalScroll, can_focus=False):
    """Scrolls by keys of the panel around it."""

    def __init__(self, on_move: Callable[[], None], *, id: str) -> None:
        """`on_move` is called when another part of it is on screen."""
        super().__init__(id=id)
        self.end_was_seen = False
        """Whether the last line was on screen since it was begun."""
        self._on_move = on_move
        self._is_laid_out = False
        self._text = Hanging(Content(""), wrap=set_in)
        self._limit = 1

    def compose(self) -> ComposeResult:
        yield Static(id="approval-text")

    def begin(self, *, is_new: bool) -> None:
        """Other lines follow, which must be read; `is_new`: from the top."""
        self.end_was_seen = self._is_laid_out = False
        if is_new:
            self.scroll_home(animate=False, immediate=True)

    def write(self, lines: Sequence[Content]) -> None:
        """Shows these lines."""
        self._text = Hanging(Content("\n").join(lines), wrap=set_in)
        self.query_one(Static).update(self._text)

    def limit(self, rows: int) -> None:
        """They have so many rows at most."""
        self._limit = max(1, rows)
        self.styles.max_height = self._limit
        self._place_bar()
        self.call_after_refresh(self._laid_out)

    def _place_bar(self) -> None:
        """The scroll bar is there only where the lines need it: a bar that was there already makes them longer."""
        width = self.outer_size.width - self.gutter.width
        if width > 0:
            self.styles.overflow_y = "scroll" if self._text.get_height({}, width) > self._limit else "hidden"

    @property
    def below(self) -> int:
        """Rows below what is on screen."""
        return round(self.max_scroll_y - self.scroll_offset.y)

    def scroll(self, step: int) -> None:
        """By so many lines."""
        self.scroll_relative(y=step, animate=False, immediate=True)

    def page(self, step: int) -> None:
        """By what fits, less a line."""
        self.scroll(step * max(1, self.size.height - 1))

    def show_line(self, lines: Sequence[Content], number: int) -> None:
        """Scrolls to one of the lines; to the top for the first of those that can be chosen."""
        width = max(1, self.scrollable_content_region.width)
        rows = [set_in(line, width).plain.count("\n") + 1 for line in lines]
        top, bottom = sum(rows[:number]), sum(rows[: number + 1])
        if top < self.scroll_offset.y:
            self.scroll_to(y=top, animate=False, immediate=True)
        elif bottom > self.scroll_offset.y + self.size.height:
            self.scroll_to(y=bottom - self.size.height, animate=False, immediate=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Another part."""
        super().watch_scroll_y(old_value, new_value)
        self._look()

    def on_resize(self) -> None:
        """Another size: the lines are wrapped anew before it is known what is below."""
        self._is_laid_out = False
        self._place_bar()
        self.call_after_refresh(self._laid_out)

    def _laid_out(self) -> None:
        self._is_laid_out = True
        self._look()

    def _look(self) -> None:
        self.end_was_seen |= self._is_laid_out and self.below <= 0 and self.size.height > 0
        self._on_move()
