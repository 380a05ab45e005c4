"""Commands on races, and the keys of the screen that compares the workspaces. Part of the one table."""

from __future__ import annotations

from conductor_tui.ui.commands.command import Command
from conductor_tui.ui.commands.pane import Pane

RACE_COMMANDS: tuple[Command, ...] = (
    Command(
        "race.start",
        "Race",
        "Run one prompt in several workspaces, each with its own model and effort.",
        (),
        aliases="compare parallel agents",
    ),
    Command(
        "race.compare",
        "Compare race",
        "Compare the workspaces of a race and their diffs, keep one, archive the others.",
        (),
    ),
    Command("race.next", "Next", "Move to the next workspace.", ("j",), Pane.RACE, action="entrant(1)", hint="next"),
    Command(
        "race.previous",
        "Previous",
        "Move to the previous workspace.",
        ("k",),
        Pane.RACE,
        action="entrant(-1)",
        hint="previous",
    ),
    Command("race.enter", "Open", "Open the workspace.", ("enter",), Pane.RACE, action="enter", hint="open"),
    Command(
        "race.winner",
        "Keep this one",
        "Keep this workspace and archive the others, after listing what that would lose.",
        ("w",),
        Pane.RACE,
        action="winner",
        hint="keep this one",
    ),
    Command("race.back", "Back", "Go back. Nothing changes.", ("escape", "q"), Pane.RACE, action="back", hint="back"),
)
