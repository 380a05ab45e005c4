"""Which plan is open, where comments belong, and what is said to Codex."""

from __future__ import annotations

import pytest

from conductor_tui.domain import events as ev
from conductor_tui.domain import items as it
from conductor_tui.domain.ids import ItemId, TurnId
from conductor_tui.domain.plans import (
    Remark,
    StepComment,
    fresh_implementation,
    implementation,
    newest_plan,
    open_plan,
    placed,
    remarks,
    revision,
    step_hash,
    title,
)
from conductor_tui.domain.turns import TurnStatus
from tests.builders import (
    THREAD,
    a_message,
    a_plan,
    a_projection,
    a_recorded_turn,
    delta,
    item_completed,
    turn_completed,
    turn_started,
)


def test_a_plan_is_open_once_its_turn_has_ended() -> None:
    projection = a_projection(turn_started(), item_completed(a_plan()))
    assert open_plan(projection) is None
    projection.apply(turn_completed())
    assert open_plan(projection) == a_plan()


@pytest.mark.parametrize("status", [TurnStatus.INTERRUPTED, TurnStatus.FAILED])
def test_a_whole_plan_is_open_however_its_turn_ended(status: TurnStatus) -> None:
    projection = a_projection(turn_started(), item_completed(a_plan()), turn_completed(status=status))
    assert open_plan(projection) == a_plan()


def test_half_a_plan_is_none() -> None:
    grown = delta("turn-1-plan", "# Half", ev.TextKind.PLAN)
    projection = a_projection(turn_started(), grown, turn_completed(status=TurnStatus.INTERRUPTED))
    assert open_plan(projection) is None
    assert newest_plan(projection) is None


def test_a_later_turn_closes_a_plan_which_stays_the_newest() -> None:
    projection = a_projection(turn_started(), item_completed(a_plan()), turn_completed())
    projection.apply(turn_started("turn-2"))
    assert open_plan(projection) is None
    projection.apply(item_completed(a_message(turn_id="turn-2")))
    projection.apply(turn_completed("turn-2"))
    assert open_plan(projection) is None
    assert newest_plan(projection) == a_plan()


def test_the_newest_of_several_plans_is_the_open_one() -> None:
    projection = a_projection(turn_started(), item_completed(a_plan()), turn_completed())
    second = a_plan("# Better", turn_id="turn-2")
    for event in (turn_started("turn-2"), item_completed(second), turn_completed("turn-2")):
        projection.apply(event)
    assert open_plan(projection) == newest_plan(projection) == second


def test_a_plan_read_from_history_is_open_too() -> None:
    older = a_recorded_turn(a_message(turn_id="turn-0"), turn_id="turn-0")
    projection = a_projection(ev.HistoryLoaded(THREAD, (older, a_recorded_turn(a_plan()))))
    assert open_plan(projection) == a_plan()


def test_a_remark_of_ours_after_the_turn_closes_nothing() -> None:
    projection = a_projection(turn_started(), item_completed(a_plan()), turn_completed())
    projection.apply(ev.NoticeReported(THREAD, it.Severity.WARNING, "The answer did not reach Codex"))
    assert open_plan(projection) == a_plan()


def test_a_session_without_turns_has_no_plan() -> None:
    assert open_plan(a_projection()) is None
    assert newest_plan(a_projection()) is None
    empty = it.PlanText(ItemId("p"), TurnId("turn-1"))
    assert open_plan(a_projection(turn_started(), item_completed(empty), turn_completed())) == empty


def a_comment(step: int, of: str, text: str = "why?") -> StepComment:
    return StepComment(step, step_hash(of), text)


def test_comments_stand_at_their_step_or_follow_its_text_and_are_never_lost() -> None:
    steps = ["one", "two", "two", "three"]
    assert placed([a_comment(2, "two")], steps) == {2: "why?"}
    assert placed([a_comment(0, "three")], steps) == {3: "why?"}
    assert placed([a_comment(9, "gone")], steps) == {3: "why?"}
    assert placed([a_comment(3, "three", "a"), a_comment(7, "gone", "b")], steps) == {3: "a\nb"}
    assert placed([a_comment(1, "x")], []) == {0: "why?"}
    assert placed([], steps) == {}


def test_a_revision_is_one_numbered_message_that_quotes_each_step() -> None:
    said = remarks(["# Title", "1. Look\n   closely", "2. Mend"], {2: "not yet", 1: "at what?\nand why?"})
    assert revision(said, " shorter, please ") == (
        "Revise the plan. Take these comments into account:\n\n"
        "1. > 1. Look\n   >    closely\n\n   at what?\n   and why?\n\n"
        "2. > 2. Mend\n\n   not yet\n\n"
        "shorter, please"
    )
    assert revision((), "shorter") == "Revise the plan.\n\nshorter"
    assert revision(said[:1], "").endswith("and why?")


def test_a_long_step_is_quoted_in_part() -> None:
    long = "\n".join(f"line {n}" for n in range(100))
    message = revision([Remark(long, "too long")], "")
    assert "> line 11" in message
    assert "line 12" not in message
    assert "> …" in message


def test_an_implementation_carries_the_remarks_and_a_fresh_one_the_plan() -> None:
    said = [Remark("1. Look", "twice")]
    assert implementation(()) == "Implement the plan."
    assert implementation(said) == "Implement the plan. Take these comments into account:\n\n1. > 1. Look\n\n   twice"
    assert fresh_implementation("Implement the plan.", "# P\n", ()) == "Implement the plan."
    assert fresh_implementation("", "# P\n\n1. Look\n", ()) == "Implement the plan below.\n\n# P\n\n1. Look"
    assert fresh_implementation("Go.", "# P", said).startswith(
        "Go.\n\nTake these comments into account:\n\n1. > 1. Look"
    )


def test_a_step_with_broken_characters_has_a_hash() -> None:
    assert step_hash("\ud800") != step_hash("漢")


def test_a_plan_has_a_title() -> None:
    assert title("\n# **Mend** it #\n\ntext") == "Mend** it"
    assert title("") == ""
    assert len(title("x" * 200)) == 60
    assert title("one\ttwo\x1b") == "one two␛"
