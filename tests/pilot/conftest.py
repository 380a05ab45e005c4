"""The app without a terminal, on a Codex that does what the test says."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from conductor_tui.domain import events as ev
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.repository_scripts import repository_scripts
from conductor_tui.domain.scripts import Patience, Place, RepositoryScripts
from conductor_tui.git.checkout import open_repository
from conductor_tui.services.interfaces import Clock
from conductor_tui.services.scripts.runner import ScriptRunner
from conductor_tui.services.scripts.runner_registry import ScriptRunners
from conductor_tui.services.scripts.trust import ScriptTrust
from conductor_tui.settings.conductor import load_repository_settings
from conductor_tui.settings.model import AppSettings
from conductor_tui.storage.database import Store
from conductor_tui.terminals.pty import open_terminal
from conductor_tui.ui.app import ConductorApp, Surroundings
from conductor_tui.ui.dock_controller import DockController, DockDependencies
from conductor_tui.ui.live_settings import Origins
from conductor_tui.ui.screens.script_trust import ScriptTrustScreen
from conductor_tui.ui.widgets.composer import Composer
from conductor_tui.ui.window import Window
from tests.builders import until
from tests.fakes.agent import FakeAgent
from tests.idle import until_idle


class HandClock:
    """A clock that stands until a test moves it on."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Driver:
    """The running app, in the words of a test."""

    def __init__(self, app: ConductorApp, pilot: Pilot[None], agents: list[FakeAgent], clock: HandClock) -> None:
        self.app = app
        self.pilot = pilot
        self.agents = agents
        self.clock = clock

    @property
    def main(self) -> Window:
        return self.app.window

    @property
    def agent(self) -> FakeAgent:
        return self.agents[-1]

    @property
    def composer(self) -> Composer:
        return self.main.panes.composer

    async def settle(self) -> None:
        """Until the screen shows all there is."""
        await until_idle(self.app)
        self.app.bridge.flush()
        await until_idle(self.app)

    async def ready(self) -> None:
        """Until the session is open."""
        await until(lambda: self.agents and self.main.session.thread_id)
        await self.settle()

    async def say(self, *events: ev.Event) -> None:
        """Lets Codex speak, and waits until the screen shows it."""
        self.agent.say(*events)
        await until(lambda: self.agent._queue.empty())
        await self.settle()

    async def later(self, seconds: float = 2.0) -> None:
        """So much time has passed without a key."""
        self.clock.now += seconds
        await self.settle()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settle()

    async def type(self, text: str) -> None:
        await self.press(*("space" if c == " " else c for c in text))

    def text(self) -> str:
        """What the screen shows, without colours."""
        width, height = self.app.size
        strips = self.app.screen._compositor.render_strips()
        assert width
        return "\n".join("".join(s.text for s in strip) for strip in strips[:height])


Start = Callable[..., contextlib.AbstractAsyncContextManager[Driver]]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """`async with start() as driver:`; `agent(fake)` prepares each connection's Codex."""

    @contextlib.asynccontextmanager
    async def run(
        size: tuple[int, int] = (140, 40),
        *,
        settings: AppSettings | None = None,
        troubles: tuple[Trouble, ...] = (),
        prepare: Callable[[FakeAgent], None] = lambda agent: None,
        opens: bool = True,
        open_scripts: Callable[[Store, Clock], DockDependencies] | None = None,
        root: Path = Path("/repo"),
        origins: Origins | None = None,
        has_repository: bool = False,
    ) -> AsyncIterator[Driver]:
        agents: list[FakeAgent] = []

        async def connect() -> FakeAgent:
            agent = FakeAgent()
            prepare(agent)
            agents.append(agent)
            return agent

        clock = HandClock()
        around = Surroundings(
            root=root,
            state_dir=tmp_path,
            settings=settings or AppSettings(),
            open_store=lambda: Store(tmp_path / "store.sqlite3"),
            connect=connect,
            open_repository=open_repository if has_repository else None,
            troubles=troubles,
            open_scripts=open_scripts,
            clock=lambda: 1000.0,
            origins=origins or Origins(),
            monotonic=clock,
        )
        app = ConductorApp(around)
        async with app.run_test(size=size) as pilot:
            driver = Driver(app, pilot, agents, clock)
            if opens:
                await driver.ready()
            yield driver
        await asyncio.sleep(0)

    return run


def write(root: Path, **commands: str) -> None:
    (root / ".conductor").mkdir(exist_ok=True)
    parts = [f'[scripts.run.{name}]\ncommand = """{command}"""\n' for name, command in commands.items()]
    (root / ".conductor" / "settings.toml").write_text("\n".join(parts))


class Dock:
    """The dock of a running app, in the words of a test."""

    def __init__(self, driver: Driver) -> None:
        self.driver = driver

    @property
    def desk(self) -> DockController:
        assert self.driver.main.dock is not None
        return self.driver.main.dock

    @property
    def trust(self) -> ScriptTrustScreen | None:
        screen = self.driver.app.screen
        return screen if isinstance(screen, ScriptTrustScreen) else None

    async def shows(self, wanted: str) -> None:
        async def look() -> bool:
            await self.driver.settle()
            return wanted in self.driver.text()

        for _ in range(500):
            if await look():
                return
        raise AssertionError(f"{wanted!r} is not shown:\n{self.driver.text()}")

    async def open(self) -> None:
        await self.driver.press("ctrl+underscore")
        await until(lambda: self.desk.tabs)
        await self.driver.settle()

    def edit(self, file: Path) -> None:
        self.driver.main.run("Could not open the notes", self.desk.edit("notes", file))

    async def answer(self, key: str) -> None:
        await until(lambda: self.trust)
        await self.driver.settle()
        assert self.trust is not None
        await self.driver.later()
        await self.driver.press(key)

    async def start(self) -> None:
        await self.driver.press("s")
        await self.answer("y")


Docked = Callable[..., contextlib.AbstractAsyncContextManager[Dock]]


@pytest.fixture
def docked(start: Start, tmp_path: Path) -> Docked:
    more: dict[str, str] = {}

    def open_scripts(store: Store, clock: Clock) -> DockDependencies:
        trust = ScriptTrust(tmp_path, store, time.time)
        environ = {"PATH": os.environ["PATH"], "SHELL": "/bin/sh", "PS1": "prompt> ", **more}
        runner = ScriptRunner(open_terminal, trust, time.time, environ, Patience(0.2, 0.4))

        def read() -> tuple[RepositoryScripts, list[Trouble]]:
            found, troubles = load_repository_settings(tmp_path, tmp_path / "home")
            return repository_scripts(found), troubles

        return DockDependencies(ScriptRunners(lambda root: runner), tmp_path, Place("local", str(tmp_path)), read)

    @contextlib.asynccontextmanager
    async def run(
        size: tuple[int, int] = (140, 40), settings: AppSettings | None = None, environ: dict[str, str] | None = None
    ) -> AsyncIterator[Dock]:
        more.update(environ or {})
        async with start(size, settings=settings, open_scripts=open_scripts) as driver:
            yield Dock(driver)

    return run
