"""The plan view's part of the command table."""

from __future__ import annotations

from conductor_tui.ui.commands.command import Command
from conductor_tui.ui.commands.pane import Pane

PLAN_COMMANDS: tuple[Command, ...] = (
    Command("plan.up", "Up", "Move to the step above.", ("up", "k"), Pane.PLAN, action="cursor(-1)"),
    Command("plan.down", "Down", "Move to the step below.", ("down", "j"), Pane.PLAN, action="cursor(1)"),
    Command("plan.page_up", "Page up", "Scroll up a page.", ("pageup",), Pane.PLAN, action="page(-1)"),
    Command("plan.page_down", "Page down", "Scroll down a page.", ("pagedown",), Pane.PLAN, action="page(1)"),
    Command("plan.top", "Top", "Go to the first step.", ("g", "home"), Pane.PLAN, action="edge(-1)"),
    Command("plan.bottom", "Bottom", "Go to the last step.", ("G", "end"), Pane.PLAN, action="edge(1)"),
    Command("plan.comment", "Comment", "Comment on the step.", ("c",), Pane.PLAN, action="comment", hint="comment"),
    Command(
        "plan.uncomment",
        "Delete comment",
        "Delete the comment on the step.",
        ("x",),
        Pane.PLAN,
        action="uncomment",
        hint="delete comment",
    ),
    Command(
        "plan.implement",
        "Implement",
        "Leave Plan Mode and implement the plan. Your comments are sent with it.",
        ("i",),
        Pane.PLAN,
        action="hand('implement')",
        hint="implement",
    ),
    Command(
        "plan.fresh",
        "Implement in a new session",
        "Implement the plan in a new session that knows only the plan.",
        ("f",),
        Pane.PLAN,
        action="hand('fresh')",
        hint="implement in a new session",
    ),
    Command(
        "plan.revise",
        "Revise",
        "Ask for a revised plan: sends all comments and your text as one message.",
        ("r",),
        Pane.PLAN,
        action="revise",
        hint="revise",
    ),
    Command("plan.copy", "Copy", "Copy the plan as Markdown.", ("y",), Pane.PLAN, action="hand('copy')", hint="copy"),
    Command(
        "plan.leave",
        "Leave Plan Mode",
        "Turn Plan Mode off without implementing anything.",
        ("l",),
        Pane.PLAN,
        action="hand('leave')",
        hint="leave Plan Mode",
    ),
    Command(
        "plan.back",
        "Back",
        "Go back to the transcript. Comments are kept.",
        ("escape",),
        Pane.PLAN,
        action="back",
        hint="back",
    ),
)
