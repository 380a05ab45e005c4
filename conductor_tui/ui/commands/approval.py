"""Keys of an approval."""

from __future__ import annotations

from conductor_tui.ui.commands.command import Command
from conductor_tui.ui.commands.pane import Pane

APPROVAL_COMMANDS: tuple[Command, ...] = (
    Command("approval.once", "Yes, once", "Allow it this time.", ("y",), Pane.APPROVAL, action="decide('once')"),
    Command(
        "approval.session",
        "Yes, this session",
        "Allow the same again in this session.",
        ("s",),
        Pane.APPROVAL,
        action="decide('session')",
    ),
    Command(
        "approval.always",
        "Always",
        "Keep the rule that Codex proposes, for every session.",
        ("p",),
        Pane.APPROVAL,
        action="decide('always')",
    ),
    Command(
        "approval.decline",
        "No",
        "Decline; you may say what to do instead.",
        ("n",),
        Pane.APPROVAL,
        action="decide('decline')",
    ),
    Command(
        "approval.cancel",
        "No, and stop",
        "Decline and stop the turn.",
        ("escape",),
        Pane.APPROVAL,
        action="decide('cancel')",
    ),
    Command("approval.up", "Up", "The option above, or scroll.", ("up", "k"), Pane.APPROVAL, action="move(-1)"),
    Command("approval.down", "Down", "The option below, or scroll.", ("down", "j"), Pane.APPROVAL, action="move(1)"),
    Command(
        "approval.page_up", "Page up", "A page of what is asked up.", ("pageup",), Pane.APPROVAL, action="page(-1)"
    ),
    Command(
        "approval.page_down",
        "Page down",
        "A page of what is asked down.",
        ("pagedown",),
        Pane.APPROVAL,
        action="page(1)",
    ),
    Command(
        "approval.choose",
        "Choose",
        "Choose the option; else, the next page.",
        ("enter", "space"),
        Pane.APPROVAL,
        action="choose",
    ),
)
