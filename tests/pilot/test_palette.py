"""The palette finds commands by what people call them."""

from __future__ import annotations

import pytest

from conductor_tui.ui.dialogs.picker import Picker
from conductor_tui.ui.palette import choices
from tests.pilot.conftest import Driver, Start

MEANT = {
    "quit": "app.quit",
    "exit": "app.quit",
    "help": "app.help",
    "login": "account.sign_in",
    "logout": "account.sign_out",
    "resume": "session.open",
    "worktree": "workspace.new",
    "branch": "workspace.new",
    "shell": "terminal.new",
    "status": "view.controls",
    "usage": "view.controls",
    "sandbox": "control.permissions",
    "account": "view.controls",
    "undo": "session.take_back",
    "cancel": "session.interrupt",
    "stop": "session.interrupt",
    "remove": "workspace.archive",
    "color": "view.theme",
    "mouse": "app.settings",
    "editor": "workspace.notes",
    "log": "view.decisions",
    "inbox": "attention.show",
    "pull request": "workspace.new",
    "Model": "control.model",
}


def found(driver: Driver, typed: str) -> list[str]:
    """Ids of the commands for what was typed, as the palette orders them."""
    words = typed.lower().split()
    ranked = [(rank, c.id) for c in choices(driver.main) if (rank := c.rank(words)) is not None]
    return [command_id for _, command_id in sorted(ranked, key=lambda entry: entry[0])]


async def test_commands_are_found_by_other_words(start: Start) -> None:
    async with start() as driver:
        missing = {word: found(driver, word)[:5] for word, meant in MEANT.items() if meant not in found(driver, word)}
        assert not missing


async def test_a_title_comes_before_what_stands_under_it_and_what_applies_before_what_does_not(start: Start) -> None:
    async with start() as driver:
        assert found(driver, "model")[0] == "control.model"
        assert found(driver, "theme")[0] == "view.theme"
        reasons = {c.id for c in choices(driver.main) if c.reason}
        order = [command_id in reasons for command_id in found(driver, "session")]
        assert order == sorted(order)


async def test_words_that_no_command_has_are_said_and_enter_does_nothing(start: Start) -> None:
    async with start() as driver:
        await driver.press("ctrl+p")
        await driver.type("zebra")
        assert "No matches for “zebra”" in driver.text()
        await driver.press("enter")
        assert isinstance(driver.app.screen, Picker)


@pytest.mark.parametrize("size", [(140, 40), (48, 18)])
async def test_a_command_that_does_not_apply_says_why(start: Start, size: tuple[int, int]) -> None:
    async with start(size) as driver:
        await driver.press("ctrl+p")
        await driver.type("interrupt")
        assert "Not now: no turn is running" in driver.text()
