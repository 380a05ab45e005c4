"""The inbox: what waits in every session, answered from the list, live while it is open."""

from __future__ import annotations

from conductor_tui.domain import events as ev
from conductor_tui.domain.approvals import Answer, Decision, Question, QuestionApproval
from tests.builders import THREAD, a_command_approval, a_prompt, asked, item_completed, turn_started, until
from tests.pilot.conftest import Driver, Start


async def leave_working(driver: Driver) -> None:
    """A session works, and another one is on screen."""
    await driver.say(turn_started(), item_completed(a_prompt("first job")))
    await driver.press("ctrl+n")
    await until(lambda: driver.main.session.thread_id == "thread-2")
    await driver.settle()


async def test_what_is_asked_while_it_is_open_appears_and_is_answered_there(start: Start) -> None:
    async with start() as driver:
        await leave_working(driver)
        await driver.press("ctrl+d")
        assert "first job" in driver.text()
        assert "pip install foo" not in driver.text()
        await driver.say(asked(a_command_approval(7)))
        assert "pip install foo" in driver.text()
        await driver.press("down", "up", "ctrl+y")
        await until(lambda: driver.agent.called("answer"))
        assert driver.agent.called("answer") == [(7, Answer(Decision.ONCE))]


async def test_a_key_meant_for_a_question_that_has_gone_answers_no_other(start: Start) -> None:
    async with start() as driver:
        await leave_working(driver)
        await driver.say(asked(a_command_approval(7)))
        await driver.press("ctrl+d")
        await driver.say(ev.ApprovalResolved(THREAD, 7), asked(a_command_approval(8)))
        await driver.press("ctrl+y")
        assert not driver.agent.called("answer")
        await driver.press("down", "ctrl+y")
        await until(lambda: driver.agent.called("answer"))
        assert driver.agent.called("answer") == [(8, Answer(Decision.ONCE))]


async def test_a_question_with_options_is_not_answered_by_a_yes(start: Start) -> None:
    async with start() as driver:
        await leave_working(driver)
        question = QuestionApproval(9, THREAD, questions=(Question("colour", "Which colour?"),))
        await driver.say(ev.ApprovalRequested(THREAD, question))
        await driver.press("ctrl+d", "ctrl+y")
        assert not driver.agent.called("answer")
        assert "more than a yes or no" in driver.text()


async def test_an_empty_inbox_offers_no_answers(start: Start) -> None:
    async with start() as driver:
        await driver.press("ctrl+d")
        assert "Nothing waits for you" in driver.text()
        assert "yes, once" not in driver.text()
