"""Keys of an approval."""

from __future__ import annotations

from conductor_tui.ui.commands.command import Command
from conductor_tui.ui.commands.pane import Pane

APPROVAL_COMMANDS: tuple[Command, ...] = (
    Command("approval.once", "Yes", "Allow it this time.", ("y",), Pane.APPROVAL, action="decide('once')"),
    Command(
        "approval.session",
        "Yes, this session",
        "Allow it, and don't ask again this session.",
        ("s",),
        Pane.APPROVAL,
        action="decide('session')",
    ),
    Command(
        "approval.always",
        "Always allow",
        "Allow what Codex's proposed rule matches, in every session.",
        ("p",),
        Pane.APPROVAL,
        action="decide('always')",
    ),
    Command(
        "approval.decline",
        "No",
        "Decline, and tell Codex what to do instead.",
        ("n",),
        Pane.APPROVAL,
        action="decide('decline')",
    ),
    Command(
        "approval.cancel",
        "No, and stop",
        "Decline, and stop the turn.",
        ("escape",),
        Pane.APPROVAL,
        action="decide('cancel')",
    ),
    Command(
        "approval.up", "Up", "Move to the option above, or scroll up.", ("up", "k"), Pane.APPROVAL, action="move(-1)"
    ),
    Command(
        "approval.down",
        "Down",
        "Move to the option below, or scroll down.",
        ("down", "j"),
        Pane.APPROVAL,
        action="move(1)",
    ),
    Command(
        "approval.page_up", "Page up", "Scroll the request up a page.", ("pageup",), Pane.APPROVAL, action="page(-1)"
    ),
    Command(
        "approval.page_down",
        "Page down",
        "Scroll the request down a page.",
        ("pagedown",),
        Pane.APPROVAL,
        action="page(1)",
    ),
    Command(
        "approval.choose",
        "Choose",
        "Choose the option, or show the next page.",
        ("enter", "space"),
        Pane.APPROVAL,
        action="choose",
    ),
)
