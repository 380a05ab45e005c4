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
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct, field
from textual import events
from textual.screen import Screen

from conductor_tui.domain.problems import Trouble
from conductor_tui.services.interfaces import Clock, Connector, Repository
from conductor_tui.services.sessions.manager import SessionManager
from conductor_tui.services.workspaces.checkouts import Checkouts
from conductor_tui.settings import paths
from conductor_tui.settings.model import AppSettings
from conductor_tui.storage.database import Store
from conductor_tui.ui import styles
from conductor_tui.ui.bridge import Bridge
from conductor_tui.ui.commands.keymap import textual_keymap
from conductor_tui.ui.key_log import KeyLog
from conductor_tui.ui.live_settings import Origins, Preferences
from conductor_tui.ui.main_screen import MainScreen
from conductor_tui.ui.output.cell_diff_app import ThriftyApp
from conductor_tui.ui.terminal import frame_interval
from conductor_tui.ui.window import Window
from conductor_tui.ui.workspace_controller import WorkspaceController

if TYPE_CHECKING:
    from conductor_tui.ui.dock_controller import DockDependencies

log = logging.getLogger(__name__)


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
    main_folder: Path | None = None
    """The main worktree's top folder, where `root` is a linked worktree."""
    open_scripts: Callable[[Store, Clock], DockDependencies] | None = None
    """What runs scripts and terminals here; None where nothing is run."""
    clock: Clock = time.time
    """Seconds since 1970."""
    origins: Origins = field(default_factory=Origins)
    monotonic: Clock = time.monotonic
    """Seconds since any moment, which nobody sets: by it, keys typed ahead are told from answers."""


class ConductorApp(ThriftyApp[None], inherit_bindings=False):
    """One window on the sessions of one repository. All its keys are in the command table."""

    TITLE = "conductor-tui"
    CSS_PATH: ClassVar[list[str | PurePath]] = [*styles.FILES]
    ENABLE_COMMAND_PALETTE = False  # the command table has a palette of its own
    BINDINGS = []

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around.settings.ui.theme)
        self._around = around
        self.key_log = KeyLog(around.monotonic)
        self.set_keymap(textual_keymap(around.settings.keys))
        self.store: Store
        self.manager: SessionManager
        self.bridge: Bridge
        self.main: MainScreen
        self.window: Window
        self.checkouts: Checkouts | None = None
        self._scripting: DockDependencies | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def get_default_screen(self) -> Screen[object]:
        """The main screen, made when the loop runs."""
        around = self._around
        self.store = around.open_store()
        self.manager = SessionManager(around.root, around.connect, self.store, around.clock, around.main_folder)
        troubles = list(around.troubles)
        if around.settings.keys:
            from conductor_tui.ui.commands.key_rules import wrong_keys

            troubles.extend(wrong_keys(around.settings.keys))
        screen = self.main = MainScreen(
            self,
            self.manager,
            settings=around.settings,
            key_log=self.key_log,
            folder=around.state_dir,
            troubles=troubles,
            note=around.note,
            open_scripting=self._open_scripting if around.open_scripts is not None else None,
            on_scripts=lambda: self.bridge.scripts_changed(),
        )
        window = self.window = screen.window
        window.preferences = Preferences(self, screen.panes, around.settings, around.origins, window.keys_changed)
        self.bridge = Bridge(self, self.manager, screen.drawing.draw, frame_interval(os.environ), self.pace.delay)
        if around.open_repository is not None:
            self.checkouts = Checkouts(around.open_repository, self.bridge.workspace_changed)
        window.workspaces = WorkspaceController(window, self.checkouts, around.root, self.bridge.workspace_changed)
        self.manager.prepare_folder = window.workspaces.folders.prepare
        return screen  # type: ignore[return-value]

    def _open_scripting(self) -> DockDependencies:
        assert self._around.open_scripts is not None
        self._scripting = self._around.open_scripts(self.store, self._around.clock)
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
            for number in (signal.SIGTERM, signal.SIGHUP):
                asyncio.get_running_loop().add_signal_handler(number, self._end)
        self._tasks.append(asyncio.create_task(self.manager.run(), name="sessions"))
        if self.checkouts is not None:
            self.checkouts.follow([self._around.root])
        if self._around.opening_prompt:
            self.window.session.send(self._around.opening_prompt)

    def _end(self) -> None:
        """Somebody ends this window, or its line is gone: what stands in the composer is kept as it is now."""
        self.window.keep_draft()
        self.exit()

    def key_comes(self, event: events.Key | events.Paste) -> None:
        """Remembers when keys came, and lets the main screen say whose the next one is."""
        self.key_log.note(event.key if isinstance(event, events.Key) else "")
        if self.screen is self.main:
            self.main.panes.key_comes(event, self.window.keys, is_burst=self.has_key_waiting)

    def nobody_took(self, event: events.Key | events.Paste) -> None:
        """What is typed where it means nothing is meant for the composer."""
        if self.screen is self.main:
            self.main.panes.write_in_composer(event)

    def line_is_ready(self) -> None:
        """A frame that waited for the terminal is drawn now."""
        self.bridge.hurry()

    def on_app_focus(self) -> None:
        """Somebody may have decided in another window."""
        from conductor_tui.ui.actions import trust

        trust.look_again(self.window)

    async def on_unmount(self) -> None:
        """Drafts are kept, the connection is closed; Codex and its turns go on. Scripts end with their window.

        Unfinished work is rolled back first, while git and the store can still be reached.
        """
        await self.window.close()
        if self._scripting is not None:
            for runner in self._scripting.runners.all:
                runner.on_change = lambda: None
            await self._scripting.runners.close()
        if self.checkouts is not None:
            await self.checkouts.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.store.close()

    def _fatal_error(self) -> None:
        """A bug ends the app: the traceback goes to the log, the screen says what is safe and where to look."""
        log.critical("the app stopped", exc_info=sys.exc_info())
        self._exit_renderables.append(
            "conductor-tui stopped because of an error of its own. Running turns go on and drafts are kept: "
            "start it again to find them.\n"
            f"Please report it with the log: {self._around.state_dir / paths.LOG_NAME}"
        )
        self._close_messages_no_wait()
