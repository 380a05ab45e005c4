"""From nothing to a connection: join or start the server of a CODEX_HOME, else a child over stdio."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from conductor_tui.domain.controls import ServerInfo
from conductor_tui.domain.errors import AgentError, AgentGone, AgentTimedOut, CodexUnavailable
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.threads import ThreadState, ThreadSummary
from conductor_tui.protocol.appserver import AppServer
from conductor_tui.protocol.binary import CodexBinary, check_version
from conductor_tui.protocol.server import (
    ServerFiles,
    ServerStart,
    ensure_server,
    log_tail,
    outdated,
    running_pid,
    socket_answers,
    stop_server,
)
from conductor_tui.protocol.transport import SocketTransport, StdioTransport

log = logging.getLogger(__name__)

STOP_SECONDS = 10.0
"""How long an idle server may take to end."""
START_SECONDS = 30.0
"""How long a server may take until it answers."""


async def connect(binary: CodexBinary, files: ServerFiles, start: ServerStart | None = None) -> AppServer:
    """A connection to the server of this CODEX_HOME. `start` is what was begun before the screen was there.

    Raises:
        CodexUnavailable: with the cause and what to do.
        AgentError: the server refused the handshake.
    """
    try:
        return await _by_socket(binary, files, start)
    except OSError as error:
        log.warning("no socket for %s (%s); using stdio", files.codex_home, error)
    except CodexUnavailable as unavailable:
        if not _socket_is_impossible(files):
            raise
        log.warning("no socket for %s: %s", files.codex_home, unavailable.trouble.cause)
    return await _by_stdio(binary, files)


async def _by_socket(binary: CodexBinary, files: ServerFiles, start: ServerStart | None) -> AppServer:
    if start is None or start.process is None or start.process.poll() is not None:
        start = await asyncio.to_thread(ensure_server, binary, files)
    start, transport = await _when_it_answers(binary, start)
    info = ServerInfo(
        version="", transport="socket", is_ours=start.is_ours, binary=str(binary.path), source=binary.source
    )
    server = await _shake_hands(transport, info, files)
    await _checked(server, binary)
    old = await asyncio.to_thread(outdated, files)
    if old is not None and await _is_idle(server):
        log.info("the Codex binary was updated; its idle server is replaced")
        await server.close()
        await asyncio.to_thread(stop_server, files, force=False, timeout=STOP_SECONDS, only=old)
        return await _by_socket(binary, files, None)
    return server


async def _is_idle(server: AppServer) -> bool:
    """Whether no turn runs and nothing waits for the user, in any session of this CODEX_HOME."""
    busy = (ThreadState.WORKING, ThreadState.NEEDS_APPROVAL, ThreadState.NEEDS_INPUT)
    try:
        return not any(thread.state in busy for thread in await server.list_threads(()))
    except AgentError:
        return False


@asynccontextmanager
async def borrowed(binary: CodexBinary, files: ServerFiles) -> AsyncIterator[AppServer]:
    """A connection for one question: to the server that runs, else to a child that ends again.

    Raises:
        CodexUnavailable, AgentError
    """
    if await asyncio.to_thread(socket_answers, files.socket):
        server = await _by_socket(binary, files, None)
    else:
        server = await _by_stdio(binary, files)
    try:
        yield server
    finally:
        await server.close()


async def list_sessions(binary: CodexBinary, files: ServerFiles, cwds: tuple[str, ...]) -> Sequence[ThreadSummary]:
    """The sessions of this CODEX_HOME in these folders, or in all.

    Raises:
        CodexUnavailable, AgentError
    """
    async with borrowed(binary, files) as server:
        return await server.list_threads(cwds)


async def _when_it_answers(binary: CodexBinary, start: ServerStart) -> tuple[ServerStart, SocketTransport]:
    """Waits for the socket; a server that dies meanwhile is noticed at once, one of another window is replaced."""
    end = time.monotonic() + START_SECONDS
    pause = 0.01
    while True:
        try:
            return start, await SocketTransport.open(start.files.socket)
        except (OSError, AgentGone) as error:
            start.check_alive()
            if start.process is None and await asyncio.to_thread(running_pid, start.files) is None:
                start = await asyncio.to_thread(ensure_server, binary, start.files)
            if time.monotonic() > end:
                raise CodexUnavailable(_silent(start.files, str(error))) from error
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, 0.25)


async def _by_stdio(binary: CodexBinary, files: ServerFiles) -> AppServer:
    transport = await StdioTransport.open(binary, files.codex_home)
    info = ServerInfo(version="", transport="stdio", is_ours=True, binary=str(binary.path), source=binary.source)
    server = await _shake_hands(transport, info, files)
    return await _checked(server, binary)


async def _shake_hands(transport: SocketTransport | StdioTransport, info: ServerInfo, files: ServerFiles) -> AppServer:
    try:
        return await AppServer.open(transport, info)
    except (AgentGone, AgentTimedOut) as error:
        detail = getattr(error, "detail", "") or transport.last_words or log_tail(files, 500)
        cause = f"{info.binary}: {error}" + (f"\n{detail}" if detail else "")
        steps = (
            "Check that this is a Codex binary: run it with --version.",
            "Name another: conductor-tui --codex PATH",
        )
        raise CodexUnavailable(Trouble("This does not answer like Codex", cause, steps, is_fatal=True)) from error
    except AgentError as error:
        trouble = Trouble(
            "Codex refused the connection", str(error), ("Update Codex or conductor-tui.",), is_fatal=True
        )
        raise CodexUnavailable(trouble) from error


async def _checked(server: AppServer, binary: CodexBinary) -> AppServer:
    try:
        check_version(server.info.version, str(binary.path))
    except CodexUnavailable:
        await server.close()
        raise
    return server


def _socket_is_impossible(files: ServerFiles) -> bool:
    """Before 0.163 a socket's path must be short, and the log of the server that ended says so."""
    return "SUN_LEN" in log_tail(files, 1000)


def _silent(files: ServerFiles, last: str) -> Trouble:
    return Trouble(
        "Codex does not answer",
        f"{files.socket}: {last}\n{log_tail(files, 500)}".strip(),
        (
            "If another Codex holds this CODEX_HOME, end it: `conductor-tui stop`, or `codex app-server daemon stop`.",
            f"See the log: {files.log}",
        ),
        is_fatal=True,
    )
