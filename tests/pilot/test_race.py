"""Who takes part in a race: every key, at every size; and how the entrants stand, in rows."""

from __future__ import annotations

import pytest

from conductor_tui.domain.controls import EffortOption, ModelOption
from conductor_tui.domain.races import Entrant, field_of
from conductor_tui.ui.presentation.race import Lane, lane_rows
from conductor_tui.ui.screens.race_entrants import RaceEntrants
from tests.fakes.agent import MODELS
from tests.pilot.conftest import Driver, Start

SIZES = [(140, 40), (80, 24), (48, 18)]


async def choose(driver: Driver, models: tuple[ModelOption, ...] = MODELS) -> list[list[Entrant] | None]:
    """The screen is open; what it returned, once it did."""
    taken: list[list[Entrant] | None] = []
    driver.app.push_screen(RaceEntrants("fix\x1b[31m it", field_of(models, "big", "medium")), taken.append)
    await driver.settle()
    return taken


@pytest.mark.parametrize("size", SIZES)
async def test_models_and_efforts_are_chosen_with_keys(start: Start, size: tuple[int, int]) -> None:
    async with start(size) as driver:
        taken = await choose(driver)
        assert "×1 Big" in driver.text()
        assert "1 agent · choose 2–6" in driver.text()
        assert "\x1b" not in driver.text()
        await driver.press("enter")
        assert not taken  # one is no race
        await driver.press("right", "plus", "space", "minus", "down", "space")
        assert "medium ×1" in driver.text()
        assert "×1 Small" in driver.text()
        assert "3 agents." in driver.text()
        assert "Uses about 3× the tokens" in " ".join(driver.text().replace("│", " ").split())
        assert "Esc back" in driver.text()
        await driver.press("enter")
        assert taken == [[Entrant("big", "medium"), Entrant("big", "high"), Entrant("small", "low")]]


async def test_more_than_six_do_not_take_part_and_escape_starts_nothing(start: Start) -> None:
    async with start() as driver:
        taken = await choose(driver)
        await driver.press(*["plus"] * 9)
        assert "6 agents." in driver.text()
        await driver.press("escape")
        assert taken == [None]


@pytest.mark.parametrize("size", SIZES)
async def test_a_long_list_scrolls_and_the_keys_stay(start: Start, size: tuple[int, int]) -> None:
    many = tuple(
        ModelOption(f"m{n}", f"m{n}", f"Model {n} " + "x" * 40, efforts=(EffortOption("low"),)) for n in range(50)
    )
    async with start(size) as driver:
        await choose(driver, (*many, *MODELS))
        assert "×1 Big" in driver.text()
        await driver.press("plus", *["up"] * 3)
        for shown in ("2 agents.", "Enter start", "Esc back"):
            assert shown in driver.text()


async def test_a_race_needs_a_repository(start: Start) -> None:
    async with start() as driver:
        for command in ("race.start", "race.compare"):
            driver.main.run_command(command)
            await driver.settle()
            assert "not a git repository" in driver.text()


LANES = [
    Lane("lima", "●", "$text-success", "done", "Big high", (1200, 34, 5), 65_000, 12_345),
    Lane("a-very-long-name-of-a-workspace-of-mine", "◐", "$text-primary", "working", "Small low"),
]


@pytest.mark.parametrize(("width", "has"), [(138, "12k tokens"), (78, "5 files"), (46, "+1200 −34")])
def test_rows_say_what_there_is_room_for(width: int, has: str) -> None:
    rows = lane_rows(LANES, 0, width)
    first, second = rows.plain.split("\n")
    assert has in first
    assert first.endswith("  done")
    assert second.endswith("  working")
    assert first.startswith("▌ ● lima")
    assert rows.cell_length <= 2 * width
    assert max(len(first), len(second)) <= width
    assert "…" in second  # git has not answered
