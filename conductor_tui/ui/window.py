"""One window: the session on screen, what features may do with it, and how commands are run."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from msgspec.structs import replace
from textual.screen import Screen

from conductor_tui.domain.diffs import DiffScope
from conductor_tui.domain.errors import AgentError, ConductorError
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.text import visible_line
from conductor_tui.services.sessions.manager import SessionManager
from conductor_tui.services.sessions.session import Session
from conductor_tui.settings import paths
from conductor_tui.ui import clipboard
from conductor_tui.ui.changes import Changes
from conductor_tui.ui.commands.catalogue import command
from conductor_tui.ui.context import Handler
from conductor_tui.ui.host import Answer
from conductor_tui.ui.key_log import KeyLog
from conductor_tui.ui.layout.pane_layout import PaneLayout
from conductor_tui.ui.presentation.threads import SessionEntry, entries

if TYPE_CHECKING:
    from conductor_tui.ui.dock_controller import DockController
    from conductor_tui.ui.live_settings import Preferences
    from conductor_tui.ui.output.cell_diff_app import ThriftyApp
    from conductor_tui.ui.workspace_controller import WorkspaceController

log = logging.getLogger(__name__)

TWICE_SECONDS = 2.0


class SessionDrawing(Protocol):
    """What draws the session on screen."""

    scope: DiffScope

    def show_session(self) -> None: ...
    def draw_session(self) -> None: ...
    def draw_diff(self) -> None: ...
    def draw_troubles(self) -> None: ...


class Window:
    """The context that features get. It changes what is shown; `drawing` draws it."""

    def __init__(
        self,
        app: ThriftyApp[Any],
        manager: SessionManager,
        panes: PaneLayout,
        *,
        handlers: Mapping[str, Handler],
        keys: Mapping[str, Sequence[str]],
        key_log: KeyLog,
        folder: Path,
        troubles: Sequence[Trouble] = (),
    ) -> None:
        """`keys`: the user's keys by command; `handlers`: what each command of the app does.

        `folder` is for copied text that no terminal takes.
        """
        self.app = app
        self.manager = manager
        self.panes = panes
        self.keys = keys
        self.key_log = key_log
        self.session: Session
        self.workspaces: WorkspaceController
        self.dock: DockController | None = None
        self.preferences: Preferences
        self.drawing: SessionDrawing
        self.not_taken: dict[str, str] = {}
        self.changes = Changes()
        self.troubles = list(troubles)
        self._handlers = handlers
        self._folder = folder
        self._armed = ("", 0.0)
        self._not_started: set[Coroutine[Any, Any, object]] = set()

    # The session on screen

    def show_session(self, session: Session) -> None:
        """Shows another session; the draft of the one before stays with it."""
        if self.manager.shown is not None:
            self.manager.keep_draft(self.manager.shown, self.panes.composer.text)
        self.session = session
        self.manager.show(session)
        self.drawing.show_session()

    def entries(self) -> list[SessionEntry]:
        """The sessions as the lists show them, those that need the user first."""
        return entries(self.manager, self.session)

    def submit(self, text: str) -> None:
        """Sends a prompt in the session on screen, after a question where one is due."""
        from conductor_tui.ui.actions import toolbox, trust

        if not (trust.asks_first(self, text) or toolbox.asks_first(self, text)):
            self.send(text)

    def send(self, text: str) -> None:
        """Sends a prompt in the session on screen."""
        self.workspaces.prompted(text)
        self.manager.store.keep_prompt(self.manager.here.path, text)
        self.session.send(text)
        self.manager.keep_draft(self.session, "")
        self.panes.transcript.follow()

    def keep_draft(self) -> None:
        """Keeps what stands in the composer, also for the next start."""
        self.manager.keep_draft(self.session, self.panes.composer.text)

    def keys_changed(self, keys: Mapping[str, Sequence[str]]) -> None:
        """Other keys are in force from now on."""
        self.keys = keys
        self.panes.take_keys(keys)
        if self.panes.is_furnished:
            self.drawing.draw_session()
            self.panes.transcript.welcome_again()

    def redraw(self) -> None:
        """Draws all there is to the session, apart from its transcript."""
        self.drawing.draw_session()

    def toggle_scope(self) -> None:
        """Shows the other scope of the diff."""
        is_last = self.drawing.scope is DiffScope.LAST_TURN
        self.drawing.scope = DiffScope.UNCOMMITTED if is_last else DiffScope.LAST_TURN
        self.drawing.draw_diff()

    # Flows

    async def ask(self, screen: Screen[Answer]) -> Answer | None:
        """Shows a dialog and waits for the answer; None when the user went back. Only in what `run` runs."""
        return await self.app.push_screen_wait(screen)

    def show(self, screen: Screen[Any]) -> None:
        """Puts a screen over this one; nobody waits for an answer."""
        self.app.push_screen(screen)

    def run(self, failed: str, work: Coroutine[Any, Any, object]) -> None:
        """Runs a flow or background work. `failed` begins what is said when it does not succeed."""

        async def guarded() -> None:
            self._not_started -= {flow, work}
            try:
                await work
            except AgentError as error:
                self.tell(f"{failed}: {error}", "warning")
            except ConductorError as error:
                trouble = getattr(error, "trouble", None) or Trouble(str(error))
                title = failed if trouble.title == failed else f"{failed}: {trouble.title}"
                self.add_trouble(replace(trouble, title=title))
            except Exception:  # the worker border: a bug in one flow must not end the app
                log.exception("%s", failed)
                self.tell(f"{failed}: an error in conductor-tui, see {self._folder / paths.LOG_NAME}", "warning")

        flow = guarded()
        self._not_started |= {flow, work}
        self.app.run_worker(flow, exit_on_error=False)

    async def close(self) -> None:
        """Cancels flows and background work, and returns when they are rolled back."""
        self.app.workers.cancel_all()
        await asyncio.gather(*(worker.wait() for worker in self.app.workers), return_exceptions=True)
        for coroutine in self._not_started:
            coroutine.close()

    # Words to the user

    def tell(self, text: str, severity: str = "information", timeout: float = 4.0, *, waits: bool = False) -> None:
        """A short remark in the status line, which goes away by itself; one that `waits` takes no other's place."""
        style = "bold $text-warning" if severity == "warning" else "bold $text-accent"
        self.panes.status.tell(visible_line(text), style, timeout, waits=waits)

    def add_trouble(self, trouble: Trouble) -> None:
        """Shows a problem above the composer."""
        self.troubles.append(trouble)
        self.drawing.draw_troubles()

    def pressed_twice(self, what: str, hint: str) -> bool:
        """True when the same key came twice within two seconds; the first time, the hint is shown."""
        now = time.monotonic()
        armed, since = self._armed
        if armed == what and now - since < TWICE_SECONDS:
            self._armed = ("", 0.0)
            return True
        self._armed = (what, now)
        self.tell(hint, timeout=TWICE_SECONDS)
        return False

    def copy(self, text: str, what: str, tell: Callable[[str], None] | None = None) -> None:
        """Copies text to the user's clipboard and says how, in the status line or with `tell`."""

        async def work() -> None:
            said = await clipboard.copy(text, environ=os.environ, write=self.app.write_to_terminal, folder=self._folder)
            (tell or self.tell)(f"{what} {said}")

        self.manager.spawn(work())

    # Commands

    def run_command(self, command_id: str) -> None:
        """Runs a command of the app, or says why it does not apply."""
        reason = self.reason(command_id)
        if reason is not None and command_id != "session.interrupt":
            self.tell(f"{command(command_id).title}: {reason}", "warning")
        else:
            handler = self._handlers[command_id]
            flow = handler.run(self)
            if flow is not None:
                self.run(handler.failed or f"{command(command_id).title} failed", flow)

    def reason(self, command_id: str) -> str | None:
        """Why a command of the app does not apply now; None when it does."""
        return self._handlers[command_id].reason(self)
