"""`make soak`: does it last? Opening and closing, parallel turns, a long day of streaming; with the real Codex.

`ARGS="--cycles 20 --turns 20"` makes it shorter. Prints what it found; ends with 1 when something leaked or was lost.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

import psutil
from codex_cli_bin import bundled_codex_path

from conductor_tui.demo.model import ScriptedModel
from conductor_tui.demo.scripts import ByWord
from conductor_tui.demo.steps import Message
from conductor_tui.demo.world import make_repository
from conductor_tui.domain.items import AgentMessage
from conductor_tui.protocol.binary import CodexBinary
from conductor_tui.protocol.connect import connect
from conductor_tui.protocol.server import ServerFiles
from conductor_tui.services.interfaces import Agent
from conductor_tui.services.sessions.manager import SessionManager
from conductor_tui.storage.database import Store
from tests.bench.outside import ANSWER, FILES
from tests.builders import until
from tests.e2e.app import App
from tests.e2e.place import Place

CODEX = Path(bundled_codex_path())
NUMBERS = " ".join(f"<{n}>" for n in range(600))
"""A message in which a lost delta would be seen."""
SPARE = 12
"""Handles that Codex may hold more of: each thread it has loaded keeps some for a while."""
GROWTH_MB = 80.0
"""What the window may grow by in a day: its transcript stays open."""


class Findings:
    """What went wrong."""

    def __init__(self) -> None:
        self.count = 0

    def check(self, is_fine: bool, what: str) -> None:
        self.count += not is_fine
        print(f"{'ok    ' if is_fine else 'FAILED'}  {what}", flush=True)


class World:
    """A place with a server that has a scripted model."""

    def __init__(self) -> None:
        self.place = Place()
        make_repository(self.place.repository, FILES)
        script = ByWord({"count": [Message(NUMBERS, chunk=5, delay=0.002)], "long": [Message(ANSWER, chunk=40)]}, [])
        self.model = ScriptedModel(script)
        self.place.configure_codex(self.model)

    def app(self) -> App:
        return App(
            [sys.executable, "-m", "conductor_tui", "--codex", CODEX], cwd=self.place.repository, env=self.place.env
        )

    def close(self) -> None:
        self.place.end_server()
        self.place.check_nobody_left()
        self.model.close()
        self.place.remove()


def handles(process: psutil.Process) -> int:
    """Open files and sockets of a process."""
    return int(process.num_fds())


def open_and_close(world: World, cycles: int, findings: Findings) -> None:
    """Windows come and go; half of them are killed. One server stays, and nothing grows in it."""
    before = (0, 0.0)
    for number in range(cycles):
        with world.app() as app:
            app.wait_for("Ask Codex", 30)
            app.wait_for("GPT-", 30)
            if number % 2:
                app.leave()
            else:
                app.kill()
        if number == min(20, cycles // 2):
            (server,) = world.place.servers()
            before = handles(server), server.memory_info().rss / 1e6
    servers = world.place.servers()
    findings.check(len(servers) == 1, f"{cycles} windows opened and closed: {len(servers)} server runs")
    others = [p for p in world.place.processes() if p.pid not in {s.pid for s in servers} and p.ppid() == 1]
    findings.check(not others, f"no orphan process ({others})")
    now = handles(servers[0]), servers[0].memory_info().rss / 1e6
    killed = (cycles - min(20, cycles // 2)) // 2  # what a killed window had begun is unloaded after half an hour
    findings.check(now[0] <= before[0] + killed + SPARE, f"the server's handles: {before[0]} → {now[0]}")
    print(f"        the server's memory: {before[1]:.0f} → {now[1]:.0f} MB (Codex's own)")


async def parallel_turns(world: World, count: int, findings: Findings) -> None:
    """Many sessions stream at once over one connection; every character arrives."""
    files = ServerFiles(world.place.codex_home, world.place.state)
    store = Store(world.place.root / "soak.sqlite3")

    async def dial() -> Agent:
        return await connect(CodexBinary(CODEX, "soak"), files)

    manager = SessionManager(world.place.repository, dial, store, lambda: 0.0)
    running = asyncio.create_task(manager.run())
    sessions = []
    for _ in range(count):
        session = manager.new_session()
        await until(lambda: session.thread_id, 60)
        session.send("count please")
        await until(lambda: session.projection.turns, 60)
        sessions.append(session)
    await until(lambda: all(s.projection.turns and not s.projection.running_turn for s in sessions), 300)
    texts = [
        [i.text for t in s.projection.turns for i in s.projection.items_of(t) if isinstance(i, AgentMessage)]
        for s in sessions
    ]
    whole = sum(text == [NUMBERS] for text in texts)
    findings.check(whole == count, f"{count} turns at once: {whole} messages arrived whole")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    store.close()


def a_long_day(world: World, turns: int, findings: Findings) -> None:
    """One window, one session, turn after turn."""
    with world.app() as app:
        app.wait_for("Ask Codex", 30)
        app.wait_for("GPT-", 30)
        process = psutil.Process(app.process.pid)
        early = (0, 0.0)
        for number in range(turns):
            app.ask(f"long {number}")
            world.model.wait_for_request(lambda r: r.user_text == f"long {number}")
            app.wait_quiet(0.4, 60)  # a prompt that comes as a turn ends may stay unanswered (Codex 0.163)
            app.wait_until(lambda text: "working" not in text and "ENDMARK" in text, 120)
            if number == min(4, turns // 2):
                early = handles(process), process.memory_info().rss / 1e6
        late = handles(process), process.memory_info().rss / 1e6
        findings.check(late[0] <= early[0] + 2, f"the window's handles after {turns} turns: {early[0]} → {late[0]}")
        grown = late[1] - early[1]
        findings.check(grown < GROWTH_MB, f"the window's memory: {early[1]:.0f} → {late[1]:.0f} MB")
        app.leave()


def main() -> int:
    """Runs all; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cycles", type=int, default=200)
    parser.add_argument("--parallel", type=int, default=32)
    parser.add_argument("--turns", type=int, default=200)
    options = parser.parse_args()
    findings = Findings()
    world = World()
    try:
        open_and_close(world, options.cycles, findings)
        asyncio.run(parallel_turns(world, options.parallel, findings))
        a_long_day(world, options.turns, findings)
    finally:
        world.close()
    print("it lasts" if not findings.count else f"{findings.count} findings")
    return 1 if findings.count else 0


if __name__ == "__main__":
    sys.exit(main())
