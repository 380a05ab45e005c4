"""Rules of races: who may take part, how branches are called, which races are open."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from conductor_tui.domain.branch_names import SLUG_LIMIT, branch_slug
from conductor_tui.domain.controls import EffortOption, ModelOption
from conductor_tui.domain.races import MOST, Entrant, Member, Race, branch_words, field_of, open_races
from conductor_tui.domain.workspaces import WorkspaceRecord, WorkspaceState

EFFORTS = (EffortOption("low"), EffortOption("high"))
BIG = ModelOption("big", "big", "Big", efforts=EFFORTS, default_effort="high")
PLAIN = ModelOption("plain", "plain", "Plain")
HIDDEN = ModelOption("secret", "secret", "Secret", is_hidden=True)
LIMA = WorkspaceRecord(id="a", repository=Path("/shop"), name="lima", path=Path("/w/lima"))
OSLO = WorkspaceRecord(id="b", repository=Path("/shop"), name="oslo", path=Path("/w/oslo"))
RACE = Race("r", "go", "c0ffee", 5, (Member("a", Entrant("big", "low")), Member("b", Entrant("plain"))))


def test_the_session_s_own_model_takes_part_at_first_and_hidden_ones_are_not_listed() -> None:
    field = field_of((BIG, PLAIN, HIDDEN), "big", "low")
    assert [m.id for m in field.models] == ["big", "plain"]
    assert field.entrants == [Entrant("big", "low")]
    assert "2–6" in field.reason
    assert [m.id for m in field_of((BIG, HIDDEN), "secret", None).models] == ["big", "secret"]
    assert field_of((BIG, PLAIN), "unknown", None).entrants == []


def test_one_model_may_race_against_itself_with_other_efforts() -> None:
    field = field_of((BIG, PLAIN), "big", "low").turned(0, 1).added(0, 1)
    assert field.entrants == [Entrant("big", "low"), Entrant("big", "high")]
    assert field.reason == ""
    assert field.turned(0, 1) == field
    assert field.added(0, 1).entrants.count(Entrant("big", "high")) == 2


def test_never_more_than_take_part_and_never_less_than_none() -> None:
    field = field_of((BIG, PLAIN), "big", "low").added(1, 1).added(0, 99)
    assert len(field.entrants) == MOST
    assert field.added(1, 1) == field
    assert field.added(1, -5).entrants.count(Entrant("plain")) == 0
    assert field.added(0, -99).added(0, -99).entrants == [Entrant("plain")]
    assert field_of((PLAIN,), "", None).turned(0, 3).chosen(0) == Entrant("plain")


@pytest.mark.parametrize(
    ("prompt", "branch"),
    [("Fix the login!", "fix-the-login-lima"), ("", "lima"), ("???", "lima"), ("über Äpfel", "uber-apfel-lima")],
)
def test_a_branch_is_named_after_prompt_and_city(prompt: str, branch: str) -> None:
    assert branch_slug(branch_words(prompt, "lima")) == branch


def test_a_long_prompt_leaves_room_for_the_city() -> None:
    for prompt in ("word " * 50, "x" * 200):
        slug = branch_slug(branch_words(prompt, "kuala-lumpur-v2"))
        assert slug.endswith("kuala-lumpur-v2")
        assert len(slug) <= SLUG_LIMIT


def test_a_race_is_open_while_it_has_no_winner_and_a_workspace_is_left() -> None:
    gone = replace(LIMA, state=WorkspaceState.ARCHIVED)
    newer = replace(RACE, id="n", made_at=9)
    assert [r.id for r in open_races((RACE, newer), (LIMA, OSLO))] == ["n", "r"]
    assert RACE.standing((OSLO, gone)) == [(RACE.members[1], OSLO)]
    assert open_races((RACE,), (gone,)) == []
    assert open_races((replace(RACE, winner="a"),), (LIMA, OSLO)) == []
