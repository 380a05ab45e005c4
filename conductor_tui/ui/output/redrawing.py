"""An app that can draw everything again: something else wrote to the terminal, or a write to it was lost."""

from __future__ import annotations

import os
from typing import TypeVar

from rich.color import ColorSystem

from conductor_tui.ui.output.screen_writer import Stage
from conductor_tui.ui.themes import DEFAULT_THEME, ThemedApp

T = TypeVar("T")


class RedrawingApp(ThemedApp[T]):
    """What its driver needs of the app."""

    def __init__(self, theme: str = DEFAULT_THEME) -> None:
        super().__init__(theme)
        self.stage = Stage(self.console._color_system or ColorSystem.STANDARD, os.environ)

    def redraw(self) -> None:
        """Draws everything anew: something else wrote to the terminal, or a write to it was lost.

        The last writes of an app whose terminal has gone are lost, too, when there is nothing left to draw.
        """
        self.stage.forget()
        if self.screen_stack:
            self.screen.refresh(layout=True)
