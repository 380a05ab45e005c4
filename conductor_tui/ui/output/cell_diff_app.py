"""An app that writes to its terminal through the stage, at the line's pace."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any, TypeVar

from textual import events
from textual._compositor import CompositorUpdate
from textual.message import Message
from textual.message_pump import MessagePump
from textual.screen import Screen

from conductor_tui.ui.output.driver import TidyDriver
from conductor_tui.ui.output.pace import Pace
from conductor_tui.ui.output.redrawing import RedrawingApp
from conductor_tui.ui.themes import DEFAULT_THEME

if TYPE_CHECKING:
    from textual.driver import Driver
    from textual.widget import Widget

T = TypeVar("T")

KEY_SECONDS = 1.0
"""How long a key may hold up the next."""
LOOK_SECONDS = 0.05
CHAIN_LENGTH = 8
"""How many dialogs one key may answer and open."""
FLOW_STEPS = 4
"""Turns of the loop that a flow needs from a dialog's answer to its next dialog."""


class ThriftyApp(RedrawingApp[T]):
    """Sends changed cells instead of regions, and knows how far behind the terminal is."""

    def __init__(self, theme: str = DEFAULT_THEME) -> None:
        super().__init__(theme)
        self.pace = Pace(time.monotonic)
        self._window_name = ""
        self._in_hand: events.Key | events.Paste | None = None
        """The key or paste that is being handled."""
        self._has_come_back = False
        """Whether it has bubbled up to the app: no widget took it."""

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

    def write_to_terminal(self, sequence: str) -> None:
        """Sends a sequence past the screen, such as one for the clipboard."""
        if self._driver is not None:
            self._driver.write(sequence)

    def post_message(self, message: Message) -> bool:
        """Puts a message into the app's queue, except the key in hand: it has bubbled up to the end of its way."""
        if message is self._in_hand and self._in_hand.is_forwarded:
            self._has_come_back = True
            return True
        return super().post_message(message)

    async def on_event(self, event: events.Event) -> None:
        """One key or paste after the other, each to its end: what several do in one packet, they do one by one.

        Textual hands a key to the focused widget and looks at the next one at once. A key that the widget does not
        know bubbles up to the app, which looks for a binding, but stands in the queue behind the keys of the same
        packet; and a key that moves the focus or opens a screen has not done so yet when the next one is handed on.
        Over a slow link keys always come in packets.
        """
        if not isinstance(event, (events.Key, events.Paste)) or event.is_forwarded:
            await super().on_event(event)
            return
        self._in_hand, self._has_come_back = event, False
        self.key_comes(event)
        try:
            target = next((w for w in self._key_goes_to if w is not None), None)
            await super().on_event(event)
            await self._settle(target)
            if self._has_come_back:
                await super().on_event(event)
                if isinstance(event, events.Paste):
                    self.nobody_took(event)
        finally:
            self._in_hand = None
        await self._settle(target)
        await self._settle_all()

    def key_comes(self, event: events.Key | events.Paste) -> None:
        """A key or a paste is about to be handed to what has the focus."""

    @property
    def has_key_waiting(self) -> bool:
        """Whether more keys came in the same packet as the one in hand."""
        waiting = (self._pending_message, *self._message_queue.values)
        return any(isinstance(m, (events.Key, events.Paste)) and not m.is_forwarded for m in waiting)

    async def _check_bindings(self, key: str, priority: bool = False) -> bool:
        """Textual's look for a binding; the last one is when the key in hand has come back."""
        is_taken = await super()._check_bindings(key, priority)
        if not is_taken and not priority and self._in_hand is not None:
            self.nobody_took(self._in_hand)
        return is_taken

    def nobody_took(self, event: events.Key | events.Paste) -> None:
        """A key or paste that means nothing where the focus is."""

    @property
    def _key_goes_to(self) -> tuple[Widget | None, Widget | None]:
        """What has the focus, and the screen on top; neither when the app is closing."""
        top = next(reversed(self.screen_stack), None)
        return (self.focused, top) if top is not None else (None, None)

    async def _settle_all(self) -> None:
        """Waits until what a key led to is there: another focus, a dialog, the dialog behind its answer."""
        seen: tuple[Widget | None, ...] = ()
        for _ in range(CHAIN_LENGTH):
            await self._flush_next_callbacks()
            for _ in range(FLOW_STEPS):
                await asyncio.sleep(0)
            at = self._key_goes_to
            if at == seen and not self._next_callbacks:
                return
            seen = at
            for widget in at:
                await self._settle(widget)

    async def _settle(self, widget: Widget | None) -> None:
        """Waits until a widget, and then each around it, has handled what it was sent, but not for ever."""
        patience = KEY_SECONDS
        pump: MessagePump | None = widget
        while pump is not None and pump is not self:
            if pump.is_running and pump.is_attached:
                handled = asyncio.Event()
                if pump.call_later(handled.set):
                    while not handled.is_set() and patience > 0:
                        with contextlib.suppress(TimeoutError):
                            await asyncio.wait_for(handled.wait(), LOOK_SECONDS)
                            break
                        patience -= LOOK_SECONDS  # and not the time that passed: the loop itself may have been busy
            pump = pump._parent

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

    def on_app_focus(self) -> None:
        """Somebody looks at the terminal again: whatever was lost on the way, or drawn by others, is repaired."""
        self.redraw()

    def on_resize(self, event: events.Resize) -> None:
        """The terminal may have moved what it shows, also where it is as large again as it was before."""
        self.stage.forget()
        if event.size == self.stage.size:
            self.screen.refresh(layout=True)
