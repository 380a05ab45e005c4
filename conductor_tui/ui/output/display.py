"""An app that writes to its terminal through the stage, at the line's pace."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from typing import TYPE_CHECKING, Any, TypeVar

from rich.color import ColorSystem
from textual import events
from textual._compositor import CompositorUpdate
from textual.screen import Screen

from conductor_tui.ui.output.driver import TidyDriver
from conductor_tui.ui.output.pace import Pace
from conductor_tui.ui.output.stage import Stage
from conductor_tui.ui.themes import DEFAULT_THEME, ThemedApp

if TYPE_CHECKING:
    from textual.driver import Driver
    from textual.widget import Widget

T = TypeVar("T")

KEY_SECONDS = 0.25
"""How long a key may hold up the next."""


class ThriftyApp(ThemedApp[T]):
    """Sends changed cells instead of regions, and knows how far behind the terminal is."""

    def __init__(self, theme: str = DEFAULT_THEME) -> None:
        super().__init__(theme)
        self.pace = Pace(time.monotonic)
        self.stage = Stage(self.console._color_system or ColorSystem.TRUECOLOR, os.environ)
        self._window_name = ""

    def get_driver_class(self) -> type[Driver]:
        """Textual's driver for this system, which leaves no colour behind."""
        return TidyDriver

    def _display(self, screen: Screen[object], renderable: Any) -> None:
        """Textual's one way to the terminal (App._display of 8.2), with the stage in place of its own rendering."""
        driver = self._driver
        if not isinstance(renderable, CompositorUpdate) or driver is None or not isinstance(driver, TidyDriver):
            super()._display(screen, renderable)
            return
        try:
            if not self._batch_count and self._running and not self._closed:
                self._send(renderable, screen, driver)
        except Exception as error:  # as in the method replaced: a bug here must end the app, not its rendering
            self._handle_exception(error)
        finally:
            self.post_display_hook()

    def _send(self, update: CompositorUpdate, screen: Screen[object], driver: Driver) -> None:
        self.stage.can_sync = self._sync_available
        text = self.stage.draw(update, self.size, screen.outer_size.clamp_offset(self.cursor_position))
        if text:
            driver.write(text + self.pace.wrote(len(text)))

    async def on_event(self, event: events.Event) -> None:
        """One key after the other, each to its end: a key must not reach a place that the one before it closes.

        Textual hands keys on without waiting, so type-ahead over a slow link would land wherever the focus was.
        """
        is_new_key = isinstance(event, events.Key) and not event.is_forwarded
        await super().on_event(event)
        if is_new_key:
            await self._settle(self.focused)
            await self._settle(next(reversed(self.screen_stack), None))  # there may be none left: the key may leave

    async def _settle(self, widget: Widget | None) -> None:
        """Waits until a widget has handled what it was sent, but not for long."""
        if widget is None or not widget.is_running or not widget.is_attached:
            return
        handled = asyncio.Event()
        if widget.call_later(handled.set):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(handled.wait(), KEY_SECONDS)

    def on_cursor_position(self, event: events.CursorPosition) -> None:
        """The terminal has seen everything up to a question."""
        self.pace.answered()
        self.line_is_ready()

    def line_is_ready(self) -> None:
        """The terminal caught up: a frame that was held may be drawn."""

    def name_window(self, name: str) -> None:
        """Gives the terminal's window a title, which its taskbar or multiplexer shows; printable text only."""
        if name != self._window_name and isinstance(self._driver, TidyDriver):
            self._window_name = name
            self._driver.write(f"\x1b]2;{name}\x07")

    def redraw(self) -> None:
        """Draws everything anew: something else wrote to the terminal."""
        self.stage.forget()
        self.screen.refresh(layout=True)
