"""Every command as data: bindings, palette, help, status-line hints and the table of keys come from here.

What a command of the app does is registered by its feature (ui/registry.py); a command of a pane names the action of
its widget. Keys work in plain ssh and tmux: no alt, no function keys, nothing that multiplexers take as prefix.
"""

from __future__ import annotations

from collections.abc import Iterator

from conductor_tui.ui.commands.app import SESSION_COMMANDS
from conductor_tui.ui.commands.approval import APPROVAL_COMMANDS
from conductor_tui.ui.commands.command import Command
from conductor_tui.ui.commands.composer import COMPOSER_COMMANDS
from conductor_tui.ui.commands.controls import CONTROL_COMMANDS, CONTROL_LETTERS
from conductor_tui.ui.commands.diff import DIFF_COMMANDS
from conductor_tui.ui.commands.dock import DOCK_COMMANDS
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.commands.plan import PLAN_COMMANDS
from conductor_tui.ui.commands.race import RACE_COMMANDS
from conductor_tui.ui.commands.transcript import TRANSCRIPT_COMMANDS
from conductor_tui.ui.commands.view import DIFF_AND_CONTROLS, VIEW_COMMANDS
from conductor_tui.ui.commands.workspaces import TREE_LETTERS, WORKSPACE_COMMANDS

COMMANDS: tuple[Command, ...] = (
    *SESSION_COMMANDS,
    *WORKSPACE_COMMANDS,
    *CONTROL_COMMANDS,
    *DIFF_AND_CONTROLS,
    *DOCK_COMMANDS,
    *VIEW_COMMANDS,
    *COMPOSER_COMMANDS,
    *TRANSCRIPT_COMMANDS,
    *DIFF_COMMANDS,
    *TREE_LETTERS,
    *CONTROL_LETTERS,
    *APPROVAL_COMMANDS,
    *PLAN_COMMANDS,
    *RACE_COMMANDS,
)


def commands_of(pane: Pane) -> Iterator[Command]:
    """The commands of one pane, in the table's order."""
    return (c for c in COMMANDS if c.pane is pane)


def command(command_id: str) -> Command:
    """The command of that id; KeyError when there is none."""
    return _BY_ID[command_id]


_BY_ID = {c.id: c for c in COMMANDS}
