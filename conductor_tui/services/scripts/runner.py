"""Running scripts: what runs where, the rules for it, and how it ends. They are the window's: they end with it.

Rules: one run of a script at a time in a workspace; with `nonconcurrent`, one run script at a time in the repository;
nothing of the repository runs before the user trusts it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from enum import Enum, auto

from conductor_tui.domain.errors import ScriptError
from conductor_tui.domain.local_urls import LocalUrl
from conductor_tui.domain.repository_settings import RunMode
from conductor_tui.domain.scripts import (
    Ending,
    LeftOver,
    Patience,
    Place,
    RepositoryScripts,
    Script,
    ScriptKind,
)
from conductor_tui.emulator.terminal import Terminal
from conductor_tui.services.interfaces import Clock, OpenTerminal, TerminalProcess
from conductor_tui.services.scripts.live_output import LiveOutput
from conductor_tui.services.scripts.trust import ScriptTrust

PATIENCE = Patience()
LEAVING = Patience(0.2, 1.0)
"""How long scripts have when the window closes."""
_POSIX_SHELLS = frozenset({"sh", "bash", "zsh", "dash", "ksh", "mksh", "ash", "ksh93", "yash"})
RunKey = tuple[str, str]
"""A workspace's id and a script's name."""


class RunState(Enum):
    """Where a run stands."""

    STARTING = auto()
    RUNNING = auto()
    STOPPING = auto()
    ENDED = auto()
    FAILED = auto()
    """It could not be started; `ScriptRun.trouble` says why."""


class ScriptRun:
    """One run of a script, from its start to what is left of it."""

    def __init__(self, script: Script, place: Place, output: LiveOutput, started_at: float) -> None:
        self.script = script
        self.place = place
        self.output = output
        self.state = RunState.STARTING
        self.started_at = started_at
        self.ended_at: float | None = None
        self.ending: Ending | None = None
        self.was_stopped = False
        self.left_over: tuple[LeftOver, ...] = ()
        """What it started and did not end with it."""
        self.trouble = ""
        self.process: TerminalProcess | None = None
        self.opened = asyncio.Event()
        """It has a process, or could not be started."""
        self.ended = asyncio.Event()

    @property
    def key(self) -> RunKey:
        return self.place.id, self.script.name

    @property
    def is_alive(self) -> bool:
        """Whether it runs, or is about to."""
        return self.state in (RunState.STARTING, RunState.RUNNING, RunState.STOPPING)

    @property
    def is_terminal(self) -> bool:
        """Whether it is the user's own shell."""
        return self.script.kind is ScriptKind.TERMINAL

    @property
    def has_succeeded(self) -> bool:
        return self.ending is not None and self.ending.is_success and not self.was_stopped

    @property
    def screen(self) -> Terminal:
        return self.output.screen

    @property
    def urls(self) -> list[LocalUrl]:
        """The addresses of this machine that it printed."""
        return self.output.urls

    def seconds(self, now: float) -> float:
        """How long it ran, or has been running."""
        return max(0.0, (now if self.ended_at is None else self.ended_at) - self.started_at)

    def type(self, data: bytes) -> None:
        """What the user types into it."""
        if self.process is not None and self.state is RunState.RUNNING:
            self.process.write(data)


class ScriptRunner:
    """The runs of one repository, over all its workspaces; each script's newest run is kept with its output."""

    def __init__(
        self,
        open_terminal: OpenTerminal,
        trust: ScriptTrust,
        clock: Clock,
        environ: Mapping[str, str],
        patience: Patience = PATIENCE,
    ) -> None:
        """`environ`: the app's own variables, which every script has too."""
        self.trust = trust
        self.clock = clock
        self.runs: dict[RunKey, ScriptRun] = {}
        self.on_change: Callable[[], None] = lambda: None
        """Called on the loop's thread after anything changed, output included."""
        self.size = (100, 24)
        """Columns and rows of the next terminal."""
        self._open = open_terminal
        self._environ = environ
        self._patience = patience
        self._asking: set[RunKey] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def alive(self) -> list[ScriptRun]:
        """What runs, oldest first."""
        return sorted((r for r in self.runs.values() if r.is_alive), key=lambda r: r.started_at)

    @property
    def alive_scripts(self) -> list[ScriptRun]:
        """What runs and is no terminal."""
        return [run for run in self.alive if not run.is_terminal]

    # Starting

    async def start(self, script: Script, place: Place, run_mode: RunMode = RunMode.CONCURRENT) -> ScriptRun | None:
        """Starts a script, asking for trust first; the run that there is when it runs already; None for a no."""
        key = (place.id, script.name)
        known = self.runs.get(key)
        if known is not None and known.is_alive:
            return known
        if key in self._asking:
            return None
        self._asking.add(key)
        try:
            folder = folder_of(script, place)
            if not await self.trust.may_run(script, place, folder):
                return None
            if run_mode is RunMode.NONCONCURRENT and script.kind is ScriptKind.RUN:
                others = [r for r in self.alive if r.script.kind is ScriptKind.RUN]
                await asyncio.gather(*(self.stop(other) for other in others))
            if known is not None:
                self._forget(known)
            return await self._run(script, place, folder)
        finally:
            self._asking.discard(key)

    async def _run(self, script: Script, place: Place, folder: str) -> ScriptRun:
        output = LiveOutput(*self.size, lambda: self.on_change())
        run = ScriptRun(script, place, output, self.clock())
        self.runs[run.key] = run
        self.on_change()
        environment = {**self._environ, **dict(script.from_files), **dict(script.variables), **dict(place.environment)}
        try:
            process = await self._open(
                argv(script, self._environ),
                cwd=folder,
                environment=environment,
                columns=output.screen.columns,
                rows=output.screen.rows,
                on_output=output.take,
            )
        except BaseException as error:  # cancelled, too: nothing may wait for a run that never began
            run.state, run.trouble, run.ended_at = RunState.FAILED, str(error) or "it was not started", self.clock()
            run.opened.set()
            run.ended.set()
            self.on_change()
            if not isinstance(error, ScriptError):
                raise
            return run
        run.process = process
        run.opened.set()
        output.attach(process)
        if run.state is RunState.STARTING:  # it may have been stopped meanwhile
            run.state = RunState.RUNNING
        task = asyncio.create_task(self._watch(run, process), name=f"script {script.name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.on_change()
        return run

    async def _watch(self, run: ScriptRun, process: TerminalProcess) -> None:
        run.ending = await process.wait()
        run.ended_at = self.clock()
        run.left_over = await process.left_over()
        process.close()
        run.state = RunState.ENDED
        run.ended.set()
        self.on_change()

    async def set_up(self, scripts: RepositoryScripts, place: Place) -> ScriptRun | None:
        """Runs the set-up of a new workspace, then the run script where the repository wants that."""
        setup = scripts.setup
        run = await self.start(setup, place) if setup is not None else None
        if run is not None:
            await run.ended.wait()
        default = scripts.default_run
        is_ready = setup is None or (run is not None and run.has_succeeded)
        if default is not None and scripts.is_run_after_setup and is_ready:
            await self.start(default, place, scripts.run_mode)
        return run

    # Ending

    async def stop(self, run: ScriptRun, patience: Patience | None = None) -> None:
        """Ends a run with all it started, also what it left over; returns when nothing of it is left."""
        process, patience = run.process, patience or self._patience
        if run.is_alive:
            run.was_stopped, run.state = True, RunState.STOPPING
            self.on_change()
            await run.opened.wait()
            process = run.process
            if process is not None:
                await process.stop(patience)
            await run.ended.wait()
        if run.left_over and process is not None:
            await process.end_left_over(patience)
            run.left_over = await process.left_over()
            self.on_change()

    async def restart(self, run: ScriptRun, script: Script, run_mode: RunMode) -> ScriptRun | None:
        """Stops a run and starts the script, as it is now, in its place."""
        await self.stop(run)
        return await self.start(script, run.place, run_mode)

    async def close_terminal(self, run: ScriptRun) -> None:
        """Ends a run and forgets it with its output."""
        await self.stop(run)
        self._forget(run)
        self.on_change()

    def _forget(self, run: ScriptRun) -> None:
        if self.runs.get(run.key) is run:
            del self.runs[run.key]

    async def close(self) -> None:
        """The window closes: everything that runs ends, within about a second."""
        await asyncio.gather(*(self.stop(run, LEAVING) for run in self.alive))
        for task in [*self._tasks]:
            await task


def folder_of(script: Script, place: Place) -> str:
    """Where a script runs, whole; it may lie outside the workspace, which the user sees before it runs."""
    return os.path.normpath(os.path.join(place.folder, script.cwd))  # noqa: PTH118 (`..` is taken literally)


def argv(script: Script, environ: Mapping[str, str]) -> list[str]:
    """The shell and what it is given: the user's, if it speaks POSIX, not interactive; a login shell as terminal.

    A terminal's text is ours, so that it is /bin/sh that reads it.
    """
    shell = environ.get("SHELL") or "/bin/sh"
    if script.kind is ScriptKind.TERMINAL:
        return ["/bin/sh", "-c", script.command] if script.text else [shell, "-l"]
    is_posix = os.path.basename(shell) in _POSIX_SHELLS and os.access(shell, os.X_OK)  # noqa: PTH119
    return [shell if is_posix else "/bin/sh", "-c", script.command]
