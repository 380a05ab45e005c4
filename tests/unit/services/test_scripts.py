"""The rules for running scripts, with real processes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest
from msgspec.structs import replace

from conductor_tui.domain.repository_settings import RunMode
from conductor_tui.domain.scripts import Patience, Place, RepositoryScripts, Script, ScriptKind
from conductor_tui.emulator.reading import whole_text
from conductor_tui.services.scripts.runner import RunState, ScriptRun, ScriptRunner, argv
from conductor_tui.services.scripts.trust import ScriptTrust, TrustAnswer, TrustQuestion
from conductor_tui.storage.database import Store
from conductor_tui.terminals.process_tree import session_members
from conductor_tui.terminals.pty import open_terminal
from tests.builders import until

ROOT = Path("/repo")
FOREVER = "echo ready; sleep 1000 & wait"


def a_script(text: str = FOREVER, id: str = "dev", kind: ScriptKind = ScriptKind.RUN, **rest: object) -> Script:
    return Script(id, kind, text, **rest)  # type: ignore[arg-type]


class User:
    """Who is asked about scripts."""

    def __init__(self, answer: TrustAnswer) -> None:
        self.answer = answer
        self.asked: list[TrustQuestion] = []

    async def __call__(self, question: TrustQuestion) -> TrustAnswer:
        self.asked.append(question)
        return self.answer


class Desk:
    """A runner with its user, in a folder."""

    def __init__(self, folder: Path, answer: TrustAnswer = TrustAnswer.TRUST) -> None:
        self.store = Store(folder / "s.sqlite3")
        self.user = User(answer)
        self.place = Place("local", str(folder), (("CONDUCTOR_PORT", "4000"),))
        self.runner = self.make()

    def make(self) -> ScriptRunner:
        """As the next start of the app has it."""
        trust = ScriptTrust(ROOT, self.store, time.time)
        trust.ask = self.user
        environ = {"PATH": os.environ["PATH"], "SHELL": "/bin/sh"}
        return ScriptRunner(open_terminal, trust, time.time, environ, Patience(0.2, 0.4))

    async def start(self, script: Script, run_mode: RunMode = RunMode.CONCURRENT) -> ScriptRun:
        run = await self.runner.start(script, self.place, run_mode)
        assert run is not None
        return run

    async def finish(self, script: Script) -> ScriptRun:
        run = await self.start(script)
        await run.ended.wait()
        return run


def text(run: ScriptRun) -> str:
    return whole_text(run.screen)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    await desk.runner.close()
    desk.store.close()


async def test_a_script_runs_in_its_folder_with_its_variables(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    script = a_script(
        'pwd; echo "$CONDUCTOR_PORT $MODE"; echo', args=("a b", "$c"), cwd="web", variables=(("MODE", "x"),)
    )
    run = await desk.start(script)
    await run.ended.wait()
    await until(lambda: "$c" in text(run))
    assert text(run).splitlines() == [str(tmp_path / "web"), "4000 x", "a b $c"]
    assert run.has_succeeded


async def test_how_it_ends_is_told(desk: Desk) -> None:
    run = await desk.start(a_script("exit 4"))
    await run.ended.wait()
    assert run.ending is not None
    assert (run.state, run.ending.text, run.was_stopped) == (RunState.ENDED, "exit 4", False)
    run = await desk.start(a_script("kill -KILL $$", "other"))
    await run.ended.wait()
    assert run.ending is not None and run.ending.text == "SIGKILL"


async def test_a_script_runs_once_at_a_time_in_a_workspace_and_again_in_another(desk: Desk, tmp_path: Path) -> None:
    run = await desk.start(a_script())
    assert await desk.start(a_script()) is run
    elsewhere = await desk.runner.start(a_script(), Place("oslo", str(tmp_path)))
    assert elsewhere is not run
    assert len(desk.runner.alive) == 2


async def test_nonconcurrent_stops_the_other_run_scripts_of_the_repository_and_no_others(desk: Desk) -> None:
    setup = await desk.start(a_script(kind=ScriptKind.SETUP, id="setup"))
    web = await desk.runner.start(a_script(id="web"), Place("oslo", "/"))
    assert web is not None
    api = await desk.start(a_script(id="api"), RunMode.NONCONCURRENT)
    assert desk.runner.alive == [setup, api]
    assert web.was_stopped and web.state is RunState.ENDED


async def test_stopping_ends_all_and_says_that_it_was_stopped(desk: Desk) -> None:
    run = await desk.start(a_script("trap '' HUP TERM; sleep 1000 & echo ready; while :; do sleep 0.1; done"))
    await until(lambda: "ready" in text(run))
    process = run.process
    assert process is not None
    await desk.runner.stop(run)
    assert (run.state, run.was_stopped, run.has_succeeded) == (RunState.ENDED, True, False)
    assert not session_members(process.pid)  # type: ignore[attr-defined]


async def test_restarting_takes_the_script_as_it_is_now(desk: Desk) -> None:
    run = await desk.start(a_script())
    again = await desk.runner.restart(run, a_script("echo anew"), RunMode.CONCURRENT)
    assert again is not None and again is not run
    await again.ended.wait()
    await until(lambda: text(again) == "anew")
    assert desk.runner.runs[again.key] is again


async def test_set_up_is_followed_by_the_run_script_where_the_repository_wants_it(desk: Desk) -> None:
    scripts = RepositoryScripts(
        (a_script("true", "setup", ScriptKind.SETUP), a_script(id="a"), a_script(id="b", is_default=True)),
        is_run_after_setup=True,
    )
    await desk.runner.set_up(scripts, desk.place)
    assert [r.script.id for r in desk.runner.alive] == ["b"]


async def test_a_failed_set_up_is_not_followed(desk: Desk) -> None:
    scripts = RepositoryScripts((a_script("false", "setup", ScriptKind.SETUP), a_script()), is_run_after_setup=True)
    run = await desk.runner.set_up(scripts, desk.place)
    assert run is not None and not run.has_succeeded
    assert not desk.runner.alive


async def test_what_a_script_leaves_over_is_named_and_ended_by_stopping(desk: Desk) -> None:
    script = "setsid -f sh -c 'touch up; while :; do sleep 0.1; done'; until [ -f up ]; do sleep 0.01; done"
    run = await desk.finish(a_script(script))
    assert "sh -c touch up; while :; do sleep 0.1; done" in [left.command for left in run.left_over]
    pid = run.left_over[0].pid
    await desk.runner.stop(run)
    assert not run.left_over
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie"


async def test_what_cannot_start_says_why(desk: Desk) -> None:
    run = await desk.start(a_script(cwd="nowhere"))
    assert run.state is RunState.FAILED
    assert "nowhere does not exist" in run.trouble
    assert not desk.runner.alive


async def test_closing_ends_everything(desk: Desk) -> None:
    runs = [await desk.start(a_script(id=name)) for name in "abc"]
    await desk.runner.close()
    assert not desk.runner.alive
    assert not [m for run in runs if run.process for m in session_members(run.process.pid)]  # type: ignore[attr-defined]


async def test_the_terminal_is_the_users_login_shell_and_needs_no_trust(desk: Desk) -> None:
    desk.user.answer = TrustAnswer.NO
    run = await desk.start(Script("1", ScriptKind.TERMINAL, ""))
    run.type(b"echo $((40 + 2)); exit 5\n")
    await run.ended.wait()
    await until(lambda: "42" in text(run))
    assert run.ending is not None and run.ending.code == 5
    assert not desk.user.asked


@pytest.mark.parametrize(
    ("shell", "used"),
    [("/bin/bash", "/bin/bash"), ("/usr/bin/fish", "/bin/sh"), ("/nowhere/zsh", "/bin/sh"), ("", "/bin/sh")],
)
def test_scripts_are_run_by_the_users_shell_if_it_speaks_posix(shell: str, used: str) -> None:
    assert argv(a_script("x"), {"SHELL": shell}) == [used, "-c", "x"]


# Much output


@contextlib.asynccontextmanager
async def heartbeat() -> AsyncIterator[Callable[[], float]]:
    """The longest time that the loop let others wait, in seconds, less what other programs had the processor."""
    worst = 0.0

    def now() -> float:
        return time.perf_counter() - int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9

    async def beat() -> None:
        nonlocal worst
        while True:
            began = now()
            await asyncio.sleep(0.001)
            worst = max(worst, now() - began)

    task = asyncio.create_task(beat())
    yield lambda: worst
    task.cancel()


async def test_a_hundred_megabytes_neither_stall_the_app_nor_fill_its_memory(desk: Desk) -> None:
    before = psutil.Process().memory_info().rss
    async with heartbeat() as worst:
        run = await desk.start(
            a_script(
                "yes 'a line of output that is not very long, but there are many' | head -c 100000000; echo; echo end"
            )
        )
        await run.ended.wait()
        await until(lambda: not run.output.is_behind)
        assert worst() < 0.25
    assert text(run).endswith("\nend")
    above = run.screen.scrollback
    assert above.dropped + len(above) + run.screen.used_rows > 1_500_000
    assert psutil.Process().memory_info().rss - before < 60_000_000


async def test_a_program_that_prints_too_fast_waits_and_loses_nothing(desk: Desk) -> None:
    run = await desk.start(
        a_script("i=0; while [ $i -lt 20 ]; do printf '\\033[31m%5000s\\033[m\\n' $i; i=$((i+1)); done")
    )
    await run.ended.wait()
    await until(lambda: not run.output.is_behind)
    assert [line.strip() for line in text(run).splitlines()] == [str(n) for n in range(20)]


async def test_what_a_program_asks_is_answered(desk: Desk) -> None:
    script = a_script("stty raw -echo; printf '\\033[6n'; head -c 6 | od -An -c; stty sane")
    run = await desk.start(script)
    await run.ended.wait()
    await until(lambda: "1   ;   1   R" in text(run))


async def test_addresses_are_found_over_wrapped_rows(desk: Desk) -> None:
    desk.runner.size = (30, 10)
    long = "http://localhost:3000/" + "path/" * 8
    run = await desk.start(a_script(f"echo 'Local:   {long}.'; echo '(http://0.0.0.0:8080)'"))
    await run.ended.wait()
    await until(lambda: len(run.urls) == 2)
    assert [url.text for url in run.urls] == [long, "http://localhost:8080"]


# Trust


async def test_nothing_runs_before_the_answer_and_nothing_after_a_no(desk: Desk, tmp_path: Path) -> None:
    asked, answer = asyncio.Event(), asyncio.Event()

    async def think(question: TrustQuestion) -> TrustAnswer:
        asked.set()
        await answer.wait()
        return TrustAnswer.NO

    desk.runner.trust.ask = think
    starting = asyncio.create_task(desk.runner.start(a_script("touch ran"), desk.place))
    await asked.wait()
    assert not desk.runner.runs
    assert await desk.runner.start(a_script("touch ran"), desk.place) is None  # asked once, not twice
    answer.set()
    assert await starting is None
    assert not (tmp_path / "ran").exists()


async def test_without_somebody_to_ask_nothing_runs(desk: Desk) -> None:
    desk.runner.trust.ask = None
    assert await desk.runner.start(a_script("true"), desk.place) is None


async def test_trust_outlives_the_window_and_ends_with_a_change(desk: Desk) -> None:
    script = a_script("true")
    await desk.finish(script)
    await desk.finish(script)
    assert len(desk.user.asked) == 1
    desk.store._writer.submit(lambda: None).result()
    desk.runner = desk.make()
    await desk.finish(script)
    assert len(desk.user.asked) == 1
    changed = replace(script, text="true # changed")
    await desk.finish(changed)
    assert desk.user.asked[-1].before == script.content
    desk.store._writer.submit(lambda: None).result()
    await desk.finish(script)  # back to what was trusted before: another branch has it
    assert len(desk.user.asked) == 2


async def test_once_is_asked_again(desk: Desk) -> None:
    desk.user.answer = TrustAnswer.ONCE
    await desk.finish(a_script("true"))
    await desk.finish(a_script("true"))
    assert [q.before for q in desk.user.asked] == [None, None]


@pytest.mark.parametrize(
    "changed",
    [
        a_script("true", args=("x",)),
        a_script("true", cwd="web"),
        a_script("true", kind=ScriptKind.ARCHIVE),
        a_script("true", variables=(("PATH", "/evil"),)),
        a_script("true\n"),
    ],
)
def test_whatever_decides_what_runs_is_part_of_the_digest(changed: Script) -> None:
    assert changed.content.digest != a_script("true").content.digest


def test_a_name_and_an_origin_are_not() -> None:
    assert a_script("true", id="a", origin="x").content.digest == a_script("true", id="b").content.digest


def test_odd_text_has_a_digest() -> None:
    assert len(a_script("echo \udcff").content.digest) == 64


async def test_a_start_that_is_cancelled_has_failed_and_nobody_waits_for_it(desk: Desk) -> None:
    opening = asyncio.Event()

    async def never_opens(*_: object, **__: object) -> object:
        opening.set()
        await asyncio.Event().wait()
        raise AssertionError

    desk.runner._open = never_opens  # type: ignore[assignment]
    task = asyncio.create_task(desk.start(a_script()))
    await opening.wait()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    (run,) = desk.runner.runs.values()
    assert run.state is RunState.FAILED
    await asyncio.wait_for(desk.runner.stop(run), 5)
    await asyncio.wait_for(desk.runner.close(), 5)
