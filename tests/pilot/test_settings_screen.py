"""The settings screen, the theme command and the defaults, on real files."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from conductor_tui.domain.controls import PLAN_MODE, SandboxKind, SandboxPolicy, applied
from conductor_tui.domain.defaults import differing
from conductor_tui.domain.errors import AgentGone, AgentRefused
from conductor_tui.services.sessions.connection import Link
from conductor_tui.settings import paths
from conductor_tui.settings.codex_config import CodexConfig
from conductor_tui.settings.load import load_settings
from conductor_tui.settings.model import AppSettings, UiSettings
from conductor_tui.ui.live_settings import Origins
from conductor_tui.ui.screens.settings import SettingsScreen
from tests.builders import until
from tests.fakes.agent import FakeAgent
from tests.pilot.conftest import Driver, Start

FILE = """\
# mine
[ui]
theme = 'nord'   # at night
mouse = true     # for the wheel

# keys
[keys]
"view.zoom" = ""
"""


@pytest.fixture
def file() -> Path:
    path = paths.config_file()
    path.parent.mkdir(parents=True)
    path.write_text(FILE)
    return path


async def open_settings(driver: Driver, typed: str = "") -> None:
    """Opens the screen and filters it."""
    driver.main.run_command("app.settings")
    await until(lambda: isinstance(driver.app.screen, SettingsScreen))
    await driver.settle()
    await driver.type(typed)


async def shows(driver: Driver, *words: str) -> None:
    """Waits until the screen shows all of this, however it is wrapped."""
    await until(lambda: all(w in " ".join(driver.text().replace("│", " ").split()) for w in words))


async def test_a_theme_is_chosen_kept_and_in_force_at_once(start: Start) -> None:
    async with start() as driver:
        await open_settings(driver, "theme")
        await shows(driver, "conductor-dark", "default", "The colours.")
        await driver.press("enter")
        await driver.type("nord")
        await driver.press("enter")
        await shows(driver, "theme is nord", "yours")
        assert driver.app.theme == "nord"
        assert paths.config_file().read_text() == '[ui]\ntheme = "nord"\n'


async def test_a_switch_turns_over_and_everything_else_in_the_file_stays(start: Start, file: Path) -> None:
    async with start(settings=load_settings(file)[0]) as driver:
        await open_settings(driver, "mouse")
        await driver.press("enter")
        await shows(driver, "mouse is false. Takes effect at the next start")
        assert file.read_text() == FILE.replace("mouse = true ", "mouse = false ")


async def test_one_key_takes_a_setting_out_of_the_file(start: Start, file: Path) -> None:
    async with start(settings=load_settings(file)[0]) as driver:
        assert driver.app.theme == "nord"
        await open_settings(driver, "theme")
        await driver.press("delete")
        await shows(driver, "theme is back to the default: conductor-dark")
        assert driver.app.theme == "conductor-dark"
        assert file.read_text() == FILE.replace("theme = 'nord'   # at night\n", "")
        await driver.press("delete")
        await shows(driver, "Already the default")


async def test_a_number_out_of_its_limits_is_asked_for_again(start: Start) -> None:
    async with start() as driver:
        await open_settings(driver, "composer_lines")
        await driver.press("enter")
        await shows(driver, "a whole number from 2 to 40")
        await driver.press("backspace", "backspace", *"99", "enter")
        await shows(driver, "ui.composer_lines must be a whole number from 2 to 40")
        await driver.press("backspace", "backspace", *"3", "enter")
        await shows(driver, "composer_lines is 3")
        assert driver.main.panes.composer.max_lines == 3


async def test_a_key_is_pressed_kept_and_in_force_at_once(start: Start) -> None:
    async with start() as driver:
        await open_settings(driver, "view.diff")
        await driver.press("enter", "enter")
        await shows(driver, "Press the key for “Diff”")
        await driver.press("ctrl+k")
        await shows(driver, "Diff is ctrl+k")
        assert paths.config_file().read_text() == '[keys]\n"view.diff" = "ctrl+k"\n'
        await driver.press("escape")
        assert "ctrl+k diff" in driver.text()
        assert "ctrl+k     Diff" in driver.text()
        await driver.press("ctrl+g")
        assert not driver.main.panes.is_diff_open
        await driver.press("ctrl+k")
        assert driver.main.panes.is_diff_open


async def test_tab_and_enter_can_be_caught_too(start: Start) -> None:
    async with start() as driver:
        await open_settings(driver, "transcript.copy_code")
        for key, words in (
            ("tab", "Tab is already used by “Next pane”"),
            ("enter", "Enter is already used by “Open or close”"),
        ):
            await driver.press("enter", "enter", key)
            await shows(driver, words)
        await driver.press("enter", "enter", "escape")
        assert isinstance(driver.app.screen, SettingsScreen)
        assert not paths.config_file().exists()


@pytest.mark.parametrize(
    ("command", "key", "reason"),
    [
        ("view.diff", "ctrl+o", "ctrl+o is already used by “Model” (control.model)"),
        ("view.zoom", "k", "k is already used by “Up” (dock.up)"),
        ("diff.copy", "n", "n is already used by “Next hunk” (diff.next_hunk)"),
        ("composer.send", "x", "x is needed for typing"),
        ("view.zoom", "backspace", "backspace is needed for typing"),
    ],
)
async def test_a_key_that_is_taken_is_refused_with_the_command_that_has_it(
    start: Start, command: str, key: str, reason: str
) -> None:
    async with start() as driver:
        await open_settings(driver, command)
        await driver.press("enter", "enter", key)
        await shows(driver, f"Not changed: {reason}")
        assert not paths.config_file().exists()


async def test_keys_are_added_switched_off_and_reset(start: Start, file: Path) -> None:
    async with start(settings=load_settings(file)[0]) as driver:
        await open_settings(driver, "view.diff")
        await driver.press("enter", "down", "enter", "ctrl+k")
        await shows(driver, "Diff is ctrl+g ctrl+k")
        assert '"view.diff" = ["ctrl+g", "ctrl+k"]' in file.read_text()
        await driver.press("enter", "down", "down", "enter")
        await shows(driver, "Diff is no key")
        assert load_settings(file)[0].keys["view.diff"] == ()
        await driver.press("delete")
        await shows(driver, "Diff is back to the default: ctrl+g")
        assert file.read_text() == FILE


async def test_a_command_without_a_key_can_be_given_one(start: Start) -> None:
    async with start(settings=AppSettings(keys={"view.redraw": ("ctrl+e",), "view.diff": ()})) as driver:
        drawn = driver.app.stage
        forgotten: list[int] = []
        drawn.forget = lambda: forgotten.append(1)  # type: ignore[method-assign]
        await driver.press("ctrl+e")
        assert forgotten
        await open_settings(driver, "view.theme")
        await shows(driver, "no key")


async def test_a_key_that_means_two_things_or_does_not_exist_is_named_at_the_start(start: Start) -> None:
    keys = {"view.diff": ("ctrl+o",), "view.zoom": ("esc",)}
    async with start(settings=AppSettings(keys=keys)) as driver:
        await shows(driver, "keys.view.diff: ctrl+o is already used by “Model” (control.model)", "did you mean escape?")


@pytest.mark.parametrize("choice", ["mine", "theirs"])
async def test_a_value_that_somebody_else_changed_meanwhile_is_asked_about(
    start: Start, file: Path, choice: str
) -> None:
    async with start(settings=load_settings(file)[0]) as driver:
        await open_settings(driver, "theme")
        theirs = file.read_text().replace("'nord'", "'ansi-dark'")
        file.write_text(theirs)
        await driver.press("enter")
        await driver.type("textual-dark")
        await driver.press("enter")
        await shows(driver, "ui.theme changed meanwhile", "Write textual-dark", "Keep ansi-dark")
        assert file.read_text() == theirs
        await driver.press(*([] if choice == "mine" else ["down"]), "enter")
        wanted = "textual-dark" if choice == "mine" else "ansi-dark"
        await until(lambda: driver.app.theme == wanted)
        assert file.read_text() == theirs.replace("ansi-dark", wanted)


async def test_a_change_of_another_line_is_no_conflict(start: Start, file: Path) -> None:
    async with start(settings=load_settings(file)[0]) as driver:
        await open_settings(driver, "mouse")
        file.write_text(file.read_text() + '"view.composer" = "ctrl+e"\n')
        await driver.press("enter")
        await shows(driver, "mouse is false")
        assert file.read_text() == FILE.replace("mouse = true ", "mouse = false ") + '"view.composer" = "ctrl+e"\n'
        assert driver.main.keys["view.composer"] == ("ctrl+e",)


async def test_a_broken_file_is_named_and_never_overwritten(start: Start, file: Path) -> None:
    async with start() as driver:
        file.write_text("[ui\n")
        await open_settings(driver, "mouse")
        await shows(driver, "Invalid TOML", "line 1, column 4")
        await driver.press("enter")
        await shows(driver, "Could not change the setting:")
        assert file.read_text() == "[ui\n"


async def test_what_a_repository_asks_for_is_shown_and_taken_over_only_by_the_user(
    start: Start, tmp_path: Path
) -> None:
    program = tmp_path / "repo" / "bin" / "codex"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    (tmp_path / "repo" / ".conductor").mkdir()
    (tmp_path / "repo" / ".conductor" / "settings.toml").write_text('codex_executable_path = "bin/codex"\n')
    async with start(root=tmp_path / "repo") as driver:
        await open_settings(driver, "executable")
        await shows(driver, "asks for bin/codex, which is not used: a repository cannot choose the program to run")
        await driver.press("enter")
        await shows(driver, "Only if you trust this repository.")
        await driver.press("enter")
        await shows(driver, "Takes effect at the next start")
        assert load_settings(paths.config_file())[0].codex.executable == str(program)


async def test_the_command_line_and_the_environment_are_named(
    start: Start, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CONDUCTOR_TUI_CONFIG", str(tmp_path / "c.toml"))
    async with start(origins=Origins(codex_option="/opt/codex")) as driver:
        await open_settings(driver, "executable")
        await shows(driver, "/opt/codex --codex", "Set by --codex on the command line.")
        await driver.press(*["backspace"] * 10)
        await driver.type("environment")
        await shows(driver, "CONDUCTOR_TUI_CONFIG", "CODEX_HOME", "colours", "TERM")
        await driver.press("enter")
        await shows(driver, "The environment sets this")


async def test_it_all_works_on_a_very_small_screen(start: Start) -> None:
    async with start((48, 18)) as driver:
        await open_settings(driver, "mouse")
        await shows(driver, "mouse", "true", "default", "Use the mouse.", "Enter change")
        await driver.press("enter")
        await shows(driver, "mouse is false", "yours")


async def test_the_theme_command_keeps_the_theme_and_says_where(start: Start) -> None:
    async with start() as driver:
        driver.main.run_command("view.theme")
        await driver.settle()
        await driver.type("nord")
        await driver.press("enter")
        await shows(driver, "Theme nord. Saved in ~/.config/conductor-tui/config.toml")
        assert load_settings(paths.config_file())[0].ui.theme == "nord"


async def test_a_theme_that_cannot_be_kept_holds_for_this_window(start: Start, file: Path) -> None:
    async with start() as driver:
        file.write_text("[ui\n")
        driver.main.run_command("view.theme")
        await driver.settle()
        await driver.type("nord")
        await driver.press("enter")
        await shows(driver, "Theme nord in this window only")
        assert (driver.app.theme, file.read_text()) == ("nord", "[ui\n")


@pytest.mark.parametrize(("wanted", "is_open"), [("open", True), ("closed", False), ("as before", True)])
async def test_a_window_begins_with_the_diff_as_the_setting_says(start: Start, wanted: str, is_open: bool) -> None:
    async with start() as driver:
        driver.main.panes.is_diff_open = True
        await driver.settle()
    async with start(settings=AppSettings(ui=UiSettings(diff=wanted))) as driver:  # type: ignore[arg-type]
        assert driver.main.panes.is_diff_open is is_open


# What new sessions begin with


async def test_a_default_that_was_changed_meanwhile_is_shown_with_both_values(start: Start) -> None:
    async with start() as driver:
        await until(lambda: driver.main.session.projection.settings.model)
        driver.main.run_command("control.make_default")
        await shows(driver, "reasoning effort: Codex's default → medium")
        driver.agent.defaults = replace(driver.agent.defaults, effort="high", version="v2")
        driver.agent.refuse["write_defaults"] = AgentRefused("config/batchWrite", "the file was modified since")
        await driver.press("enter")
        await shows(driver, "The file changed meanwhile", "high → medium (was Codex's default")
        await driver.press("enter")
        await until(lambda: len(driver.agent.called("write_defaults")) == 2)
        ((before, wanted),) = driver.agent.called("write_defaults")[1:]
        assert (before.effort, before.version, wanted.effort) == ("high", "v2", "medium")


async def make_default(driver: Driver) -> None:
    await until(lambda: driver.main.session.projection.settings.model)
    driver.main.run_command("control.make_default")
    await shows(driver, "Save as default in /home/ada/.codex/config.toml", "Keep the file as it is")


async def test_permissions_are_written_by_themselves(start: Start) -> None:
    async with start() as driver:
        await make_default(driver)
        await shows(
            driver,
            "Save model, effort and Fast Mode",
            "reasoning effort: Codex's default → medium",
            "Save permissions sandbox: Codex's default → workspace",
            "approvals: Codex's default → on request Applies in every folder.",
        )
        await driver.press("down", "enter")
        await until(lambda: driver.agent.called("write_defaults"))
        ((before, wanted),) = driver.agent.called("write_defaults")
        assert set(differing(before, wanted)) == {"sandbox_mode", "approval_policy"}
        await shows(driver, "Saved as default for new sessions")


async def test_full_access_for_new_sessions_is_asked_about_and_an_enter_too_many_refuses_it(start: Start) -> None:
    def prepare(agent: FakeAgent) -> None:
        agent.settings = replace(agent.settings, effort=None, sandbox=SandboxPolicy(SandboxKind.FULL_ACCESS))

    async with start(prepare=prepare) as driver:
        await make_default(driver)
        await driver.press("enter")
        await shows(driver, "Allow full access in every folder?", "No sandbox: full access to your account.")
        await driver.press("enter")
        assert not driver.agent.called("write_defaults")
        await make_default(driver)
        await driver.press("enter", "down", "enter")
        await until(lambda: driver.agent.called("write_defaults"))
        ((_, wanted),) = driver.agent.called("write_defaults")
        assert wanted.sandbox_mode == "danger-full-access"


async def test_permissions_of_plan_mode_are_no_default_and_say_so(start: Start) -> None:
    def prepare(agent: FakeAgent) -> None:
        agent.settings = applied(replace(agent.settings, effort=None), PLAN_MODE)

    async with start(prepare=prepare) as driver:
        await make_default(driver)
        await shows(driver, "Save permissions Plan Mode sets these. Leave Plan Mode first.")
        await driver.press("enter")
        await until(lambda: "Save as default" not in driver.text())
        assert not driver.agent.called("write_defaults")


async def without_codex(driver: Driver) -> None:
    """The connection is lost and cannot be had again."""
    driver.agent.hang_up()
    await until(lambda: driver.main.manager.connection.link is Link.FAILED)
    await driver.settle()


async def test_without_codex_the_default_is_written_to_its_file(start: Start, tmp_path: Path) -> None:
    made: list[FakeAgent] = []

    def prepare(agent: FakeAgent) -> None:
        made.append(agent)
        if len(made) > 1:
            raise AgentGone("gone")

    config = CodexConfig(tmp_path / "codex")
    config.path.parent.mkdir()
    config.path.write_text('# keep me\nmodel = "old"  # why\n[tui]\n')
    config.path.chmod(0o600)
    async with start(prepare=prepare, origins=Origins(open_codex_config=lambda: config)) as driver:
        await without_codex(driver)
        driver.main.run_command("control.make_default")
        await shows(driver, "model: old → big", "Codex is not available: the file is edited directly.")
        config.path.write_text(config.path.read_text().replace('"old"', '"theirs"'))
        await driver.press("enter")
        await shows(driver, "model: theirs → big (was old, changed by another program)")
        await driver.press("enter")
        await shows(driver, "Saved as default for new sessions")
    wanted = '# keep me\nmodel = "big"  # why\nmodel_reasoning_effort = "medium"\n[tui]\n'
    assert config.path.read_text() == wanted
    assert config.path.stat().st_mode & 0o777 == 0o600
