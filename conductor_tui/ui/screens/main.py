"""The main screen: the panes around one session. It owns what is shown, not what is known.

Changes come once a frame from the bridge and are handed to the widgets; messages come from the widgets and become
intents of the session; everything with a key is a command of the table.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import var
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from conductor_tui.domain.changes import SessionChange
from conductor_tui.domain.diffs import DiffScope
from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.text import visible_line
from conductor_tui.domain.troubles import Trouble
from conductor_tui.sessions.manager import SessionManager
from conductor_tui.sessions.session import Session
from conductor_tui.sessions.workspace import Workspace
from conductor_tui.ui.actions import session as session_actions
from conductor_tui.ui.bridge import Frame
from conductor_tui.ui.commands import Command, app_bindings, command
from conductor_tui.ui.layout import Pane, arrange
from conductor_tui.ui.presentation import main as present
from conductor_tui.ui.presentation.threads import Entry
from conductor_tui.ui.screens import panes
from conductor_tui.ui.widgets.composer import Composer
from conductor_tui.ui.widgets.controls_pane import ControlsPane
from conductor_tui.ui.widgets.status_line import StatusLine
from conductor_tui.ui.widgets.transcript.view import TranscriptView
from conductor_tui.ui.widgets.workspace_tree import WorkspaceTree

if TYPE_CHECKING:
    from conductor_tui.ui.widgets.approval_panel import ApprovalPanel
    from conductor_tui.ui.widgets.banner import Banner
    from conductor_tui.ui.widgets.diff_pane import DiffPane

TWICE_SECONDS = 2.0


class MainScreen(Screen[None]):
    """One session, the repository around it, and its controls."""

    BINDINGS: ClassVar[list[BindingType]] = [*app_bindings()]

    is_diff_open: var[bool] = var(False, init=False)
    is_zoomed: var[bool] = var(False, init=False)

    def __init__(
        self,
        manager: SessionManager,
        workspace: Workspace | None,
        *,
        keys: Mapping[str, Sequence[str]],
        troubles: Sequence[Trouble] = (),
        note: str = "",
        root: str = "",
    ) -> None:
        """`workspace` is None outside a git repository; `note` is a standing remark for the status line."""
        super().__init__()
        self.manager = manager
        self.workspace = workspace
        self.keys = keys
        self.session: Session
        self.scope = DiffScope.UNCOMMITTED
        self._troubles = list(troubles)
        self._note = note
        self._root = root
        self._side = Pane.CONTROLS
        self._main = Pane.TRANSCRIPT
        self._armed = ("", 0.0)
        self.is_furnished = False
        """Whether all panes are there."""
        self.diff_pane: DiffPane
        self.banner: Banner
        self.approval_panel: ApprovalPanel

    def compose(self) -> ComposeResult:
        yield Static(id="tabs")
        with Horizontal(id="panes"):
            yield WorkspaceTree(id="tree")
            yield ControlsPane(id="controls")
            with Vertical(id="centre"):
                with Horizontal(id="main"):
                    yield TranscriptView(id="transcript", root=self._root, clock=self.manager.clock)
                yield Composer(id="composer")
        yield StatusLine(id="status")

    def on_mount(self) -> None:
        """What is needed to begin to type; the rest follows the first frame."""
        self.show_session(self._first_session())
        self.composer.prompts = self.manager.store.prompts(self.manager.root)
        self.focus_pane(Pane.COMPOSER)
        self.call_after_refresh(self._furnish)

    async def _furnish(self) -> None:
        """Brings in the panes that are hidden at first."""
        from conductor_tui.ui.widgets.approval_panel import ApprovalPanel
        from conductor_tui.ui.widgets.banner import Banner
        from conductor_tui.ui.widgets.diff_pane import DiffPane

        self.diff_pane, self.banner = DiffPane(id="diff"), Banner(id="banner")
        self.approval_panel = ApprovalPanel(id="approval")
        self.diff_pane.display = False
        await self.query_one("#main").mount(self.diff_pane)
        await self.query_one("#centre").mount(self.banner, self.approval_panel, before="#composer")
        self.is_furnished = True
        self.show_session(self.session)
        self._show_troubles()
        self.set_interval(1.0, self._tick)

    def _first_session(self) -> Session:
        last = self.manager.store.last_session(self.manager.root)
        return self.manager.open_session(ThreadId(last)) if last else self.manager.new_session()

    # What commands and widgets use

    @property
    def composer(self) -> Composer:
        return self.query_one(Composer)

    @property
    def focused_pane(self) -> Pane:
        """The pane that has the focus; the composer when none has."""
        node: Widget | None = self.focused
        while node is not None and node is not self:
            if node.id in panes.BY_ID:
                return panes.BY_ID[node.id]
            node = node.parent if isinstance(node.parent, Widget) else None
        return Pane.COMPOSER

    def focus_pane(self, pane: Pane) -> None:
        """Moves the focus; a hidden pane comes forward."""
        if pane in (Pane.TREE, Pane.CONTROLS):
            self._side = pane
        elif pane in (Pane.TRANSCRIPT, Pane.DIFF):
            self._main = pane
        self._arrange(pane)
        for widget in self.query(f"#{panes.IDS[pane]}"):
            widget.focus()

    def show_session(self, session: Session) -> None:
        """Shows another session; the draft of the one before stays with it."""
        if self.manager.shown is not None:
            self.manager.keep_draft(self.manager.shown, self.composer.text)
        self.session = session
        self.manager.show(session)
        self.query_one(TranscriptView).show(session.projection, empty=present.welcome(self))
        self.composer.replace_text(session.draft)
        self._draw_session()
        self._draw_diff()

    def entries(self) -> list[Entry]:
        """The sessions as the lists show them, those that need the user first."""
        return present.entries(self.manager, self.session)

    def add_trouble(self, trouble: Trouble) -> None:
        """Shows a problem above the composer."""
        self._troubles.append(trouble)
        if self.is_furnished:
            self._show_troubles()

    def toggle_scope(self) -> None:
        """Shows the other scope of the diff."""
        is_last = self.scope is DiffScope.LAST_TURN
        self.scope = DiffScope.UNCOMMITTED if is_last else DiffScope.LAST_TURN
        self._draw_diff()

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

    def tell(self, text: str, severity: str = "information", timeout: float = 4.0) -> None:
        """A short remark in the status line, which goes away by itself."""
        style = "bold $text-warning" if severity == "warning" else "bold $text-accent"
        self.query_one(StatusLine).tell(visible_line(text), style, timeout)

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
            self._draw_session()
            if SessionChange.DIFF in frame.shown and self.scope is DiffScope.LAST_TURN:
                self._draw_diff()
            if self.workspace and panes.touches_files(self.session.projection, frame.shown):
                self.workspace.refresh_soon()
        if frame.workspace:
            self._draw_diff()
        if frame.manager:
            self._show_troubles()
            self._draw_session()
        if frame.lists or frame.manager or frame.workspace:
            self._draw_lists()

    def _draw_session(self) -> None:
        projection = self.session.projection
        if self.is_furnished:
            panes.show_approval(self, self.approval_panel, projection)
        now = self.manager.clock()
        self.query_one(ControlsPane).show(present.control_groups(self.manager, projection, now))
        self.composer.hint(present.composer_hint(self, self.session))
        self._draw_lists()

    def _draw_lists(self) -> None:
        entries = self.entries()
        state = self.workspace.state if self.workspace else None
        name = self.manager.root.name or str(self.manager.root)
        self.query_one(WorkspaceTree).show(name, state, entries, self.manager.clock())
        self.query_one(TranscriptView).border_title = Content(present.session_title(self.manager, self.session))
        status = self.query_one(StatusLine)
        status.left = present.status(self.manager, self.session, entries, self._note, is_short=self.size.width < 100)
        status.hints = present.hints(self)

    def _draw_diff(self) -> None:
        if self.is_furnished:
            panes.show_diff(self.diff_pane, self.scope, self.session.projection, self.workspace)

    def _show_troubles(self) -> None:
        self.banner.show([*self._troubles, *present.troubles(self.manager, self.workspace)])

    def _tick(self) -> None:
        """Once a second, while a turn runs: elapsed time. Nothing is written when nothing runs."""
        if self.session.projection.running_turn:
            self.query_one(TranscriptView).tick()
        self.manager.keep_draft(self.session, self.composer.text)

    # Layout

    def on_resize(self) -> None:
        """Other widths have other panes."""
        self._arrange(self.focused_pane)
        self._draw_lists()

    def watch_is_diff_open(self) -> None:
        """The diff opens with whatever scope was shown last."""
        self._main = Pane.DIFF if self.is_diff_open else Pane.TRANSCRIPT
        self._arrange(self.focused_pane)

    def watch_is_zoomed(self) -> None:
        """One pane with the full width, or all of them."""
        self._arrange(self.focused_pane)

    def _arrange(self, focused: Pane) -> None:
        if not self.is_mounted:
            return
        arrangement = arrange(
            self.size.width,
            focused=focused,
            side=self._side,
            main=self._main,
            is_diff_open=self.is_diff_open,
            is_zoomed=self.is_zoomed,
        )
        panes.apply_arrangement(self, arrangement)
        self.composer.max_lines = max(2, min(10, self.size.height // 4))

    # Messages

    @on(Composer.Submitted)
    def send(self, message: Composer.Submitted) -> None:
        """Enter in the composer."""
        self.manager.store.keep_prompt(self.manager.root, message.text)
        self.session.send(message.text)
        self.manager.keep_draft(self.session, "")
        self.query_one(TranscriptView).follow()

    @on(Composer.KeysAsked)
    def show_keys(self) -> None:
        """`?` in the empty composer."""
        self.action_command("app.help")

    def on_approval_panel_decided(self, message: ApprovalPanel.Decided) -> None:
        """An approval was answered."""
        self.session.decide(message.approval, message.answer, message.words)
        self.focus_pane(Pane.COMPOSER)

    def on_approval_panel_typed_ahead(self, message: ApprovalPanel.TypedAhead) -> None:
        """A key fell on the approval panel too early to be an answer."""
        self.composer.type_ahead(message.character)

    @on(WorkspaceTree.Opened)
    def open_session(self, message: WorkspaceTree.Opened) -> None:
        """A session was chosen in the tree."""
        session_actions.open_session(self, message.thread_id)

    @on(ControlsPane.Chosen)
    def change_control(self, message: ControlsPane.Chosen) -> None:
        """A control was chosen in the sidebar."""
        self.action_command(message.command)

    def on_diff_pane_scope_toggled(self) -> None:
        """The diff's own key for its scope."""
        self.toggle_scope()

    @on(TranscriptView.OlderRequested)
    def load_older(self) -> None:
        """The top of what is loaded was reached."""
        self.session.load_older()

    def on_diff_pane_copy_requested(self, message: DiffPane.CopyRequested) -> None:
        """A line of the diff is to be copied."""
        self.copy(message.text, "line")

    @on(TranscriptView.CopyRequested)
    def copy_item(self, message: TranscriptView.CopyRequested) -> None:
        """An item is to be copied."""
        self.copy(message.text, message.what)
