"""The main screen: the panes around one session. It owns what is shown, not what is known.

Changes come once a frame from the bridge and are handed to the widgets; messages come from the widgets and become
intents of the session; everything with a key is a command of the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.content import Content

from conductor_tui.domain.changes import SessionChange, TurnChanged
from conductor_tui.domain.diffs import DiffScope
from conductor_tui.domain.troubles import Trouble
from conductor_tui.sessions.manager import ManagerChange, SessionManager
from conductor_tui.sessions.session import Session
from conductor_tui.sessions.unread import first_session
from conductor_tui.settings.model import AppSettings
from conductor_tui.ui.actions import attention, toolbox
from conductor_tui.ui.actions import plan as plan_actions
from conductor_tui.ui.actions import search as search_actions
from conductor_tui.ui.actions import trust as trust_actions
from conductor_tui.ui.bridge import Frame
from conductor_tui.ui.commands import Command, command
from conductor_tui.ui.keymap import actions_by_key
from conductor_tui.ui.layout import Pane
from conductor_tui.ui.messages import CommandWanted, CopyRequested
from conductor_tui.ui.output.display import ThriftyApp
from conductor_tui.ui.presentation import main as present
from conductor_tui.ui.presentation.threads import Entry
from conductor_tui.ui.screens import panes
from conductor_tui.ui.screens.treed import TreedScreen
from conductor_tui.ui.widgets.composer import Composer
from conductor_tui.ui.widgets.controls_pane import ControlsPane
from conductor_tui.ui.widgets.status_line import StatusLine
from conductor_tui.ui.widgets.transcript.view import TranscriptView
from conductor_tui.ui.widgets.workspace_tree import WorkspaceTree

if TYPE_CHECKING:
    from conductor_tui.ui.preferences import Preferences
    from conductor_tui.ui.screens.script_desk import Scripting
    from conductor_tui.ui.widgets.approval_panel import ApprovalPanel


class MainScreen(TreedScreen):
    """One session, the repository around it, and its controls."""

    def __init__(
        self,
        manager: SessionManager,
        *,
        settings: AppSettings,
        troubles: Sequence[Trouble] = (),
        note: str = "",
        open_scripting: Callable[[], Scripting] | None = None,
        on_scripts: Callable[[], None] = lambda: None,
    ) -> None:
        """`note` is a standing remark for the status line; `open_scripting` is called after the first frame.

        `on_scripts`: called after anything changed that runs.
        """
        super().__init__(settings.keys, manager.clock)
        self.composer_lines = settings.ui.composer_lines
        self.set_reactive(MainScreen.has_controls, settings.ui.controls)
        self.preferences: Preferences
        self.manager = manager
        self.session: Session
        self.scope = DiffScope.UNCOMMITTED
        self._open_scripting = open_scripting
        self._on_scripts = on_scripts
        self._troubles = list(troubles)
        self._note = note
        self.not_taken: dict[str, str] = {}
        """What was written and not taken yet, by what it was written for: its question begins with it."""
        self._diff_at_start = settings.ui.diff

    def on_mount(self) -> None:
        """What is needed to begin to type; the rest follows the first frame."""
        self.query_one(TranscriptView).account = lambda: self.manager.setup.account
        self.show_session(first_session(self.manager))
        self.keys_changed(self.keys)
        self.composer.prompts = self.manager.store.prompts(self.manager.here.path)
        self.focus_pane(Pane.COMPOSER)
        self.call_after_refresh(self.furnish)

    def furnished(self) -> None:
        """All panes are there."""
        self.show_session(self.session)
        wanted = self._diff_at_start
        self.is_diff_open = wanted == "open" or (
            wanted == "as before" and self.manager.store.is_diff_open(self.manager.here.path)
        )
        self._show_troubles()
        trust_actions.ask_for_waiting(self)
        if self._open_scripting is not None:
            from conductor_tui.ui.screens.script_desk import ScriptDesk

            around = self._open_scripting()
            self.desk = ScriptDesk(self, around, self._on_scripts)
            self.manager.spawn(self.desk.refresh())
            if around.workspaces is not None and self.workspaces.has_git:
                self.manager.spawn(self.workspaces.begin(around.workspaces))
            else:
                self.workspaces.folders.end_reading()
                self.desk.is_placed.set()
        else:
            self.workspaces.folders.end_reading()
        self.set_interval(1.0, self._tick)

    # What commands and widgets use

    def show_session(self, session: Session) -> None:
        """Shows another session; the draft of the one before stays with it."""
        if self.manager.shown is not None:
            self.manager.keep_draft(self.manager.shown, self.composer.text)
        self.session = session
        self.manager.show(session)
        root = str(session.folder.path)
        self.query_one(TranscriptView).show(session.projection, empty=partial(present.welcome, self), root=root)
        self.composer.replace_text(session.draft)
        self.draw_session()
        self._draw_diff()

    def keys_changed(self, keys: Mapping[str, Sequence[str]]) -> None:
        """Other keys are in force from now on."""
        self.keys = keys
        self.composer.actions = actions_by_key(Pane.COMPOSER, keys)
        if self.is_furnished:
            self.draw_session()
            self.query_one(TranscriptView).welcome_again()

    def entries(self) -> list[Entry]:
        """The sessions as the lists show them, those that need the user first."""
        return present.entries(self.manager, self.session)

    def add_trouble(self, trouble: Trouble) -> None:
        """Shows a problem above the composer."""
        self._troubles.append(trouble)
        self._show_troubles()

    def toggle_scope(self) -> None:
        """Shows the other scope of the diff."""
        is_last = self.scope is DiffScope.LAST_TURN
        self.scope = DiffScope.UNCOMMITTED if is_last else DiffScope.LAST_TURN
        self._draw_diff()

    def copy(self, text: str, what: str) -> None:
        """Copies text to the user's clipboard and says how."""
        self.run_worker(panes.copy(self, text, what))

    def run_command(self, wanted: Command) -> None:
        """Runs a command of the app, or says why it does not apply."""
        reason = wanted.reason(self)
        if reason is not None and wanted.id != "session.interrupt":
            self.tell(f"{wanted.title}: {reason}", "warning")
        elif wanted.run is not None:
            wanted.run(self)

    def action_command(self, command_id: str) -> None:
        """The action behind every key of the app."""
        self.run_command(command(command_id))

    # Frames

    def draw(self, frame: Frame) -> None:
        """Shows what changed since the last frame."""
        if not self.is_furnished or not self.query("#transcript"):
            return  # all is drawn when the panes are there; or the app is closing
        if frame.shown:
            self.query_one(TranscriptView).apply(frame.shown)
            if any(isinstance(change, (SessionChange, TurnChanged)) for change in frame.shown):
                self.draw_session()
            if SessionChange.DIFF in frame.shown and self.scope is DiffScope.LAST_TURN:
                self._draw_diff()
            if SessionChange.OUTGOING in frame.shown:
                trust_actions.ask_for_waiting(self)
            checkout = self.workspaces.checkout
            if checkout and panes.touches_files(self.session.projection, frame.shown):
                checkout.refresh_soon()
        if frame.workspace:
            self.query_one(TranscriptView).welcome_again()
            self._draw_diff()
            self._show_troubles()
        if ManagerChange.SETUP in frame.manager:
            self.query_one(TranscriptView).judge_again()
        if frame.manager:
            self.draw_session()
        if frame.scripts and self.desk is not None:
            self.desk.draw()
        if frame.lists or frame.manager or frame.workspace or frame.scripts:
            self.draw_lists()

    def draw_session(self) -> None:
        """Shows all there is to the session, apart from its transcript."""
        projection = self.session.projection
        if self.is_furnished:
            panes.show_approval(self, self.approval_panel, projection)
        now = self.manager.clock()
        self.query_one(ControlsPane).show(present.control_groups(self, self.session, now))
        self.composer.hint(present.composer_hint(self, self.session))
        self._show_troubles()
        plan_actions.follow(self)
        self.draw_lists()

    def draw_lists(self) -> None:
        """Shows the tree, the titles and the status line."""
        entries = self.entries()
        self.query_one(WorkspaceTree).show(self.workspaces.branches(), self.manager.clock())
        self.query_one(TranscriptView).border_title = Content(present.session_title(self.manager, self.session))
        status = self.query_one(StatusLine)
        status.left = present.status(self, entries, self._note)
        status.hints, status.own = present.hints(self), len(present.own_hints(self))
        if isinstance(self.app, ThriftyApp):
            self.app.name_window(present.window_name(self, entries))
        attention.follow(self)

    def _draw_diff(self) -> None:
        if self.is_furnished:
            panes.show_diff(self.diff_pane, self.scope, self.session, self.workspaces.checkout)

    def _show_troubles(self) -> None:
        if self.is_furnished:
            key, is_asked = present.close_key(self), self.approval_panel.approval is not None
            self.banner.show([*self._troubles, *present.troubles(self)], key=key, is_low=is_asked)

    def _tick(self) -> None:
        """Once a second, while a turn runs: elapsed time. Nothing when nothing runs, or nobody looks.

        Once a minute, how long a limit lasts.
        """
        if self.session.projection.running_turn and self.app.app_focus:
            self.query_one(TranscriptView).tick()
        if self.manager.clock() % 60 < 1:  # the time until a limit resets
            self.query_one(TranscriptView).judge_again()
            if self.manager.setup.limits.is_counting:
                self.draw_session()
        if self.app.app_focus:
            self.tick_dock()
        self.workspaces.look()
        self.keep_draft()

    def keep_draft(self) -> None:
        """Keeps what stands in the composer, also for the next start."""
        self.manager.keep_draft(self.session, self.composer.text)

    def watch_is_diff_open(self) -> None:
        """The next window has the diff as this one has it."""
        super().watch_is_diff_open()
        if self.is_furnished:
            self.manager.store.keep_window(self.manager.here.path, is_diff_open=self.is_diff_open)

    def on_resize(self) -> None:
        """Narrow screens have shorter words."""
        super().on_resize()
        self.draw_lists()

    # Messages

    @on(Composer.Submitted)
    def send(self, message: Composer.Submitted) -> None:
        """Enter in the composer."""
        self.submit(message.text)

    def submit(self, text: str) -> None:
        """Sends a prompt in the session on screen, after a question where one is due."""
        if not (trust_actions.asks_first(self, text) or toolbox.asks_first(self, text)):
            self.send_text(text)

    def send_text(self, text: str) -> None:
        """Sends a prompt in the session on screen."""
        self.workspaces.prompted(text)
        self.manager.store.keep_prompt(self.manager.here.path, text)
        self.session.send(text)
        self.manager.keep_draft(self.session, "")
        self.query_one(TranscriptView).follow()

    def on_approval_panel_decided(self, message: ApprovalPanel.Decided) -> None:
        """An approval was answered."""
        self.session.decide(message.approval, message.answer, message.words)
        if not self.session.projection.waiting_approvals or self.focused is not self.approval_panel:
            self.focus_pane(Pane.COMPOSER)

    @on(TranscriptView.OlderRequested)
    def load_older(self) -> None:
        """The top of what is loaded was reached."""
        self.session.load_older()

    @on(TranscriptView.SearchAsked)
    def search(self, message: TranscriptView.SearchAsked) -> None:
        """`/` in the transcript, or a key for the match before the first that is loaded."""
        transcript = self.query_one(TranscriptView)
        if message.is_further:
            search_actions.go_on(self, transcript, message.words)
        else:
            search_actions.ask(self, transcript, message.words)

    @on(CommandWanted)
    def run_wanted(self, message: CommandWanted) -> None:
        """A widget's own way to a command of the app."""
        if message.then_write:
            self.focus_pane(Pane.COMPOSER)
        self.action_command(message.command)

    @on(CopyRequested)
    def copy_text(self, message: CopyRequested) -> None:
        """A line, an item or a code block is to be copied, if there is one."""
        if message.text:
            self.copy(message.text, message.what)
        else:
            self.tell(f"no {message.what} here", "warning")
