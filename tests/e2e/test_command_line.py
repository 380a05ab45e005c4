"""Commands without a screen, and what the terminal looks like afterwards."""

from __future__ import annotations

import json
import signal

import pytest

from conductor_tui.demo.model import ScriptedModel
from conductor_tui.demo.scripts import ByWord
from conductor_tui.demo.steps import ExecCommand, Message
from tests.e2e.app import App
from tests.e2e.conftest import StartApp
from tests.e2e.place import Place
from tests.e2e.test_doctor import WELL, check_well

RESTORED = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l", b"\x1b[?2004l", b"\x1b[?1004l", b"\x1b[m")
"""Main screen, cursor, mouse, pasting, focus reports, colours."""


def test_ls_lists_all_sessions_with_a_window_open(app: App, start: StartApp, model: ScriptedModel) -> None:
    model.script = ByWord({"tag": [ExecCommand("git tag x", escalated=True, justification="May I?")]}, [Message("ok")])
    app.ask("tag it")
    app.wait_for("Run this command?")
    listed = start("ls")
    assert listed.exit_code() == 0
    listed.wait_for("needs you")
    assert "tag it" in listed.text()


def test_ls_works_without_a_window_or_a_server_and_speaks_json(app: App, start: StartApp, place: Place) -> None:
    app.ask("remember me")
    app.wait_for("Hello from the scripted model.")
    app.leave()
    start("stop").exit_code()
    assert place.servers() == []
    listed = start("ls", "--json", cols=200, rows=60)
    assert listed.exit_code() == 0
    (session,) = json.loads(listed.text())
    assert (session["title"], session["cwd"], session["needs_user"]) == ("remember me", str(place.repository), False)
    assert place.servers() == []


@pytest.mark.parametrize("way", ["leaving", "SIGTERM"])
def test_the_terminal_is_given_back_as_it_was(way: str, app: App) -> None:
    seen = len(app.output)
    if way == "leaving":
        app.leave()
    else:
        app.process.send_signal(signal.SIGTERM)
        assert app.exit_code() == 0
    after = bytes(app.output[seen:])
    for sequence in RESTORED:
        assert sequence in after


def test_the_doctor_finds_all_well_and_measures_the_link(start: StartApp, place: Place) -> None:
    doctor = start("doctor", rows=60)
    doctor.wait_for(WELL, 30)
    assert doctor.exit_code() == 0
    for words in ("✓ Codex", "✓ server", "✓ account", "✓ models", "✓ repository", "ms to the terminal and back"):
        assert words in doctor.text()
    check_well(doctor.text())
    assert place.servers() == []


def test_the_doctor_names_a_broken_config_for_scripts_too(start: StartApp, place: Place) -> None:
    (place.codex_home / "config.toml").write_text("model = = 1\n")
    doctor = start("doctor", "--json", cols=1000, rows=200)
    assert doctor.exit_code() == 1
    found = json.loads(doctor.text())
    assert not found["is_well"]
    assert any("config.toml:1" in check["found"] for check in found["checks"] if check["outcome"] == "bad")


def test_the_doctor_without_a_codex_says_how_to_get_one(start: StartApp) -> None:
    doctor = start("doctor", binary="/nowhere/codex")
    doctor.wait_for("✕ Codex")
    assert doctor.exit_code() == 1
