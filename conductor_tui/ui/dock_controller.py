"""What the dock shows and does: the scripts and terminals of the workspace on screen, and which tab is in front.

Between the runner, which knows no screen, and the dock, which knows no runner.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from conductor_tui.domain.scripts import Place, RepositoryScripts, Script, ScriptKind
from conductor_tui.domain.troubles import Trouble
from conductor_tui.sessions.runners import ScriptRunners
from conductor_tui.sessions.script_trust import TrustAnswer, TrustQuestion
from conductor_tui.sessions.scripts import RunState, ScriptRun, ScriptRunner
from conductor_tui.sessions.workspaces import Workspaces
from conductor_tui.ui.commands.catalogue import commands_of
from conductor_tui.ui.commands.keymap import key_text
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.presentation.dock import DockTab

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext

EDITOR = "${VISUAL:-${EDITOR:-vi}}"
ReadScripts = Callable[[], tuple[RepositoryScripts, list[Trouble]]]
"""Reads the repository's scripts anew; called in a thread."""


class Scripting(Struct, frozen=True):
    """What the desk needs from outside."""

    runners: ScriptRunners
    root: Path
    """The folder that the app was started in."""
    place: Place
    """The workspace on screen at first."""
    read: ReadScripts
    workspaces: Workspaces | None = None


class DockController:
    """The dock's contents for one workspace."""

    def __init__(self, ctx: UiContext, around: Scripting, on_change: Callable[[], None]) -> None:
        """`on_change`: called after anything changed that runs."""
        self._on_change = on_change
        around.runners.on_new = self._prepare
        self.runner = around.runners(around.root)
        self.place = around.place
        self.scripts = RepositoryScripts()
        self.current = ""
        """The name of the tab in front."""
        self._ctx = ctx
        self._read = around.read
        self._troubles: list[Trouble] = []
        self._edited: list[ScriptRun] = []
        self.is_placed = asyncio.Event()
        """Which workspace this is, is known; nothing starts before, as it would have neither its name nor its ports."""

    def _prepare(self, runner: ScriptRunner) -> None:
        runner.trust.ask = self._ask
        runner.on_change = self._on_change

    async def move(self, runner: ScriptRunner, place: Place, read: ReadScripts) -> None:
        """Shows another workspace's scripts and terminals; those of the one before run on."""
        self.runner, self.place, self._read = runner, place, read
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

    def script(self, name: str) -> Script | None:
        """A script of the repository as its file has it now; None when it has none of that name."""
        return next((s for s in self.scripts.scripts if s.name == name), None)

    # Showing

    async def refresh(self) -> None:
        """Reads the scripts anew."""
        self.scripts, self._troubles = await asyncio.to_thread(self._read)
        self.draw()
        self.runner.on_change()

    def draw(self) -> None:
        """Shows it all, when there is a dock to show it."""
        ctx = self._ctx
        if not ctx.panes.is_furnished or not ctx.panes.is_dock_open:
            return
        tabs = self.tabs
        if tabs and self.current not in {tab.name for tab in tabs}:
            default = self.scripts.default_run
            self.current = default.name if default is not None else tabs[0].name
        keys = {c.id: key_text(ctx.keys, c) for c in commands_of(Pane.DOCK)}
        troubles = [f"{t.title}: {t.cause}" if t.cause else t.title for t in self._troubles]
        ctx.panes.dock.show(tabs, self.current, self.runner.clock(), keys, troubles)

    def tick(self) -> None:
        """Once a second: how long what is shown has been running."""
        if self._ctx.panes.is_dock_open and self.runner.alive:
            self._ctx.panes.dock.tick(self.runner.clock())

    def show_tab(self, name: str) -> None:
        """Brings a tab to the front, and the dock with it."""
        self.current = name
        self._ctx.panes.is_dock_open = True
        self.draw()
        self._ctx.panes.focus(Pane.DOCK)

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
        self._soon(self._start(script.name, script))

    async def _start(self, name: str, known: Script) -> ScriptRun | None:
        await self.is_placed.wait()
        if known.kind is not ScriptKind.TERMINAL:
            await self.refresh()
            known = self.script(name) or known
        run = await self.runner.start(known, self.place, self.scripts.run_mode)
        if run is not None:
            self.show_tab(name)
            if known.kind is ScriptKind.TERMINAL and run.state is RunState.RUNNING:
                self._ctx.panes.dock.action_type()
        return run

    def stop(self, run: ScriptRun) -> None:
        """Ends a run; a terminal that has ended is closed."""
        if run.is_terminal and not run.is_alive and not run.left_over:
            self._soon(self.runner.close_terminal(run))
        else:
            self._soon(self.runner.stop(run))

    def restart(self, run: ScriptRun) -> None:
        """Ends a run and starts its script as the file has it now."""

        async def work() -> None:
            await self.runner.stop(run)
            await self._start(run.script.name, run.script)

        self._soon(work())

    def new_terminal(self) -> None:
        """A shell in the workspace's folder."""
        taken = {tab.script.id for tab in self.tabs if tab.script.kind is ScriptKind.TERMINAL}
        number = next(str(n) for n in range(1, 1000) if str(n) not in taken)
        self.start(Script(number, ScriptKind.TERMINAL, "", origin="your shell"))

    def edit(self, name: str, file: Path) -> None:
        """The user's editor on a file, in a terminal of that name, which goes when it ends well."""
        script = Script(name, ScriptKind.TERMINAL, EDITOR, (str(file),), origin="your editor")
        was_open = self._ctx.panes.is_dock_open

        async def work() -> None:
            run = await self._start(script.name, script)
            if run is None or run in self._edited:
                return
            self._edited.append(run)
            await run.ended.wait()
            self._edited.remove(run)
            await self._ctx.panes.dock.typed_out()
            if run.has_succeeded:
                is_in_front = self.current == script.name and run.place.id == self.place.id
                await self.runner.close_terminal(run)
                if is_in_front and not was_open and self._ctx.panes.focused in (Pane.DOCK, None):
                    self._ctx.panes.is_dock_open = False
                    self._ctx.panes.focus(Pane.COMPOSER)

        self._soon(work())

    def set_up(self) -> None:
        """Runs the set-up, and what follows it."""

        async def work() -> None:
            await self.refresh()
            setup = self.scripts.setup
            if setup is not None:
                self.show_tab(setup.name)
                await self.runner.set_up(self.scripts, self.place)

        self._soon(work())

    def _soon(self, work: Coroutine[Any, Any, object]) -> None:
        async def quietly() -> None:
            await work

        self._ctx.manager.spawn(quietly())

    async def _ask(self, question: TrustQuestion) -> TrustAnswer:
        from conductor_tui.ui.screens.script_trust import ScriptTrustScreen

        answered: asyncio.Future[TrustAnswer] = asyncio.get_running_loop().create_future()

        def take(answer: TrustAnswer | None) -> None:
            if not answered.done():
                answered.set_result(answer or TrustAnswer.NO)

        self._ctx.app.push_screen(ScriptTrustScreen(question, self._ctx.key_log), take)
        return await answered
