"""Commands on panes, settings, the account and what the app remembers."""

from __future__ import annotations

from conductor_tui.ui.commands.command import Command

DIFF_AND_CONTROLS: tuple[Command, ...] = (
    Command(
        "view.diff",
        "Diff",
        "Show or hide the diff.",
        ("ctrl+g",),
        aliases="changes review git",
        hint="diff",
    ),
    Command(
        "view.diff_scope",
        "Diff scope",
        "Switch between uncommitted changes and the last turn.",
        (),
        aliases="changes uncommitted",
    ),
    Command(
        "view.controls",
        "Controls",
        "Go to the controls, where a letter is enough for each.",
        ("ctrl+y",),
        aliases="status usage limits account tokens context",
        hint="controls",
    ),
    Command(
        "view.toggle_controls",
        "Show or hide controls",
        "Give the controls' room to the other panes, or back; later windows do the same.",
        (),
        aliases="sidebar toggle pane",
    ),
)

VIEW_COMMANDS: tuple[Command, ...] = (
    Command("view.next_pane", "Next pane", "Move the focus to the next pane.", ("tab",)),
    Command(
        "view.zoom",
        "Zoom",
        "Give the focused pane the full width, and back.",
        ("ctrl+l",),
        aliases="maximize fullscreen",
    ),
    Command("view.composer", "Composer", "Go back to the composer.", ()),
    Command(
        "view.theme",
        "Theme",
        "Choose the colours, and keep them.",
        (),
        aliases="color colour colors dark light appearance",
    ),
    Command(
        "app.settings",
        "Settings",
        "See every setting and key and where its value comes from, and change it.",
        (),
        aliases="mouse config preferences options keys keymap editor",
    ),
    Command(
        "account.sign_in",
        "Sign in",
        "Sign in to Codex: by a code, in a browser, or with an API key.",
        (),
        aliases="login log in auth authenticate",
    ),
    Command(
        "account.sign_out",
        "Sign out",
        "Sign out of Codex, for every program that shares its home.",
        (),
        aliases="logout log out",
    ),
    Command(
        "view.decisions",
        "Decisions",
        "What you answered to Codex's questions.",
        (),
        aliases="log history approvals answers",
    ),
    Command(
        "view.remarks",
        "Codex's remarks",
        "What Codex says about its set-up.",
        (),
        aliases="log warnings messages",
    ),
    Command(
        "view.messages",
        "Messages",
        "Read the messages above the composer in full.",
        (),
        aliases="problems errors warnings banner",
    ),
    Command(
        "view.close_message",
        "Close message",
        "Close the first message above the composer; escape does it, too, while no turn runs.",
        (),
        aliases="dismiss hide banner problem error warning",
    ),
    Command(
        "view.redraw",
        "Redraw",
        "Draw the screen anew, after something else wrote to it.",
        (),
        aliases="refresh clear screen repaint",
    ),
    Command(
        "app.retry",
        "Try Codex again",
        "Connect again after Codex could not be used.",
        (),
        aliases="reconnect restart",
    ),
)
