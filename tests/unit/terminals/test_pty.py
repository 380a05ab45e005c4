"""Real processes in real PTYs: what they see, how they end, and that nobody is left."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from conductor_tui.domain.errors import ScriptError
from conductor_tui.domain.scripts import Ending, Patience
from conductor_tui.terminals.process_tree import session_members
from conductor_tui.terminals.pty import PtyProcess, open_terminal
from tests.builders import until

QUICK = Patience(0.2, 0.4)


class Running:
    """A program and what it has printed."""

    def __init__(self) -> None:
        self.printed = bytearray()
        self.process: PtyProcess

    @property
    def text(self) -> str:
        return self.printed.decode("utf-8", "replace")

    async def says(self, wanted: str) -> None:
        await until(lambda: wanted in self.text)


@contextlib.asynccontextmanager
async def running(
    script: str, cwd: Path | str = "/", *, columns: int = 80, rows: int = 24, **environment: str
) -> AsyncIterator[Running]:
    run = Running()
    run.process = await open_terminal(
        ["/bin/sh", "-c", script],
        cwd=str(cwd),
        environment={"PATH": os.environ["PATH"], **environment},
        columns=columns,
        rows=rows,
        on_output=run.printed.extend,
    )
    try:
        yield run
    finally:
        await run.process.stop(Patience(0, 0))
        await run.process.wait()
        run.process.close()


async def test_it_runs_in_a_terminal_of_its_own(tmp_path: Path) -> None:
    script = 'tty; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo all; pwd; echo "$TERM $MINE $TMUX $COLUMNS."'
    async with running(script, tmp_path, MINE="yes", TMUX="/tmp/x", COLUMNS="7") as run:
        assert await run.process.wait() == Ending(0)
        lines = run.text.splitlines()
        assert lines[0].startswith("/dev/")
        assert lines[1:] == ["all", str(tmp_path), "xterm-256color yes  ."]


async def test_it_leads_its_own_session_and_can_be_typed_into() -> None:
    async with running("read word; echo got:$word; cat </dev/tty") as run:
        assert os.getsid(run.process.pid) == os.getpgid(run.process.pid) == run.process.pid
        run.process.write(b"hello\n")
        await run.says("got:hello")
        run.process.write(b"by tty\n\x04")
        assert await run.process.wait() == Ending(0)
        assert run.text.count("by tty") == 2


async def test_ctrl_c_reaches_the_program() -> None:
    async with running("trap 'echo caught; exit 7' INT; echo ready; while :; do sleep 0.05; done") as run:
        await run.says("ready")
        run.process.write(b"\x03")
        assert await run.process.wait() == Ending(7)
        assert "caught" in run.text


@pytest.mark.parametrize(
    ("script", "code"), [("exit 3", 3), ("kill -TERM $$", -15), ("true", 0), ("no-such-thing", 127)]
)
async def test_the_exit_code_is_told(script: str, code: int) -> None:
    async with running(script) as run:
        assert (await run.process.wait()).code == code


async def test_the_size_is_seen_and_its_change_too() -> None:
    script = "stty size; trap 'stty size; exit 0' WINCH; echo ready; while :; do sleep 0.05; done"
    async with running(script, columns=91, rows=13) as run:
        await run.says("ready")
        run.process.resize(50, 20)
        await run.process.wait()
        assert run.text.split() == ["13", "91", "ready", "20", "50"]


async def test_what_it_printed_last_is_not_lost() -> None:
    async with running("i=0; while [ $i -lt 3000 ]; do echo line-$i; i=$((i+1)); done") as run:
        await run.process.wait()
        assert run.text.splitlines() == [f"line-{n}" for n in range(3000)]


async def test_who_does_not_read_stops_the_program_and_loses_nothing() -> None:
    async with running("seq 1 300000") as run:
        run.process.pause()
        before = len(run.printed)

        def is_waiting() -> bool:
            return {psutil.Process(pid).status() for pid in session_members(run.process.pid)} == {"sleeping"}

        await until(is_waiting)
        assert len(run.printed) == before < 300_000
        run.process.resume()
        assert await run.process.wait() == Ending(0)
        assert run.text.splitlines()[-1] == "300000"
        assert run.text.count("\n") == 300_000


async def test_stopping_hangs_up_first() -> None:
    async with running("trap 'echo hup; exit 0' HUP; echo ready; while :; do sleep 0.05; done") as run:
        await run.says("ready")
        await run.process.stop(QUICK)
        assert await run.process.wait() == Ending(0)
        assert "hup" in run.text


async def test_who_ignores_that_is_asked_to_end_and_then_killed() -> None:
    async with running("trap '' HUP; trap 'echo term' TERM; echo ready; while :; do sleep 0.05; done") as run:
        await run.says("ready")
        await run.process.stop(QUICK)
        assert await run.process.wait() == Ending(-signal.SIGKILL)
        assert "term" in run.text
        assert not session_members(run.process.pid)


async def test_children_end_with_it_whatever_group_they_are_in() -> None:
    script = """
    set -m
    (trap '' HUP TERM; sh -c 'trap "" HUP TERM; echo grandchild; sleep 1000') &
    sleep 1000 &
    echo ready; wait
    """
    async with running(script) as run:
        await run.says("ready")
        await run.says("grandchild")
        members = session_members(run.process.pid)
        assert len({os.getpgid(pid) for pid in members}) >= 3
        await run.process.stop(QUICK)
        assert not session_members(run.process.pid)
        assert not [pid for pid in members if psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie"]


async def test_a_stopped_program_ends_too() -> None:
    async with running("echo ready; kill -STOP $$; sleep 1000") as run:
        await run.says("ready")
        await until(lambda: psutil.Process(run.process.pid).status() == psutil.STATUS_STOPPED)
        await run.process.stop(QUICK)
        assert not session_members(run.process.pid)


@pytest.mark.skipif(sys.platform != "linux", reason="only /proc tells the environment of others")
async def test_who_left_the_session_is_named_and_can_be_ended(tmp_path: Path) -> None:
    script = "setsid -f sh -c 'touch up; while :; do sleep 0.1; done'; until [ -f up ]; do sleep 0.01; done"
    async with running(script, tmp_path) as run:
        assert await run.process.wait() == Ending(0)
        left = await run.process.left_over()
        assert "sh -c touch up; while :; do sleep 0.1; done" in [process.command for process in left]
        await run.process.end_left_over(QUICK)
        assert not await run.process.left_over()


async def test_closing_the_terminal_hangs_up() -> None:
    async with running("echo ready; sleep 1000 & sleep 1000") as run:
        await run.says("ready")
        run.process.close()
        await until(lambda: not session_members(run.process.pid))


@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGHUP])
async def test_when_the_app_dies_its_terminals_end(signal_number: int, tmp_path: Path) -> None:
    code = """
import asyncio, os
from conductor_tui.terminals.pty import open_terminal
async def main():
    process = await open_terminal(["/bin/sh", "-c", "echo ready; sleep 1000 & sleep 1001"], cwd="/",
        environment=dict(os.environ), columns=80, rows=24, on_output=lambda data: print(process_pid(), flush=True))
    holder.append(process)
    await process.wait()
holder = []
def process_pid(): return holder[0].pid
asyncio.run(main())
"""
    app = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    assert app.stdout is not None
    session = int(await app.stdout.readline())
    await until(lambda: len(session_members(session)) == 3)
    os.kill(app.pid, signal_number)
    await app.wait()
    await until(lambda: not session_members(session))


async def test_a_missing_folder_is_said() -> None:
    with pytest.raises(ScriptError, match="/nowhere does not exist"):
        async with running("true", "/nowhere"):
            pass


async def test_a_nul_in_a_script_is_an_error_and_no_crash() -> None:
    with pytest.raises(ScriptError):
        async with running("echo a\0b"):
            pass


async def test_no_descriptor_is_left_open() -> None:
    async def once() -> None:
        async with running("echo x") as run:
            await run.process.wait()

    await once()
    before = psutil.Process().num_fds()
    for _ in range(5):
        await once()
    assert psutil.Process().num_fds() <= before


async def test_who_is_stopped_is_woken_to_end() -> None:
    async with running("trap 'echo ended; exit 0' TERM; echo ready; kill -STOP $$; sleep 100") as run:
        await run.says("ready")
        await until(lambda: psutil.Process(run.process.pid).status() == psutil.STATUS_STOPPED)
        await run.process.stop(Patience(0.05, 10))
        assert (await run.process.wait()).code != -signal.SIGKILL


async def test_what_is_typed_for_a_program_that_does_not_read_is_limited() -> None:
    async with running("stty raw -echo; echo ready; sleep 1000") as run:
        await run.says("ready")
        for _ in range(40):
            run.process.write(b"x" * (1 << 16))
        assert len(run.process._typed) <= 1 << 20


async def test_a_start_that_is_cancelled_leaves_no_terminal_open() -> None:
    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = open_files()
    for _ in range(5):
        task = asyncio.create_task(
            open_terminal(["/bin/true"], cwd="/", environment={}, columns=80, rows=24, on_output=lambda data: None)
        )
        await asyncio.sleep(0)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            (await task).close()
    await until(lambda: open_files() <= before + 1)
