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
        "Focus the controls; then one letter each.",
        ("ctrl+y",),
        aliases="status usage limits account tokens context",
        hint="controls",
    ),
    Command(
        "view.toggle_controls",
        "Show or hide controls",
        "Hide the controls pane, or show it again. New windows do the same.",
        (),
        aliases="sidebar toggle pane",
    ),
)

VIEW_COMMANDS: tuple[Command, ...] = (
    Command("view.next_pane", "Next pane", "Focus the next pane.", ("tab",)),
    Command(
        "view.zoom",
        "Zoom",
        "Give the focused pane the full width, or back.",
        ("ctrl+l",),
        aliases="maximize fullscreen",
    ),
    Command("view.composer", "Composer", "Focus the composer.", ()),
    Command(
        "view.theme",
        "Theme",
        "Choose a color theme.",
        (),
        aliases="color colour colors dark light appearance",
    ),
    Command(
        "app.settings",
        "Settings",
        "Change settings and keys, and see where each value comes from.",
        (),
        aliases="mouse config preferences options keys keymap editor",
    ),
    Command(
        "account.sign_in",
        "Sign in",
        "Sign in to Codex with a code, a browser or an API key.",
        (),
        aliases="login log in auth authenticate",
    ),
    Command(
        "account.sign_out",
        "Sign out",
        "Sign out of Codex, in every program that uses the same Codex home.",
        (),
        aliases="logout log out",
    ),
    Command(
        "view.decisions",
        "Decisions",
        "Show your answers to Codex's requests.",
        (),
        aliases="log history approvals answers",
    ),
    Command(
        "view.remarks",
        "Codex warnings",
        "Show Codex's warnings about its setup.",
        (),
        aliases="log remarks messages",
    ),
    Command(
        "view.messages",
        "Messages",
        "Show the messages above the composer in full.",
        (),
        aliases="problems errors warnings banner",
    ),
    Command(
        "view.close_message",
        "Close message",
        "Close the first message above the composer.",
        (),
        aliases="dismiss hide banner problem error warning",
    ),
    Command(
        "view.redraw",
        "Redraw",
        "Redraw the screen.",
        (),
        aliases="refresh clear screen repaint",
    ),
    Command(
        "app.retry",
        "Reconnect to Codex",
        "Try to connect to Codex again.",
        (),
        aliases="retry try again restart",
    ),
)
