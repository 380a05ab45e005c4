"""A screen with the workspace tree: what is chosen there, and the commands for the row under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from textual import on

from conductor_tui.ui.screens.docked import DockedScreen
from conductor_tui.ui.widgets.workspace_tree import WorkspaceTree

if TYPE_CHECKING:
    from conductor_tui.ui.screens.main import MainScreen
    from conductor_tui.ui.screens.workspace_desk import WorkspaceDesk


class TreedScreen(DockedScreen):
    """The tree's side of the main screen."""

    workspaces: WorkspaceDesk

    @property
    def _as_main_screen(self) -> MainScreen:
        return cast("MainScreen", self)

    def on_descendant_focus(self) -> None:
        """The status line names the keys of the pane that has the focus."""
        super().on_descendant_focus()
        if self.is_furnished:
            self._as_main_screen.draw_lists()

    @on(WorkspaceTree.Opened)
    def open_session(self, message: WorkspaceTree.Opened) -> None:
        """A session was chosen in the tree."""
        from conductor_tui.ui.actions import session

        session.open_session(self._as_main_screen, message.thread_id)

    @on(WorkspaceTree.Entered)
    def enter_workspace(self, message: WorkspaceTree.Entered) -> None:
        """A workspace was chosen in the tree."""
        record = self.workspaces.record(message.workspace_id)
        if record is not None:
            self.workspaces.enter(record)

    @on(WorkspaceTree.Wanted)
    def run_for_workspace(self, message: WorkspaceTree.Wanted) -> None:
        """A letter was pressed in the tree."""
        from conductor_tui.ui.actions import workspace_endings, workspaces

        main, record = self._as_main_screen, self.workspaces.record(message.workspace_id)
        if reason := workspaces.why_none(main):
            self.tell(reason, "warning")
        elif message.command == "new":
            workspaces.new(main)
        elif record is None:
            self.tell("no workspace is under the cursor", "warning")
        elif message.command == "trouble":
            workspaces.read_trouble(main, record)
        else:
            {"archive": workspace_endings.archive, "rename": workspaces.rename, "pin": workspaces.pin}[message.command](
                main, record
            )
