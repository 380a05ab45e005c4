"""Where one is, at every width, and which panes are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from conductor_tui.domain.controls import SandboxKind, SandboxPolicy
from conductor_tui.domain.workspaces import RepositoryState, WorkspaceRecord
from conductor_tui.ui.layout import Pane
from conductor_tui.ui.screens.workspace_desk import WorkspaceDesk
from tests.builders import until
from tests.pilot.conftest import Driver, Start

OSLO = WorkspaceRecord(id="o", repository=Path("/src/shop"), name="oslo", path=Path("/repo"), branch="fix-login")


class InOslo(WorkspaceDesk):
    """The desk of somebody who works in oslo."""

    has_git = True
    records = (OSLO,)

    def state_of(self, path: Path) -> RepositoryState | None:
        return RepositoryState(path, "fix-login", "c0ffee") if path == OSLO.path else None


def bottom(driver: Driver) -> str:
    return driver.text().splitlines()[-1]


@pytest.mark.parametrize("size", [(200, 60), (140, 40), (100, 30), (80, 24), (48, 18)])
async def test_repository_workspace_and_branch_are_on_screen_at_every_width(
    start: Start, size: tuple[int, int]
) -> None:
    async with start(size) as driver:
        driver.main.workspaces = InOslo(driver.main, None, OSLO.path, lambda: None)
        for pane in (Pane.COMPOSER, Pane.TRANSCRIPT, Pane.TREE, Pane.CONTROLS):
            driver.main.focus_pane(pane)
            driver.main.draw_lists()
            await driver.settle()
            assert "shop/oslo · fix-login" in bottom(driver)


async def test_the_sandbox_is_not_taken_for_a_workspace(start: Start) -> None:
    async with start((140, 40)) as driver:
        driver.main.workspaces = InOslo(driver.main, None, OSLO.path, lambda: None)
        driver.main.draw_lists()
        await driver.settle()
        assert "Big medium · shop/oslo · fix-login · can edit files" in bottom(driver)


async def test_full_access_is_told_where_the_model_has_no_room(start: Start) -> None:
    open_to_all = SandboxPolicy(SandboxKind.FULL_ACCESS)
    async with start((80, 24)) as driver:
        settings = driver.main.session.projection.settings
        driver.main.session.projection.settings = type(settings)(
            **{name: getattr(settings, name) for name in settings.__struct_fields__} | {"sandbox": open_to_all}
        )
        driver.main.workspaces = InOslo(driver.main, None, OSLO.path, lambda: None)
        driver.main.draw_lists()
        await driver.settle()
        assert "shop/oslo · fix-login · full access" in bottom(driver)


async def test_the_controls_can_be_hidden_and_come_when_they_are_asked_for(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "config.toml"
    monkeypatch.setenv("CONDUCTOR_TUI_CONFIG", str(file))
    async with start((140, 40)) as driver:
        controls = driver.main.query_one("#controls")
        assert controls.display
        driver.main.action_command("view.toggle_controls")
        await until(lambda: file.exists() and "controls = false" in file.read_text())
        assert not controls.display
        await driver.press("ctrl+y")
        assert controls.display
        await driver.press("ctrl+y")
        assert not controls.display
        driver.main.action_command("view.toggle_controls")
        await until(lambda: "controls = true" in file.read_text())
        assert controls.display


def shown(driver: Driver) -> set[str]:
    """The panes on screen, by id."""
    return {id_ for id_ in ("tree", "controls", "transcript", "diff") if driver.main.query_one(f"#{id_}").display}


async def test_with_the_diff_open_the_side_pane_goes_and_comes_with_the_focus(start: Start) -> None:
    async with start((100, 30)) as driver:
        assert shown(driver) == {"tree", "transcript"}
        await driver.press("ctrl+g")
        assert shown(driver) == {"transcript", "diff"}
        await driver.press("ctrl+y")
        assert shown(driver) == {"transcript", "controls"}
        await driver.pilot.click("#composer")
        await driver.settle()
        assert shown(driver) == {"transcript", "diff"}
        await driver.press("ctrl+g")
        await driver.press("ctrl+g")
        assert shown(driver) == {"transcript", "controls"}, "the side pane that was used last"
