"""A screen of panes with a dock: scripts and terminals come to it, and its keys go to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_tui.ui.screens.paned import PanedScreen

if TYPE_CHECKING:
    from conductor_tui.ui.screens.script_desk import ScriptDesk
    from conductor_tui.ui.widgets.dock import DockPane


class DockedScreen(PanedScreen):
    """The dock's side of the main screen."""

    desk: ScriptDesk | None = None
    """Scripts and terminals; None where nothing can be run."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While the user types into a program, all keys are the program's."""
        if action == "command" and self.is_furnished and (self.dock_pane.is_typing or self.dock_pane.is_deaf):
            return False
        return super().check_action(action, parameters)

    def on_dock_pane_moved(self, message: DockPane.Moved) -> None:
        """The user went to another tab or line, or began or ceased to type."""
        if self.desk is not None:
            self.desk.step(message.step)
            self.desk.runner.on_change()

    def on_dock_pane_resized(self, message: DockPane.Resized) -> None:
        """Programs have another number of columns and rows."""
        if self.desk is not None:
            self.desk.resize(message.columns, message.rows)

    def tick_dock(self) -> None:
        """Once a second: how long what is shown has been running."""
        if self.desk is not None and self.is_dock_open and self.desk.runner.alive:
            self.dock_pane.tick(self.desk.runner.clock())
