"""A terminal for full-screen programs: a pty, an emulator, answers to the usual queries, and waiting for what is seen.

It behaves as a plain xterm-256color, so that programs that ask at start are not slowed by silence. With `rate` it is
the far end of a slow link that works as OpenSSH does: it reads eagerly into a window of 2 MB and shows `rate` bytes
a second. Leaving the `with` block ends the program and everything that it started in its session.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
import pyte
from wcwidth import wcwidth

_SEQUENCE = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]"  # CSI
    rb"|\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC
    rb"|[PX^_][^\x1b]*\x1b\\"  # DCS, SOS, PM, APC
    rb"|[ -/]*[0-OQ-WYZ\\`-~])"
)
_UNKNOWN_TO_PYTE = re.compile(
    rb"\x1b(?:[PX^_\]]|\[[<>=]|\[[?\d;:]*\$|\[[\d;]* q|\[[?\d;:]*u|\[[\d;]*t|\[\d*;?\d*b|\[[\d;]*:[\d;:]*m)"
)
_WINDOW = 2 * 1024 * 1024
"""What OpenSSH lets a channel have in flight before it stops reading the pty."""

KEYS = {
    "enter": "\r",
    "esc": "\x1b",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "home": "\x1b[H",
    "end": "\x1b[F",
}


def key_bytes(name: str) -> bytes:
    """What a plain terminal sends for a key: `ctrl+o`, `shift+tab`, `esc`, `y`."""
    if name.startswith("ctrl+"):
        return bytes([ord(name[-1].upper()) & 0x1F])
    return KEYS.get(name, name).encode()


class Terminal:
    """Runs `argv` in a pty; `env` is added to this process's environment."""

    def __init__(
        self,
        argv: Sequence[str | Path],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        cols: int = 140,
        rows: int = 40,
        rate: int | None = None,
    ) -> None:
        self.cols, self.rows, self.rate = cols, rows, rate
        self.output = bytearray()
        """Everything the program wrote that has reached the screen."""
        self.chunks: list[tuple[float, int]] = []
        """When (`time.perf_counter`) how many bytes of it came."""
        self.screen = pyte.Screen(cols, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._pending = b""
        self._changed = threading.Condition(threading.RLock())
        self._ended = False
        self._master, slave = pty.openpty()
        self._wake_read, self._wake_write = os.pipe()
        self._set_size()
        environment = {**os.environ, "TERM": "xterm-256color", **(env or {})}
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [str(word) for word in argv],
            cwd=cwd,
            env=environment,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)
        reader = self._read_slowly if rate else self._read
        self._reader = threading.Thread(target=reader, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    # Acting

    def send(self, data: str | bytes) -> None:
        """Sends bytes as they are."""
        os.write(self._master, data.encode() if isinstance(data, str) else data)

    def press(self, *keys: str) -> None:
        """Presses keys by name, one after the other."""
        for key in keys:
            self.send(key_bytes(key))

    def type(self, text: str, timeout: float = 10.0) -> None:
        """Types a line and waits until its end is on the screen."""
        self.send(text)
        self.wait_for(text[-20:], timeout)

    def resize(self, cols: int, rows: int) -> None:
        """Changes the window's size and tells the program."""
        with self._changed:
            self.cols, self.rows = cols, rows
            self.screen.resize(rows, cols)
        self._set_size()

    def draw_over(self, data: str) -> None:
        """Somebody else writes to the screen."""
        with self._changed:
            self._feed(data.encode())

    def hang_up(self) -> None:
        """Drops the line as a lost link does: the kernel sends SIGHUP, reading and writing fail."""
        self._stop_reading()
        os.close(self._master)
        self._master = -1

    def kill(self) -> None:
        """Kills the program alone, as `kill -9` does."""
        self.process.kill()
        self.process.wait(10)

    def exit_code(self, timeout: float = 10.0) -> int:
        """Waits for the end of the program; negative for a signal."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"the program still runs after {timeout:g} s; {self._seen()}") from None

    # Seeing

    def text(self) -> str:
        """What stands on the screen, one line per row."""
        with self._changed:
            return "\n".join(self._row(y) for y in range(self.screen.lines))

    def _row(self, y: int) -> str:
        """One row; pyte's own `display` fails where half a frame has left the second cell of a wide character."""
        cells = [self.screen.buffer[y][x].data for x in range(self.screen.columns)]
        is_second = [False, *(bool(data) and wcwidth(data[0]) == 2 for data in cells)]
        return "".join(data or ("" if second else " ") for data, second in zip(cells, is_second, strict=False))

    def wait_for(self, wanted: str | re.Pattern[str], timeout: float = 15.0, *, absent: bool = False) -> str:
        """Waits until text or a pattern is (or is no longer) on the screen, and returns the screen."""
        found = _finder(wanted)
        return self.wait_until(lambda text: found(text) != absent, timeout, f"{wanted!r}{' to go' * absent}")

    def wait_until(self, condition: Callable[[str], bool], timeout: float = 15.0, what: str = "this") -> str:
        """Waits until a condition holds for the screen's text, and returns that text."""
        with self._changed:
            if self._changed.wait_for(lambda: condition(self.text()) or self._ended, timeout) and condition(
                text := self.text()
            ):
                return text
        state = "the program ended" if self._ended else f"not seen within {timeout:g} s"
        raise TimeoutError(f"waited for {what}: {state}; {self._seen()}")

    def wait_quiet(self, seconds: float = 0.3, timeout: float = 15.0) -> None:
        """Waits until nothing was written for a while."""
        end = time.perf_counter() + timeout
        with self._changed:
            while time.perf_counter() < end:
                silent = time.perf_counter() - (self.chunks[-1][0] if self.chunks else self.started)
                if silent >= seconds:
                    return
                self._changed.wait(seconds - silent)
        raise TimeoutError(f"not quiet within {timeout:g} s")

    def close(self) -> None:
        """Ends the program with all its children, and frees the pty."""
        try:
            family = [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]
        except psutil.NoSuchProcess:
            family = []
        for member in family:
            try:
                member.kill()
            except psutil.NoSuchProcess:
                continue
        self.process.wait(10)
        if self._master >= 0:
            self.hang_up()

    # Inside

    def _seen(self) -> str:
        return f"screen:\n{self.text()}"

    def _set_size(self) -> None:
        size = struct.pack("HHHH", self.rows, self.cols, self.cols * 8, self.rows * 16)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)  # the kernel sends SIGWINCH

    def _stop_reading(self) -> None:
        if self._wake_write < 0:
            return
        os.write(self._wake_write, b"x")
        self._reader.join(10)
        os.close(self._wake_read)
        os.close(self._wake_write)
        self._wake_read = self._wake_write = -1

    def _next_bytes(self) -> bytes:
        ready, _, _ = select.select([self._master, self._wake_read], [], [])
        if self._master not in ready:
            return b""
        try:
            return os.read(self._master, 65536)
        except OSError:  # the other end is closed
            return b""

    def _read(self) -> None:
        while data := self._next_bytes():
            self._show(data)
        self._finish()

    def _read_slowly(self) -> None:
        assert self.rate
        line = _Line(_WINDOW)
        filling = threading.Thread(target=lambda: line.fill(self._next_bytes), daemon=True)
        filling.start()
        step = 0.02
        due = time.perf_counter()
        while data := line.take(max(1, int(self.rate * step))):
            self._show(data)
            due = max(due + len(data) / self.rate, time.perf_counter() - step)
            time.sleep(max(0.0, due - time.perf_counter()))
        filling.join(10)
        self._finish()

    def _finish(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _show(self, data: bytes) -> None:
        with self._changed:
            self.output += data
            self.chunks.append((time.perf_counter(), len(data)))
            data = self._pending + data
            done = 0
            for match in _SEQUENCE.finditer(data):
                sequence = match[0]
                if _answer(sequence, self) or _UNKNOWN_TO_PYTE.match(sequence) or sequence in _SCREENS:
                    self._feed(data[done : match.start()])
                    done = match.end()
                    if answer := _answer(sequence, self):  # for what stands before it, the cursor included
                        self.send(answer)
                    if sequence in _SCREENS:
                        self._feed(b"\x1b[m\x1b[2J\x1b[H")
            rest = data[done:]
            start = rest.rfind(b"\x1b")
            unfinished = start >= 0 and not _SEQUENCE.match(rest, start)
            self._pending = rest[start:] if unfinished else b""
            self._feed(rest[:start] if unfinished else rest)
            self._changed.notify_all()

    def _feed(self, data: bytes) -> None:
        if data:
            self._stream.feed(data)


_SCREENS = (b"\x1b[?1049h", b"\x1b[?1049l")
"""Entering and leaving the full screen: pyte has one screen, so it is wiped."""


class _Line:
    """A link's queue with a limited window."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._queue = bytearray()
        self._more = threading.Condition()
        self._done = False

    def fill(self, read: Callable[[], bytes]) -> None:
        while data := read():
            with self._more:
                self._more.wait_for(lambda: len(self._queue) < self._window)
                self._queue += data
                self._more.notify_all()
        with self._more:
            self._done = True
            self._more.notify_all()

    def take(self, size: int) -> bytes:
        """Up to `size` bytes, as soon as there are any; empty at the end."""
        with self._more:
            self._more.wait_for(lambda: bool(self._queue) or self._done)
            data = bytes(self._queue[:size])
            del self._queue[:size]
            self._more.notify_all()
        return data


def _finder(wanted: str | re.Pattern[str]) -> Callable[[str], bool]:
    if isinstance(wanted, str):
        return lambda text: wanted in text
    return lambda text: wanted.search(text) is not None


def _answer(sequence: bytes, terminal: Terminal) -> bytes:
    """What an xterm says to a query; empty when it is none."""
    match sequence:
        case b"\x1b[6n":
            cursor = terminal.screen.cursor
            return b"\x1b[%d;%dR" % (cursor.y + 1, cursor.x + 1)
        case b"\x1b[c" | b"\x1b[0c":
            return b"\x1b[?62;22c"
        case b"\x1b[>c" | b"\x1b[>0c":
            return b"\x1b[>41;390;0c"
        case b"\x1b[>q" | b"\x1b[>0q":
            return b"\x1bP>|XTerm(390)\x1b\\"
        case b"\x1b[?u":
            return b"\x1b[?0u"
        case b"\x1b[14t":
            return b"\x1b[4;%d;%dt" % (terminal.rows * 16, terminal.cols * 8)
    if sequence.startswith((b"\x1b]10;?", b"\x1b]11;?")):
        colour = b"ffff/ffff/ffff" if sequence.startswith(b"\x1b]10") else b"0000/0000/0000"
        return sequence[:5] + b"rgb:" + colour + b"\x1b\\"
    if asked := re.fullmatch(rb"\x1b\[\?(\d+)\$p", sequence):
        return b"\x1b[?%s;%d$y" % (asked[1], 2 if asked[1] == b"2026" else 0)
    return b""
