"""Textual's driver, which gives the terminal back as it was."""

from __future__ import annotations

from textual.drivers.linux_driver import LinuxDriver

_PLAIN = "\x1b]8;;\x1b\\\x1b[m"
"""No link, no colours: the stage keeps its pen from frame to frame."""


class TidyDriver(LinuxDriver):
    """For every terminal of a POSIX system."""

    def start_application_mode(self) -> None:
        """At the start and when the app comes back from the background: what stands on the screen is unknown."""
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._app.stage.forget()  # type: ignore[attr-defined]

    def stop_application_mode(self) -> None:
        """Before the shell has the terminal again."""
        self.write(_PLAIN)
        super().stop_application_mode()
