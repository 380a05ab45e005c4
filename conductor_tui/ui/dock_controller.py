"""The dock's contents: scripts and terminals of the workspace on screen, and which tab is in front.

Connects the runner, which knows no screen, with the dock, which knows no runner.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.scripts import Place, RepositoryScripts, Script, ScriptKind
from conductor_tui.services.scripts.runner import RunState, ScriptRun, ScriptRunner
from conductor_tui.services.scripts.runner_registry import ScriptRunners
from conductor_tui.services.scripts.trust import TrustAnswer, TrustQuestion
from conductor_tui.services.workspaces.workspaces import Workspaces
from conductor_tui.ui.commands.catalogue import commands_of
from conductor_tui.ui.commands.keymap import key_text
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.presentation.dock import DockTab

if TYPE_CHECKING:
    from conductor_tui.ui.host import Host

EDITOR = "${VISUAL:-${EDITOR:-vi}}"
ReadScripts = Callable[[], tuple[RepositoryScripts, list[Trouble]]]
"""Reads the repository's scripts from its files; called in a thread."""


class DockDependencies(Struct, frozen=True):
    """What the dock needs from outside."""

    runners: ScriptRunners
    root: Path
    """The folder that the app was started in."""
    place: Place
    """The workspace on screen at first."""
    read: ReadScripts
    workspaces: Workspaces | None = None


class Source(Struct, frozen=True):
    """A workspace that the dock shows: what runs its scripts, where, and how they are read."""

    runner: ScriptRunner
    place: Place
    read: ReadScripts


class DockController:
    """The dock's contents for one workspace."""

    def __init__(self, host: Host, around: DockDependencies, on_change: Callable[[], None]) -> None:
        """`on_change`: called after the state or output of a run changed."""
        self._on_change = on_change
        around.runners.on_new = self._prepare
        self.scripts = RepositoryScripts()
        self.current = ""
        """The name of the tab in front."""
        self._host = host
        self._source = Source(around.runners(around.root), around.place, around.read)
        self._troubles: list[Trouble] = []
        self._edited: list[ScriptRun] = []
        self.is_placed = asyncio.Event()
        """Set once the workspace is known; nothing starts before, as it would have neither its name nor its ports."""

    def _prepare(self, runner: ScriptRunner) -> None:
        runner.trust.ask = self._ask
        runner.on_change = self._on_change

    @property
    def runner(self) -> ScriptRunner:
        """The runner of the repository on screen."""
        return self._source.runner

    @property
    def place(self) -> Place:
        """The workspace on screen, as scripts see it."""
        return self._source.place

    async def move(self, runner: ScriptRunner, place: Place, read: ReadScripts) -> None:
        """Shows another workspace's scripts and terminals; those of the previous one keep running."""
        self._source = Source(runner, place, read)
        self.is_placed.set()
        await self.refresh()

    # What there is

    @property
    def tabs(self) -> list[DockTab]:
        """Setup, the run scripts, whatever else has run here, terminals."""
        runs = {name: run for (place, name), run in self.runner.runs.items() if place == self.place.id}
        listed = [*self.scripts.of(ScriptKind.SETUP), *self.scripts.of(ScriptKind.RUN)]
        shown = {s.name: s for s in listed if not s.is_hidden}
        for name, run in runs.items():
            shown.setdefault(name, run.script)
        order = sorted(shown.values(), key=lambda s: s.kind is ScriptKind.TERMINAL)
        return [DockTab(script, runs.get(script.name)) for script in order]

    @property
    def tab(self) -> DockTab | None:
        """The tab in front."""
        return next((tab for tab in self.tabs if tab.name == self.current), None)

    # Showing

    async def refresh(self) -> None:
        """Reads the scripts of the workspace on screen again."""
        await self._read(self._source)

    async def _read(self, source: Source) -> RepositoryScripts:
        """The scripts of a workspace; shown if it is still the one on screen."""
        scripts, troubles = await asyncio.to_thread(source.read)
        if source is self._source:
            self.scripts, self._troubles = scripts, troubles
            self.draw()
            source.runner.on_change()
        return scripts

    def draw(self) -> None:
        """Draws tabs and output, if the dock is open."""
        host = self._host
        if not host.panes.is_furnished or not host.panes.is_dock_open:
            return
        tabs = self.tabs
        if tabs and self.current not in {tab.name for tab in tabs}:
            default = self.scripts.default_run
            self.current = default.name if default is not None else tabs[0].name
        keys = {c.id: key_text(host.keys, c) for c in commands_of(Pane.DOCK)}
        troubles = [f"{t.title}: {t.cause}" if t.cause else t.title for t in self._troubles]
        host.panes.dock.show(tabs, self.current, self.runner.clock(), keys, troubles)

    def tick(self) -> None:
        """Once a second: how long the shown run has been running."""
        if self._host.panes.is_dock_open and self.runner.alive:
            self._host.panes.dock.tick(self.runner.clock())

    def show_tab(self, name: str) -> None:
        """Brings a tab to the front, and the dock with it."""
        self.current = name
        self._host.panes.is_dock_open = True
        self.draw()
        self._host.panes.focus(Pane.DOCK)

    def step(self, step: int) -> None:
        """The next tab, or the one before."""
        names = [tab.name for tab in self.tabs]
        if names:
            at = names.index(self.current) if self.current in names else 0
            self.current = names[(at + step) % len(names)]
        self.draw()

    def resize(self, columns: int, rows: int) -> None:
        """Programs here have that many columns and rows from now on."""
        self.runner.size = (columns, rows)
        for (place, _), run in self.runner.runs.items():
            if place == self.place.id:
                run.output.resize(columns, rows)

    # Running

    def start(self, script: Script) -> None:
        """Starts a script as its file has it now, and shows it."""
        self._host.run(f"Could not start {DockTab(script).title}", self._start(script))

    async def _start(self, script: Script, source: Source | None = None) -> ScriptRun | None:
        """Starts a script where the user asked for it, also if another workspace is on screen by then."""
        await self.is_placed.wait()
        source = source or self._source
        scripts = self.scripts
        if script.kind is not ScriptKind.TERMINAL:
            scripts = await self._read(source)
            script = next((s for s in scripts.scripts if s.name == script.name), script)
        run = await source.runner.start(script, source.place, scripts.run_mode)
        if run is not None and source.place.id == self.place.id:
            self.show_tab(script.name)
            if script.kind is ScriptKind.TERMINAL and run.state is RunState.RUNNING:
                self._host.panes.dock.action_type()
        return run

    def stop(self, run: ScriptRun) -> None:
        """Ends a run; a terminal that has ended is closed."""
        is_over = run.is_terminal and not run.is_alive and not run.left_over
        end = self.runner.close_terminal if is_over else self.runner.stop
        self._host.run(f"Could not stop {DockTab(run.script).title}", end(run))

    def restart(self, run: ScriptRun) -> None:
        """Ends a run and starts its script as the file has it now."""
        source = self._source

        async def work() -> None:
            await source.runner.stop(run)
            await self._start(run.script, source)

        self._host.run(f"Could not restart {DockTab(run.script).title}", work())

    def new_terminal(self) -> None:
        """A shell in the workspace's folder."""
        taken = {tab.script.id for tab in self.tabs if tab.script.kind is ScriptKind.TERMINAL}
        number = next(str(n) for n in range(1, 1000) if str(n) not in taken)
        self.start(Script(number, ScriptKind.TERMINAL, "", origin="your shell"))

    async def edit(self, name: str, file: Path) -> None:
        """Opens the user's editor on a file, in a terminal of that name, which closes when the editor succeeds."""
        script = Script(name, ScriptKind.TERMINAL, EDITOR, (str(file),), origin="your editor")
        panes, was_open = self._host.panes, self._host.panes.is_dock_open
        await self.is_placed.wait()
        source = self._source
        run = await self._start(script, source)
        if run is None or run in self._edited:
            return
        self._edited.append(run)
        await run.ended.wait()
        self._edited.remove(run)
        await panes.dock.typed_out()
        if run.has_succeeded:
            is_in_front = self.current == script.name and run.place.id == self.place.id
            await source.runner.close_terminal(run)
            if is_in_front and not was_open and panes.focused in (Pane.DOCK, None):
                panes.is_dock_open = False
                panes.focus(Pane.COMPOSER)

    async def set_up(self) -> None:
        """Runs the setup script, and the run script after it where the repository wants that."""
        source = self._source
        scripts = await self._read(source)
        if scripts.setup is not None:
            self.show_tab(scripts.setup.name)
            await source.runner.set_up(scripts, source.place)

    async def _ask(self, question: TrustQuestion) -> TrustAnswer:
        from conductor_tui.ui.screens.script_trust import ScriptTrustScreen

        return await self._host.ask(ScriptTrustScreen(question, self._host.key_log)) or TrustAnswer.NO
