"""Commands on races, and the keys of the screen that compares the entrants. Part of the one table."""

from __future__ import annotations

from conductor_tui.ui.commands.command import Command
from conductor_tui.ui.commands.pane import Pane

RACE_COMMANDS: tuple[Command, ...] = (
    Command(
        "race.start",
        "Race",
        "One prompt in several workspaces, each with a model and effort of its own.",
        (),
        aliases="compare parallel agents",
    ),
    Command(
        "race.compare",
        "Compare race",
        "The entrants and their diffs side by side; keep one, archive the others.",
        (),
    ),
    Command("race.next", "Next entrant", "The entrant below.", ("j",), Pane.RACE, action="entrant(1)", hint="next"),
    Command(
        "race.previous",
        "Previous entrant",
        "The entrant above.",
        ("k",),
        Pane.RACE,
        action="entrant(-1)",
        hint="previous",
    ),
    Command("race.enter", "Enter", "Enter the workspace.", ("enter",), Pane.RACE, action="enter", hint="go there"),
    Command(
        "race.winner",
        "Winner",
        "Keep this one; lists what archiving the others would lose, and asks.",
        ("w",),
        Pane.RACE,
        action="winner",
        hint="keep it",
    ),
    Command("race.back", "Back", "Back; nothing changes.", ("escape", "q"), Pane.RACE, action="back", hint="back"),
)
