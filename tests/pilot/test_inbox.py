"""The inbox: what waits in every session, answered from the list, live while it is open."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from conductor_tui.domain import events as ev
from conductor_tui.domain.approvals import (
    Answer,
    Approval,
    CommandApproval,
    Decision,
    FileChangeApproval,
    McpApproval,
    Question,
    QuestionApproval,
)
from conductor_tui.domain.ids import ItemId, ThreadId, TurnId
from conductor_tui.domain.items import SubAgentActivity
from conductor_tui.ui.commands.pane import Pane
from tests.builders import THREAD, TURN, a_command_approval, a_prompt, asked, item_completed, turn_started, until
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
        await driver.later()
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
        await driver.later()
        await driver.press("down", "ctrl+y")
        await until(lambda: driver.agent.called("answer"))
        assert driver.agent.called("answer") == [(8, Answer(Decision.ONCE))]


async def test_a_question_with_options_is_not_answered_by_a_yes(start: Start) -> None:
    async with start() as driver:
        await leave_working(driver)
        question = QuestionApproval(9, THREAD, questions=(Question("colour", "Which colour?"),))
        await driver.say(ev.ApprovalRequested(THREAD, question))
        await driver.press("ctrl+d")
        await driver.later()
        await driver.press("ctrl+y")
        assert not driver.agent.called("answer")
        assert "more than yes or no" in driver.text()


async def test_an_empty_inbox_offers_no_answers(start: Start) -> None:
    async with start() as driver:
        await driver.press("ctrl+d")
        assert "Nothing is waiting for you" in driver.text()
        assert "ctrl+y yes" not in driver.text()


LONG = "pip install " + " ".join(f"package-{n}" for n in range(30)) + "; rm -rf /"


@pytest.mark.parametrize(
    "approval",
    [
        CommandApproval(7, THREAD, command=LONG, cwd="/repo"),
        CommandApproval(7, THREAD, command="echo one\nrm -rf /", cwd="/repo"),
        CommandApproval(7, THREAD, command="make clean", cwd="/elsewhere"),
        CommandApproval(7, THREAD, command="make", cwd="/repo", extra_permissions="{}"),
        FileChangeApproval(7, THREAD, item_id=ItemId("p1")),
        McpApproval(7, THREAD, server="db", is_tool_call=True, tool="drop", arguments="{}"),
    ],
)
async def test_a_yes_to_what_its_row_does_not_show_whole_opens_it_instead(start: Start, approval: Approval) -> None:
    async with start() as driver:
        await leave_working(driver)
        await driver.say(ev.ApprovalRequested(THREAD, approval))
        await driver.press("ctrl+d")
        await driver.later()
        await driver.press("ctrl+y")
        assert not driver.agent.called("answer")
        assert driver.main.session.thread_id == THREAD
        assert driver.main.panes.focused is Pane.APPROVAL


@pytest.mark.parametrize("size", [(140, 40), (80, 24), (48, 18)])
async def test_a_command_that_needs_a_second_row_is_whole_there_and_answered(
    start: Start, size: tuple[int, int]
) -> None:
    """Whether the list takes a yes does not hang on how long the names of the user's folders are."""
    command = "touch /home/somebody/with/a/long/name/and/deep/folders/in/it/mark"
    async with start(size) as driver:
        await leave_working(driver)
        await driver.say(ev.ApprovalRequested(THREAD, CommandApproval(7, THREAD, command=command, cwd="/repo")))
        await driver.press("ctrl+d")
        await driver.later()
        shown = "".join(row.strip("│┃ ") for row in driver.text().split("\n"))
        assert command.removeprefix("touch ") in shown
        await driver.press("ctrl+y")
        await until(lambda: driver.agent.called("answer"))
        assert driver.agent.called("answer") == [(7, Answer(Decision.ONCE))]


async def test_a_no_is_taken_from_any_row(start: Start) -> None:
    async with start() as driver:
        await leave_working(driver)
        await driver.say(ev.ApprovalRequested(THREAD, CommandApproval(7, THREAD, command=LONG, cwd="/repo")))
        await driver.press("ctrl+d")
        await driver.later()
        await driver.press("ctrl+x")
        await until(lambda: driver.agent.called("answer"))
        assert driver.agent.called("answer") == [(7, Answer(Decision.DECLINE))]


async def test_the_question_of_a_sub_agent_is_answered_from_the_list(start: Start) -> None:
    async with start() as driver:
        await leave_working(driver)
        child = SubAgentActivity(ItemId("s"), TURN, agent_thread_id=ThreadId("child"))
        of_the_child = replace(a_command_approval(9), thread_id=ThreadId("child"), turn_id=TurnId("of-the-child"))
        await driver.say(item_completed(child), asked(of_the_child))
        await driver.press("ctrl+d")
        assert "pip install foo" in driver.text()
        await driver.later()
        await driver.press("down", "up", "ctrl+y")
        await until(lambda: driver.agent.called("answer"))
        assert driver.agent.called("answer") == [(9, Answer(Decision.ONCE))]


async def test_a_key_that_is_held_down_or_typed_ahead_answers_nothing_unread(start: Start) -> None:
    async with start() as driver:
        await leave_working(driver)
        for number in range(4):
            await driver.say(asked(a_command_approval(number)))
        await driver.press("ctrl+d", "ctrl+y")
        assert not driver.agent.called("answer")
        await driver.later()
        for _ in range(40):
            await driver.press("ctrl+y")
            driver.clock.now += 0.03
        assert [c[0] for c in driver.agent.called("answer")] == [0]
        await driver.later()
        await driver.press("ctrl+y")  # the next question is not chosen yet
        assert len(driver.agent.called("answer")) == 1
        await driver.press("down")
        await driver.later()
        await driver.press("ctrl+y")
        await until(lambda: len(driver.agent.called("answer")) == 2)


async def test_a_long_question_leaves_room_for_the_others(start: Start) -> None:
    async with start((80, 24)) as driver:
        await leave_working(driver)
        long = replace(a_command_approval(7), command="\n".join(f"echo {n}" for n in range(40)))
        await driver.say(asked(long))
        await driver.press("ctrl+d")
        rows = [row.strip("│ ") for row in driver.text().split("\n")]
        first = next(at for at, row in enumerate(rows) if row.startswith("run: echo 0"))
        assert rows[first + 1].startswith("… 39 more lines, Enter to see all")
        assert "echo 1" not in driver.text()
        await driver.later()
        await driver.press("ctrl+y")
        assert not driver.agent.called("answer"), "its end was not on screen"
        assert driver.main.session.thread_id == THREAD
