"""The dock: one tab for each script and terminal, with its live output. It knows runs, not how they are made."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message

from conductor_tui.domain.text import visible_line
from conductor_tui.emulator.reading import logical_line, row_at, row_count, whole_text
from conductor_tui.services.scripts.runner import RunState, ScriptRun
from conductor_tui.ui.bindings import pane_bindings
from conductor_tui.ui.commands.keymap import shown_keys
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.messages import CommandWanted, CopyRequested
from conductor_tui.ui.presentation import dock as present
from conductor_tui.ui.presentation.dock import DockTab
from conductor_tui.ui.presentation.key_bytes import key_bytes, pasted_bytes
from conductor_tui.ui.presentation.lines import BLANK, Line
from conductor_tui.ui.widgets.line_view import LineView

_TYPED_ON = 0.7
"""Seconds without a key after which nobody is typing into a program that has ended."""


class DockPane(LineView):
    """Shows the run of the current tab; follows its end unless the user scrolled up."""

    BINDINGS: ClassVar[list[BindingType]] = [*pane_bindings(Pane.DOCK)]

    class Moved(Message):
        """The user moved to another tab, or to another line of this one (step 0), or started or stopped typing."""

        def __init__(self, step: int) -> None:
            super().__init__()
            self.step = step

    class Resized(Message):
        """The number of columns and rows for programs has changed."""

        def __init__(self, columns: int, rows: int) -> None:
            super().__init__()
            self.columns = columns
            self.rows = rows

    def __init__(self, leave_keys: Sequence[str], *, id: str | None = None) -> None:
        """`leave_keys` end typing into a program."""
        super().__init__(id=id)
        self.is_typing = False
        """Whether keys are sent to the program."""
        self._deaf_until = 0.0
        """Until then keys are still meant for a program that has ended; monotonic seconds."""
        self._leave_keys = tuple(leave_keys)
        self._tabs: tuple[DockTab, ...] = ()
        self._current = ""
        self._run: ScriptRun | None = None
        self._idle: list[Line] = []
        self._urls_key = ""
        self._row = 0
        self._is_following = True
        self._dropped = 0
        self._drawn = -1

    # Public

    def show(
        self, tabs: Sequence[DockTab], current: str, now: float, keys: Mapping[str, str], troubles: Sequence[str] = ()
    ) -> None:
        """Shows the tabs and the run of the current one. `keys`: the keys of commands; `troubles`: lines to read."""
        tab = next((t for t in tabs if t.name == current), None)
        run = tab.run if tab is not None else None
        if run is not self._run or current != self._current:
            self._run, self._current = run, current
            self._is_following, self._row, self._drawn = True, 0, -1
            self._dropped = run.screen.scrollback.dropped if run else 0
        if self.is_typing and (run is None or run.state is not RunState.RUNNING):
            self._end_typing()
        self._tabs = tuple(tabs)
        self._idle = present.idle_lines(tab, dict(keys), troubles)
        self._urls_key = keys["dock.addresses"]
        self.tick(now)
        if run is None or self._drawn != run.screen.version or not self._has_output:
            self._drawn = run.screen.version if run else -1
            self.content_changed()

    def tick(self, now: float) -> None:
        """The frame: tabs, state, elapsed time, the keys that matter now."""
        width = max(10, self.size.width - 4)
        self.border_title = present.tab_line(self._tabs, self._current, width)
        if self.is_typing:
            self.border_subtitle = Content(f"typing into terminal · {shown_keys(self._leave_keys)} to stop")
        elif self._run is not None:
            urls = self._run.urls
            parts = [present.status(self._run, now)]
            if urls:
                more = f" and {len(urls) - 1} more" if len(urls) > 1 else ""
                key = f" ({self._urls_key})" if self._urls_key else ""
                parts.append(f"{visible_line(urls[-1].text)}{more}{key}")
            if not self._is_following:
                below = self.line_count - 1 - self._row
                parts.append(f"{below} line{'s' if below != 1 else ''} below")
            self.border_subtitle = Content(" · ".join(parts))
        else:
            self.border_subtitle = ""

    # Rows

    @property
    def _has_output(self) -> bool:
        run = self._run
        return run is not None and (run.state is not RunState.FAILED and row_count(run.screen) > 0)

    @property
    def _first(self) -> int:
        """Rows above the output: one if lines were dropped."""
        return 1 if self._run is not None and self._run.screen.scrollback.dropped else 0

    @property
    def line_count(self) -> int:
        if not self._has_output or self._run is None:
            return len(self._idle)
        screen = self._run.screen
        rows = len(screen.scrollback) + screen.rows if self.is_typing else row_count(screen)
        return self._first + rows

    def line_at(self, y: int) -> Line:
        if not self._has_output or self._run is None:
            return self._idle[y] if y < len(self._idle) else BLANK
        screen = self._run.screen
        number = y - self._first
        if number < 0:
            return present.dropped_line(screen)
        is_cursor_row = self.is_typing and 25 in screen.modes and number == len(screen.scrollback) + screen.y
        return present.output_line(row_at(screen, number), cursor=screen.x if is_cursor_row else None)

    def content_changed(self, first: int = 0) -> None:
        """Follows the end, or stays at the same line while older ones are dropped."""
        super().content_changed(first)
        last = max(0, self.line_count - 1)
        if self._run is not None:
            gone = self._run.screen.scrollback.dropped - self._dropped
            self._dropped += gone
            if gone and not self._is_following:
                self._row = max(0, self._row - gone)
                self.scroll_to(y=max(0, self.scroll_offset.y - gone), animate=False, force=True, immediate=True)
        if self._is_following and self._has_output:
            self._row = last
            height = self.scrollable_content_region.height
            self.scroll_to(y=max(0, self.line_count - height), animate=False, force=True, immediate=True)
        self._row = min(self._row, last)

    def cursor_rows(self) -> range:
        if self.is_typing or not self._has_output:
            return range(0)
        return range(self._row, self._row + 1)

    def on_resize(self) -> None:
        """Programs are told the new size."""
        region = self.scrollable_content_region
        if region.width > 1 and region.height > 0:
            self.post_message(self.Resized(region.width - 1, region.height))
        self.content_changed()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While the user types into the program, keys are the program's."""
        return not (self.is_typing or self.is_deaf) and super().check_action(action, parameters)

    def on_key(self, event: events.Key) -> None:
        """Sends keys to the program; keys that follow its end were meant for it, too."""
        if self.is_deaf:
            event.stop()
            event.prevent_default()
            self._deaf_until = 0.0 if event.key in self._leave_keys else time.monotonic() + _TYPED_ON
            return
        if not self.is_typing:
            return
        event.stop()
        event.prevent_default()
        if event.key in self._leave_keys:
            self.action_leave()
        elif self._run is not None:
            is_application = 1 in self._run.screen.modes
            self._run.type(key_bytes(event.key, event.character, is_application=is_application))

    def on_paste(self, event: events.Paste) -> None:
        """Pastes into the program."""
        if self.is_deaf:
            event.stop()
        elif self.is_typing and self._run is not None:
            event.stop()
            self._run.type(pasted_bytes(event.text, is_bracketed=2004 in self._run.screen.modes))

    def on_blur(self) -> None:
        """Typing stops when the focus moves elsewhere."""
        self._type(False)
        super().on_blur()

    def action_type(self) -> None:
        """Sends keys to the program from now on."""
        if self._run is not None and self._run.state is RunState.RUNNING:
            self._type(True)
        else:
            self.post_message(CommandWanted("script.start"))

    @property
    def is_deaf(self) -> bool:
        """Whether keys are still meant for a program that has just ended."""
        return time.monotonic() < self._deaf_until

    def _end_typing(self) -> None:
        """The program has ended while the user was typing."""
        self._deaf_until = time.monotonic() + _TYPED_ON
        self._type(False)

    async def typed_out(self) -> None:
        """Returns when nobody types into a program that has ended: the rest becomes neither command nor prompt."""
        if self.is_typing:
            self._end_typing()
        while (rest := self._deaf_until - time.monotonic()) > 0:  # noqa: ASYNC110 (each key moves it)
            await asyncio.sleep(rest)

    def action_leave(self) -> None:
        """Stops typing into the program."""
        self._type(False)

    def _type(self, is_typing: bool) -> None:
        if self.is_typing != is_typing:
            self.is_typing = is_typing
            self.set_class(is_typing, "-typing")
            self._is_following = True
            self._drawn = -1
            self.post_message(self.Moved(0))
            self.content_changed()

    def action_run(self, command: str) -> None:
        """A letter that runs a command of the app."""
        self.post_message(CommandWanted(command))

    def action_tab(self, step: int) -> None:
        """The next tab, or the one before."""
        self.post_message(self.Moved(step))

    def action_cursor(self, step: int) -> None:
        """A line up or down."""
        self._move_to(self._row + step)

    def action_page(self, step: int) -> None:
        """A page up or down."""
        self._move_to(self._row + step * max(1, self.scrollable_content_region.height - 1))

    def action_top(self) -> None:
        """Goes to the first line."""
        self._move_to(0)

    def action_follow(self) -> None:
        """Goes to the end and follows new output."""
        self._move_to(self.line_count - 1)

    def _move_to(self, row: int) -> None:
        self._row = max(0, min(row, self.line_count - 1))
        self._is_following = self._row >= self.line_count - 1
        y, height = self.scroll_offset.y, self.scrollable_content_region.height
        if not y <= self._row < y + height:
            y = self._row if self._row < y else self._row - height + 1
            self.scroll_to(y=y, animate=False, force=True, immediate=True)
        self.post_message(self.Moved(0))
        self.refresh()

    def action_copy(self) -> None:
        """Copies the logical line under the cursor."""
        if self._run is not None and self._has_output:
            self.post_message(CopyRequested(logical_line(self._run.screen, self._row - self._first), "line"))

    def action_copy_all(self) -> None:
        """Copies all output."""
        if self._run is not None and self._has_output:
            self.post_message(CopyRequested(whole_text(self._run.screen), "output"))
