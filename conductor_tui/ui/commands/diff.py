"""Keys of the diff."""

from __future__ import annotations

from conductor_tui.ui.commands.command import Command
from conductor_tui.ui.commands.pane import Pane

DIFF_COMMANDS: tuple[Command, ...] = (
    Command("diff.up", "Up", "A line up.", ("up", "k"), Pane.DIFF, action="cursor(-1)"),
    Command("diff.down", "Down", "A line down.", ("down", "j"), Pane.DIFF, action="cursor(1)"),
    Command(
        "diff.next_file",
        "Next file",
        "The next file.",
        ("right_square_bracket",),
        Pane.DIFF,
        action="file(1)",
        hint="file",
    ),
    Command(
        "diff.previous_file",
        "Previous file",
        "The file before.",
        ("left_square_bracket",),
        Pane.DIFF,
        action="file(-1)",
    ),
    Command("diff.next_hunk", "Next hunk", "The next change.", ("n",), Pane.DIFF, action="hunk(1)", hint="hunk"),
    Command("diff.previous_hunk", "Previous hunk", "The change before.", ("p",), Pane.DIFF, action="hunk(-1)"),
    Command("diff.toggle", "Fold", "Fold or open the file.", ("enter", "space"), Pane.DIFF, action="fold", hint="fold"),
    Command(
        "diff.scope", "Scope", "Uncommitted changes, or the last turn.", ("t",), Pane.DIFF, action="scope", hint="scope"
    ),
    Command("diff.page_up", "Page up", "A page up.", ("pageup",), Pane.DIFF, action="page(-1)"),
    Command("diff.page_down", "Page down", "A page down.", ("pagedown",), Pane.DIFF, action="page(1)"),
    Command("diff.left", "Left", "Long lines: to the left.", ("left", "h"), Pane.DIFF, action="sideways(-8)"),
    Command("diff.right", "Right", "Long lines: to the right.", ("right", "l"), Pane.DIFF, action="sideways(8)"),
    Command("diff.top", "Top", "The first line.", ("g", "home"), Pane.DIFF, action="edge(-1)"),
    Command("diff.bottom", "Bottom", "The last line.", ("G", "end"), Pane.DIFF, action="edge(1)"),
    Command("diff.copy", "Copy", "Copy the line.", ("y",), Pane.DIFF, action="copy"),
)
