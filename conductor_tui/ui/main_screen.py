"""The main screen: composes the panes and hands on frames, keys and the widgets' messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from conductor_tui.domain.problems import Trouble
from conductor_tui.services.sessions.manager import SessionManager
from conductor_tui.services.sessions.startup import first_session
from conductor_tui.settings.model import AppSettings
from conductor_tui.ui.actions import search, tree_letters, trust
from conductor_tui.ui.actions.session import open_session
from conductor_tui.ui.bindings import app_bindings
from conductor_tui.ui.changes import Shown
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.drawing import Drawing
from conductor_tui.ui.key_log import KeyLog
from conductor_tui.ui.layout.pane_layout import PaneLayout
from conductor_tui.ui.messages import CommandWanted, CopyRequested
from conductor_tui.ui.registry import FOLLOWERS, HANDLERS
from conductor_tui.ui.widgets.composer import Composer
from conductor_tui.ui.widgets.transcript.view import TranscriptView
from conductor_tui.ui.widgets.workspace_tree import WorkspaceTree
from conductor_tui.ui.window import Window

if TYPE_CHECKING:
    from conductor_tui.ui.dock_controller import DockDependencies
    from conductor_tui.ui.output.cell_diff_app import ThriftyApp
    from conductor_tui.ui.widgets.approval_panel import ApprovalPanel
    from conductor_tui.ui.widgets.dock import DockPane


class MainScreen(Screen[None]):
    """One session, the repository around it, and its controls."""

    BINDINGS: ClassVar[list[BindingType]] = [*app_bindings()]

    def __init__(
        self,
        app: ThriftyApp[Any],
        manager: SessionManager,
        *,
        settings: AppSettings,
        key_log: KeyLog,
        folder: Path,
        troubles: Sequence[Trouble] = (),
        note: str = "",
        open_scripting: Callable[[], DockDependencies] | None = None,
        on_scripts: Callable[[], None] = lambda: None,
    ) -> None:
        """`note` is a standing remark for the status line; `open_scripting` is called after the first frame.

        `folder` is the state folder. `on_scripts`: called after anything changed that runs.
        """
        super().__init__()
        self.panes = PaneLayout(self, settings.ui, manager.clock, self._diff_switched)
        self.window = Window(
            app,
            manager,
            self.panes,
            handlers=HANDLERS,
            keys=settings.keys,
            key_log=key_log,
            folder=folder,
            troubles=troubles,
        )
        self.drawing = self.window.drawing = Drawing(self.window, note)
        self._open_scripting = open_scripting
        self._on_scripts = on_scripts
        self._diff_at_start = settings.ui.diff

    def compose(self) -> ComposeResult:
        yield from self.panes.compose()

    def on_mount(self) -> None:
        """What is needed to begin to type; the rest follows the first frame."""
        window, manager = self.window, self.window.manager
        self.panes.transcript.account = lambda: manager.setup.account
        window.show_session(first_session(manager))
        self.panes.take_keys(window.keys)
        self.panes.composer.prompts = manager.store.prompts(manager.here.path)
        self.panes.focus(Pane.COMPOSER)
        self.call_after_refresh(self._furnish)

    async def _furnish(self) -> None:
        """Brings in all panes, the dock's contents and the workspaces."""
        window, manager = self.window, self.window.manager
        await self.panes.furnish(window.keys, window.key_log)
        for follow in FOLLOWERS:
            window.changes.subscribe(self, Shown.LISTS, lambda follow=follow: follow(window))  # type: ignore[misc]
        window.show_session(window.session)
        wanted = self._diff_at_start
        self.panes.is_diff_open = wanted == "open" or (
            wanted == "as before" and manager.store.is_diff_open(manager.here.path)
        )
        self.drawing.draw_troubles()
        trust.ask_for_waiting(window)
        workspaces_read = False
        if self._open_scripting is not None:
            from conductor_tui.ui.dock_controller import DockController

            around = self._open_scripting()
            window.dock = DockController(window, around, self._on_scripts)
            window.run("Could not read the scripts", window.dock.refresh())
            if around.workspaces is not None and window.workspaces.has_git:
                begin = window.workspaces.begin(around.workspaces, window.dock)
                window.run("Could not read the workspaces", begin)
                workspaces_read = True
            else:
                window.dock.is_placed.set()
        if not workspaces_read:
            window.workspaces.folders.end_reading()
        self.set_interval(1.0, self._tick)

    def _tick(self) -> None:
        self.drawing.tick()
        self.window.workspaces.look()
        self.window.keep_draft()

    def _diff_switched(self, is_open: bool) -> None:
        """The next window has the diff as this one has it."""
        if self.panes.is_furnished:
            manager = self.window.manager
            manager.store.keep_window(manager.here.path, is_diff_open=is_open)

    # The terminal and the focus

    def on_resize(self) -> None:
        """Other widths have other panes, and narrow screens shorter words."""
        self.panes.place()
        self.drawing.draw_lists()

    def on_screen_suspend(self) -> None:
        """A dialog is in front: what is typed goes there, and only there is a cursor."""
        self.panes.composer.show_cursor = False

    def on_screen_resume(self) -> None:
        """In front again."""
        self.panes.composer.show_cursor = True

    def on_descendant_focus(self) -> None:
        """The focus moved, by a key or the mouse; the status line names the keys of the pane that has it."""
        self.panes.came_to(self.panes.focused)
        if self.panes.is_furnished:
            self.drawing.draw_lists()

    def on_text_area_changed(self) -> None:
        """The composer has another height."""
        self.panes.fit_approval()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While the user types into a program, all keys are the program's."""
        panes = self.panes
        if action == "command" and panes.is_furnished and (panes.dock.is_typing or panes.dock.is_deaf):
            return False
        return super().check_action(action, parameters)

    # What keys and widgets want

    def action_command(self, command_id: str) -> None:
        """The action behind every key of the app."""
        self.window.run_command(command_id)

    @on(Composer.Submitted)
    def send(self, message: Composer.Submitted) -> None:
        """Enter in the composer."""
        self.window.submit(message.text)

    def on_approval_panel_decided(self, message: ApprovalPanel.Decided) -> None:
        """An approval was answered."""
        session = self.window.session
        session.decide(message.approval, message.answer, message.words)
        if not session.projection.waiting_approvals or self.focused is not self.panes.approval:
            self.panes.focus(Pane.COMPOSER)

    @on(TranscriptView.OlderRequested)
    def load_older(self) -> None:
        """The top of what is loaded was reached."""
        self.window.session.load_older()

    @on(TranscriptView.SearchAsked)
    def search(self, message: TranscriptView.SearchAsked) -> None:
        """`/` in the transcript, or a key for the match before the first that is loaded."""
        if message.is_further:
            search.go_on(self.window, message.words)
        else:
            self.window.run("Could not search", search.ask(self.window, message.words))

    @on(CommandWanted)
    def run_wanted(self, message: CommandWanted) -> None:
        """A widget's own way to a command of the app."""
        if message.then_write:
            self.panes.focus(Pane.COMPOSER)
        self.window.run_command(message.command)

    @on(CopyRequested)
    def copy_text(self, message: CopyRequested) -> None:
        """A line, an item or a code block is to be copied, if there is one."""
        if message.text:
            self.window.copy(message.text, message.what)
        else:
            self.window.tell(f"no {message.what} here", "warning")

    def on_dock_pane_moved(self, message: DockPane.Moved) -> None:
        """The user went to another tab or line, or began or ceased to type."""
        if self.window.dock is not None:
            self.window.dock.step(message.step)
            self.window.dock.runner.on_change()

    def on_dock_pane_resized(self, message: DockPane.Resized) -> None:
        """Programs have another number of columns and rows."""
        if self.window.dock is not None:
            self.window.dock.resize(message.columns, message.rows)

    @on(WorkspaceTree.Opened)
    def open_session(self, message: WorkspaceTree.Opened) -> None:
        """A session was chosen in the tree."""
        open_session(self.window, message.thread_id)

    @on(WorkspaceTree.Entered)
    def enter_workspace(self, message: WorkspaceTree.Entered) -> None:
        """A workspace was chosen in the tree."""
        record = self.window.workspaces.record(message.workspace_id)
        if record is not None:
            self.window.workspaces.enter(record)

    @on(WorkspaceTree.Wanted)
    def run_for_workspace(self, message: WorkspaceTree.Wanted) -> None:
        """A letter was pressed in the tree."""
        tree_letters.run_in_tree(self.window, message.command, message.workspace_id)
