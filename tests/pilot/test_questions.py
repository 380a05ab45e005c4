"""Questions with a field: what is refused stays to be corrected, and escape goes back one step."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace
from textual.widgets import Input

from conductor_tui.domain.errors import AgentRefused
from tests.builders import a_message, item_completed, turn_completed, turn_started, until
from tests.pilot.conftest import Driver, Start


async def run(driver: Driver, title: str) -> None:
    """Runs a command by the palette."""
    await driver.press("ctrl+p")
    await driver.type(title)
    await driver.press("enter")


def field(driver: Driver) -> str:
    return driver.app.screen.query_one(Input).value


def with_presets(driver: Driver) -> Path:
    home = driver.app._around.state_dir
    driver.main.manager.connection.info = replace(driver.agent.info, codex_home=str(home))
    return home


async def test_a_name_that_no_preset_can_have_stays_to_be_corrected(start: Start) -> None:
    async with start() as driver:
        home = with_presets(driver)
        await run(driver, "Save as preset")
        await driver.type("fast one")
        await driver.press("enter")
        assert "letters, digits" in driver.text()
        assert field(driver) == "fast one"
        await driver.press(*["backspace"] * 4, "minus", "1", "enter")
        assert (home / "fast-1.config.toml").exists()


async def test_going_back_from_replacing_a_preset_asks_for_another_name(start: Start) -> None:
    async with start() as driver:
        home = with_presets(driver)
        (home / "calm.config.toml").write_text('model = "small"\n')
        await run(driver, "Save as preset")
        await driver.type("calm")
        await driver.press("enter")
        assert "Replace preset calm?" in driver.text()
        await driver.press("escape")
        assert field(driver) == "calm"


async def test_a_name_that_another_preset_has_stays_to_be_corrected(start: Start) -> None:
    async with start() as driver:
        home = with_presets(driver)
        for name in ("calm", "fast"):
            (home / f"{name}.config.toml").write_text('model = "small"\n')
        await run(driver, "Rename preset")
        await driver.press("enter")
        assert field(driver) == "calm"
        await driver.press("ctrl+u")
        await driver.type("fast")
        await driver.press("enter")
        assert "Preset fast already exists" in driver.text()
        assert field(driver) == "fast"
        await driver.press("escape")
        assert "Rename a preset" in driver.text()


async def test_a_session_is_renamed_from_the_name_that_it_has_on_screen(start: Start) -> None:
    async with start() as driver:
        await driver.say(turn_started(), item_completed(a_message("done")), turn_completed())
        thread_id = driver.main.session.thread_id
        assert thread_id is not None
        summary = driver.main.manager.threads[thread_id]
        driver.main.manager.threads[thread_id] = replace(summary, name="", preview="Fix the tests")
        await run(driver, "Rename session")
        assert field(driver) == "Fix the tests"
        await driver.press("enter")
        assert not driver.agent.called("rename_thread"), "the name is the same"
        await run(driver, "Rename session")
        await driver.type(" soon")
        await driver.press("enter")
        await until(lambda: driver.agent.called("rename_thread"))
        assert driver.agent.called("rename_thread")[0][1] == "Fix the tests soon"


async def test_a_name_that_codex_refuses_stands_in_the_next_question(start: Start) -> None:
    async with start() as driver:
        await driver.say(turn_started(), item_completed(a_message("done")), turn_completed())
        driver.agent.refuse["rename_thread"] = AgentRefused("thread/name/set", "the thread is locked")
        await run(driver, "Rename session")
        await driver.press("ctrl+u")
        await driver.type("a long name")
        await driver.press("enter")
        await until(lambda: "the thread is locked" in driver.text())
        await run(driver, "Rename session")
        assert field(driver) == "a long name"
        await driver.press("enter")
        await until(lambda: not driver.main.not_taken)
        assert driver.agent.called("rename_thread")[-1][1] == "a long name"


async def test_a_provider_that_codex_refuses_is_not_written_again(start: Start) -> None:
    async with start() as driver:
        driver.agent.refuse["add_provider"] = AgentRefused("config/batchWrite", "read-only file")
        for expected in ("", "proxy"):
            await run(driver, "Model provider")
            await until(lambda: "Add a provider" in driver.text())
            await driver.type("add a prov")
            await driver.press("enter")
            assert field(driver) == expected
            if not expected:
                await driver.type("proxy")
            await driver.press("enter")
            assert field(driver) == ("https://host.example/v1" if expected else "")
            if not expected:
                await driver.type("https://host.example/v1")
            await driver.press("enter")
            await driver.press("enter")
            if not expected:
                await until(lambda: "read-only file" in driver.text())
        await until(lambda: not driver.main.not_taken)


async def test_escape_goes_back_through_the_questions_about_a_provider(start: Start) -> None:
    async with start() as driver:
        await run(driver, "Model provider")
        await until(lambda: driver.agent.called("read_providers"))
        await driver.settle()
        await driver.type("add a prov")
        await driver.press("enter")
        await driver.type("proxy")
        await driver.press("enter")
        await driver.type("https://host.example/v1")
        await driver.press("enter")
        assert "Environment variable" in driver.text()
        await driver.press("escape")
        assert field(driver) == "https://host.example/v1"
        await driver.press("escape")
        assert field(driver) == "proxy"


async def test_escape_at_the_limit_of_a_goal_goes_back_to_its_words(start: Start) -> None:
    async with start() as driver:
        await driver.say(turn_started(), item_completed(a_message("done")), turn_completed())
        await run(driver, "Goal")
        await until(lambda: driver.app.screen.query(Input))
        await driver.type("all tests pass")
        await driver.press("enter")
        assert "Token limit?" in driver.text()
        await driver.press("escape")
        assert field(driver) == "all tests pass"
