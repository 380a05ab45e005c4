"""The app-server process: one detached server per CODEX_HOME, on Codex's own default socket.

A server that answers is joined, whoever started it; else one is started that outlives this window. Imports are
light: this runs before the screen is there.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import stat
import subprocess
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from conductor_tui.domain.errors import CodexUnavailable
from conductor_tui.domain.problems import Trouble
from conductor_tui.fileio.atomic import write_private
from conductor_tui.fileio.locks import wait_for_lock
from conductor_tui.protocol.binary import CodexBinary

LOG_LIMIT = 1 << 20
"""Bytes of a server's log kept when the next server starts."""

_detached: list[subprocess.Popen[bytes]] = []
"""Servers started here: they outlive this process on purpose, so nothing may wait for them or warn about them."""


@dataclass(frozen=True, slots=True)
class ServerFiles:
    """Where things are for one CODEX_HOME."""

    codex_home: Path
    state_dir: Path

    @property
    def _name(self) -> str:
        path = os.fsencode(self.codex_home)
        return f"{zlib.crc32(path):08x}{zlib.adler32(path):08x}"  # hashlib would cost the start two milliseconds

    @property
    def socket(self) -> Path:
        """Codex's default socket. Since 0.163 it is a link into a short path, which also works for long homes."""
        return self.codex_home / "app-server-control" / "app-server-control.sock"

    @property
    def log(self) -> Path:
        return self.state_dir / f"codex-{self._name}.log"

    @property
    def pid(self) -> Path:
        return self.state_dir / f"codex-{self._name}.json"

    @property
    def lock(self) -> Path:
        return self.state_dir / f"codex-{self._name}.lock"


@dataclass(slots=True)
class ServerStart:
    """What `ensure_server` did. `process` is None when a server was there already."""

    files: ServerFiles
    process: subprocess.Popen[bytes] | None = None

    @property
    def is_ours(self) -> bool:
        """Whether conductor-tui started the server that is there now."""
        return self.process is not None or running_pid(self.files) is not None

    def check_alive(self) -> None:
        """Raises CodexUnavailable when the server that was started has ended, with its last words as the cause."""
        if self.process is not None and (code := self.process.poll()) is not None:
            raise CodexUnavailable(_died(code, self.files))


def socket_answers(path: Path) -> bool:
    """Whether a server accepts connections there. Sockets of other users are refused.

    Raises:
        CodexUnavailable: the socket belongs to somebody else.
    """
    real = os.path.realpath(path)
    try:
        status = Path(real).stat()
    except OSError:
        return False
    if not stat.S_ISSOCK(status.st_mode):
        return False
    if status.st_uid != os.getuid():
        cause = f"{path} belongs to user {status.st_uid}; whoever owns it could read and answer for you."
        steps = ("Ask its owner, or use another CODEX_HOME.",)
        raise CodexUnavailable(Trouble("The Codex socket is not yours", cause, steps, is_fatal=True))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(2)
        try:
            probe.connect(real)
        except OSError:
            return False
    return True


def ensure_server(binary: CodexBinary, files: ServerFiles) -> ServerStart:
    """Joins the server of this CODEX_HOME, or starts it detached; returns before it answers.

    Raises:
        CodexUnavailable: the binary does not start at all.
        OSError: the state directory or CODEX_HOME cannot be written; stdio still works then.
    """
    if socket_answers(files.socket):
        return ServerStart(files)
    files.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    files.codex_home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with wait_for_lock(files.lock):  # two windows opened at once start one server
        if socket_answers(files.socket) or running_pid(files) is not None:
            return ServerStart(files)
        _sweep(files)
        process = _spawn(binary, files)
        _detached.append(process)
        record = {
            "pid": process.pid,
            "started": _start_time(process.pid),
            "codex": str(binary.path),
            "stamp": _stamp(binary.path),
        }
        write_private(files.pid, msgspec.json.encode(record))
    return ServerStart(files, process)


def outdated(files: ServerFiles) -> Recorded | None:
    """The server we started, if its binary was replaced since, as an update does, or removed."""
    process, record = recorded(files), _record(files)
    is_it = process is not None and record.get("pid") == process.pid and bool(record.get("stamp"))
    return process if is_it and record["stamp"] != _stamp(Path(record.get("codex", ""))) else None


def _stamp(path: Path) -> list[int]:
    try:
        status = path.stat()
    except OSError:
        return []
    return [status.st_mtime_ns, status.st_size]


def _record(files: ServerFiles) -> dict[str, Any]:
    """What was written down about the server that we started; empty when there is nothing."""
    try:
        record = msgspec.json.decode(files.pid.read_bytes())
    except (OSError, msgspec.MsgspecError):
        return {}
    return record if isinstance(record, dict) else {}


def _spawn(binary: CodexBinary, files: ServerFiles) -> subprocess.Popen[bytes]:
    _trim(files.log)
    with os.fdopen(os.open(files.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
        try:
            return subprocess.Popen(
                [str(binary.path), "app-server", "--listen", "unix://"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=Path.home() if Path.home().is_dir() else "/",
                env={**os.environ, "CODEX_HOME": str(files.codex_home)},
                start_new_session=True,  # no controlling terminal: a lost link does not end it
                close_fds=True,
            )
        except OSError as error:
            cause = f"{binary.path}: {error.strerror or error}"
            steps = ("Check that this is a Codex binary for this machine.", "Name another: conductor-tui --codex PATH")
            raise CodexUnavailable(Trouble("Codex cannot be started", cause, steps, is_fatal=True)) from error


def _trim(path: Path) -> None:
    try:
        if path.stat().st_size > LOG_LIMIT:
            path.replace(path.with_suffix(".old.log"))
    except OSError:
        pass


def log_tail(files: ServerFiles, limit: int = 2000) -> str:
    """The end of the server's log, without colours."""
    try:
        data = files.log.read_bytes()[-limit:]
    except OSError:
        return ""
    return data.decode("utf-8", "replace").strip()


def _died(code: int, files: ServerFiles) -> Trouble:
    how = f"ended with exit code {code}" if code >= 0 else f"was ended by signal {-code}"
    last = "\n".join(log_tail(files).splitlines()[-4:]) or "It said nothing."
    return Trouble(
        "Codex stopped while starting",
        f"`codex app-server` {how}:\n{last}",
        (
            "Run `codex app-server --listen unix://` by hand to see more.",
            "If this is no Codex, or an old one, name another: conductor-tui --codex PATH",
            f"The whole log: {files.log}",
        ),
        is_fatal=True,
    )


def _start_time(pid: int) -> str:
    """When a process started, in the kernel's own count; empty where /proc does not tell."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]
    except (OSError, IndexError):
        return ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One process, told from a later one with the same number by when it started."""

    pid: int
    started: str

    @property
    def is_alive(self) -> bool:
        """Whether it still runs; what only waits to be collected does not."""
        try:
            os.kill(self.pid, 0)
        except OSError:
            return False
        try:
            if Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return False
        except (OSError, IndexError):
            pass
        return not self.started or self.started == _start_time(self.pid)

    def signal(self, number: int) -> None:
        """Sends a signal, if it still runs."""
        if self.is_alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """Ends it and its children at once: npm's `codex` is a wrapper, and the server itself its child."""
        if self.is_alive:
            with contextlib.suppress(ProcessLookupError):
                is_leader = os.getpgid(self.pid) == self.pid
                (os.killpg if is_leader else os.kill)(self.pid, signal.SIGKILL)


def recorded(files: ServerFiles) -> Recorded | None:
    """The server that we started, if it still runs."""
    record = _record(files)
    try:
        process = Recorded(int(record["pid"]), str(record.get("started") or ""))
    except (ValueError, KeyError, TypeError):
        return None
    return process if process.pid > 0 and process.is_alive else None


def running_pid(files: ServerFiles) -> int | None:
    """The process id of the server we started, if it still runs; a reused id is not taken for it."""
    process = recorded(files)
    return process.pid if process else None


def stop_server(files: ServerFiles, *, force: bool, timeout: float = 5.0, only: Recorded | None = None) -> str:
    """Ends the server we started, and says in a sentence how that went. `only`: that one, no later one.

    Codex drains on SIGTERM: running turns and waiting approvals keep it alive. `force` sends a second SIGTERM,
    which ends it at once.
    """
    process = only or recorded(files)
    if process is None:
        try:
            is_there = socket_answers(files.socket)
        except CodexUnavailable as unavailable:
            return f"{unavailable.trouble.title}: {unavailable.trouble.cause}"
        if is_there:
            return "A Codex server runs, but conductor-tui did not start it; it is left alone."
        return "No Codex server of conductor-tui is running."
    process.signal(signal.SIGTERM)
    if _gone(process, files, timeout if not force else 0.5):
        return "The Codex server has stopped."
    if not force:
        return (
            "The Codex server finishes its running turns first; one that waits for an approval waits for ever. "
            "`conductor-tui stop --force` ends it at once."
        )
    process.signal(signal.SIGTERM)
    if _gone(process, files, timeout):
        return "The Codex server has stopped; its running turns were interrupted."
    process.kill()
    return "The Codex server did not answer and was killed."


def _gone(process: Recorded, files: ServerFiles, timeout: float) -> bool:
    end = time.monotonic() + timeout
    while process.is_alive:
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    _forget(process, files)
    return True


def _forget(process: Recorded, files: ServerFiles) -> None:
    """Takes the record of a process that ended away, with what it left, unless another one was started since."""
    with contextlib.suppress(OSError), wait_for_lock(files.lock):
        if _record(files).get("pid") == process.pid:
            _sweep(files)
            files.pid.unlink(missing_ok=True)


def _sweep(files: ServerFiles) -> None:
    """Ends what the recorded server, which has ended, left behind in its process group.

    A sandbox that bwrap was just setting up waits for ever for a parent that has gone. Only what was given our
    CODEX_HOME is ended: the group's number may be another's by now. Where /proc does not tell, nothing is.
    """
    pid = _record(files).get("pid")
    if not isinstance(pid, int) or pid <= 0:
        return
    try:
        os.killpg(pid, 0)
    except OSError:
        return  # as almost always: nothing was left
    mark = b"CODEX_HOME=" + os.fsencode(files.codex_home)
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.getpgid(int(entry.name)) == pid and mark in (entry / "environ").read_bytes().split(b"\0"):
                os.kill(int(entry.name), signal.SIGKILL)
