"""The dock's part of the command table: scripts and terminals, and the keys of its pane."""

from __future__ import annotations

from conductor_tui.ui.commands.command import Command
from conductor_tui.ui.commands.pane import Pane

LEAVE = "dock.leave"

DOCK_COMMANDS: tuple[Command, ...] = (
    Command(
        "view.dock",
        "Dock",
        "Show or hide the dock: scripts and terminals.",
        ("ctrl+underscore",),
        aliases="terminal panel",
        hint="dock",
    ),
    Command(
        "script.run",
        "Run",
        "Start the repository's run script, or show it.",
        (),
        aliases="start dev server",
    ),
    Command("script.setup", "Set up", "Run the setup script.", ()),
    Command(
        "script.start",
        "Start script",
        "Start the script that the dock shows.",
        (),
    ),
    Command(
        "script.stop",
        "Stop script",
        "End the script that the dock shows, with all it started.",
        (),
    ),
    Command(
        "script.restart",
        "Restart script",
        "End the script that the dock shows, and start it again.",
        (),
    ),
    Command(
        "script.addresses",
        "Addresses",
        "The addresses of this machine that scripts printed: copy one, or the ssh command that brings it to you.",
        (),
        aliases="url port localhost link",
    ),
    Command(
        "terminal.new",
        "Terminal",
        "Open a shell in this workspace.",
        (),
        aliases="shell bash console",
    ),
    *(
        Command(f"dock.{name}", title, text, keys, Pane.DOCK, action=action, hint=hint)
        for keys, name, action, title, text, hint in (
            (("enter", "i"), "type", "type", "Type", "What you type goes to the program.", "type"),
            (
                ("ctrl+right_square_bracket",),
                "leave",
                "leave",
                "Stop typing",
                "Keys are the app's again (ctrl+5 sends the same).",
                "",
            ),
            (("right_square_bracket",), "next", "tab(1)", "Next tab", "The next script or terminal.", "tab"),
            (("left_square_bracket",), "previous", "tab(-1)", "Previous tab", "The one before.", ""),
            (("up", "k"), "up", "cursor(-1)", "Up", "A line up.", ""),
            (("down", "j"), "down", "cursor(1)", "Down", "A line down.", ""),
            (("pageup",), "page_up", "page(-1)", "Page up", "A page up.", ""),
            (("pagedown",), "page_down", "page(1)", "Page down", "A page down.", ""),
            (("g", "home"), "top", "top", "Top", "The first line that is kept.", ""),
            (("G", "end"), "follow", "follow", "Follow", "To the end, and stay there.", ""),
            (("y",), "copy", "copy", "Copy line", "Copy the line, whole even where it is wrapped.", "copy"),
            (("Y",), "copy_all", "copy_all", "Copy all", "Copy all that is kept.", ""),
        )
    ),
    *(
        Command(f"dock.{name}", title, text, (key,), Pane.DOCK, action=f"run('{runs}')", runs=runs, hint=hint)
        for key, name, runs, title, text, hint in (
            ("s", "start", "script.start", "Start", "Start the script.", "start"),
            ("x", "stop", "script.stop", "Stop", "End the script; close a terminal that has ended.", "stop"),
            ("r", "restart", "script.restart", "Restart", "End it, and start it again.", ""),
            ("u", "addresses", "script.addresses", "Addresses", "The addresses that scripts printed.", ""),
            ("t", "terminal", "terminal.new", "Terminal", "Open a shell in this workspace.", "terminal"),
        )
    ),
)
