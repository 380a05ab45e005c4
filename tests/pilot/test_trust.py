"""The question before the first message, and what stands on the screen about trust."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from conductor_tui.domain.controls import SettingsUpdate
from conductor_tui.domain.errors import AgentRefused
from conductor_tui.domain.trust import FolderTrust, TrustLevel
from conductor_tui.ui.dialogs.picker import Choice, Picker
from tests.builders import turn_completed, turn_started, until
from tests.fakes.agent import FakeAgent
from tests.pilot.conftest import Driver, Start

BANNER = "Read-only until you trust this repository"


def undecided(agent: FakeAgent) -> None:
    agent.trust = FolderTrust("/repo", None, "/home/ada/.codex/config.toml", "v1")


async def asked(driver: Driver) -> None:
    await until(lambda: isinstance(driver.app.screen, Picker))
    await driver.settle()


async def test_the_first_message_is_held_until_the_user_decides(start: Start) -> None:
    async with start(prepare=undecided) as driver:
        assert BANNER in driver.text()
        await driver.type("fix it")
        await driver.press("enter")
        await asked(driver)
        for words in (
            "Do you trust this repository? /repo",
            "in /tmp without asking",
            '[projects."/repo"] trust_level = "trusted"',
        ):
            assert words in driver.text()
        assert driver.composer.text == "fix it"
        assert not driver.agent.called("start_turn")
        await driver.press("up", "up", "enter")
        await until(lambda: driver.agent.called("start_turn"))
        await driver.settle()
        assert driver.agent.called("write_trust") == [("/repo", "v1", TrustLevel.TRUSTED)]
        assert driver.agent.called("start_turn")[0][:2] == ("thread-2", "fix it")
        assert driver.composer.text == ""
        assert BANNER not in driver.text()


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
async def test_going_back_from_the_question_sends_nothing_and_keeps_the_message(start: Start, key: str) -> None:
    async with start(prepare=undecided) as driver:
        await driver.type("fix it")
        await driver.press("enter")
        await asked(driver)
        assert "Esc cancel (keeps your message)" in driver.text()
        await driver.press(key)
        assert not isinstance(driver.app.screen, Picker)
        assert driver.composer.has_focus
        assert driver.composer.text == "fix it"
        assert not driver.agent.called("start_turn")
        await driver.press("enter")  # nothing was decided: it is asked again
        await asked(driver)


async def test_not_now_sends_it_and_asks_no_more(start: Start) -> None:
    async with start(prepare=undecided) as driver:
        for number, text in enumerate(("one", "two"), 1):
            await driver.type(text)
            await driver.press("enter")
            if number == 1:
                await asked(driver)
                await driver.press("enter")
            await until(lambda: len(driver.agent.called("start_turn")) == number)
            await driver.settle()
        assert not driver.agent.called("write_trust")
        assert BANNER not in driver.text()
        assert "undecided" in driver.text()


async def test_what_is_typed_behind_the_message_stays(start: Start) -> None:
    async with start(prepare=undecided) as driver:
        await driver.type("fix it")
        driver.main.panes.composer.action_send()
        driver.main.panes.composer.insert("n")  # before the message was handled
        await asked(driver)
        assert driver.composer.text == "fix it\n\nn"
        await driver.press("enter")
        await until(lambda: driver.agent.called("start_turn"))
        assert driver.agent.called("start_turn")[0][1] == "fix it"
        assert driver.composer.text == "n"


async def test_a_decision_that_cannot_be_written_keeps_the_message(start: Start) -> None:
    async with start(prepare=undecided) as driver:
        await driver.type("fix it")
        await driver.press("enter")
        await asked(driver)
        driver.agent.refuse["write_trust"] = AgentRefused("config/batchWrite", "Read-only file system")
        await driver.press("up", "enter")
        await until(lambda: "Nothing was written" in driver.text())
        assert driver.composer.text == "fix it"
        assert not driver.agent.called("start_turn")


async def test_a_session_with_turns_keeps_what_it_may_do_and_says_so(start: Start) -> None:
    async with start() as driver:
        await driver.say(turn_started(), turn_completed())
        await driver.press("ctrl+p")
        await driver.type("trust this")
        await until(lambda: "Decide whether Codex may edit here" in driver.text())
        await driver.press("down", "enter")
        await asked(driver)
        assert "Trust: trusted · /repo" in driver.text()
        await driver.press("down", "enter")
        await until(lambda: driver.agent.called("write_trust"))
        await driver.settle()
        assert "New sessions follow your decision" in driver.text()
        assert "asks first" in driver.text()


async def test_another_windows_decision_is_seen_when_this_one_has_the_focus_again(start: Start) -> None:
    async with start(prepare=undecided) as driver:
        driver.agent.trust = replace(driver.agent.trust, level=TrustLevel.TRUSTED, version="v2")
        driver.app.on_app_focus()
        await until(lambda: driver.main.session.thread_id == "thread-2")
        await driver.settle()
        assert BANNER not in driver.text()


async def test_a_key_takes_a_choice_only_while_nothing_is_typed(start: Start) -> None:
    taken: list[str | None] = []
    choices = [Choice("a", "g2", key="1"), Choice("b", "g1", key="2"), Choice("c", "off", reason="no", key="3")]
    async with start() as driver:
        await driver.app.push_screen(Picker("Which?", choices), taken.append)
        await driver.press("3")
        assert "3" in driver.text()
        await driver.press("backspace", "g", "1")
        assert not taken
        await driver.press("enter")
        await driver.app.push_screen(Picker("Which?", choices), taken.append)
        await driver.press("1")
        assert taken == ["b", "a"]


async def test_presets_are_two_keys_away(start: Start) -> None:
    async with start() as driver:
        home = driver.app._around.state_dir
        driver.main.manager.connection.info = replace(driver.agent.info, codex_home=str(home))
        (home / "calm.config.toml").write_text('model = "small"\nmodel_reasoning_effort = "low"\n')
        (home / "bad.config.toml").write_text("model =\n")
        await driver.press("ctrl+x")
        for words in ("1 calm", "Small · low", "bad.config.toml:1:"):
            assert words in driver.text()
        await driver.press("1")
        await until(lambda: driver.agent.called("update_settings"))
        assert driver.agent.called("update_settings")[0][1] == SettingsUpdate(model="small", effort="low")
        (home / "wide.config.toml").write_text('sandbox_mode = "danger-full-access"\n')
        await driver.press("ctrl+x", "2")
        assert "wide: allow full access in /repo?" in driver.text()
        await driver.press("enter")
        assert len(driver.agent.called("update_settings")) == 1
        await driver.press("ctrl+x", "2", "down", "enter")
        await until(lambda: len(driver.agent.called("update_settings")) == 2)


async def test_an_enter_too_many_gives_no_trust(start: Start) -> None:
    async with start(prepare=undecided) as driver:
        await driver.type("fix it")
        await driver.press("enter", "enter")
        await until(lambda: driver.agent.called("start_turn"))
        assert not driver.agent.called("write_trust")
