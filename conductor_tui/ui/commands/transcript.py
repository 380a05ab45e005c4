"""Keys of the transcript."""

from __future__ import annotations

from conductor_tui.ui.commands.command import Command
from conductor_tui.ui.commands.pane import Pane

TRANSCRIPT_COMMANDS: tuple[Command, ...] = (
    Command("transcript.up", "Up", "Move to the item above.", ("up", "k"), Pane.TRANSCRIPT, action="cursor(-1)"),
    Command("transcript.down", "Down", "Move to the item below.", ("down", "j"), Pane.TRANSCRIPT, action="cursor(1)"),
    Command(
        "transcript.toggle",
        "Open or close",
        "Open or close the item.",
        ("enter", "space"),
        Pane.TRANSCRIPT,
        action="fold",
        hint="open",
    ),
    Command(
        "transcript.expand_all", "Open all", "Open or close all items.", ("e",), Pane.TRANSCRIPT, action="expand_all"
    ),
    Command(
        "transcript.previous",
        "Earlier prompt",
        "Go to your previous message.",
        ("left_curly_bracket",),
        Pane.TRANSCRIPT,
        action="jump(-1)",
    ),
    Command(
        "transcript.next",
        "Later prompt",
        "Go to your next message.",
        ("right_curly_bracket",),
        Pane.TRANSCRIPT,
        action="jump(1)",
    ),
    Command("transcript.page_up", "Page up", "Scroll up a page.", ("pageup",), Pane.TRANSCRIPT, action="page(-1)"),
    Command(
        "transcript.page_down", "Page down", "Scroll down a page.", ("pagedown",), Pane.TRANSCRIPT, action="page(1)"
    ),
    Command("transcript.top", "Top", "Go to the first loaded line.", ("g", "home"), Pane.TRANSCRIPT, action="top"),
    Command(
        "transcript.follow",
        "Follow",
        "Go to the end and follow new lines.",
        ("G", "end"),
        Pane.TRANSCRIPT,
        action="follow",
        hint="follow",
    ),
    Command(
        "transcript.search",
        "Search",
        "Search this session, including older turns.",
        ("slash",),
        Pane.TRANSCRIPT,
        action="search",
        hint="search",
    ),
    Command(
        "transcript.find_older",
        "Earlier match",
        "Go to the previous match.",
        ("n",),
        Pane.TRANSCRIPT,
        action="find(-1)",
    ),
    Command("transcript.find_newer", "Later match", "Go to the next match.", ("N",), Pane.TRANSCRIPT, action="find(1)"),
    Command("transcript.copy", "Copy", "Copy the item as text.", ("y",), Pane.TRANSCRIPT, action="copy", hint="copy"),
    Command(
        "transcript.copy_code",
        "Copy code",
        "Copy the last code block of the message.",
        ("c",),
        Pane.TRANSCRIPT,
        action="copy_code",
    ),
)
