"""Keys of the diff."""

from __future__ import annotations

from conductor_tui.ui.commands.command import Command
from conductor_tui.ui.commands.pane import Pane

DIFF_COMMANDS: tuple[Command, ...] = (
    Command("diff.up", "Up", "Move up a line.", ("up", "k"), Pane.DIFF, action="cursor(-1)"),
    Command("diff.down", "Down", "Move down a line.", ("down", "j"), Pane.DIFF, action="cursor(1)"),
    Command(
        "diff.next_file",
        "Next file",
        "Go to the next file.",
        ("right_square_bracket",),
        Pane.DIFF,
        action="file(1)",
        hint="file",
    ),
    Command(
        "diff.previous_file",
        "Previous file",
        "Go to the previous file.",
        ("left_square_bracket",),
        Pane.DIFF,
        action="file(-1)",
    ),
    Command("diff.next_hunk", "Next hunk", "Go to the next hunk.", ("n",), Pane.DIFF, action="hunk(1)", hint="hunk"),
    Command("diff.previous_hunk", "Previous hunk", "Go to the previous hunk.", ("p",), Pane.DIFF, action="hunk(-1)"),
    Command(
        "diff.toggle", "Fold", "Fold or unfold the file.", ("enter", "space"), Pane.DIFF, action="fold", hint="fold"
    ),
    Command(
        "diff.scope",
        "Scope",
        "Switch between uncommitted changes and the last turn.",
        ("t",),
        Pane.DIFF,
        action="scope",
        hint="scope",
    ),
    Command("diff.page_up", "Page up", "Scroll up a page.", ("pageup",), Pane.DIFF, action="page(-1)"),
    Command("diff.page_down", "Page down", "Scroll down a page.", ("pagedown",), Pane.DIFF, action="page(1)"),
    Command("diff.left", "Left", "Scroll long lines left.", ("left", "h"), Pane.DIFF, action="sideways(-8)"),
    Command("diff.right", "Right", "Scroll long lines right.", ("right", "l"), Pane.DIFF, action="sideways(8)"),
    Command("diff.top", "Top", "Go to the first line.", ("g", "home"), Pane.DIFF, action="edge(-1)"),
    Command("diff.bottom", "Bottom", "Go to the last line.", ("G", "end"), Pane.DIFF, action="edge(1)"),
    Command("diff.copy", "Copy", "Copy the line.", ("y",), Pane.DIFF, action="copy"),
)
