"""The comparison of a race follows git and Codex: nothing asks again and again whether something changed."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from conductor_tui.domain.races import Entrant, Member, Race
from conductor_tui.domain.workspaces import WorkspaceRecord
from conductor_tui.services.workspaces.races import Races
from conductor_tui.settings.model import AppSettings
from conductor_tui.storage.races import RaceStore
from conductor_tui.ui.screens.race import RaceScreen
from conductor_tui.ui.workspace_controller import WorkspaceController
from tests.builders import THREAD, turn_completed, turn_started, until, usage
from tests.pilot.conftest import Driver, Start
from tests.unit.git.worlds import git


@contextlib.asynccontextmanager
async def compared(start: Start, folder: Path, settings: AppSettings | None = None) -> AsyncIterator[Driver]:
    """The comparison of two workspaces; the session on screen is the first one's."""
    lima, oslo = folder / "lima", folder / "oslo"
    lima.mkdir()
    git(lima, "init", "-q")
    (lima / "a.txt").write_text("one\n")
    git(lima, "add", ".")
    git(lima, "commit", "-qm", "first")
    git(lima, "worktree", "add", "-q", str(oslo))
    all_records = tuple(
        WorkspaceRecord(id=path.name, repository=lima, name=path.name, path=path) for path in (lima, oslo)
    )

    class Desk(WorkspaceController):
        has_git = True
        records = all_records

    async with start((140, 40), root=lima, has_repository=True, settings=settings) as driver:
        main, checkouts = driver.main, driver.app.checkouts
        assert checkouts is not None
        race = Race("r", "make it fast", git(lima, "rev-parse", "HEAD"))
        store = RaceStore(main.manager.store)
        await store.add(race)
        await store.keep_member(race, Member("lima", Entrant("big", "low"), THREAD))
        await store.keep_member(race, Member("oslo", Entrant("small", "low")))
        desk = main.workspaces = Desk(main, checkouts, lima, driver.app.bridge.workspace_changed)
        desk.races = Races(main.manager, cast(Any, SimpleNamespace(records=all_records)))
        await desk.races.read()
        checkouts.follow([lima, oslo])
        await until(lambda: all((c := checkouts.get(r.path)) and c.diff is not None for r in all_records))
        main.show(RaceScreen(main, "r"))
        await until(lambda: isinstance(driver.app.screen, RaceScreen))
        await shows(driver, "race · make it fast")
        yield driver


async def shows(driver: Driver, *wanted: str) -> None:
    for _ in range(500):
        await driver.settle()
        if all(words in driver.text() for words in wanted):
            return
    raise AssertionError(f"{wanted} are not shown:\n{driver.text()}")


def lane(driver: Driver, name: str) -> str:
    return next(line for line in driver.text().splitlines() if f" {name} " in line)


async def test_a_file_that_changes_on_disk_is_compared(start: Start, tmp_path: Path) -> None:
    async with compared(start, tmp_path) as driver:
        await shows(driver, "No changes since the start")
        (tmp_path / "oslo" / "new.txt").write_text("1\n2\n")
        await until(lambda: "+2 −0" in lane(driver, "oslo"))
        await driver.press("j")
        await shows(driver, "new.txt")


async def test_what_codex_does_is_shown_and_time_goes_on_while_it_works(start: Start, tmp_path: Path) -> None:
    async with compared(start, tmp_path) as driver:
        await driver.say(turn_started())
        assert "working" in lane(driver, "lima")
        assert "10.0 s" in lane(driver, "lima")
        driver.main.manager.clock = lambda: 1007.0
        driver.app.main.drawing.tick()
        await driver.settle()
        assert "17.0 s" in lane(driver, "lima")
        await driver.say(usage(12_345))
        assert "12k tokens" in lane(driver, "lima")
        await driver.say(turn_completed(duration_ms=20_000))
        assert "20.0 s" in lane(driver, "lima")
        assert "done" in lane(driver, "lima")


async def test_nothing_is_drawn_while_nothing_happens(start: Start, tmp_path: Path) -> None:
    async with compared(start, tmp_path) as driver:
        screen = driver.app.screen
        assert isinstance(screen, RaceScreen)
        await driver.settle()
        drawn: list[object] = []
        lanes = screen.query_one("#race-lanes")
        lanes.update = drawn.append  # type: ignore[attr-defined]
        driver.app.main.drawing.tick()
        await driver.settle()
        assert not drawn
        assert {timer.name for timer in screen._timers} <= {"screen_update"}


async def test_the_keys_are_the_users(start: Start, tmp_path: Path) -> None:
    keys = {
        "race.winner": ("f5",),
        "race.back": ("ctrl+u",),
        "diff.up": ("up", "u"),
        "diff.next_file": ("f",),
        "app.palette": ("ctrl+e",),
    }
    async with compared(start, tmp_path, AppSettings(keys=keys)) as driver:
        last = " ".join(driver.text().splitlines()[-2:])
        assert "f5 keep this one" in last
        assert "↑ ↓ scroll" in last
        assert "[ f file" in last
        await driver.press("ctrl+e")
        assert "available on the main screen (ctrl+u)" in driver.text()
        await driver.press("ctrl+u")
        assert driver.app.screen is driver.app.main
