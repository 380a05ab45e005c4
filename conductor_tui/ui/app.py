"""The app: themes, the main screen, and the tasks that feed it. Everything it needs is handed in."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct, field
from textual.app import SystemCommand
from textual.screen import Screen

from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.troubles import Trouble
from conductor_tui.sessions.manager import SessionManager
from conductor_tui.sessions.ports import Clock, Connector, Repository
from conductor_tui.sessions.store import Store
from conductor_tui.sessions.workspace import Workspace
from conductor_tui.settings.model import AppSettings
from conductor_tui.ui import styles
from conductor_tui.ui.bridge import Bridge
from conductor_tui.ui.keymap import textual_keymap
from conductor_tui.ui.output.display import ThriftyApp
from conductor_tui.ui.preferences import Origins, Preferences
from conductor_tui.ui.screens.main import MainScreen
from conductor_tui.ui.terminal import frame_interval

if TYPE_CHECKING:
    from textual.command import Provider

    from conductor_tui.ui.screens.script_desk import Scripting

log = logging.getLogger(__name__)


def _commands() -> type[Provider]:
    from conductor_tui.ui.palette import CommandProvider

    return CommandProvider


class Surroundings(Struct, frozen=True):
    """What the app is given from outside."""

    root: Path
    """The repository's top folder, or the folder it was started in."""
    state_dir: Path
    settings: AppSettings
    open_store: Callable[[], Store]
    connect: Connector
    open_repository: Callable[[Path], Awaitable[Repository]] | None
    """None outside a git repository."""
    troubles: Sequence[Trouble] = field(default_factory=tuple)
    note: str = ""
    """A standing remark in the status line, such as that the model is scripted."""
    opening_prompt: str = ""
    """Sent once the session is open (the demo)."""
    open_scripts: Callable[[Store, Clock], Scripting] | None = None
    """What runs scripts and terminals here; None where nothing is run."""
    main_folder: Path | None = None
    """The main worktree's top folder, where `root` is a linked worktree."""
    clock: Clock = time.time
    """Seconds since 1970."""
    origins: Origins = field(default_factory=Origins)


class ConductorApp(ThriftyApp[None], inherit_bindings=False):
    """One window on the sessions of one repository. All its keys are in the command table."""

    TITLE = "conductor-tui"
    CSS_PATH: ClassVar[list[str | PurePath]] = [*styles.FILES]
    COMMANDS: ClassVar[set[Callable[[], type[Provider]]]] = {_commands}  # type: ignore[assignment]
    ENABLE_COMMAND_PALETTE = True
    BINDINGS = []

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around.settings.ui.theme)
        self._around = around
        self.state_folder = around.state_dir
        self.set_keymap(textual_keymap(around.settings.keys))
        self.store: Store
        self.manager: SessionManager
        self.bridge: Bridge
        self._scripting: Scripting | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def get_default_screen(self) -> Screen[object]:
        """The main screen, made when the loop runs."""
        around = self._around
        self.store = around.open_store()
        self.manager = SessionManager(around.root, around.connect, self.store, around.clock, around.main_folder)
        troubles = list(around.troubles)
        if around.settings.keys:
            from conductor_tui.ui.key_rules import wrong_keys

            troubles.extend(wrong_keys(around.settings.keys))
        screen = MainScreen(
            self.manager,
            None,
            settings=around.settings,
            troubles=troubles,
            note=around.note,
            root=str(around.root),
            open_scripting=self._open_scripting if around.open_scripts is not None else None,
        )
        screen.preferences = Preferences(self, screen, around.settings, around.origins)
        self.bridge = Bridge(self, self.manager, screen.draw, frame_interval(os.environ), self.pace.delay)
        return screen  # type: ignore[return-value]

    def _open_scripting(self) -> Scripting:
        assert self._around.open_scripts is not None
        self._scripting = self._around.open_scripts(self.store, self._around.clock)
        self._scripting.runner.on_change = self.bridge.scripts_changed
        return self._scripting

    @property
    def has_mouse(self) -> bool:
        """Whether the terminal is to report the mouse."""
        return self._around.settings.ui.mouse

    def on_mount(self) -> None:
        """The tasks start after the first frame: what they import must not hold it up."""
        self.call_after_refresh(self._start)

    def _start(self) -> None:
        gc.freeze()
        gc.enable()
        with contextlib.suppress(ValueError, RuntimeError):  # not the main thread: a test
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.exit)
        self._tasks.append(asyncio.create_task(self.manager.run(), name="sessions"))
        self._tasks.append(asyncio.create_task(self._watch_workspace(), name="workspace"))
        if self._around.opening_prompt:
            self.main.session.send(self._around.opening_prompt)

    @property
    def main(self) -> MainScreen:
        """The main screen, whatever stands on top of it."""
        return next(s for s in self.screen_stack if isinstance(s, MainScreen))

    def line_is_ready(self) -> None:
        """A frame that waited for the terminal is drawn now."""
        self.bridge.hurry()

    async def _watch_workspace(self) -> None:
        if self._around.open_repository is None:
            return
        try:
            repository = await self._around.open_repository(self._around.root)
        except RepositoryError as error:
            self.main.add_trouble(error.trouble)
            return
        workspace = Workspace(repository, self.bridge.workspace_changed)
        self.main.workspace = workspace
        await workspace.run()

    def on_app_focus(self) -> None:
        """Somebody may have decided in another window."""
        from conductor_tui.ui.actions import trust

        trust.look_again(self.main)

    async def on_unmount(self) -> None:
        """Drafts are kept, the connection is closed; Codex and its turns go on. Scripts end with their window."""
        if self._scripting is not None:
            self._scripting.runner.on_change = lambda: None
            await self._scripting.runner.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.store.close()

    def _fatal_error(self) -> None:
        """A bug ends the app: the traceback goes to the log, the screen says what is safe and where to look."""
        log.critical("the app stopped", exc_info=sys.exc_info())
        self._exit_renderables.append(
            "conductor-tui stopped because of an error of its own. Running turns go on and drafts are kept: "
            f"start it again to find them.\nPlease report it with the log: {self.state_folder / 'conductor-tui.log'}"
        )
        self._close_messages_no_wait()

    def write_to_terminal(self, sequence: str) -> None:
        """Sends a sequence past the screen, such as one for the clipboard."""
        if self._driver is not None:
            self._driver.write(sequence)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The palette's commands are about the main screen: over a window its key is the window's."""
        return action != "command_palette" or isinstance(self.screen, MainScreen)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """None: the palette shows the command table only."""
        return ()
