"""What a folder gives its sessions: the repository's variables, asked about first; any name will do for it."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from conductor_tui.cli import _script_opener
from conductor_tui.domain.scripts import Place
from conductor_tui.domain.workspaces import WorkspaceRecord
from conductor_tui.domain.worktrees import NewBranch
from conductor_tui.ui.screens.script_trust import ScriptTrustScreen
from tests.builders import until
from tests.pilot.conftest import Driver, Start
from tests.unit.git.worlds import git

SETTINGS = 'environment_variable_files = [".env.shared"]\n[environment_variables]\nAPI = "http://staging"\n'
NOT_SET = "do not have this repository's variables"
Opened = Callable[[], contextlib.AbstractAsyncContextManager[Driver]]


@pytest.fixture
def opened(start: Start, tmp_path: Path) -> Opened:
    root = tmp_path / "repository"
    (root / ".conductor").mkdir(parents=True)
    (root / ".conductor" / "settings.toml").write_text(SETTINGS)
    (root / ".env.shared").write_text("MODE=shared\n")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "1")

    @contextlib.asynccontextmanager
    async def run() -> AsyncIterator[Driver]:
        open_scripts = _script_opener(root, str(tmp_path / "made here"), tmp_path)
        async with start(root=root, open_scripts=open_scripts, has_repository=True) as driver:
            await until(lambda: driver.main.workspaces.here is not None)
            assert driver.main.dock is not None
            await driver.main.dock.is_placed.wait()
            await driver.settle()
            yield driver

    return run


def variables(driver: Driver) -> dict[str, Any]:
    """What the newest thread's commands have."""
    found: dict[str, Any] = driver.agent.configs[-1]["shell_environment_policy"]["set"]
    return found


async def decide(driver: Driver, key: str) -> str:
    """Finds the command by its name, and answers; what was asked."""
    await driver.press("ctrl+p")
    await driver.type("variables")
    await driver.press("enter")
    await until(lambda: isinstance(driver.app.screen, ScriptTrustScreen))
    await driver.settle()
    asked = driver.text()
    assert isinstance(driver.app.screen, ScriptTrustScreen)
    await driver.later()
    await driver.press(key)
    await until(lambda: not driver.main.workspaces.troubles)
    return asked


async def test_variables_reach_sessions_and_terminals_after_their_question(opened: Opened) -> None:
    async with opened() as driver:
        desk = driver.main.dock
        assert desk is not None
        assert variables(driver)["CONDUCTOR_WORKSPACE_NAME"] == "local"
        assert "API" not in variables(driver)
        assert "API" not in dict(desk.place.environment)
        assert driver.text().count(NOT_SET) == 1
        assert "“Repository variables”" in driver.text()

        asked = await decide(driver, "y")
        assert {"API", "MODE", ".env.shared"} <= set(asked.replace(",", " ").split())
        await until(lambda: "API" in variables(driver))
        await until(lambda: "API" in dict(desk.place.environment))
        assert (variables(driver)["API"], variables(driver)["MODE"]) == ("http://staging", "shared")
        await driver.settle()
        assert NOT_SET not in driver.text()

    async with opened() as driver:  # the next start has them from the first session on
        assert len(driver.agent.configs) == 1
        assert variables(driver)["API"] == "http://staging"


async def test_a_no_is_not_said_again_and_nothing_is_set(opened: Opened) -> None:
    async with opened() as driver:
        await decide(driver, "n")
        await driver.settle()
        assert NOT_SET not in driver.text()
        assert "API" not in variables(driver)
        here = driver.main.workspaces.here
        assert here is not None
        await driver.main.workspaces.enter_now(here)
        await driver.settle()
        assert NOT_SET not in driver.text()


async def test_the_banner_stands_once_however_often_a_workspace_is_entered(opened: Opened) -> None:
    async with opened() as driver:
        here = driver.main.workspaces.here
        assert here is not None
        for _ in range(3):
            await driver.main.workspaces.enter_now(here)
        await driver.settle()
        assert driver.text().count(NOT_SET) == 1


async def test_the_dock_stays_in_the_workspace_that_was_entered_last(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with opened() as driver:
        controller, gate = driver.main.workspaces, asyncio.Event()
        here, workspaces = controller.here, controller.workspaces
        assert here is not None and workspaces is not None and driver.main.dock is not None
        oslo, find_place = await workspaces.create(here.repository, NewBranch("fix"), name="oslo"), workspaces.place

        async def place(record: WorkspaceRecord) -> Place:
            if record.id == oslo.id:
                await gate.wait()
            return await find_place(record)

        monkeypatch.setattr(workspaces, "place", place)
        slow = asyncio.ensure_future(controller.enter_now(oslo))
        await until(lambda: driver.main.manager.here.path == oslo.path)
        await controller.enter_now(here)
        gate.set()
        await slow
        assert driver.main.dock.place.id == here.id


async def test_an_empty_session_says_what_the_repository_asks_for_in_vain(opened: Opened, tmp_path: Path) -> None:
    settings = tmp_path / "repository" / ".conductor" / "settings.toml"
    settings.write_text('[prompts]\ngeneral = "Answer in French."\n[git]\narchive_on_merge = true\n')
    async with opened() as driver:
        await driver.settle()
        text = driver.text()
        assert "conductor-tui does not support yet" in text
        assert "prompts.general" in text
        assert "git.archive_on_merge" in text
        assert "prompts.create_pr" not in text


async def test_for_this_window_only_means_until_it_closes(opened: Opened) -> None:
    async with opened() as driver:
        await decide(driver, "o")
        await until(lambda: "API" in variables(driver))
    async with opened() as driver:
        assert "API" not in variables(driver)


async def test_a_folder_whose_name_is_not_utf_8_is_worked_in_and_keeps_its_draft(start: Start) -> None:
    odd = Path(os.fsdecode(b"/caf\xe9"))
    async with start(root=odd) as driver:
        await driver.type("half a thought")
        driver.main.manager.keep_draft(driver.main.session, driver.composer.text)
    async with start(root=odd) as driver:
        assert driver.composer.text == "half a thought"
