"""The one table of commands: bindings, palette, help, status-line hints and the README's key table come from it.

A command of the app runs a function on the main screen; a command of a pane names the action of its widget. Keys
work in plain ssh and tmux: no alt, no function keys, nothing that multiplexers take as prefix.
"""

from __future__ import annotations

from collections.abc import Iterator

from conductor_tui.ui.actions import (
    account,
    plan,
    session,
    settings,
    trust,
    view,
)
from conductor_tui.ui.command import Command
from conductor_tui.ui.commands_controls import CONTROL_COMMANDS, CONTROL_LETTERS
from conductor_tui.ui.commands_dock import DOCK_COMMANDS
from conductor_tui.ui.commands_plan import PLAN_COMMANDS
from conductor_tui.ui.commands_race import RACE_COMMANDS
from conductor_tui.ui.commands_workspaces import TREE_LETTERS, WORKSPACE_COMMANDS
from conductor_tui.ui.layout import Pane

__all__ = ["COMMANDS", "Command", "command", "commands_of"]

COMMANDS: tuple[Command, ...] = (
    Command(
        "app.palette", "Command palette", "Find any command by name.", ("ctrl+p",), run=view.palette, hint="commands"
    ),
    Command(
        "app.help",
        "Keys",
        "The keys of this pane, then all others.",
        ("?",),
        aliases="help shortcuts keybindings",
        run=view.show_help,
        hint="keys",
    ),
    Command(
        "app.quit",
        "Leave",
        "Press twice to leave. Running turns go on; the next start finds them.",
        ("ctrl+c",),
        aliases="quit exit close detach",
        run=view.leave,
    ),
    Command(
        "session.interrupt",
        "Interrupt the turn",
        "Press twice: stops the running turn and ends the commands it left running.",
        ("escape",),
        aliases="stop cancel abort kill",
        run=session.interrupt,
        reason=session.why_no_interrupt,
    ),
    Command(
        "session.new",
        "New session",
        "Start another session in this workspace.",
        ("ctrl+n",),
        aliases="clear start chat thread",
        run=session.new,
    ),
    Command(
        "session.open",
        "Sessions",
        "Find and open a session of this workspace.",
        ("ctrl+s",),
        aliases="resume continue history switch session",
        run=session.pick,
        hint="sessions",
    ),
    Command(
        "session.next_waiting",
        "Next that needs you",
        "Go to the approval, question or plan that waits, here or in the next session.",
        ("ctrl+r",),
        aliases="approval approve question next",
        run=session.next_waiting,
        reason=session.why_none_waits,
    ),
    Command(
        "session.plan",
        "Plan",
        "Read the proposed plan, comment its steps, have it implemented or revised.",
        (),
        run=plan.open_view,
        reason=plan.why_none,
    ),
    Command(
        "session.rename",
        "Rename session",
        "Give this session a name.",
        (),
        aliases="title name",
        run=session.rename,
        reason=session.why_unused,
    ),
    Command(
        "session.archive",
        "Archive session",
        "Take this session off the list; Codex keeps it.",
        (),
        aliases="remove delete close",
        run=session.archive,
        reason=session.why_unused,
    ),
    Command(
        "session.compact",
        "Compact the conversation",
        "Codex summarises the conversation so far to make room in the context window.",
        (),
        aliases="summarize context tokens",
        run=session.compact,
        reason=session.why_busy_or_unused,
    ),
    Command(
        "session.take_back",
        "Take back what was not sent",
        "Puts messages that did not reach Codex back into the composer.",
        (),
        aliases="undo recover unsent cancel",
        run=session.take_back,
        reason=session.why_nothing_unsent,
    ),
    Command(
        "session.trust",
        "Trust this repository",
        "Whether Codex may write here without asking, and reads the repository's .codex; shows what holds now.",
        (),
        aliases="trust allow project",
        run=trust.decide,
        reason=trust.why_unknown,
    ),
    *WORKSPACE_COMMANDS,
    *CONTROL_COMMANDS,
    Command(
        "view.diff",
        "Diff",
        "Show or hide the diff.",
        ("ctrl+g",),
        aliases="changes review git",
        run=view.toggle_diff,
        hint="diff",
    ),
    Command(
        "view.diff_scope",
        "Diff scope",
        "Switch between uncommitted changes and the last turn.",
        (),
        aliases="changes uncommitted",
        run=view.toggle_scope,
    ),
    Command(
        "view.controls",
        "Controls",
        "Go to the controls, where a letter is enough for each.",
        ("ctrl+y",),
        aliases="status usage limits account tokens context",
        run=view.focus_controls,
        hint="controls",
    ),
    *DOCK_COMMANDS,
    Command("view.next_pane", "Next pane", "Move the focus to the next pane.", ("tab",), run=view.next_pane),
    Command(
        "view.zoom",
        "Zoom",
        "Give the focused pane the full width, and back.",
        ("ctrl+l",),
        aliases="maximize fullscreen",
        run=view.zoom,
    ),
    Command("view.composer", "Composer", "Go back to the composer.", (), run=view.focus_composer),
    Command(
        "view.theme",
        "Theme",
        "Choose the colours, and keep them.",
        (),
        aliases="color colour colors dark light appearance",
        run=settings.pick_theme,
    ),
    Command(
        "app.settings",
        "Settings",
        "See every setting and key and where its value comes from, and change it.",
        (),
        aliases="mouse config preferences options keys keymap editor",
        run=settings.show,
    ),
    Command(
        "account.sign_in",
        "Sign in",
        "Sign in to Codex: by a code, in a browser, or with an API key.",
        (),
        aliases="login log in auth authenticate",
        run=account.sign_in,
        reason=account.why_not_connected,
    ),
    Command(
        "account.sign_out",
        "Sign out",
        "Sign out of Codex, for every program that shares its home.",
        (),
        aliases="logout log out",
        run=account.sign_out,
        reason=account.why_not_signed_in,
    ),
    Command(
        "view.decisions",
        "Decisions",
        "What you answered to Codex's questions.",
        (),
        aliases="log history approvals answers",
        run=view.show_decisions,
    ),
    Command(
        "view.remarks",
        "Codex's remarks",
        "What Codex says about its set-up.",
        (),
        aliases="log warnings messages",
        run=view.show_remarks,
    ),
    Command(
        "view.redraw",
        "Redraw",
        "Draw the screen anew, after something else wrote to it.",
        (),
        aliases="refresh clear screen repaint",
        run=view.redraw,
    ),
    Command(
        "app.retry",
        "Try Codex again",
        "Connect again after Codex could not be used.",
        (),
        aliases="reconnect restart",
        run=view.retry,
        reason=view.why_no_retry,
    ),
    Command("composer.send", "Send", "Send; while a turn runs, steer it.", ("enter",), Pane.COMPOSER, action="send"),
    Command("composer.newline", "New line", "Start a new line.", ("ctrl+j",), Pane.COMPOSER, action="newline"),
    Command(
        "composer.older",
        "Earlier prompt",
        "On the first line: the prompt sent before.",
        ("up",),
        Pane.COMPOSER,
        action="older",
    ),
    Command(
        "composer.newer",
        "Later prompt",
        "On the last line: the prompt sent after.",
        ("down",),
        Pane.COMPOSER,
        action="newer",
    ),
    Command("transcript.up", "Up", "The item above.", ("up", "k"), Pane.TRANSCRIPT, action="cursor(-1)"),
    Command("transcript.down", "Down", "The item below.", ("down", "j"), Pane.TRANSCRIPT, action="cursor(1)"),
    Command(
        "transcript.toggle",
        "Open or fold",
        "Open or fold the item.",
        ("enter", "space"),
        Pane.TRANSCRIPT,
        action="fold",
        hint="open",
    ),
    Command(
        "transcript.expand_all", "Open all", "Open or fold everything.", ("e",), Pane.TRANSCRIPT, action="expand_all"
    ),
    Command(
        "transcript.previous",
        "Earlier prompt",
        "Your message before.",
        ("left_curly_bracket",),
        Pane.TRANSCRIPT,
        action="jump(-1)",
    ),
    Command(
        "transcript.next",
        "Later prompt",
        "Your message after.",
        ("right_curly_bracket",),
        Pane.TRANSCRIPT,
        action="jump(1)",
    ),
    Command("transcript.page_up", "Page up", "A page up.", ("pageup",), Pane.TRANSCRIPT, action="page(-1)"),
    Command("transcript.page_down", "Page down", "A page down.", ("pagedown",), Pane.TRANSCRIPT, action="page(1)"),
    Command("transcript.top", "Top", "The first line that is loaded.", ("g", "home"), Pane.TRANSCRIPT, action="top"),
    Command(
        "transcript.follow",
        "Follow",
        "To the end, and stay there.",
        ("G", "end"),
        Pane.TRANSCRIPT,
        action="follow",
        hint="follow",
    ),
    Command(
        "transcript.search",
        "Search",
        "Look for words in this session.",
        ("slash",),
        Pane.TRANSCRIPT,
        action="search",
        hint="search",
    ),
    Command("transcript.find_older", "Earlier match", "The match before.", ("n",), Pane.TRANSCRIPT, action="find(-1)"),
    Command("transcript.find_newer", "Later match", "The match after.", ("N",), Pane.TRANSCRIPT, action="find(1)"),
    Command("transcript.copy", "Copy", "Copy the item as text.", ("y",), Pane.TRANSCRIPT, action="copy", hint="copy"),
    Command(
        "transcript.copy_code",
        "Copy code",
        "Copy the message's last code block.",
        ("c",),
        Pane.TRANSCRIPT,
        action="copy_code",
    ),
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
    *TREE_LETTERS,
    *CONTROL_LETTERS,
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
    Command("approval.choose", "Choose", "Choose the option.", ("enter", "space"), Pane.APPROVAL, action="choose"),
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
