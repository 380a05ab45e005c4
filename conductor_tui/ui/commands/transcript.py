"""Keys of the transcript."""

from __future__ import annotations

from conductor_tui.ui.commands.command import Command
from conductor_tui.ui.commands.pane import Pane

TRANSCRIPT_COMMANDS: tuple[Command, ...] = (
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
        "Look for words in this session, older turns included.",
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
)
