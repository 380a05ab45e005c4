"""The demo's story, in every way it can go."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from conductor_tui.demo.shop import FIX, SHOP_FILES
from conductor_tui.demo.steps import ApplyPatch, ExecCommand, FunctionCall, HttpError, Message, Reply, UpdatePlan
from conductor_tui.demo.story import OPENING_PROMPT, demo_script
from tests.unit.demo.conversation import developer, request, result, user

FAILED, PASSED = "Process exited with code 1", "Process exited with code 0"
DECLINED = 'Rejected("rejected by user")'
PLAN_MODE = developer("<collaboration_mode># Plan Mode")


def told(*outputs: str, prompt: str = OPENING_PROMPT) -> Reply:
    return demo_script(request(user(prompt), *(result(str(i), text) for i, text in enumerate(outputs))))


def words_of(reply: Reply) -> str:
    return "\n".join(step.text for step in reply if isinstance(step, Message))


BEGINNING = ("Plan updated", "source code", FAILED, "Plan updated")


def test_it_makes_a_plan_and_runs_the_failing_test() -> None:
    assert any(isinstance(step, UpdatePlan) for step in told())
    assert told("Plan updated", "source code") == [ExecCommand("python3 -m unittest")]


def test_it_asks_before_it_leaves_the_sandbox() -> None:
    (command,) = (step for step in told(*BEGINNING) if isinstance(step, ExecCommand))
    assert command.escalated
    assert command.justification
    assert command.prefix_rule == ("git", "switch")


@pytest.mark.parametrize(("answer", "word"), [(PASSED, "is there"), (DECLINED, "no new branch"), (FAILED, "stay")])
def test_it_goes_on_whatever_the_user_decides(answer: str, word: str) -> None:
    reply = told(*BEGINNING, answer)
    assert word in words_of(reply)
    assert ApplyPatch(FIX) in reply


def test_it_ends_with_a_summary_that_says_where_the_change_is() -> None:
    assert "fix-invoice-cents" in words_of(told(*BEGINNING, PASSED, "Success", PASSED, "Plan updated"))
    assert "in your checkout" in words_of(told(*BEGINNING, DECLINED, "Success", PASSED, "Plan updated"))


def test_it_does_not_claim_success_when_the_change_was_declined() -> None:
    assert "do not pass" in words_of(told(*BEGINNING, PASSED, "patch rejected by user", FAILED, "Plan updated"))


def test_it_has_nothing_to_do_the_second_time() -> None:
    assert "already" in words_of(told("Plan updated", "source code", PASSED))


def test_plan_mode_proposes_a_plan_and_touches_nothing() -> None:
    reply = demo_script(request(PLAN_MODE, user(OPENING_PROMPT), result("1", "source code")))
    assert "<proposed_plan>\n# " in words_of(reply)
    assert not any(isinstance(step, ApplyPatch) for step in reply)


def test_plan_mode_can_ask_first_and_uses_the_answer() -> None:
    asked = [PLAN_MODE, user("a question, please")]
    (call,) = (step for step in demo_script(request(*asked)) if isinstance(step, FunctionCall))
    assert call.name == "request_user_input"
    assert "half to even" in words_of(demo_script(request(*asked, result("1", '{"answers": ["Half even"]}'))))


def test_an_approved_plan_starts_the_story() -> None:
    assert told(prompt="Implement the plan.") == told()


def test_unknown_words_are_answered_with_what_may_be_typed() -> None:
    assert "scripted model" in words_of(told(prompt="sing"))
    assert "`table`" in words_of(told(prompt="help"))


def test_every_word_of_the_help_has_an_answer() -> None:
    nothing = words_of(told(prompt="sing"))
    for word in ("invoice", "command", "approval", "file", "table", "code", "long", "search", "plan", "question"):
        assert words_of(told(prompt=word)) != nothing
    assert isinstance(told(prompt="error")[0], HttpError)


def test_answers_are_streamed_at_a_pleasant_pace() -> None:
    (message,) = told(*BEGINNING, PASSED, "Success", PASSED, "Plan updated")
    assert isinstance(message, Message)
    assert 1 < len(message.text) / message.chunk * message.delay < 6


def test_the_shops_test_fails_by_a_cent(tmp_path: Path) -> None:
    for name, text in SHOP_FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    run = subprocess.run(["python3", "-m", "unittest"], cwd=tmp_path, capture_output=True, text=True)
    assert "'23.28' != '23.29'" in run.stderr
    assert run.returncode == 1
