"""Textual's driver, which knows every key with alt and gives the terminal back as it was."""

from __future__ import annotations

import logging
from typing import Any

from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver

from conductor_tui.ui.key_parser import KeyParser
from conductor_tui.ui.output.redrawing import RedrawingApp
from conductor_tui.ui.output.writing import TerminalFile

log = logging.getLogger(__name__)

_PLAIN = "\x1b]8;;\x1b\\\x1b[m"
"""No link, no colours: the stage keeps its pen from frame to frame."""
_KEEP_TITLE, _OLD_TITLE = "\x1b[22;2t", "\x1b[23;2t"
"""xterm's stack of window titles; terminals without one ignore both."""


linux_driver.XTermParser = KeyParser  # type: ignore[attr-defined]  # Textual's loop makes its parser by this name


class TidyDriver(LinuxDriver):
    """For every terminal of a POSIX system."""

    _app: RedrawingApp[Any]

    def __init__(self, app: RedrawingApp[Any], **options: Any) -> None:
        """`options`: as Textual's driver has them."""
        super().__init__(app, **options)
        assert self._file is not None
        self._file = TerminalFile(self._file.fileno(), self._redraw)  # type: ignore[assignment]

    def _redraw(self) -> None:
        """From any thread, and from a signal's handler."""
        self._loop.call_soon_threadsafe(self._app.redraw)

    def _sigcont_application(self, *_: object) -> None:
        """Goes on after a stop; where nobody announced it, the modes are still set, but anything may be drawn."""
        is_set_up = self._writer_thread is not None and self._writer_thread.is_alive()
        if is_set_up:
            self._redraw()
        else:
            super()._sigcont_application()

    def start_application_mode(self) -> None:
        """At the start and when the app comes back from the background: what stands on the screen is unknown."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self.write(_KEEP_TITLE)
        self._app.stage.forget()

    def _run_input_thread(self) -> None:
        """Reads keys until the end. Bytes that are no UTF-8 cost the keys around them, not the app."""
        while not self.exit_event.is_set():
            try:
                self.run_input_thread()
            except UnicodeDecodeError as error:
                log.warning("the terminal sent what is no UTF-8: %s", error)
            except Exception as error:  # a thread's border: the app ends as it does for any other bug
                self._app.call_later(self._app._handle_exception, error)
                return
            else:
                return

    def stop_application_mode(self) -> None:
        """Before the shell has the terminal again."""
        self.write(_PLAIN + _OLD_TITLE)
        super().stop_application_mode()
