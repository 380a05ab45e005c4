"""What cannot be taken back is asked so that no key does it that was meant for something else."""

from __future__ import annotations

import pytest
from textual.content import Content

from conductor_tui.ui.dialogs.confirm import ConfirmScreen
from tests.builders import until
from tests.pilot.conftest import Driver, Start


async def ask(driver: Driver) -> list[str | None]:
    """Asks; what was answered."""
    answered: list[str | None] = []
    losses = Content("\n".join(f"file {n} is lost" for n in range(60)))
    driver.app.push_screen(ConfirmScreen(driver.main, "Archive it?", losses, [("y", "archive")]), answered.append)
    await driver.settle()
    return answered


@pytest.mark.parametrize("opener", ["a", "enter", "w", "y"])
async def test_a_key_that_is_held_down_confirms_nothing(start: Start, opener: str) -> None:
    async with start() as driver:
        await driver.press(opener)
        answered = await ask(driver)
        driver.clock.now += 0.66  # a terminal repeats a held key after at most this
        for _ in range(60):
            await driver.press(opener)
            driver.clock.now += 0.03
        assert not answered


async def test_a_text_that_is_being_typed_confirms_nothing(start: Start) -> None:
    async with start() as driver:
        await driver.type("my ")
        answered = await ask(driver)
        for character in "file yes why not only yesterday ":
            driver.clock.now += 0.4
            if character in "nq":
                continue  # these go back
            await driver.type(character)
        assert not answered


async def test_after_a_moment_the_key_confirms_and_the_ways_back_confirm_nothing(start: Start) -> None:
    async with start((48, 18)) as driver:
        for key in ("escape", "ctrl+c", "n", "q"):
            answered = await ask(driver)
            await driver.later()
            await driver.press(key)
            assert answered == [None]
        answered = await ask(driver)
        for words in ("Archive it?", "file 0 is lost", "y archive", "Esc cancel"):
            assert words in driver.text()
        await driver.press("y")
        assert not answered
        await driver.later()
        await driver.press("down", "enter")
        assert not answered
        await driver.later()
        await driver.press("y")
        assert answered == ["y"]


async def test_signing_out_is_asked(start: Start) -> None:
    async with start() as driver:
        driver.main.run_command("account.sign_out")
        await driver.settle()
        assert "every program that uses the same CODEX_HOME" in driver.text()
        await driver.press("enter", "escape")
        assert not driver.agent.called("sign_out")
        driver.main.run_command("account.sign_out")
        await driver.settle()
        await driver.later()
        await driver.press("y")
        await until(lambda: driver.agent.called("sign_out"))
