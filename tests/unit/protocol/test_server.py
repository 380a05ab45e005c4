"""The server of a CODEX_HOME, with the real Codex."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import socketserver
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conductor_tui.domain import events as ev
from conductor_tui.domain.errors import AgentRefused, CodexUnavailable
from conductor_tui.domain.items import CommandRun
from conductor_tui.domain.projection import SessionProjection
from conductor_tui.protocol.appserver import AppServer
from conductor_tui.protocol.binary import CodexBinary, find_codex
from conductor_tui.protocol.connect import connect
from conductor_tui.protocol.server import (
    ServerFiles,
    ensure_server,
    recorded,
    running_pid,
    socket_answers,
    stop_server,
)
from conductor_tui.protocol.transport import StdioTransport
from conductor_tui.terminals.process_tree import session_members
from tests.builders import until

pytestmark = pytest.mark.e2e


@pytest.fixture
def codex() -> CodexBinary:
    return find_codex(os.environ.get("CONDUCTOR_TUI_TEST_CODEX"))


@pytest.fixture
def files() -> Iterator[ServerFiles]:
    """A short path: before 0.163 the socket's own path must fit into 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="ct", dir="/tmp", ignore_cleanup_errors=True) as folder:
        files = ServerFiles(Path(folder) / "h", Path(folder) / "s")
        yield files
        stop_server(files, force=True)


def a_codex(tmp_path: Path, script: str) -> CodexBinary:
    path = tmp_path / "codex"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return CodexBinary(path, "--codex")


async def test_two_starts_make_one_server_and_later_ones_join(codex: CodexBinary, files: ServerFiles) -> None:
    first, second = ensure_server(codex, files), ensure_server(codex, files)
    assert (first.process is None, second.process is None) == (False, True)
    one = await connect(codex, files, first)
    two = await connect(codex, files)
    assert one.info.is_ours
    assert two.info.is_ours
    assert one.info.transport == "socket"
    await one.close()
    await two.close()
    assert running_pid(files) == first.process.pid  # type: ignore[union-attr]


async def test_pitfall_36_the_version_is_found_whoever_came_first(codex: CodexBinary, files: ServerFiles) -> None:
    server = await connect(codex, files)
    assert server.info.version[0].isdigit()
    assert server.info.codex_home == str(files.codex_home)
    await server.close()


async def test_pitfall_37_and_39_only_the_app_server_is_started(codex: CodexBinary, files: ServerFiles) -> None:
    start = ensure_server(codex, files)
    assert start.process is not None
    assert start.process.args == [str(codex.path), "app-server", "--listen", "unix://"]
    assert os.getsid(start.process.pid) == start.process.pid
    await (await connect(codex, files, start)).close()


async def test_pitfall_27_a_new_session_leaves_the_users_config_alone(
    codex: CodexBinary, files: ServerFiles, tmp_path: Path
) -> None:
    files.codex_home.mkdir()
    config = files.codex_home / "config.toml"
    config.write_text("# mine\nmodel = 'gpt-5.5'\n")
    (tmp_path / "repo").mkdir()
    server = await connect(codex, files)
    opened = await server.start_thread(str(tmp_path / "repo"))
    assert opened.settings.sandbox is not None
    assert config.read_text() == "# mine\nmodel = 'gpt-5.5'\n"
    await server.close()


async def test_pitfall_31_settings_of_a_session_change_by_their_own_method(
    codex: CodexBinary, files: ServerFiles, tmp_path: Path
) -> None:
    from conductor_tui.domain.controls import SandboxKind, SandboxPolicy, SettingsUpdate

    server = await connect(codex, files)
    opened = await server.start_thread(str(tmp_path))
    seen: list[ev.Event] = []

    async def pump() -> None:
        async for event in server.events():
            seen.append(event)

    task = asyncio.create_task(pump())
    update = SettingsUpdate(is_plan_mode=True, effort="high", sandbox=SandboxPolicy(SandboxKind.READ_ONLY))
    await server.update_settings(opened.thread.id, update, opened.settings)
    await until(lambda: any(isinstance(e, ev.SettingsChanged) for e in seen))
    changed = next(e for e in seen if isinstance(e, ev.SettingsChanged)).settings
    assert (changed.is_plan_mode, changed.effort) == (True, "high")
    assert changed.sandbox is not None
    assert changed.sandbox.kind is SandboxKind.READ_ONLY
    await server.close()
    await task


async def test_pitfall_33_a_session_without_a_turn_cannot_be_resumed(
    codex: CodexBinary, files: ServerFiles, tmp_path: Path
) -> None:
    server = await connect(codex, files)
    opened = await server.start_thread(str(tmp_path))
    with pytest.raises(AgentRefused, match="no rollout found"):
        await server.resume_thread(opened.thread.id)
    await server.close()


async def test_pitfall_06_a_missing_method_is_remembered(codex: CodexBinary, files: ServerFiles) -> None:
    server = await connect(codex, files)
    for _ in range(2):
        with pytest.raises(AgentRefused) as refused:
            await server._send("thread/teleport", {})
        assert refused.value.is_unknown_method
    assert "thread/teleport" in server.info.missing_methods
    await server.close()


async def test_pitfall_07_the_websocket_is_opened_without_compression(codex: CodexBinary, files: ServerFiles) -> None:
    """0.144 would drop the handshake: that this connects there too is what counts (make test-compat)."""
    server = await connect(codex, files)
    transport = server._rpc._transport
    assert transport._connection.protocol.extensions == []  # type: ignore[attr-defined]
    await server.close()


async def test_models_come_from_codex(codex: CodexBinary, files: ServerFiles) -> None:
    server = await connect(codex, files)
    models = await server.list_models()
    assert sum(m.is_default for m in models) == 1
    assert all(m.efforts for m in models if not m.is_hidden)
    await server.close()


async def test_a_server_that_stops_while_it_starts_is_told_with_its_last_words(
    tmp_path: Path, files: ServerFiles
) -> None:
    codex = a_codex(tmp_path, "echo 'error: no such option --listen' >&2; exit 64")
    with pytest.raises(CodexUnavailable) as raised:
        await connect(codex, files)
    assert "exit code 64" in raised.value.trouble.cause
    assert "no such option" in raised.value.trouble.cause
    assert raised.value.trouble.steps


async def test_a_file_that_is_no_program_is_told(tmp_path: Path, files: ServerFiles) -> None:
    path = tmp_path / "codex"
    path.write_bytes(b"\x7fELF garbage")
    path.chmod(0o755)
    with pytest.raises(CodexUnavailable, match="cannot be started"):
        await connect(CodexBinary(path, "--codex"), files)


async def test_a_program_of_another_machine_is_told(tmp_path: Path, files: ServerFiles) -> None:
    """A whole ELF header of a machine that nobody here has: `Exec format error`."""
    path = tmp_path / "codex"
    path.write_bytes(
        b"\x7fELF\x02\x01\x01" + bytes(9) + (2).to_bytes(2, "little") + (0xF3F3).to_bytes(2, "little") + bytes(44)
    )
    path.chmod(0o755)
    with pytest.raises(CodexUnavailable) as raised:
        await connect(CodexBinary(path, "--codex"), files)
    assert "Exec format error" in raised.value.trouble.cause
    assert "for this machine" in raised.value.trouble.steps[0]


class Talks(socketserver.BaseRequestHandler):
    """Something that is no Codex; in a thread, so that none of its connections outlives it."""

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            self.request.sendall(b"220 this is no Codex\r\n")


async def test_a_socket_that_something_else_holds_is_told(
    codex: CodexBinary, files: ServerFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conductor_tui.protocol.connect.START_SECONDS", 0.5)
    files.socket.parent.mkdir(parents=True)

    with socketserver.UnixStreamServer(str(files.socket), Talks) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            with pytest.raises(CodexUnavailable, match="does not answer") as raised:
                await connect(codex, files)
        finally:
            await asyncio.to_thread(server.shutdown)
            thread.join()
    assert str(files.socket) in raised.value.trouble.cause
    assert "another Codex holds" in raised.value.trouble.steps[0]
    assert running_pid(files) is None


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a socket to somebody else")
async def test_a_socket_of_somebody_else_is_not_joined(codex: CodexBinary, files: ServerFiles) -> None:
    files.socket.parent.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(files.socket))
        listener.listen()
        os.chown(files.socket, 65534, 65534)
        with pytest.raises(CodexUnavailable, match="not yours"):
            await connect(codex, files)
        assert "is not yours" in stop_server(files, force=False)


async def test_pitfall_04_a_line_of_twenty_megabytes_arrives_over_stdio(tmp_path: Path) -> None:
    codex = a_codex(tmp_path, "head -c 20000000 /dev/zero | tr '\\0' x; echo; echo after")
    transport = await StdioTransport.open(codex, tmp_path)
    lines = [len(line) async for line in transport.messages()]
    await transport.close()
    assert lines == [20_000_001, 6]


async def test_over_stdio_last_words_are_kept_and_no_flood_blocks(tmp_path: Path) -> None:
    codex = a_codex(tmp_path, 'i=0; while [ $i -lt 20000 ]; do echo "line $i" >&2; i=$((i+1)); done; echo done')
    transport = await StdioTransport.open(codex, tmp_path)
    assert [line async for line in transport.messages()] == [b"done\n"]
    await transport.close()
    assert "line 19999" in transport.last_words


async def test_a_home_with_a_long_path_works_in_one_way_or_the_other(codex: CodexBinary, tmp_path: Path) -> None:
    files = ServerFiles(tmp_path / ("long" * 30) / "codex-home", tmp_path / "state")
    server = await connect(codex, files)
    assert server.info.version
    await server.close()
    await asyncio.to_thread(stop_server, files, force=True)


async def test_stdio_is_used_where_no_socket_can_be(codex: CodexBinary, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    files = ServerFiles(tmp_path / "codex-home", blocked / "state")
    (tmp_path / "codex-home").mkdir()
    server = await connect(codex, files)
    assert server.info.transport == "stdio"
    await server.close()


async def test_a_server_can_be_stopped_and_a_stale_record_harms_nobody(codex: CodexBinary, files: ServerFiles) -> None:
    start = ensure_server(codex, files)
    await (await connect(codex, files, start)).close()
    assert "has stopped" in await asyncio.to_thread(stop_server, files, force=False)
    files.state_dir.joinpath(files.pid.name).write_text(json.dumps({"pid": os.getpid(), "started": "1"}))
    assert running_pid(files) is None
    assert "No Codex server" in stop_server(files, force=True)


async def test_a_killed_server_fails_its_connection_at_once(codex: CodexBinary, files: ServerFiles) -> None:
    start = ensure_server(codex, files)
    server: AppServer = await connect(codex, files, start)
    assert start.process is not None
    os.kill(start.process.pid, signal.SIGKILL)
    assert [e async for e in server.events() if isinstance(e, ev.ThreadStarted)] == []
    await server.close()
    start.process.wait()


def test_a_socket_nobody_listens_on_does_not_answer(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    assert not socket_answers(path)
    assert not socket_answers(tmp_path / "nothing")


async def test_after_an_update_an_idle_server_is_replaced(
    codex: CodexBinary, files: ServerFiles, tmp_path: Path
) -> None:
    wrapper = a_codex(tmp_path, f'exec {codex.path} "$@"')
    first = await connect(wrapper, files)
    before = running_pid(files)
    await first.close()
    again = await connect(wrapper, files)
    assert running_pid(files) == before
    await again.close()
    a_codex(tmp_path, f'# updated\nexec {codex.path} "$@"')
    updated = await connect(wrapper, files)
    assert running_pid(files) not in (None, before)
    await updated.close()


async def test_a_server_that_hangs_is_noticed(
    codex: CodexBinary, files: ServerFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conductor_tui.protocol.transport.PING_SECONDS", 0.2)
    monkeypatch.setattr("conductor_tui.protocol.transport.PATIENCE_SECONDS", 0.5)
    server = await connect(codex, files)
    pid = running_pid(files)
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        async with asyncio.timeout(20):
            async for _ in server.events():
                pass  # what it said before; then the connection counts as lost
    finally:
        os.kill(pid, signal.SIGCONT)
        await server.close()


async def test_two_windows_after_an_update_end_up_at_one_new_server(
    codex: CodexBinary, files: ServerFiles, tmp_path: Path
) -> None:
    wrapper = a_codex(tmp_path, f'exec {codex.path} "$@"')
    await (await connect(wrapper, files)).close()
    before = running_pid(files)
    a_codex(tmp_path, f'# updated\nexec {codex.path} "$@"')
    async with asyncio.timeout(8):
        one, two = await asyncio.gather(connect(wrapper, files), connect(wrapper, files))
    after = running_pid(files)
    assert after not in (None, before)
    for server in (one, two):
        await server.close()
    assert running_pid(files) == after


def a_process(*argv: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(argv or ("sleep", "60"), start_new_session=True)


def test_stopping_ends_the_server_that_was_looked_at_and_no_later_one(tmp_path: Path) -> None:
    files = ServerFiles(tmp_path / "home", tmp_path)
    old, new = a_process(), a_process()
    files.pid.write_text(json.dumps({"pid": old.pid}))
    looked_at = recorded(files)
    assert looked_at is not None
    files.pid.write_text(json.dumps({"pid": new.pid}))
    try:
        assert "has stopped" in stop_server(files, force=False, only=looked_at)
        assert old.wait(5) == -signal.SIGTERM
        assert new.poll() is None
        assert running_pid(files) == new.pid
        assert "has stopped" in stop_server(files, force=True, only=looked_at)  # it is gone already
        assert running_pid(files) == new.pid
    finally:
        for process in (old, new):
            process.kill()
            process.wait()


def test_two_windows_at_once_start_one_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = ServerFiles(tmp_path / "home", tmp_path)
    both, started = threading.Barrier(2), []

    def spawn(*_: object) -> subprocess.Popen[bytes]:
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(0.5)  # gives the other one time to get as far
        started.append(a_process())
        return started[-1]

    monkeypatch.setattr("conductor_tui.protocol.server._spawn", spawn)
    with ThreadPoolExecutor(2) as windows:
        list(windows.map(lambda _: ensure_server(CodexBinary(tmp_path / "codex", "--codex"), files), range(2)))
    for process in started:
        process.kill()
        process.wait()
    assert len(started) == 1


async def test_closing_does_not_wait_for_what_the_child_left_behind(tmp_path: Path) -> None:
    left = tmp_path / "left"
    codex = a_codex(tmp_path, f"setsid sleep 60 </dev/null >/dev/null & echo $! >{left}; cat")
    transport = await StdioTransport.open(codex, tmp_path)
    await until(lambda: left.exists() and left.read_text().strip())
    async with asyncio.timeout(5):
        await transport.close()
    os.kill(int(left.read_text()), signal.SIGKILL)


async def test_a_command_that_another_client_runs_is_shown_at_once_and_found_again(
    codex: CodexBinary, files: ServerFiles, tmp_path: Path
) -> None:
    ours, other = await connect(codex, files), await connect(codex, files)
    opened = await ours.start_thread(str(tmp_path))
    projection = SessionProjection(opened.thread.id, clock=lambda: 1000.0)
    await other._send("thread/shellCommand", {"threadId": opened.thread.id, "command": "echo from elsewhere"})
    async with asyncio.timeout(20):
        async for event in ours.events():
            projection.apply(event)
            if isinstance(event, ev.TurnCompleted):
                break
    shown = [i for turn in projection.turns for i in projection.items_of(turn)]
    again = [i for turn in (await other.resume_thread(opened.thread.id)).history.turns for i in turn.items]
    for items in (shown, again):
        (command,) = [i for i in items if isinstance(i, CommandRun)]
        assert (command.command, command.output, command.is_user_shell) == (
            "echo from elsewhere", "from elsewhere\n", True
        )  # fmt: skip
    await ours.close()
    await other.close()


async def test_a_server_behind_a_wrapper_is_killed_with_it(tmp_path: Path) -> None:
    files = ServerFiles(tmp_path / "home", tmp_path)
    inner = tmp_path / "inner"
    server = f"trap '' TERM; echo $$ >{inner}; while :; do sleep 0.1; done"
    wrapper = subprocess.Popen(  # noqa: ASYNC220
        ["/bin/sh", "-c", f"trap '' TERM; ({server}) & wait; wait"], start_new_session=True
    )
    await until(lambda: inner.exists() and inner.read_text().strip())
    files.pid.write_text(json.dumps({"pid": wrapper.pid}))
    assert "was killed" in await asyncio.to_thread(stop_server, files, force=True, timeout=0.2)
    assert wrapper.wait(5) == -signal.SIGKILL
    await until(lambda: not session_members(wrapper.pid))


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="nothing tells whose a process is")
@pytest.mark.parametrize("ours", [True, False])
async def test_what_a_killed_server_left_is_ended_before_the_next_one_starts(
    codex: CodexBinary, files: ServerFiles, ours: bool
) -> None:
    """As a sandbox that bwrap was just setting up; a group that got the same number since is left alone."""
    home = files.codex_home if ours else files.codex_home / "other"
    server = subprocess.Popen(  # noqa: ASYNC220
        ["/bin/sh", "-c", "sleep 60 & echo $!; wait"],
        env={**os.environ, "CODEX_HOME": str(home)}, start_new_session=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert server.stdout is not None
    with server.stdout as told:
        left = int(told.readline())
    files.state_dir.mkdir()
    files.pid.write_text(json.dumps({"pid": server.pid}))
    server.kill()
    server.wait()
    assert session_members(server.pid) == [left]
    ensure_server(codex, files)
    if ours:
        await until(lambda: not session_members(server.pid))
    else:
        assert session_members(server.pid) == [left]
        os.kill(left, signal.SIGKILL)
