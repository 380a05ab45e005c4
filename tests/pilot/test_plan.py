"""The plan view: every key, what applies when, and what becomes of failures."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec.structs import replace

from conductor_tui.domain import events as ev
from conductor_tui.domain.controls import PLAN_MODE, SandboxKind, SandboxPolicy, SettingsUpdate, applied
from conductor_tui.domain.errors import AgentError, AgentGone, AgentOverloaded, AgentRefused, AgentTimedOut
from conductor_tui.domain.ids import ThreadId, TurnId
from conductor_tui.domain.opened_thread import OpenedThread
from conductor_tui.domain.turns import Turn, TurnStatus
from conductor_tui.settings.model import AppSettings
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.screens.plan import PlanScreen
from tests.builders import (
    PLAN,
    THREAD,
    a_command_approval,
    a_plan,
    a_prompt,
    asked,
    item_completed,
    turn_completed,
    turn_started,
    until,
)
from tests.fakes.agent import SETTINGS, FakeAgent
from tests.pilot.conftest import Driver, Start

BEFORE = SandboxPolicy(SandboxKind.WORKSPACE_WRITE, network_access=True)
PLANNING = applied(SETTINGS, PLAN_MODE)


def in_plan_mode(agent: FakeAgent) -> None:
    agent.settings = PLANNING


async def propose(driver: Driver, text: str = PLAN, turn_id: str = "turn-1") -> None:
    await driver.say(
        turn_started(turn_id),
        item_completed(a_prompt("plan it", turn_id=turn_id)),
        item_completed(a_plan(text, turn_id=turn_id)),
        turn_completed(turn_id),
    )


@contextlib.asynccontextmanager
async def planned(
    start: Start, size: tuple[int, int] = (140, 40), text: str = PLAN, *, is_known: bool = True, **options: object
) -> AsyncIterator[Driver]:
    """The app with a plan that waits, and the plan view open."""
    async with start(size, prepare=in_plan_mode, **options) as driver:
        if is_known:
            driver.main.manager.store.keep_before_plan(THREAD, SettingsUpdate(sandbox=BEFORE))
            driver.main.manager.store._writer.submit(lambda: None).result()
        await propose(driver, text)
        await driver.press("ctrl+r")
        assert isinstance(driver.app.screen, PlanScreen)
        yield driver


def view(driver: Driver) -> PlanScreen:
    screen = driver.app.screen
    assert isinstance(screen, PlanScreen)
    return screen


def is_closed(driver: Driver) -> bool:
    return driver.app.screen is driver.app.main


async def comment(driver: Driver, words: str) -> None:
    await driver.press("c")
    await driver.type(words)
    await driver.press("enter")


# What waits


async def test_a_plan_that_waits_is_said_everywhere(start: Start) -> None:
    async with start(prepare=in_plan_mode) as driver:
        assert "Plan Mode: " in driver.text()
        await driver.say(turn_started(), item_completed(a_prompt("plan it")), item_completed(a_plan()))
        assert "A plan is ready" not in driver.text()
        await driver.say(turn_completed())
        assert "A plan is ready (ctrl+r)" in driver.text()
        assert "◆ 1 waiting for you" in driver.text()
        entry = next(e for e in driver.main.entries() if e.is_shown)
        assert (entry.word, entry.needs_user) == ("plan", True)
        await driver.say(turn_started("turn-2"))
        assert next(e for e in driver.main.entries() if e.is_shown).word == "working"
        assert "waiting for you" not in driver.text()


async def test_outside_plan_mode_a_plan_waits_for_nobody_and_can_still_be_opened(start: Start) -> None:
    async with start() as driver:
        driver.main.run_command("session.plan")
        await driver.settle()
        assert "Plan: no plan in this session yet" in driver.text()
        await propose(driver)
        assert "A plan is ready" not in driver.text()
        await driver.press("ctrl+r")
        assert "nothing is waiting for you" in driver.text()
        driver.main.run_command("session.plan")
        await driver.settle()
        assert "r l (Plan Mode is off)" in driver.text()


async def test_an_approval_comes_before_a_plan(start: Start) -> None:
    async with start(prepare=in_plan_mode) as driver:
        await propose(driver)
        approval = replace(a_command_approval(7), turn_id=None)
        await driver.say(asked(approval))
        driver.main.panes.focus(Pane.COMPOSER)
        await driver.press("ctrl+r")
        assert driver.main.panes.focused is Pane.APPROVAL
        await driver.say(ev.ApprovalResolved(THREAD, 7))
        await driver.press("ctrl+r")
        assert isinstance(driver.app.screen, PlanScreen)


async def test_an_approval_elsewhere_comes_before_a_plan_and_a_plan_elsewhere_is_found(start: Start) -> None:
    async with start(prepare=in_plan_mode) as driver:
        await propose(driver)
        await driver.press("ctrl+n")
        await until(lambda: driver.main.session.thread_id == "thread-2")
        await driver.settle()
        assert driver.main.session.thread_id != THREAD
        await driver.press("ctrl+r")
        assert driver.main.session.thread_id == THREAD
        assert isinstance(driver.app.screen, PlanScreen)


async def test_the_key_opens_the_plan_that_the_composer_names_though_an_approval_waits_elsewhere(start: Start) -> None:
    async with start(prepare=in_plan_mode) as driver:
        await driver.say(turn_started(), asked(a_command_approval(7)))
        await driver.press("ctrl+n")
        await until(lambda: driver.main.session.thread_id == "thread-2")
        there = ThreadId("thread-2")
        planned = (
            ev.TurnStarted(there, Turn(TurnId("turn-2"))),
            ev.ItemCompleted(there, replace(a_plan(), turn_id=TurnId("turn-2"))),
            ev.TurnCompleted(there, Turn(TurnId("turn-2"), TurnStatus.COMPLETED)),
        )
        await driver.say(*planned)
        assert "A plan is ready (ctrl+r)" in driver.text()
        await driver.press("ctrl+r")
        assert isinstance(driver.app.screen, PlanScreen)
        assert driver.main.session.thread_id == there


# Moving about


async def test_the_cursor_goes_over_steps(start: Start) -> None:
    async with planned(start) as driver:
        assert "─ 3 steps" in driver.text()
        assert "▎ Mend it" in driver.text()
        await driver.press("j", "down")
        assert "step 1 of 3" in driver.text()
        assert "▎ 1. Look closely" in driver.text()
        await driver.press("k", "up", "up")
        assert "─ 3 steps" in driver.text()
        await driver.press("G")
        assert "step 3 of 3" in driver.text()
        await driver.press("g")
        assert "─ 3 steps" in driver.text()


@pytest.mark.parametrize("size", [(140, 40), (80, 24), (48, 18)])
async def test_long_plans_scroll_and_keys_stay(start: Start, size: tuple[int, int]) -> None:
    text = "# Long\n\n" + "".join(f"{n}. Step {n} and some words about it\n" for n in range(1, 501))
    async with planned(start, size, text) as driver:
        assert len(list(driver.app.screen.query("*"))) < 20
        for key in ("pagedown", "pagedown", "pageup", "G"):
            await driver.press(key)
            shown = driver.text()
            for word in ("implement", "implement in a new session", "revise", "copy", "leave Plan Mode", "Esc back"):
                assert word in shown
        assert "500. Step 500" in shown
        assert "step 500 of 500" in shown
        await driver.press("pageup")
        at = view(driver).view.step
        assert 501 - size[1] <= at < 500
        await driver.press("pagedown", "pagedown")
        assert view(driver).view.step == 500


async def test_a_step_higher_than_the_view_can_be_read_to_its_end(start: Start) -> None:
    code = "\n".join(f"   line {n}" for n in range(60))
    async with planned(start, (80, 24), f"1. Short\n2. Long\n   ```\n{code}\n   ```\n3. Last\n") as driver:
        await driver.press("j", "pagedown", "pagedown", "pagedown", "pagedown")
        assert "line 59" in driver.text()
        await driver.press("pagedown")
        assert view(driver).view.step == 2


async def test_another_size_keeps_the_step_in_view(start: Start) -> None:
    text = "".join(f"{n}. Step {n}\n" for n in range(1, 100))
    async with planned(start, (140, 40), text) as driver:
        await driver.press("G")
        await driver.pilot.resize_terminal(48, 18)
        await driver.settle()
        assert "▎99. Step 99" in driver.text().replace("▎ 99", "▎99")


# Comments


async def test_a_comment_is_written_changed_and_taken_away(start: Start) -> None:
    async with planned(start) as driver:
        await driver.press("j", "j")
        await comment(driver, "if x then l")
        assert "└ you: if x then l" in driver.text()
        assert "step 1 of 3 · 1 comment" in driver.text()
        assert "1 comment will be sent with i, f or r" in driver.text()
        await comment(driver, " and y")
        assert "└ you: if x then l and y" in driver.text()
        await driver.press("x")
        assert "└ you" not in driver.text()
        assert "c brings its text back" in driver.text()
        await driver.press("c")
        assert "if x then l and y" in driver.text()
        await driver.press("enter")
        assert "└ you: if x then l and y" in driver.text()


async def test_keys_that_do_not_apply_say_why_when_pressed(start: Start) -> None:
    async with planned(start) as driver:
        await driver.press("x")
        assert "Not now: no comment on this step" in driver.text()


async def test_half_a_comment_survives_escape_and_closing(start: Start) -> None:
    async with planned(start) as driver:
        await driver.press("c")
        await driver.type("half")
        await driver.press("ctrl+j")
        await driver.type("more")
        await driver.press("escape")
        assert "half" not in driver.text()
        await driver.press("escape")
        assert is_closed(driver)
        assert driver.composer.has_focus
        await driver.press("ctrl+r", "c")
        await driver.press("enter")
        assert view(driver).comments == {0: "half\nmore"}


async def test_an_empty_comment_takes_the_comment_away(start: Start) -> None:
    async with planned(start) as driver:
        await comment(driver, "a")
        await driver.press("c", "backspace", "enter")
        assert view(driver).comments == {}


async def test_comments_are_there_when_the_view_opens_again_and_in_the_next_window(start: Start) -> None:
    async with planned(start) as driver:
        await driver.press("j")
        await comment(driver, "keep me")
        await driver.press("escape", "ctrl+r")
        assert "└ you: keep me" in driver.text()
    async with planned(start) as driver:
        assert "└ you: keep me" in driver.text()


async def test_pasted_lines_stay_whole(start: Start) -> None:
    from textual import events

    async with planned(start) as driver:
        await driver.press("c")
        driver.app.screen.focused.post_message(events.Paste("one\ntwo\x1b[31m"))  # type: ignore[union-attr]
        await driver.settle()
        await driver.press("enter")
        assert view(driver).comments[0].startswith("one\ntwo")
        assert "\x1b" not in driver.text()


# What becomes of the plan


async def test_revise_sends_comments_and_words_and_stays_in_plan_mode(start: Start) -> None:
    async with planned(start) as driver:
        await driver.press("j", "j")
        await comment(driver, "why?")
        await driver.press("r")
        assert "revise · with 1 comment" in driver.text()
        await driver.type("short, please")
        await driver.press("enter")
        await until(lambda: driver.agent.called("start_turn"))
        (call,) = driver.agent.called("start_turn")
        assert call[1] == (
            "Revise the plan. Take these comments into account:\n\n"
            "1. > 1. Look\n   >    closely\n\n   why?\n\nshort, please"
        )
        assert len(call) == 3  # no settings go along
        assert not driver.agent.called("update_settings")
        assert is_closed(driver)


async def test_a_revision_must_say_something(start: Start) -> None:
    async with planned(start) as driver:
        await driver.press("r", "enter")
        assert "Describe what to change" in driver.text()
        assert not driver.agent.called("start_turn")


async def test_implement_carries_mode_and_sandbox_in_the_turn_itself(start: Start) -> None:
    async with planned(start) as driver:
        await driver.press("j", "j")
        await comment(driver, "twice")
        await driver.press("i")
        await until(lambda: is_closed(driver))
        (call,) = driver.agent.called("start_turn")
        assert (
            call[1]
            == "Implement the plan. Take these comments into account:\n\n1. > 1. Look\n   >    closely\n\n   twice"
        )
        assert call[3] == SettingsUpdate(is_plan_mode=False, sandbox=BEFORE)
        assert not driver.agent.called("update_settings")
        assert driver.composer.has_focus


async def test_implement_without_knowing_the_sandbox_says_so_and_stays_read_only(start: Start) -> None:
    async with planned(start, is_known=False) as driver:
        assert "the permissions before Plan Mode are unknown" in driver.text()
        await driver.press("i")
        await until(lambda: is_closed(driver))
        assert driver.agent.called("start_turn")[0][3] == SettingsUpdate(is_plan_mode=False)
        await driver.settle()
        assert "commands stay read-only" in driver.text()


async def test_pressing_twice_sends_once(start: Start) -> None:
    async with planned(start) as driver:
        view(driver).action_hand("implement")
        view(driver).action_hand("implement")
        view(driver).action_hand("fresh")
        assert "the plan is being sent" in str(view(driver).query_one("#plan-note").render())
        await until(lambda: is_closed(driver))
        assert len(driver.agent.called("start_turn")) == 1
        assert driver.agent.called("start_thread") == [("/repo",)]


FAILURES = [
    (AgentRefused("turn/start", "no such model"), "Codex refused it: no such model. Nothing was changed."),
    (AgentOverloaded("busy"), "Codex is overloaded. Nothing was changed; try again in a moment."),
    (AgentGone("lost"), "The connection to Codex was lost meanwhile."),
    (AgentTimedOut("turn/start", 30), "did not answer turn/start within 30 s"),
]


@pytest.mark.parametrize(("error", "words"), FAILURES, ids=lambda f: type(f).__name__)
async def test_a_failed_implementation_leaves_all_as_it_was(start: Start, error: AgentError, words: str) -> None:
    async with planned(start) as driver:
        await comment(driver, "mind this")
        driver.agent.refuse["start_turn"] = error
        await driver.press("i")
        await until(lambda: not view(driver).is_busy)
        await driver.settle()
        assert words in driver.text()
        assert "└ you: mind this" in driver.text()
        session = driver.main.session
        assert session.projection.outgoing == ()
        assert session.projection.settings.is_plan_mode
        assert len(driver.agent.called("start_turn")) == 1
        await driver.press("i")
        await until(lambda: is_closed(driver))
        assert len(driver.agent.called("start_turn")) == 2


async def test_a_fresh_session_takes_over_all_but_plan_mode(start: Start) -> None:
    async with planned(start) as driver:
        driver.agent.settings = SETTINGS
        old = driver.main.session
        settings = replace(PLANNING, model="small", effort="low", service_tier="priority", approval_policy="never")
        await driver.say(ev.SettingsChanged(THREAD, settings))
        await driver.press("f")
        await until(lambda: is_closed(driver))
        await driver.settle()
        fresh = driver.main.session
        assert fresh is not old
        assert fresh.thread_id == "thread-2"
        assert driver.agent.called("start_thread")[-1] == ("/repo", "scripted")
        assert driver.agent.called("prepare_approved_plan") == [("thread-2", PLAN)]
        (call,) = driver.agent.called("start_turn")
        assert call[:2] == ("thread-2", "Implement the plan.")
        assert call[3] == SettingsUpdate(
            model="small",
            effort="low",
            is_plan_mode=False,
            service_tier="priority",
            approval_policy="never",
            sandbox=BEFORE,
        )
        assert old.projection.settings == settings
        assert not driver.agent.called("update_settings")
        entries = {e.thread_id: e for e in driver.main.entries()}
        assert entries[ThreadId("thread-2")].is_shown
        assert driver.agent.called("rename_thread") == [("thread-2", "Mend it")]
        assert not entries[THREAD].has_plan  # it has been answered


async def test_a_fresh_session_does_not_take_the_screen_from_a_user_who_went_on(start: Start) -> None:
    async with planned(start) as driver:
        gate = asyncio.Event()
        start_thread = driver.agent.start_thread

        async def slow(cwd: str, provider: str = "", **more: Any) -> OpenedThread:
            await gate.wait()
            return await start_thread(cwd, provider, **more)

        driver.agent.start_thread = slow  # type: ignore[method-assign]
        await driver.press("f", "escape")
        await driver.type("half a th")
        gate.set()
        await until(lambda: driver.agent.called("start_turn"))
        await driver.type("ought")
        assert driver.main.session.thread_id == THREAD
        assert driver.composer.text == "half a thought"
        assert ThreadId("thread-2") in {e.thread_id for e in driver.main.entries()}


async def test_an_older_codex_gets_the_plan_in_the_prompt(start: Start) -> None:
    async with planned(start) as driver:
        await comment(driver, "all of it")
        unknown = AgentRefused("thread/prepareApprovedPlan", "unknown variant `thread/prepareApprovedPlan`", -32600)
        driver.agent.refuse["prepare_approved_plan"] = unknown
        await driver.press("f")
        await until(lambda: is_closed(driver))
        text = driver.agent.called("start_turn")[0][1]
        assert str(text).startswith(
            f"Implement the plan below.\n\n{PLAN.strip()}\n\nTake these comments into account:\n\n1. >"
        )


@pytest.mark.parametrize("method", ["start_thread", "prepare_approved_plan", "start_turn"])
@pytest.mark.parametrize(("error", "words"), FAILURES, ids=lambda f: type(f).__name__)
async def test_a_fresh_session_that_fails_is_gone_again(
    start: Start, method: str, error: AgentError, words: str
) -> None:
    async with planned(start) as driver:
        old = driver.main.session
        driver.agent.refuse[method] = error
        await driver.press("f")
        await until(lambda: not view(driver).is_busy)
        await driver.settle()
        assert words in driver.text()
        assert driver.main.session is old
        assert [e.thread_id for e in driver.main.entries()] == [THREAD]
        assert list(driver.main.manager.sessions) == [THREAD]
        is_certain = isinstance(error, (AgentRefused, AgentOverloaded)) and method != "start_thread"
        assert bool(driver.agent.called("discard_unused_thread")) is is_certain


async def test_the_draft_of_a_new_session_is_not_touched_by_a_fresh_one(start: Start) -> None:
    async with start(prepare=in_plan_mode) as driver:
        await propose(driver)
        await driver.press("ctrl+n")
        await driver.type("my idea")
        await driver.press("ctrl+r", "f")
        await until(lambda: is_closed(driver) and len(driver.agent.called("start_turn")) == 1)
        await driver.press("ctrl+n")
        assert driver.composer.text == "my idea"


async def test_leave_switches_plan_mode_off_and_sends_nothing(start: Start) -> None:
    async with planned(start) as driver:
        await driver.press("l")
        await until(lambda: driver.agent.called("update_settings"))
        assert driver.agent.called("update_settings")[0][1] == SettingsUpdate(is_plan_mode=False, sandbox=BEFORE)
        assert not driver.agent.called("start_turn")
        assert is_closed(driver)
        await driver.say(ev.SettingsChanged(THREAD, replace(SETTINGS, sandbox=BEFORE)))
        assert "A plan is ready" not in driver.text()


async def test_the_plan_is_copied_as_it_was_written(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    async with planned(start) as driver:
        written: list[str] = []
        monkeypatch.setattr(driver.app, "write_to_terminal", written.append)
        await driver.press("y")
        await until(lambda: written)
        await driver.settle()
        assert base64.b64encode(PLAN.encode()).decode() in written[0]
        assert "plan copied" in driver.text() or "plan " in driver.text()
        assert isinstance(driver.app.screen, PlanScreen)


# What applies when


async def test_while_a_turn_runs_nothing_is_handed_over(start: Start) -> None:
    async with planned(start) as driver:
        await driver.say(turn_started("turn-2"))
        assert "i f r (a turn is running)" in driver.text()
        await driver.press("i", "f", "r")
        assert not driver.agent.called("start_turn")
        await driver.say(turn_completed("turn-2"))
        assert "i r (the conversation went on after this plan)" in driver.text()
        assert "f implement in a new session" in driver.text()


async def test_without_a_connection_the_view_stays_and_says_so(start: Start) -> None:
    async with planned(start) as driver:
        await driver.say(ev.ConnectionLost(THREAD, "gone"))
        assert "not connected to Codex" in driver.text()
        await comment(driver, "still")
        assert "└ you: still" in driver.text()
        await driver.press("i", "l")
        assert not driver.agent.called("start_turn")


async def test_an_empty_plan_offers_the_way_back(start: Start) -> None:
    async with planned(start, text="") as driver:
        assert "This plan is empty" in driver.text()
        await driver.press("j", "G", "pagedown", "c", "i", "x", "y")
        assert not driver.agent.called("start_turn")
        await driver.press("escape")
        assert is_closed(driver)


async def test_the_keys_are_the_users(start: Start) -> None:
    settings = AppSettings(keys={"plan.comment": ("a",), "plan.leave": (), "plan.back": ("q",)})
    async with planned(start, settings=settings) as driver:
        assert "a comment" in driver.text()
        assert "leave Plan Mode" not in driver.text()
        await driver.press("l", "c")
        assert not driver.agent.called("update_settings")
        await driver.press("a")
        await driver.type("q")
        await driver.press("enter")
        assert view(driver).comments == {0: "q"}
        await driver.press("a")
        assert "Esc back (keeps your text)" in driver.text()
        await driver.press("escape", "q")
        assert is_closed(driver)


async def test_a_key_named_in_a_message_is_the_users(start: Start) -> None:
    keys = {"plan.comment": ("a",), "plan.uncomment": ("u",), "plan.back": ("q",), "app.palette": ("ctrl+e",)}
    async with planned(start, settings=AppSettings(keys=keys)) as driver:
        await driver.press("a")
        await driver.type("why")
        await driver.press("enter", "u")
        assert "a brings its text back" in driver.text()
        await driver.press("ctrl+e")
        assert "available on the main screen (q)" in driver.text()


async def test_ctrl_c_goes_back_and_the_palette_waits_outside(start: Start) -> None:
    async with planned(start) as driver:
        await driver.press("ctrl+p")
        assert "available on the main screen (Esc)" in driver.text()
        await driver.press("ctrl+c")
        assert is_closed(driver)
