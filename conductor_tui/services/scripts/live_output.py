"""A program's output on its way to its screen: in slices, so that nothing else waits, and no faster than that.

A program that prints faster than the screen takes it is no longer read, and waits.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from conductor_tui.domain.local_urls import LocalUrl
from conductor_tui.emulator.terminal import Terminal
from conductor_tui.services.interfaces import TerminalProcess
from conductor_tui.services.scripts.url_watch import UrlWatch

SLICE, PAUSE = 0.004, 0.006
"""Seconds of work at once, and for others until the next."""
_FULL, _ROOM = 512 * 1024, 128 * 1024
"""Bytes that wait, at which reading stops and goes on."""


class LiveOutput:
    """The screen of one program; `on_change` is called when it shows something else, on the loop's thread."""

    def __init__(self, columns: int, rows: int, on_change: Callable[[], None]) -> None:
        self.screen = Terminal(columns, rows)
        self._on_change = on_change
        self._process: TerminalProcess | None = None
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._is_paused = False
        self._timer: asyncio.Handle | None = None
        self._urls = UrlWatch()
        self._urls_of = -1

    def attach(self, process: TerminalProcess) -> None:
        """Where answers go, and what is held back when too much comes."""
        self._process = process
        self._balance()

    def take(self, data: bytes) -> None:
        """Output of the program; it is shown soon."""
        self._waiting.append(data)
        self._size += len(data)
        self._balance()
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_soon(self._work)

    @property
    def is_behind(self) -> bool:
        """Whether output waits to be shown."""
        return self._size > 0

    @property
    def urls(self) -> list[LocalUrl]:
        """The addresses of this machine that it printed."""
        if self._urls_of != self.screen.version:
            self._urls_of = self.screen.version
            self._urls.look(self.screen)
        return list(self._urls.found)

    def resize(self, columns: int, rows: int) -> None:
        """Another size, for the screen and the program."""
        if (columns, rows) != (self.screen.columns, self.screen.rows):
            self.screen.resize(columns, rows)
            if self._process is not None:
                self._process.resize(self.screen.columns, self.screen.rows)
            self._on_change()

    def _work(self) -> None:
        self._timer = None
        loop = asyncio.get_running_loop()
        end = loop.time() + SLICE
        while self._waiting and (left := end - loop.time()) > 0:
            data = self._waiting.popleft()
            taken = self.screen.feed(data, left)
            self._size -= taken
            if taken < len(data):
                self._waiting.appendleft(data[taken:])
        if self._waiting:
            self._timer = loop.call_later(PAUSE, self._work)
        if self.screen.answers and self._process is not None:
            self._process.write(bytes(self.screen.answers))
            self.screen.answers.clear()
        self._balance()
        self._on_change()

    def _balance(self) -> None:
        if self._process is None:
            return
        if not self._is_paused and self._size > _FULL:
            self._is_paused = True
            self._process.pause()
        elif self._is_paused and self._size < _ROOM:
            self._is_paused = False
            self._process.resume()
