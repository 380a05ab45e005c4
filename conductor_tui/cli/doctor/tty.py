"""The terminal itself: keys as the bytes they arrive as, questions that it answers, and its state given back."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import termios
import time
from collections.abc import Iterator
from types import FrameType

ANSWER_SECONDS = 2.0
"""How long a terminal may take to answer; over the slowest links it takes about one."""
_REST_SECONDS = 0.05
"""How long the rest of a key's sequence may take."""
_SEQUENCE = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|O[ -~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_][^\x1b]*\x1b\\|[ -NQ-WYZ\\`-~])"
)
_CHARACTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|[\x00-\xff]")
_ANSWER = re.compile(rb"\x1b(?:\[\d+;\d+R|\[\?[\d;]+\$y|\[\?[\d;]*c|P|\])")
"""What no key sends: answers that come too late."""
CURSOR = re.compile(rb"\x1b\[(\d+);(\d+)R")


class TestAbandoned(Exception):
    """The user ended the test with ctrl+c, or the terminal is gone."""


class Tty:
    """The controlling terminal, while it is `opened`."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._heard = b""

    def write(self, text: str) -> None:
        """Writes text and sequences."""
        data = text.encode()
        while data:
            data = data[os.write(self._fd, data) :]

    def key(self, timeout: float | None = None) -> bytes:
        """The next key, as it arrives; empty when none came in `timeout` seconds.

        Raises:
            TestAbandoned: ctrl+c, or the terminal is gone.
        """
        while True:
            found = self._take(timeout)
            if found == b"\x03":
                raise TestAbandoned
            if not _ANSWER.match(found):
                return found

    def _take(self, timeout: float | None) -> bytes:
        if not self._heard and not self._hear(timeout):
            return b""
        while self._heard.startswith(b"\x1b") and not _SEQUENCE.match(self._heard):
            if not self._hear(_REST_SECONDS):
                break  # it was the key esc
        found = _SEQUENCE.match(self._heard) or _CHARACTER.match(self._heard)
        assert found is not None
        self._heard = self._heard[found.end() :]
        return found[0]

    def _hear(self, timeout: float | None) -> bool:
        ready, _, _ = select.select([self._fd], [], [], timeout)
        if not ready:
            return False
        try:
            heard = os.read(self._fd, 4096)
        except OSError:
            heard = b""
        if not heard:
            raise TestAbandoned
        self._heard += heard
        return True

    def ask(self, question: str, answer: re.Pattern[bytes]) -> re.Match[bytes] | None:
        """What the terminal itself answers; None when it does not. Keys that come meanwhile are kept."""
        self.write(question)
        end = time.monotonic() + ANSWER_SECONDS
        while not (found := answer.search(self._heard)):
            left = end - time.monotonic()
            if left <= 0 or not self._hear(left):
                return None
        self._heard = self._heard[: found.start()] + self._heard[found.end() :]
        return found

    def round_trip(self) -> float | None:
        """Seconds until the terminal says where its cursor is; None when it does not."""
        began = time.perf_counter()
        return time.perf_counter() - began if self.ask("\x1b[6n", CURSOR) else None

    def column(self) -> int | None:
        """The cursor's column, from 0; None when the terminal does not say."""
        found = self.ask("\x1b[6n", CURSOR)
        return int(found[2]) - 1 if found else None


@contextlib.contextmanager
def opened() -> Iterator[Tty]:
    """The controlling terminal with every key as bytes; it is given back as it was on every way out.

    Raises:
        OSError: there is none.
    """
    fd = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    try:
        before = termios.tcgetattr(fd)
        with _ended_by_signals():
            try:
                _take_every_key(fd)
                yield Tty(fd)
            finally:
                with contextlib.suppress(OSError, termios.error):
                    os.write(fd, b"\x1b[?2004l\x1b[m")
                with contextlib.suppress(termios.error):
                    termios.tcsetattr(fd, termios.TCSAFLUSH, before)  # answers that come too late go, too
    except termios.error as error:
        raise OSError(str(error)) from error
    finally:
        os.close(fd)


def _take_every_key(fd: int) -> None:
    state = termios.tcgetattr(fd)
    state[0] &= ~(termios.IXON | termios.ICRNL | termios.INLCR | termios.IGNCR)
    state[3] &= ~(termios.ICANON | termios.ECHO | termios.ISIG | termios.IEXTEN)
    state[6][termios.VMIN], state[6][termios.VTIME] = 1, 0
    termios.tcsetattr(fd, termios.TCSADRAIN, state)


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Signals that end the program do so by way of every `finally`."""

    def end(number: int, frame: FrameType | None) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
