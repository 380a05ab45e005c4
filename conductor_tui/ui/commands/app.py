"""Commands of the app and of the session on screen."""

from __future__ import annotations

from conductor_tui.ui.commands.command import Command

SESSION_COMMANDS: tuple[Command, ...] = (
    Command("app.palette", "Command palette", "Find any command by name.", ("ctrl+p",), hint="commands"),
    Command(
        "app.help",
        "Keys",
        "The keys of this pane, then all others.",
        ("?",),
        aliases="help shortcuts keybindings",
        hint="keys",
    ),
    Command(
        "app.quit",
        "Leave",
        "Press twice to leave. Running turns go on; the next start finds them.",
        ("ctrl+c",),
        aliases="quit exit close detach",
    ),
    Command(
        "session.interrupt",
        "Interrupt the turn",
        "Press twice: stops the running turn and ends the commands it left running.",
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
        "Next that needs you",
        "Go to the approval, question or plan that waits, here or in the next session.",
        ("ctrl+r",),
        aliases="approval approve question next",
    ),
    Command(
        "session.plan",
        "Plan",
        "Read the proposed plan, comment its steps, have it implemented or revised.",
        (),
    ),
    Command(
        "session.rename",
        "Rename session",
        "Give this session a name.",
        (),
        aliases="title name",
    ),
    Command(
        "session.archive",
        "Archive session",
        "Take this session off the list; Codex keeps it.",
        (),
        aliases="remove delete close",
    ),
    Command(
        "session.compact",
        "Compact the conversation",
        "Codex summarises the conversation so far to make room in the context window.",
        (),
        aliases="summarize context tokens",
    ),
    Command(
        "session.take_back",
        "Take back what was not sent",
        "Puts messages that did not reach Codex back into the composer.",
        (),
        aliases="undo recover unsent cancel",
    ),
    Command(
        "session.trust",
        "Trust this repository",
        "Whether Codex may write here without asking, and reads the repository's .codex; shows what holds now.",
        (),
        aliases="trust allow project",
    ),
)
