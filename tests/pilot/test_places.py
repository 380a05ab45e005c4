"""Where one is, at every width, which panes are there, and what stands above the composer."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import OptionList

from conductor_tui.domain.controls import SandboxKind, SandboxPolicy
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.workspaces import RepositoryState, WorkspaceRecord
from conductor_tui.settings.model import AppSettings, Theme, UiSettings
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.widgets.transcript.view import TranscriptView
from conductor_tui.ui.workspace_controller import WorkspaceController
from tests.builders import a_command_approval, a_message, asked, item_completed, turn_started, until
from tests.pilot.conftest import Driver, Start

OSLO = WorkspaceRecord(id="o", repository=Path("/src/shop"), name="oslo", path=Path("/repo"), branch="fix-login")


class InOslo(WorkspaceController):
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
            driver.main.panes.focus(pane)
            driver.app.bridge.workspace_changed()
            await driver.settle()
            assert "shop/oslo · fix-login" in bottom(driver)


async def test_the_sandbox_is_not_taken_for_a_workspace(start: Start) -> None:
    async with start((140, 40)) as driver:
        driver.main.workspaces = InOslo(driver.main, None, OSLO.path, lambda: None)
        driver.app.bridge.workspace_changed()
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
        driver.app.bridge.workspace_changed()
        await driver.settle()
        assert "shop/oslo · fix-login · full access" in bottom(driver)


async def test_the_controls_can_be_hidden_and_come_when_they_are_asked_for(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "config.toml"
    monkeypatch.setenv("CONDUCTOR_TUI_CONFIG", str(file))
    async with start((140, 40)) as driver:
        controls = driver.main.panes.screen.query_one("#controls")
        assert controls.display
        driver.main.run_command("view.toggle_controls")
        await until(lambda: file.exists() and "controls = false" in file.read_text())
        assert not controls.display
        await driver.press("ctrl+y")
        assert controls.display
        await driver.press("ctrl+y")
        assert not controls.display
        driver.main.run_command("view.toggle_controls")
        await until(lambda: "controls = true" in file.read_text())
        assert controls.display


def shown(driver: Driver) -> set[str]:
    """The panes on screen, by id."""
    return {
        id_
        for id_ in ("tree", "controls", "transcript", "diff")
        if driver.main.panes.screen.query_one(f"#{id_}").display
    }


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
        assert shown(driver) == {"transcript", "controls"}, "the side pane that was used last"


PROBLEMS = tuple(Trouble(f"Problem {n}", "because " * 20, ("do this", "do that")) for n in range(3))


@pytest.mark.parametrize("is_asked", [False, True])
@pytest.mark.parametrize("size", [(140, 40), (100, 30), (80, 24), (48, 18)])
async def test_problems_leave_room_for_composer_and_transcript(
    start: Start, size: tuple[int, int], is_asked: bool
) -> None:
    async with start(size, troubles=PROBLEMS) as driver:
        await driver.say(turn_started(), item_completed(a_message("the last row")))
        if is_asked:
            await driver.say(asked(a_command_approval(7)))
        assert "Problem 0" in driver.text()
        assert "more" in driver.text()
        assert "Ask Codex" in driver.text()
        assert driver.main.panes.banner.outer_size.height <= size[1] // (12 if is_asked else 5)
        assert is_asked or "the last row" in driver.text()


async def test_a_problem_is_closed_by_key_and_by_mouse(start: Start) -> None:
    async with start((140, 40), troubles=PROBLEMS[:2]) as driver:
        await driver.press("escape")
        assert "Problem 0" not in driver.text()
        assert "Problem 1" in driver.text()
        banner = driver.main.panes.banner
        await driver.pilot.click(banner, offset=(banner.outer_size.width - 2, 0))
        await driver.settle()
        assert not banner.display
        driver.main.add_trouble(PROBLEMS[1])
        await driver.settle()
        assert "Problem 1" in driver.text(), "it happened again"
        await driver.say(turn_started())
        await driver.press("escape")
        assert "Problem 1" in driver.text(), "escape is for the turn"


async def test_the_list_of_sessions_says_which_workspace_each_is_in(start: Start) -> None:
    async with start((140, 40)) as driver:
        driver.main.workspaces = InOslo(driver.main, None, OSLO.path, lambda: None)
        await driver.press("ctrl+s")
        await until(lambda: "Sessions" in driver.text())
        assert "○ new session  shop/oslo" in driver.text()
        await driver.type("oslo")
        assert "new session" in driver.text()


async def test_the_tree_is_there_when_a_race_makes_workspaces_beside_the_diff(start: Start) -> None:
    async with start((140, 40)) as driver:
        await driver.press("ctrl+y", "ctrl+y", "ctrl+g")
        assert shown(driver) == {"controls", "transcript", "diff"}
        driver.main.panes.prefer_side(Pane.TREE)
        assert shown(driver) == {"tree", "transcript", "diff"}
        assert driver.main.panes.focused is Pane.DIFF


async def test_with_room_for_one_pane_a_race_shows_the_tree_until_the_diff_is_wanted_again(start: Start) -> None:
    async with start((120, 40)) as driver:
        await driver.press("ctrl+g")
        assert shown(driver) == {"transcript", "diff"}
        driver.main.panes.prefer_side(Pane.TREE)
        await driver.settle()
        assert shown(driver) == {"tree", "transcript"}
        await driver.type("go on")
        assert driver.composer.text == "go on", "the diff, which is hidden, has the focus no more"
        assert shown(driver) == {"tree", "transcript"}
        driver.main.panes.focus(Pane.DIFF)
        assert shown(driver) == {"transcript", "diff"}


async def test_help_is_wrapped_for_the_width_it_has_now(start: Start) -> None:
    async with start((140, 40)) as driver:
        await driver.press("?")
        for columns in (48, 90):
            await driver.pilot.resize_terminal(columns, 30)
            await driver.settle()
            rows = driver.text().splitlines()
            at = next(n for n, row in enumerate(rows) if "Press twice" in row)
            column = rows[at].index("Press twice")
            assert len(rows[at].strip(" │")) > columns // 2
            assert rows[at + 1][:column].strip(" │") == ""
            assert rows[at + 1][column] not in " │"


@pytest.mark.parametrize("size", [(140, 40), (48, 18), (36, 24)])
async def test_the_welcome_is_whole_at_every_width(start: Start, size: tuple[int, int]) -> None:
    async with start(size) as driver:
        view = driver.main.panes.screen.query_one(TranscriptView)
        told = [line.rstrip() for line in view._empty(view.text_width - 4).split("\n")]
        assert max(map(len, told)) <= view.text_width - 4
        assert "Command palette" in driver.text()


@pytest.mark.parametrize("theme", ["conductor-dark", "conductor-light", "ansi-dark", "ansi-light"])
@pytest.mark.parametrize("pane", [Pane.TREE, Pane.CONTROLS])
async def test_the_cursor_of_a_side_pane_is_seen_in_every_theme(start: Start, theme: Theme, pane: Pane) -> None:
    async with start((140, 40), settings=AppSettings(ui=UiSettings(theme=theme))) as driver:
        driver.main.panes.focus(pane)
        await driver.settle()
        side = driver.main.panes.screen.query_one("#tree" if pane is Pane.TREE else "#controls", OptionList)
        rows = range(side.scrollable_content_region.height)
        looks = [any(style is not None and style.reverse for _, style, _ in side.render_line(y)) for y in rows]
        assert looks.count(True) == 1
