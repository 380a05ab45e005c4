"""The end of the output path: every byte of a text reaches the terminal, or it is said that some were lost."""

from __future__ import annotations

import logging
import os
import select
from collections.abc import Callable

log = logging.getLogger(__name__)

_GATHERED = 65_536
"""Bytes that wait for the queue's end at most."""
_LOOK_MS = 1000


class TerminalFile:
    """Stands where Textual's writer thread, the only one that writes to the terminal, expects a text file.

    Python's own file object does not do: on a descriptor that somebody (a child that shares the terminal, say) has
    made non-blocking it drops what the terminal does not take at once, and raises.
    """

    def __init__(self, descriptor: int, on_lost: Callable[[], None]) -> None:
        """`on_lost` is called, from the writing thread, when the terminal takes bytes again after some were lost."""
        self._descriptor = descriptor
        self._on_lost = on_lost
        self._gathered = bytearray()
        self._has_lost = False

    def fileno(self) -> int:
        """The descriptor."""
        return self._descriptor

    def write(self, text: str) -> None:
        """Takes a text; it is written by `flush`, or when much has come together."""
        self._gathered += text.encode("utf-8", "replace")
        if len(self._gathered) > _GATHERED:
            self.flush()

    def flush(self) -> None:
        """Writes what was taken, to its last byte."""
        rest = memoryview(bytes(self._gathered))
        self._gathered.clear()
        try:
            while rest:
                rest = rest[self._write_some(rest) :]
        except OSError as error:
            if not self._has_lost:
                log.warning("%d bytes for the terminal were lost: %s", len(rest), error)
            self._has_lost = True
            return
        if self._has_lost:
            self._has_lost = False
            self._on_lost()

    def _write_some(self, data: memoryview) -> int:
        """How many bytes the terminal took; waits until it takes some."""
        try:
            return os.write(self._descriptor, data)
        except BlockingIOError:
            ready = select.poll()
            ready.register(self._descriptor, select.POLLOUT)
            ready.poll(_LOOK_MS)
            return 0
