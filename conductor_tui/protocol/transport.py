"""How messages travel: a websocket over the server's unix socket, or JSON lines over a child's stdin and stdout.

A transport moves whole messages as bytes and knows nothing of their meaning.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from conductor_tui.domain.errors import AgentGone, CodexUnavailable
from conductor_tui.domain.problems import Trouble
from conductor_tui.protocol.binary import CodexBinary

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

log = logging.getLogger(__name__)

PING_SECONDS = 20.0
"""How often the server is asked whether it lives."""
PATIENCE_SECONDS = 60.0
"""How long it may take to say so; a machine that was asleep is given this time, too."""
MESSAGE_LIMIT = 1 << 27
"""Bytes; a command's item alone may carry over 1 MiB of output."""


class Transport(Protocol):
    """A two-way stream of messages. `send` raises AgentGone when the other side is gone."""

    async def send(self, message: bytes) -> None: ...

    def messages(self) -> AsyncIterator[bytes]:
        """Messages in order; ends when the other side is gone."""
        ...

    @property
    def last_words(self) -> str:
        """What the server said on stderr, newest last; empty where that is not known."""
        ...

    async def close(self) -> None: ...


class SocketTransport:
    """A websocket over a unix socket, one JSON message per text frame."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    @classmethod
    async def open(cls, path: Path) -> SocketTransport:
        """Connects to the server behind `path`; raises OSError or AgentGone when none answers there."""
        from websockets.asyncio.client import unix_connect
        from websockets.exceptions import WebSocketException

        try:
            connection = await unix_connect(
                os.path.realpath(path),  # noqa: ASYNC240 - one link, in memory
                uri="ws://localhost/",
                compression=None,  # 0.144 drops a client that offers it
                max_size=MESSAGE_LIMIT,
                ping_interval=PING_SECONDS,
                ping_timeout=PATIENCE_SECONDS,
                open_timeout=10,
                close_timeout=1,
                user_agent_header=None,
            )
        except (WebSocketException, TimeoutError) as error:
            raise AgentGone("what listens on the socket does not speak websocket", str(error)) from error
        return cls(connection)

    async def send(self, message: bytes) -> None:
        from websockets.exceptions import ConnectionClosed

        try:
            await self._connection.send(message, text=True)
        except ConnectionClosed as error:
            raise AgentGone("the connection to Codex is lost", str(error)) from error

    async def messages(self) -> AsyncIterator[bytes]:
        from websockets.exceptions import ConnectionClosed

        with contextlib.suppress(ConnectionClosed):
            while True:
                yield await self._connection.recv(decode=False)

    @property
    def last_words(self) -> str:
        return ""

    async def close(self) -> None:
        await self._connection.close()


class StdioTransport:
    """A child process, one JSON object a line. Its turns end with it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._stderr: deque[str] = deque(maxlen=40)
        self._drain = asyncio.create_task(self._read_stderr(), name="codex stderr")

    @classmethod
    async def open(cls, binary: CodexBinary, codex_home: Path) -> StdioTransport:
        """Starts `codex app-server`; raises CodexUnavailable when it cannot be started."""
        try:
            process = await asyncio.create_subprocess_exec(
                str(binary.path),
                "app-server",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                limit=MESSAGE_LIMIT,
                env={**os.environ, "CODEX_HOME": str(codex_home)},
                start_new_session=True,
            )
        except OSError as error:
            cause = f"{binary.path}: {error.strerror or error}"
            raise CodexUnavailable(Trouble("Codex cannot be started", cause, is_fatal=True)) from error
        return cls(process)

    async def send(self, message: bytes) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(message + b"\n")
            await self._process.stdin.drain()
        except (ConnectionError, RuntimeError) as error:
            raise AgentGone("Codex has ended", self.last_words) from error

    async def messages(self) -> AsyncIterator[bytes]:
        assert self._process.stdout is not None
        while True:
            try:
                line = await self._process.stdout.readline()
            except ValueError:  # longer than the limit: nothing after it can be trusted
                log.exception("a message over %d bytes", MESSAGE_LIMIT)
                return
            if not line:
                return
            if line.strip():
                yield line

    async def _read_stderr(self) -> None:
        assert self._process.stderr is not None
        while data := await self._process.stderr.read(8192):
            lines = data.decode("utf-8", "replace").splitlines()
            self._stderr.extend(line[:500] for line in lines if line.strip())

    @property
    def last_words(self) -> str:
        return "\n".join(list(self._stderr)[-4:])

    async def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        if not await self._has_ended(2):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._has_ended(1)
        self._drain.cancel()  # what it started may hold its end of the pipe for as long as it likes
        await asyncio.gather(self._drain, return_exceptions=True)
        self._process._transport.close()  # type: ignore[attr-defined]  # our ends of the pipes: there is no other way
        await asyncio.sleep(0)  # they are let go in the loop's next round

    async def _has_ended(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                await self._process.wait()
        except TimeoutError:
            return self._process.returncode is not None
        return True


class MemoryTransport:
    """One end of a pair in memory, for tests."""

    def __init__(self) -> None:
        self._incoming: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._peer: MemoryTransport | None = None
        self.last_words = ""

    @classmethod
    def pair(cls) -> tuple[MemoryTransport, MemoryTransport]:
        """Two ends: what one sends, the other receives."""
        left, right = cls(), cls()
        left._peer, right._peer = right, left
        return left, right

    async def send(self, message: bytes) -> None:
        if self._peer is None:
            raise AgentGone("the connection to Codex is lost")
        self._peer._incoming.put_nowait(message)

    async def messages(self) -> AsyncIterator[bytes]:
        while (message := await self._incoming.get()) is not None:
            yield message

    async def close(self) -> None:
        peer, self._peer = self._peer, None
        self._incoming.put_nowait(None)
        if peer is not None:
            peer._peer = None
            peer._incoming.put_nowait(None)
