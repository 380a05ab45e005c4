"""What real Codex binaries said becomes the right session, whatever their version."""

from __future__ import annotations

from pathlib import Path

import pytest

from conductor_tui.domain import events as ev
from conductor_tui.domain import items as it
from conductor_tui.domain.projection import SessionProjection
from conductor_tui.domain.turns import TurnStatus
from conductor_tui.ui.presentation.items import Look, item_lines
from tests.recordings.load import FOLDER, RECORDINGS, events, name_of, replayed

VERSIONS = sorted(p.name for p in FOLDER.iterdir() if p.is_dir() and p.name[0].isdigit())


def items(projection: SessionProjection) -> list[it.Item]:
    return [item for turn in projection.turns for item in projection.items_of(turn)]


def only_turn(projection: SessionProjection) -> TurnStatus:
    (turn,) = projection.turns.values()
    return turn.status


@pytest.mark.parametrize("path", RECORDINGS, ids=name_of)
def test_nothing_in_it_is_unknown_and_every_item_can_be_shown(path: Path) -> None:
    unknown = [e.method for e in events(path) if isinstance(e, ev.UnknownEvent)]
    assert not unknown
    shown = items(replayed(path))
    assert not [i for i in shown if isinstance(i, it.UnknownItem)]
    for item in shown:
        for width in (40, 120):
            for is_expanded in (False, True):
                for line in item_lines(item, Look(width, is_expanded, "/repo")):
                    assert line.cells <= width


@pytest.mark.parametrize("version", VERSIONS)
def test_a_story_has_its_items_in_order_with_their_outcome(version: str) -> None:
    projection = replayed(FOLDER / version / "story.jsonl")
    assert only_turn(projection) is TurnStatus.COMPLETED
    by_kind = [(type(i).__name__, i.status.name) for i in items(projection)]
    assert by_kind == [
        ("UserMessage", "COMPLETED"),
        ("Reasoning", "COMPLETED"),
        ("AgentMessage", "COMPLETED"),
        ("Checklist", "COMPLETED"),
        ("CommandRun", "COMPLETED"),
        ("WebSearch", "COMPLETED"),
        ("CommandRun", "FAILED"),
        ("CommandRun", "COMPLETED"),
        ("FileChange", "COMPLETED"),
        ("AgentMessage", "COMPLETED"),
    ]
    commands = [i for i in items(projection) if isinstance(i, it.CommandRun)]
    assert [(c.command, c.exit_code) for c in commands] == [
        ("ls && echo oops >&2", 0),
        ("exit 3", 3),
        ("git tag v1", 0),
    ]
    assert "oops" in commands[0].output
    assert not projection.waiting_approvals
    assert "ROUND_HALF_UP" in projection.last_diff


@pytest.mark.parametrize("version", VERSIONS)
def test_deltas_alone_build_what_the_completed_items_say(version: str) -> None:
    told = events(FOLDER / version / "story.jsonl")
    thread_id = next(e.thread_id for e in told if e.thread_id is not None)
    by_deltas = SessionProjection(thread_id, clock=lambda: 1000.0)
    for event in told:
        if event.thread_id == thread_id and not isinstance(event, ev.ItemCompleted):
            by_deltas.apply(event)
    whole = replayed(FOLDER / version / "story.jsonl")
    for item in items(whole):
        if isinstance(item, it.AgentMessage):
            grown = by_deltas.item(item.key)
            assert isinstance(grown, type(item))
            assert grown.text == item.text


@pytest.mark.parametrize("version", VERSIONS)
def test_a_declined_command_is_shown_as_declined(version: str) -> None:
    commands = [i for i in items(replayed(FOLDER / version / "declined.jsonl")) if isinstance(i, it.CommandRun)]
    assert commands[-1].status is it.ItemStatus.DECLINED


@pytest.mark.parametrize("version", VERSIONS)
def test_a_plan_is_a_plan_and_its_question_was_asked(version: str) -> None:
    path = FOLDER / version / "plan.jsonl"
    asked = [e.approval for e in events(path) if isinstance(e, ev.ApprovalRequested)]
    assert [type(a).__name__ for a in asked] == ["QuestionApproval"]
    (plan,) = [i for i in items(replayed(path)) if isinstance(i, it.PlanText)]
    assert plan.text == "# Plan\n\n1. Left.\n"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("scene", "status"),
    [("cut", TurnStatus.FAILED), ("refused", TurnStatus.FAILED), ("interrupted", TurnStatus.INTERRUPTED)],
)
def test_a_turn_that_did_not_end_well_says_how(version: str, scene: str, status: TurnStatus) -> None:
    projection = replayed(FOLDER / version / f"{scene}.jsonl")
    assert only_turn(projection) is status
    (turn,) = projection.turns.values()
    assert (turn.error is not None) == (status is TurnStatus.FAILED)
    assert not [i for i in items(projection) if i.is_open]


@pytest.mark.parametrize("version", VERSIONS)
def test_pitfall_09_three_broken_attempts_leave_one_half_message(version: str) -> None:
    shown = items(replayed(FOLDER / version / "cut.jsonl"))
    assert [i.text for i in shown if isinstance(i, it.AgentMessage)] == ["Half a sen"]
