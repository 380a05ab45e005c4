"""Commands on scripts and terminals, and the keys of the pane that shows them."""

from __future__ import annotations

from conductor_tui.ui.commands.command import Command
from conductor_tui.ui.commands.pane import Pane

LEAVE = "dock.leave"

DOCK_COMMANDS: tuple[Command, ...] = (
    Command(
        "view.dock",
        "Scripts and terminals",
        "Show or hide scripts and terminals.",
        ("ctrl+underscore",),
        aliases="dock terminal panel",
        hint="scripts",
    ),
    Command(
        "script.run",
        "Run script",
        "Start the repository's run script, or show it if it is running.",
        (),
        aliases="start dev server",
    ),
    Command("script.setup", "Run setup script", "Run the repository's setup script.", ()),
    Command(
        "script.start",
        "Start script",
        "Start the selected script.",
        (),
    ),
    Command(
        "script.stop",
        "Stop script",
        "Stop the selected script and everything it started.",
        (),
    ),
    Command(
        "script.restart",
        "Restart script",
        "Stop the selected script and start it again.",
        (),
    ),
    Command(
        "script.addresses",
        "Local URLs",
        "Copy a URL a script printed, or the ssh tunnel for it.",
        (),
        aliases="addresses port localhost link",
    ),
    Command(
        "terminal.new",
        "New terminal",
        "Open a shell in this workspace.",
        (),
        aliases="shell bash console",
    ),
    *(
        Command(f"dock.{name}", title, text, keys, Pane.DOCK, action=action, hint=hint)
        for keys, name, action, title, text, hint in (
            (("enter", "i"), "type", "type", "Type", "Type into the program.", "type"),
            (
                ("ctrl+right_square_bracket",),
                "leave",
                "leave",
                "Stop typing",
                "Stop typing into the program (ctrl+5 also works).",
                "",
            ),
            (("right_square_bracket",), "next", "tab(1)", "Next tab", "Next script or terminal.", "tab"),
            (("left_square_bracket",), "previous", "tab(-1)", "Previous tab", "Previous script or terminal.", ""),
            (("up", "k"), "up", "cursor(-1)", "Up", "Move up one line.", ""),
            (("down", "j"), "down", "cursor(1)", "Down", "Move down one line.", ""),
            (("pageup",), "page_up", "page(-1)", "Page up", "Move up one page.", ""),
            (("pagedown",), "page_down", "page(1)", "Page down", "Move down one page.", ""),
            (("g", "home"), "top", "top", "Top", "Go to the first line.", ""),
            (("G", "end"), "follow", "follow", "Follow", "Go to the end and follow new output.", ""),
            (("y",), "copy", "copy", "Copy line", "Copy the whole logical line.", "copy"),
            (("Y",), "copy_all", "copy_all", "Copy all", "Copy all output.", ""),
        )
    ),
    *(
        Command(f"dock.{name}", title, text, (key,), Pane.DOCK, action=f"run('{runs}')", runs=runs, hint=hint)
        for key, name, runs, title, text, hint in (
            ("s", "start", "script.start", "Start", "Start the script.", "start"),
            ("x", "stop", "script.stop", "Stop", "Stop the script, or close a terminal that has ended.", "stop"),
            ("r", "restart", "script.restart", "Restart", "Stop the script and start it again.", ""),
            ("u", "addresses", "script.addresses", "Local URLs", "Copy a URL a script printed.", ""),
            ("t", "terminal", "terminal.new", "New terminal", "Open a shell in this workspace.", "terminal"),
        )
    ),
)
