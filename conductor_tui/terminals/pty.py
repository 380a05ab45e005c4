"""A program in a PTY of its own: its own session and process group, the PTY as controlling terminal.

It ends with the terminal: when this process dies, the kernel closes the PTY and hangs up. Output is read on the loop as
far as the reader takes it, and no further: a program that prints too fast waits, as in any terminal.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import os
import pty
import secrets
import signal
import struct
import termios
from collections.abc import Callable, Mapping, Sequence

from conductor_tui.domain.errors import ScriptError
from conductor_tui.domain.scripts import Ending, LeftOver, Patience
from conductor_tui.terminals.process_tree import described, marked, session_members

_LAUNCH = 'tty=$1; shift; exec "$@" <>"$tty" >&0 2>&1'
"""In a new session: opening the terminal makes it the controlling one, without code between fork and exec."""
_READ, _READS = 65536, 16
"""Bytes to ask for at once, and how often, before others have a turn."""
_TYPED_LIMIT = 1 << 20
"""Bytes of input that wait for a program that does not read."""
_SILENCE = 0.5
"""Seconds without output after which an ended program's terminal is done."""
_LOOK = 0.05
"""Seconds between two looks at whether a process group has ended."""
_MARK = "CONDUCTOR_TUI_TERMINAL"
_OF_OTHER_TERMINALS = (
    "COLUMNS", "LINES", "COLORTERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "TMUX", "TMUX_PANE", "STY", "WINDOW",
    "TERMCAP", "VTE_VERSION", "KITTY_WINDOW_ID", "WEZTERM_PANE", "ITERM_SESSION_ID",
)  # fmt: skip
"""What the environment says about the terminal this app is in, which is not the program's."""


async def open_terminal(
    argv: Sequence[str],
    *,
    cwd: str,
    environment: Mapping[str, str],
    columns: int,
    rows: int,
    on_output: Callable[[bytes], None],
) -> PtyProcess:
    """Starts a program; `on_output` gets what it prints, on the loop's thread. `environment` is all it has.

    Raises:
        ScriptError: no such folder or program, or no PTY to be had.
    """
    if not os.path.isdir(cwd):  # noqa: PTH112, ASYNC240 (one stat)
        raise ScriptError(f"the folder {cwd} does not exist")
    mark = secrets.token_hex(8)
    own = {name: value for name, value in environment.items() if name not in _OF_OTHER_TERMINALS}
    own |= {"TERM": "xterm-256color", _MARK: mark}
    try:
        master, slave = pty.openpty()
    except OSError as error:
        raise ScriptError(f"no terminal to be had: {error.strerror}") from error
    try:
        _set_size(master, columns, rows)
        process = await asyncio.create_subprocess_exec(
            "/bin/sh", "-c", _LAUNCH, "sh", os.ttyname(slave), *argv,
            stdin=slave, stdout=slave, stderr=slave, cwd=cwd, env=own, start_new_session=True,
        )  # fmt: skip
    except BaseException as error:
        os.close(master)
        if isinstance(error, (OSError, ValueError)):  # ValueError: a NUL in an argument or variable
            raise ScriptError(str(error)) from error
        raise
    finally:
        os.close(slave)
    return PtyProcess(process, master, f"{_MARK}={mark}", on_output)


class PtyProcess:
    """A running program, its terminal's other end, and how it is ended."""

    def __init__(
        self, process: asyncio.subprocess.Process, master: int, mark: str, on_output: Callable[[bytes], None]
    ) -> None:
        self.pid = process.pid
        """Also the id of its session and process group."""
        self._process = process
        self._master = master
        self._mark = mark.encode()
        self._on_output = on_output
        self._typed = bytearray()
        self._drained = asyncio.Event()
        self._is_reading = False
        self._heard = 0
        os.set_blocking(master, False)
        self.resume()

    # Output and input

    def resume(self) -> None:
        """Reads what it prints."""
        if not self._is_reading and self._master >= 0 and not self._drained.is_set():
            self._is_reading = True
            asyncio.get_running_loop().add_reader(self._master, self._read)

    def pause(self) -> None:
        """Reads no more for now: the terminal's buffer fills, and the program waits."""
        if self._is_reading:
            self._is_reading = False
            asyncio.get_running_loop().remove_reader(self._master)

    def _read(self) -> None:
        parts = []
        for _ in range(_READS):
            try:
                data = os.read(self._master, _READ)
            except BlockingIOError:
                break
            except OSError as error:
                if error.errno != errno.EIO:  # that is the end: nobody has the terminal open any more
                    raise
                data = b""
            if not data:
                self.pause()
                self._drained.set()
                break
            parts.append(data)
        if parts:
            self._heard += 1
            self._on_output(b"".join(parts))

    def write(self, data: bytes) -> None:
        """Types; what a program does not read waits, up to a megabyte."""
        if self._master < 0 or len(self._typed) + len(data) > _TYPED_LIMIT:
            return
        if not self._typed:
            asyncio.get_running_loop().add_writer(self._master, self._send)
        self._typed += data

    def _send(self) -> None:
        try:
            sent = os.write(self._master, self._typed)
        except BlockingIOError:
            return
        except OSError:
            sent = len(self._typed)  # nobody reads any more
        del self._typed[:sent]
        if not self._typed:
            asyncio.get_running_loop().remove_writer(self._master)

    def resize(self, columns: int, rows: int) -> None:
        """Another size; the kernel tells the program (SIGWINCH)."""
        if self._master >= 0:
            with contextlib.suppress(OSError):
                _set_size(self._master, columns, rows)

    # The end

    async def wait(self) -> Ending:
        """How it ended, when it has, and all it printed was read."""
        code = await self._process.wait()
        seen = -1
        while not self._drained.is_set() and (not self._is_reading or seen != self._heard):
            seen = self._heard  # somebody may hold the terminal open and say nothing
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._drained.wait(), _SILENCE)
        return Ending(code)

    async def left_over(self) -> tuple[LeftOver, ...]:
        """What it started and still runs: in its session, or away from it with its mark."""
        return await asyncio.to_thread(self._left_over)

    def _left_over(self) -> tuple[LeftOver, ...]:
        pids = dict.fromkeys([*session_members(self.pid), *marked(self._mark)])
        return tuple(described(pid) for pid in pids)

    async def stop(self, patience: Patience) -> None:
        """Hangs up, asks, then kills, until nobody of its session is left. Who left the session is not touched."""
        steps = ((signal.SIGHUP, patience.before_term), (signal.SIGTERM, patience.before_kill), (signal.SIGKILL, 5.0))
        for number, seconds in steps:
            if await self._signal(number, seconds):
                return

    async def _signal(self, number: signal.Signals, seconds: float) -> bool:
        """Signals all of the session and waits for their end, so long; True when nobody is left."""
        for group in await asyncio.to_thread(self._groups):
            for each in (number, signal.SIGCONT):  # who is stopped must go on to end
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(group, each)
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while await asyncio.to_thread(session_members, self.pid):
            if loop.time() >= end:
                return False
            await asyncio.sleep(_LOOK)
        return True

    def _groups(self) -> list[int]:
        """The process groups of the session, its own first."""
        groups: dict[int, None] = {}
        for pid in session_members(self.pid):
            with contextlib.suppress(OSError):
                groups[os.getpgid(pid)] = None
        return sorted(groups, key=lambda group: group != self.pid)

    async def end_left_over(self, patience: Patience) -> None:
        """Ends what left the session, each process by itself, and those that they start meanwhile."""
        loop = asyncio.get_running_loop()
        for number, seconds in ((signal.SIGTERM, patience.before_kill), (signal.SIGKILL, 5.0)):
            end = loop.time() + seconds
            told: set[int] = set()
            while still := set(await asyncio.to_thread(marked, self._mark)):
                for pid in still - told:
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.kill(pid, number)
                told |= still
                if loop.time() >= end:
                    break
                await asyncio.sleep(_LOOK)
            else:
                return

    def close(self) -> None:
        """Closes the terminal: who still has it open is hung up."""
        if self._master >= 0:
            self.pause()
            asyncio.get_running_loop().remove_writer(self._master)
            os.close(self._master)
            self._master = -1
            self._drained.set()


def _set_size(descriptor: int, columns: int, rows: int) -> None:
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
