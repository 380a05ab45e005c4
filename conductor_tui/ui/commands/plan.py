"""The plan view's part of the command table."""

from __future__ import annotations

from conductor_tui.ui.commands.command import Command
from conductor_tui.ui.commands.pane import Pane

PLAN_COMMANDS: tuple[Command, ...] = (
    Command("plan.up", "Up", "The step above.", ("up", "k"), Pane.PLAN, action="cursor(-1)"),
    Command("plan.down", "Down", "The step below.", ("down", "j"), Pane.PLAN, action="cursor(1)"),
    Command("plan.page_up", "Page up", "A page up.", ("pageup",), Pane.PLAN, action="page(-1)"),
    Command("plan.page_down", "Page down", "A page down.", ("pagedown",), Pane.PLAN, action="page(1)"),
    Command("plan.top", "Top", "The first step.", ("g", "home"), Pane.PLAN, action="edge(-1)"),
    Command("plan.bottom", "Bottom", "The last step.", ("G", "end"), Pane.PLAN, action="edge(1)"),
    Command("plan.comment", "Comment", "Write on the step.", ("c",), Pane.PLAN, action="comment", hint="comment"),
    Command(
        "plan.uncomment",
        "Remove",
        "Remove the step's comment.",
        ("x",),
        Pane.PLAN,
        action="uncomment",
        hint="remove it",
    ),
    Command(
        "plan.implement",
        "Implement",
        "Leave Plan Mode and have the plan implemented; comments go along.",
        ("i",),
        Pane.PLAN,
        action="hand('implement')",
        hint="implement",
    ),
    Command(
        "plan.fresh",
        "Implement in a fresh session",
        "The same in a new session that knows only the plan.",
        ("f",),
        Pane.PLAN,
        action="hand('fresh')",
        hint="in a fresh session",
    ),
    Command(
        "plan.revise",
        "Revise",
        "Ask for another plan: all comments and your words as one message.",
        ("r",),
        Pane.PLAN,
        action="revise",
        hint="revise",
    ),
    Command("plan.copy", "Copy", "Copy the plan as Markdown.", ("y",), Pane.PLAN, action="hand('copy')", hint="copy"),
    Command(
        "plan.leave",
        "Leave Plan Mode",
        "Switch Plan Mode off; nothing is implemented.",
        ("l",),
        Pane.PLAN,
        action="hand('leave')",
        hint="leave Plan Mode",
    ),
    Command(
        "plan.back", "Back", "To the transcript; all words stay.", ("escape",), Pane.PLAN, action="back", hint="back"
    ),
)
