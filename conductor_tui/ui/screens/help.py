"""The keys: those of the focused pane first, then all others. Made from the command table."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from conductor_tui.ui.commands import Command, commands_of
from conductor_tui.ui.keymap import key_text
from conductor_tui.ui.layout import Pane

if TYPE_CHECKING:
    from conductor_tui.ui.screens.main import MainScreen


class HelpScreen(ModalScreen[None]):
    """A command that does not apply now says why."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,?,ctrl+c,enter", "dismiss(None)", "Back", show=False)]

    def __init__(self, main: MainScreen, pane: Pane) -> None:
        super().__init__()
        self._main = main
        self._pane = pane

    def compose(self) -> ComposeResult:
        with Vertical(id="help"):
            yield Static(Content.styled("Keys", "bold"))
            with VerticalScroll(can_focus=True):
                yield Static(self._text())
            palette = key_text(self._main, "app.palette")
            yield Static(Content.styled(f"↑ ↓ scroll   esc back   {palette} finds any command", "$text-muted"))

    def _text(self) -> Content:
        others = [p for p in Pane if p not in (self._pane, Pane.APP)]
        lines: list[Content] = []
        for pane in (self._pane, Pane.APP, *others):
            commands = [c for c in commands_of(pane) if key_text(self._main, c)]
            if commands and not any(line.plain == pane.value for line in lines):
                lines.extend([Content(""), Content.styled(pane.value, "bold $text-primary")])
                lines.extend(self._line(c) for c in commands)
        return Content("\n").join(lines[1:])

    def _line(self, command: Command) -> Content:
        reason = command.reason(self._main)
        style = "$text-disabled" if reason else ""
        text = f"{command.help} ({reason})" if reason else command.help
        return Content.assemble((f"  {key_text(self._main, command):<12}", "$text-primary"), (f" {text}", style))
