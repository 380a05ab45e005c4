"""What cannot be seen from outside: long transcripts, many sessions, huge diffs, memory; each in its own process.

Figures are seconds of the event loop's thread, or bytes; the app runs headless, with a Codex that says what we want.
"""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
from textual import events

from conductor_tui.domain import events as ev
from conductor_tui.domain.diff_parser import parse_unified_diff
from conductor_tui.domain.diffs import DiffScope
from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.threads import ThreadState, ThreadSummary
from conductor_tui.settings.model import AppSettings
from conductor_tui.storage.database import Store
from conductor_tui.ui.app import ConductorApp, Surroundings
from conductor_tui.ui.widgets.diff_pane import DiffPane
from tests.builders import (
    THREAD,
    a_command,
    a_message,
    a_prompt,
    a_recorded_turn,
    delta,
    item_started,
    turn_started,
    until,
)
from tests.fakes.agent import FakeAgent

_TEXT = "Some *text* with `code`:\n\n- one\n- two\n\n```python\nx = 1\n```\n"


def history(items: int, thread_id: ThreadId = THREAD) -> ev.HistoryLoaded:
    """A session of so many items: prompt, command, message in turns."""
    turns = []
    for number in range(items // 4 or 1):
        turn_id = f"old-{number}"
        made = (
            a_prompt(f"prompt {number}", id=f"u{number}", turn_id=turn_id),
            a_command(id=f"c{number}", output="out\n" * 5, turn_id=turn_id),
            a_message(_TEXT, id=f"m{number}", turn_id=turn_id),
            a_message(f"End of {number}.", id=f"e{number}", turn_id=turn_id),
        )
        turns.append(a_recorded_turn(*made, turn_id=turn_id))
    return ev.HistoryLoaded(thread_id, tuple(turns))


@asynccontextmanager
async def opened(size: tuple[int, int] = (140, 40)) -> Any:
    """The app, headless, with a session; yields app, pilot and agent."""
    agent = FakeAgent()

    async def connect() -> FakeAgent:
        return agent

    with tempfile.TemporaryDirectory() as folder:
        around = Surroundings(
            root=Path("/repo"),
            state_dir=Path(folder),
            settings=AppSettings(),
            open_store=lambda: Store(Path(folder) / "store.sqlite3"),
            connect=connect,
            open_repository=None,
        )
        app = ConductorApp(around)
        async with app.run_test(size=size) as pilot:
            await until(lambda: app.window.session.thread_id)
            await pilot.pause()
            yield app, pilot, agent


async def frame(app: ConductorApp, pilot: Any) -> None:
    app.bridge.flush()
    await pilot.pause()


async def key_time(app: ConductorApp, key: str, character: str | None, is_seen: Callable[[], bool]) -> float:
    """Milliseconds from a key to its effect, painted."""
    painted = asyncio.Event()
    began = time.perf_counter()
    app.post_message(events.Key(key, character))
    async with asyncio.timeout(10):
        while not is_seen():  # noqa: ASYNC110 - a turn of the loop at a time is what is measured
            await asyncio.sleep(0)
        app.screen.call_after_refresh(painted.set)
        await painted.wait()
    return (time.perf_counter() - began) * 1000


async def delta_cost(items: int) -> float:
    """Milliseconds of CPU that one delta, with its frame, costs at the end of a session of so many items."""
    async with opened() as (app, pilot, _):
        session = app.window.session
        session.apply(history(items))
        session.apply(turn_started("now"))
        session.apply(item_started(a_message("", id="now", is_open=True, turn_id="now")))
        await frame(app, pilot)
        for number in range(20):
            session.apply(delta("now", f"word {number} ", turn_id="now"))
            await frame(app, pilot)
        gc.collect()
        began = time.process_time()
        for number in range(100):
            session.apply(delta("now", f"word {number} ", turn_id="now"))
            await frame(app, pilot)
        return (time.process_time() - began) * 10


async def open_session(items: int) -> float:
    """Milliseconds from showing a session to its last page on the screen."""
    async with opened() as (app, pilot, _):
        other = app.manager.open_session(ThreadId("long"))
        await until(lambda: not other.is_opening)
        other.apply(history(items, ThreadId("long")))
        await pilot.pause()
        began = time.perf_counter()
        app.window.show_session(other)
        await pilot.pause()
        return (time.perf_counter() - began) * 1000


async def resize_session(items: int) -> float:
    """Milliseconds that another width takes in a session of so many items."""
    async with opened() as (app, pilot, _):
        app.window.session.apply(history(items))
        await frame(app, pilot)
        began = time.perf_counter()
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        return (time.perf_counter() - began) * 1000


async def diff_page() -> tuple[float, float]:
    """Milliseconds to the first page of a 50,000-line diff, and for a page down."""
    hunks = []
    for number in range(500):
        start = number * 100 + 1
        body = "".join(f"-old {n} = value({n})\n+new {n} = value({n}, 'x')\n" for n in range(50))
        hunks.append(f"@@ -{start},50 +{start},50 @@ def f{number}():\n{body}")
    text = "diff --git a/big.py b/big.py\n--- a/big.py\n+++ b/big.py\n" + "".join(hunks)
    async with opened() as (app, pilot, _):
        app.window.panes.is_diff_open = True
        await pilot.pause()
        pane = app.window.panes.screen.query_one(DiffPane)
        began = time.perf_counter()
        pane.show(parse_unified_diff(text), scope=DiffScope.UNCOMMITTED)
        await pilot.pause()
        first = (time.perf_counter() - began) * 1000
        pane.focus()
        await pilot.pause()
        pages = []
        for _ in range(10):
            before = pane.scroll_offset.y
            pages.append(await key_time(app, "pagedown", None, lambda: pane.scroll_offset.y != before))
        return first, sorted(pages)[len(pages) // 2]


async def many_sessions(count: int = 32, seconds: float = 4.0) -> tuple[float, float]:
    """Milliseconds (p95) that a key takes while so many sessions stream, one of them shown; and the share of a core."""
    async with opened() as (app, _, agent):
        ids = [ThreadId(f"s{n}") for n in range(count)]
        agent.threads = {i: ThreadSummary(i, ThreadState.WORKING, preview=f"work {i}", cwd="/repo") for i in ids}
        app.manager.threads.update(agent.threads)
        sessions = [app.manager.open_session(i) for i in ids]
        await until(lambda: not any(s.is_opening for s in sessions))
        app.window.show_session(sessions[0])
        for i in ids:
            started = turn_started(f"t{i}")
            agent.say(ev.TurnStarted(i, started.turn))
            message = a_message("", id=f"m{i}", is_open=True, turn_id=f"t{i}")
            agent.say(ev.ItemStarted(i, message))

        is_over = asyncio.Event()

        async def stream() -> None:
            number = 0
            while not is_over.is_set():
                number += 1
                for i in ids:
                    told = delta(f"m{i}", f"word {number} and *more* ", turn_id=f"t{i}")
                    agent.say(ev.TextAppended(i, told.turn_id, told.item_id, told.kind, told.text))
                await asyncio.sleep(0.05)

        streaming = asyncio.create_task(stream())
        keys: list[float] = []
        began, cpu = time.perf_counter(), time.process_time()
        while time.perf_counter() - began < seconds:
            before = app.window.panes.composer.text
            keys.append(await key_time(app, "a", "a", lambda: app.window.panes.composer.text != before))
            await asyncio.sleep(0.1)
        share = (time.process_time() - cpu) / (time.perf_counter() - began)
        is_over.set()
        await streaming
        return sorted(keys)[int(len(keys) * 0.95)], share * 100


async def memory(sessions: int, items: int) -> float:
    """Megabytes that the process holds with so many sessions of so many items opened."""
    async with opened() as (app, pilot, _):
        for number in range(sessions):
            thread_id = ThreadId(f"long-{number}")
            session = app.manager.open_session(thread_id)
            await until(lambda: not session.is_opening)
            session.apply(history(items, thread_id))
            app.window.show_session(session)
            await pilot.pause()
        return psutil.Process().memory_info().rss / 1e6


MEASUREMENTS: dict[str, Callable[[], Awaitable[Any]]] = {
    "delta 10": lambda: delta_cost(10),
    "delta 10000": lambda: delta_cost(10_000),
    "open": lambda: open_session(10_000),
    "resize": lambda: resize_session(10_000),
    "diff": diff_page,
    "many": many_sessions,
    "memory": lambda: memory(10, 10_000),
}


def measure(name: str) -> Any:
    """A measurement in a fresh process."""
    command = [sys.executable, "-m", "tests.bench.inside", name]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


async def _measured(name: str) -> Any:
    return await MEASUREMENTS[name]()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_measured(sys.argv[1]))))
