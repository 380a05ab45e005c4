"""Scripts and terminals in the dock, with real processes."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.scripts import Place, RepositoryScripts, Script, ScriptKind
from conductor_tui.services.scripts.runner import RunState
from conductor_tui.settings.model import AppSettings
from conductor_tui.ui.actions.workspace_endings import ask_go_on
from conductor_tui.ui.commands.pane import Pane
from tests.builders import until
from tests.pilot.conftest import Docked, write

SERVER = "echo 'Local: http://localhost:5173/'; echo ready; read line; echo got:$line; sleep 1000"


async def test_a_script_is_shown_asked_about_started_and_stopped(docked: Docked, tmp_path: Path) -> None:
    write(tmp_path, dev=SERVER)
    async with docked() as dock:
        await dock.open()
        assert dock.driver.main.panes.focused is Pane.DOCK
        assert "s to start it" in dock.driver.text()
        await dock.driver.press("s")
        await until(lambda: dock.trust)
        await dock.driver.settle()
        assert "read line; echo got:$line" in dock.driver.text()
        assert not dock.desk.runner.runs
        await dock.answer("y")
        await dock.shows("ready")
        await dock.shows("running 0:0")
        assert "http://localhost:5173/ (u)" in dock.driver.text()
        await dock.driver.press("x")
        await dock.shows("stopped")
        assert not dock.desk.runner.alive


async def test_a_no_starts_nothing_and_a_key_at_once_is_no_yes(docked: Docked, tmp_path: Path) -> None:
    write(tmp_path, dev="touch ran")
    async with docked() as dock:
        await dock.open()
        await dock.driver.press("s")
        await until(lambda: dock.trust)
        await dock.driver.settle()
        assert dock.trust is not None
        await dock.driver.press("y")
        assert dock.trust is not None
        await dock.driver.press("n")
        assert dock.trust is None
        assert not dock.desk.runner.runs
        assert not (tmp_path / "ran").exists()


async def test_a_changed_script_is_shown_with_what_it_was(docked: Docked, tmp_path: Path) -> None:
    write(tmp_path, dev="echo one\necho same")
    async with docked() as dock:
        await dock.open()
        await dock.start()
        await dock.shows("exit 0")
        write(tmp_path, dev="echo two\u202e\necho same")
        await dock.driver.press("s")
        await until(lambda: dock.trust)
        await dock.driver.settle()
        text = dock.driver.text()
        assert "It has changed" in text
        assert "- echo one" in text
        assert "+ echo two⟨U+202E⟩" in text
        await dock.answer("o")
        await dock.shows("exit 0")


@pytest.mark.parametrize("size", [(140, 40), (80, 24), (48, 18)])
async def test_the_question_fits_every_screen_with_its_keys(
    docked: Docked, tmp_path: Path, size: tuple[int, int]
) -> None:
    write(tmp_path, dev="\n".join(f"echo line {n}" for n in range(100)))
    async with docked(size) as dock:
        await dock.open()
        await dock.driver.press("s")
        await until(lambda: dock.trust)
        await dock.driver.settle()
        assert "echo line 0" in dock.driver.text()
        assert "y trust and run" in dock.driver.text()
        assert "n don't run" in dock.driver.text()
        await dock.driver.press("j", "end")
        assert "echo line 99" in dock.driver.text()
        await dock.driver.press("escape")


async def test_typing_goes_to_the_program_until_it_is_left(docked: Docked, tmp_path: Path) -> None:
    write(tmp_path, dev=SERVER)
    async with docked() as dock:
        await dock.open()
        await dock.start()
        await dock.shows("ready")
        await dock.driver.press("enter")
        assert "ctrl+] to stop" in dock.driver.text()
        await dock.driver.type("sxq?")
        await dock.driver.press("enter")
        await dock.shows("got:sxq?")
        await dock.driver.press("ctrl+right_square_bracket")
        assert not dock.driver.main.panes.dock.is_typing
        await dock.driver.press("x")
        await dock.shows("stopped")


async def test_keys_of_the_app_are_the_programs_while_typing(docked: Docked, tmp_path: Path) -> None:
    write(tmp_path, dev="trap 'echo interrupted' INT; echo ready; while :; do read x && echo \"<$x>\"; done")
    async with docked() as dock:
        await dock.open()
        await dock.start()
        await dock.shows("ready")
        await dock.driver.press("i", "ctrl+c")
        await dock.shows("interrupted")
        await dock.driver.press("ctrl+q", "ctrl+p", "ctrl+g", "tab", "escape")
        assert dock.driver.app.is_running
        assert dock.driver.app.screen is dock.driver.app.main
        assert dock.driver.main.panes.focused is Pane.DOCK
        assert dock.driver.main.panes.dock.is_typing


async def test_the_key_that_leaves_can_be_changed(docked: Docked, tmp_path: Path) -> None:
    write(tmp_path, dev=SERVER)
    async with docked(settings=AppSettings(keys={"dock.leave": ("ctrl+e",)})) as dock:
        await dock.open()
        await dock.start()
        await dock.shows("ready")
        await dock.driver.press("i")
        assert "ctrl+e to stop" in dock.driver.text()
        await dock.driver.press("ctrl+e")
        assert not dock.driver.main.panes.dock.is_typing


async def test_the_key_of_the_dock_hides_it_from_anywhere(docked: Docked) -> None:
    async with docked() as dock:
        await dock.driver.press("ctrl+underscore", "tab", "tab", "tab")
        assert dock.driver.main.panes.focused is Pane.COMPOSER
        await dock.driver.press("ctrl+underscore")
        assert not dock.driver.main.panes.dock.display
        await dock.driver.press("ctrl+underscore")
        assert dock.driver.main.panes.dock.has_focus


async def test_a_terminal_is_opened_used_and_closed(docked: Docked, tmp_path: Path) -> None:
    async with docked() as dock:
        await dock.driver.press("ctrl+underscore", "t")
        await until(lambda: dock.driver.main.panes.dock.is_typing)
        await dock.driver.type("pwd; stty size")
        await dock.driver.press("enter")
        await dock.shows(str(tmp_path)[-20:])
        region = dock.driver.main.panes.dock.scrollable_content_region
        await dock.shows(f"{region.height} {region.width - 1}")
        await dock.driver.press("ctrl+d")
        await dock.shows("exit 0")
        await dock.driver.main.panes.dock.typed_out()
        await dock.driver.press("x")
        await until(lambda: not dock.desk.tabs)


async def test_what_is_started_before_the_workspace_is_known_runs_in_it_and_is_shown(
    docked: Docked, tmp_path: Path
) -> None:
    async with docked() as dock:
        dock.desk.is_placed.clear()
        await dock.driver.press("ctrl+underscore", "t")
        assert not dock.desk.runner.runs
        place = Place("w1", str(tmp_path), (("CONDUCTOR_PORT", "4001"),))
        await dock.desk.move(dock.desk.runner, place, lambda: (RepositoryScripts(), []))
        await until(lambda: dock.driver.main.panes.dock.is_typing)
        await dock.driver.type("echo port-$CONDUCTOR_PORT")
        await dock.driver.press("enter")
        await dock.shows("port-4001")


async def test_a_script_is_restarted_where_it_ran_when_the_user_has_left_meanwhile(
    docked: Docked, tmp_path: Path
) -> None:
    write(tmp_path, dev="sleep 1000")
    async with docked() as dock:
        await dock.open()
        await dock.start()
        await until(lambda: dock.desk.runner.alive)
        runner, first = dock.desk.runner, dock.desk.runner.alive[0]
        dock.desk.restart(first)
        await dock.desk.move(runner, Place("other", str(tmp_path)), lambda: (RepositoryScripts(), []))
        await until(lambda: runner.runs[first.key] is not first and runner.runs[first.key].is_alive)
        assert list(runner.runs) == [first.key]
        assert not dock.desk.tabs


async def test_scripts_that_are_read_when_their_workspace_was_left_are_not_shown(
    docked: Docked, tmp_path: Path
) -> None:
    def scripts(name: str) -> tuple[RepositoryScripts, list[Trouble]]:
        return RepositoryScripts((Script(name, ScriptKind.RUN, "true"),)), []

    def slow() -> tuple[RepositoryScripts, list[Trouble]]:
        gate.wait(20)
        return scripts("left")

    gate = threading.Event()
    async with docked() as dock:
        left = asyncio.ensure_future(dock.desk.move(dock.desk.runner, Place("left", str(tmp_path)), slow))
        await until(lambda: dock.desk.place.id == "left")
        await dock.desk.move(dock.desk.runner, Place("here", str(tmp_path)), lambda: scripts("here"))
        gate.set()
        await left
        assert [tab.title for tab in dock.desk.tabs] == ["here"]


async def test_an_editor_closes_with_the_dock_it_opened_and_stays_when_it_fails(docked: Docked, tmp_path: Path) -> None:
    async with docked() as dock:
        dock.desk.runner._environ = {**dock.desk.runner._environ, "VISUAL": "head -n1"}
        (tmp_path / "odd 'name").write_text("the first line\nmore\n")
        dock.edit(tmp_path / "odd 'name")
        await until(lambda: dock.driver.main.panes.is_dock_open)
        await until(lambda: not dock.driver.main.panes.is_dock_open)
        assert not dock.desk.tabs
        await until(lambda: dock.driver.composer.has_focus)
        dock.edit(tmp_path / "not there")
        await dock.shows("not there")
        await dock.shows("exit 1")


async def test_output_is_followed_until_the_user_scrolls(docked: Docked, tmp_path: Path) -> None:
    write(tmp_path, dev="seq 1 200; read x; seq 201 230; sleep 1000")
    async with docked() as dock:
        await dock.open()
        await dock.start()
        await dock.shows("200 ")
        await dock.driver.press("k", "k", "k")
        await dock.shows("lines below")
        run = dock.desk.runner.alive[0]
        run.type(b"\n")
        await until(lambda: run.screen.scrollback.dropped + len(run.screen.scrollback) + run.screen.y > 228)
        await dock.driver.settle()
        assert "230 " not in dock.driver.text()
        await dock.driver.press("G")
        await dock.shows("230 ")
        await dock.driver.press("g")
        await dock.shows("▎1 ")


async def test_a_line_is_copied_whole(docked: Docked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    write(tmp_path, dev=f"echo {'word-' * 40}end")
    async with docked() as dock:
        monkeypatch.setattr(dock.driver.main, "copy", lambda text, what: copied.append(text))
        await dock.open()
        await dock.start()
        await dock.shows("exit 0")
        await dock.driver.press("k", "y", "Y")
        await until(lambda: len(copied) == 2)
        assert copied == ["word-" * 40 + "end"] * 2


async def test_addresses_are_listed_with_the_ssh_command(
    docked: Docked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 5000 10.0.0.2 22")
    copied: list[str] = []
    write(tmp_path, dev=SERVER)
    async with docked() as dock:
        monkeypatch.setattr(dock.driver.main, "copy", lambda text, what: copied.append(text))
        await dock.open()
        await dock.start()
        await dock.shows("localhost:5173")
        await dock.driver.press("u")
        await dock.shows("ssh -N -L 5173:localhost:5173")
        await dock.driver.press("down", "enter")
        await until(lambda: copied)
        assert copied[0].startswith("ssh -N -L 5173:localhost:5173 ")
        assert copied[0].endswith("@10.0.0.2")


async def test_leaving_says_what_it_stops_and_stops_it(docked: Docked, tmp_path: Path) -> None:
    write(tmp_path, dev=SERVER)
    async with docked() as dock:
        await dock.open()
        await dock.start()
        await dock.shows("ready")
        await dock.driver.press("ctrl+c")
        assert "1 script will be stopped" in dock.driver.text()
        runner = dock.desk.runner
    assert not runner.alive


@pytest.mark.parametrize("size", [(140, 40), (110, 30), (80, 24), (48, 18)])
async def test_the_dock_has_room_on_every_screen(docked: Docked, tmp_path: Path, size: tuple[int, int]) -> None:
    write(tmp_path, dev=SERVER)
    async with docked(size) as dock:
        await dock.open()
        await dock.start()
        await dock.shows("ready")
        assert dock.driver.composer.region.height >= 3
        assert dock.driver.main.panes.dock.size.height >= 3
        await dock.driver.press("ctrl+underscore")
        assert not dock.driver.main.panes.dock.display
        assert dock.driver.composer.has_focus
        assert dock.desk.runner.alive


async def test_without_scripts_the_dock_says_where_they_come_from(docked: Docked) -> None:
    async with docked() as dock:
        await dock.driver.press("ctrl+underscore")
        await dock.shows("[scripts.run.dev]")


async def test_hostile_output_reaches_no_terminal(docked: Docked, tmp_path: Path) -> None:
    write(
        tmp_path,
        dev="printf '\\\\033]52;c;ZXZpbA==\\\\007\\\\033]0;title\\\\007\\\\033[?1000h[red]x[/red]\\\\n'; echo ready",
    )
    async with docked() as dock:
        await dock.open()
        await dock.start()
        await dock.shows("[red]x[/red]")
        assert "52;c" not in dock.driver.text()


async def test_what_is_typed_on_when_a_program_has_ended_is_neither_a_command_nor_a_prompt(
    docked: Docked, tmp_path: Path
) -> None:
    write(tmp_path, dev="read line; echo got:$line")
    async with docked() as dock:
        await dock.open()
        await dock.start()
        await until(lambda: dock.desk.tab and dock.desk.tab.run and dock.desk.tab.run.state is RunState.RUNNING)
        await dock.driver.press("i", "x", "enter")
        run = dock.desk.tab.run if dock.desk.tab else None
        assert run is not None
        await run.ended.wait()
        await dock.driver.settle()
        await dock.driver.press("s", "h", "i", "enter")
        assert dock.desk.tab is not None
        assert dock.desk.tab.run is run, "no new start"
        assert dock.trust is None
        assert dock.driver.composer.text == ""
        assert dock.driver.main.panes.focused is Pane.DOCK
        await dock.driver.main.panes.dock.typed_out()
        await dock.driver.press("s")  # after a pause, keys are the dock's
        await until(lambda: dock.desk.tab and dock.desk.tab.run is not run)


async def test_what_is_typed_on_when_an_editor_has_ended_is_no_prompt(docked: Docked, tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nread line\n")
    editor.chmod(0o755)
    async with docked(environ={"VISUAL": str(editor)}) as dock:
        dock.edit(tmp_path / "notes.md")
        await until(lambda: dock.driver.main.panes.is_dock_open and dock.driver.main.panes.dock.is_typing)
        run = next(iter(dock.desk.runner.alive))
        await dock.driver.press("q", "enter")
        await run.ended.wait()
        await dock.driver.press("h", "i", "enter")
        assert dock.driver.composer.text == ""
        await until(lambda: dock.driver.main.panes.focused is Pane.COMPOSER)
        assert dock.driver.composer.text == ""
        assert not dock.driver.main.session.projection.outgoing


async def test_an_archive_script_that_the_user_refused_is_said_to_be_so(docked: Docked) -> None:
    async with docked() as dock:
        main, answers = dock.driver.main, list[bool]()

        async def ask() -> None:
            answers.append(await ask_go_on(main)("The archive script was not allowed to run", None))

        main.run("Could not archive oslo", ask())
        await dock.shows("Nothing was removed yet")
        assert dock.driver.text().count("was not allowed to run") == 1
        await dock.driver.press("escape")
        await until(lambda: answers)
        assert answers == [False]
