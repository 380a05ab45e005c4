"""Commands of the app and of the session on screen."""

from __future__ import annotations

from conductor_tui.ui.commands.command import Command

SESSION_COMMANDS: tuple[Command, ...] = (
    Command("app.palette", "Command palette", "Find and run any command.", ("ctrl+p",), hint="commands"),
    Command(
        "app.help",
        "Keys",
        "Show the keys of this pane, then all others.",
        ("?",),
        aliases="help shortcuts keybindings",
        hint="keys",
    ),
    Command(
        "app.quit",
        "Quit",
        "Press twice to quit. Running turns continue; they will be here when you come back.",
        ("ctrl+c",),
        aliases="leave exit close detach",
    ),
    Command(
        "session.interrupt",
        "Interrupt the turn",
        "Press twice to stop the running turn and the commands it started.",
        ("escape",),
        aliases="stop cancel abort kill",
    ),
    Command(
        "session.new",
        "New session",
        "Start another session in this workspace.",
        ("ctrl+n",),
        aliases="clear start chat thread",
    ),
    Command(
        "session.open",
        "Sessions",
        "Find and open a session of any workspace.",
        ("ctrl+s",),
        aliases="resume continue history switch session",
        hint="sessions",
    ),
    Command(
        "session.next_waiting",
        "Next request",
        "Jump to the next approval, question or plan, here or in another session.",
        ("ctrl+r",),
        aliases="approval approve question next",
    ),
    Command(
        "session.plan",
        "Plan",
        "Read the proposed plan, comment on its steps, and implement or revise it.",
        (),
    ),
    Command(
        "session.rename",
        "Rename session",
        "Name this session.",
        (),
        aliases="title name",
    ),
    Command(
        "session.archive",
        "Archive session",
        "Archive this session (restore with `codex unarchive`).",
        (),
        aliases="remove delete close",
    ),
    Command(
        "session.compact",
        "Compact the conversation",
        "Summarize the conversation to make room in the context window.",
        (),
        aliases="summarize context tokens",
    ),
    Command(
        "session.take_back",
        "Recover unsent messages",
        "Move messages that did not reach Codex back into the composer.",
        (),
        aliases="undo take back cancel",
    ),
    Command(
        "session.trust",
        "Trust this repository",
        "Decide whether Codex may edit here without asking and loads the repository's .codex/.",
        (),
        aliases="trust allow project",
    ),
)
