"""Settings as a person changes them, and what Codex's own writes to config.toml promise."""

from __future__ import annotations

import json
import random
import tomllib
from pathlib import Path
from typing import Any

import pytest

from conductor_tui.settings.toml_file import Edit, change_file
from conductor_tui.settings.toml_read import Key, value_at
from conductor_tui.settings.toml_text import dotted
from tests.e2e.app import App
from tests.e2e.conftest import StartApp
from tests.e2e.place import Place
from tests.e2e.rpc import BareCodex
from tests.e2e.test_setup import run
from tests.unit.settings.random_edits import CONFIG, difference


def settings_file(place: Place) -> Path:
    return place.root / "config" / "conductor-tui" / "config.toml"


def test_a_theme_chosen_in_the_settings_is_in_the_file_and_there_after_a_restart(
    app: App, start: StartApp, place: Place
) -> None:
    run(app, "Settings")
    app.wait_for("type to filter")
    app.type("ui.theme")
    app.wait_for("The colours.")
    app.press("enter")
    app.type("nord")
    app.wait_quiet(0.2)
    app.press("enter")
    app.wait_for("theme is nord")
    assert settings_file(place).read_text() == '[ui]\ntheme = "nord"\n'
    assert settings_file(place).stat().st_mode & 0o777 == 0o600
    app.press("esc")
    app.wait_for("type to filter", absent=True)
    app.wait_quiet(0.2)
    app.leave()
    again = start()
    again.wait_ready()
    run(again, "Theme")
    again.wait_for("●›nord")


def test_a_key_set_on_the_command_line_works_in_the_next_window(start: StartApp) -> None:
    told = start("config", "set", "keys.view.diff", "ctrl+k")
    assert told.exit_code() == 0
    app = start()
    app.wait_ready()
    app.wait_for("ctrl+k diff")
    app.press("ctrl+k")
    app.wait_for("No uncommitted changes")


def said(start: StartApp, *arguments: str) -> tuple[int, str]:
    """The exit code of `config …`, and what it printed."""
    command = start("config", *arguments, cols=200, rows=200)
    code = command.exit_code()
    return code, command.text().strip()


def test_config_reads_and_writes_settings_and_says_what_is_wrong(start: StartApp, place: Place, codex: Path) -> None:
    file = settings_file(place)
    file.parent.mkdir(parents=True)
    file.write_text("# mine\n[ui]\nmouse = true # why\n")
    assert said(start, "path") == (0, str(file))
    assert said(start, "get", "ui.theme") == (0, "conductor-dark")
    assert said(start, "get", "keys.view.diff") == (0, "ctrl+g")
    assert said(start, "set", "ui.mouse", "off") == (0, "ui.mouse = false")
    assert said(start, "set", "keys.view.diff", "ctrl+k ctrl+g") == (0, "keys.view.diff = ctrl+k ctrl+g")
    assert file.read_text() == ('# mine\n[ui]\nmouse = false # why\n\n[keys]\n"view.diff" = ["ctrl+k", "ctrl+g"]\n')
    assert said(start, "set", "keys.view.diff", "--default")[0] == 0
    assert "view.diff" not in file.read_text()
    code, text = said(start, "list", "--json")
    listed = {entry["name"]: entry for entry in json.loads(text)}
    assert code == 0
    assert (listed["ui.mouse"]["value"], listed["ui.mouse"]["origin"]) == (False, "yours")
    assert (listed["codex.executable"]["value"], listed["codex.executable"]["origin"]) == (str(codex), "--codex")
    assert listed["Codex's home"]["origin"] == "CODEX_HOME"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("get", "ui.thme"), 1, "unknown setting ui.thme; did you mean ui.theme?"),
        (("get", "keys.view.dif"), 1, "unknown command view.dif; did you mean keys.view.diff?"),
        (("set", "ui.theme", "nrod"), 1, "did you mean nord?"),
        (("set", "ui.mouse", "maybe"), 1, "ui.mouse must be true or false"),
        (("set", "codex.executable", "/no/such/codex"), 1, "/no/such/codex is not a program"),
        (("set", "keys.view.diff", "ctrl+o"), 1, "ctrl+o is already used by “Model” (control.model)"),
        (("set", "ui.theme"), 2, "set needs a VALUE or --default"),
        (("get",), 2, "usage: conductor-tui config get"),
        ((), 2, "usage: conductor-tui config"),
        (("take",), 2, "invalid choice"),
    ],
)
def test_config_names_what_it_does_not_take(
    start: StartApp, place: Place, arguments: tuple[str, ...], code: int, words: str
) -> None:
    found, text = said(start, *arguments)
    assert (found, words in " ".join(text.split())) == (code, True), text
    assert not settings_file(place).exists()


def test_config_leaves_a_broken_file_alone(start: StartApp, place: Place) -> None:
    file = settings_file(place)
    file.parent.mkdir(parents=True)
    file.write_text("[ui\n")
    code, text = said(start, "set", "ui.theme", "nord")
    assert (code, "line 1, column 4" in text) == (1, True)
    assert file.read_text() == "[ui\n"


# Codex's own writes


def codex_edit(source: random.Random, number: int) -> tuple[Key, Any]:
    """A change that Codex takes, of a key on a line of its own."""
    return source.choice(
        [
            (("model",), f"model {number}"),
            (("model_reasoning_effort",), source.choice(["low", "high"])),
            (("service_tier",), source.choice([None, "fast"])),
            (("projects", f"/home/ada/src/service-{source.randrange(24):02d}", "trust_level"), "trusted"),
            (("projects", f"/new/place {number}", "trust_level"), "untrusted"),
            (("mcp_servers", "docs", "startup_timeout_sec"), number + 0.5),
            (("mcp_servers", "tool-1", "env", "LEVEL"), f"level {number}"),
            (("tui", "notifications"), bool(number % 2)),
        ]
    )


def ask_codex(codex: BareCodex, key: Key, value: Any, version: str | None = None) -> str:
    """`config/batchWrite` of one key; returns the new version."""
    edits = [{"keyPath": dotted(key), "value": value, "mergeStrategy": "replace"}]
    expected = {"expectedVersion": version} if version else {}
    return str(codex.call("config/batchWrite", edits=edits, **expected)["version"])


def test_what_codex_promises_when_it_writes_its_config(place: Place, codex: Path) -> None:
    """Comments, order and link stay. It opens inline tables, keeps no single quotes and no CRLF; mode: 600."""
    real = place.root / "dotfiles.toml"
    real.write_text(CONFIG)
    real.chmod(0o600)
    file = place.codex_home / "config.toml"
    file.symlink_to(real)
    source = random.Random(5)
    comments = [line for line in CONFIG.splitlines() if line.lstrip().startswith("#")]
    with BareCodex(codex, place.codex_home, lambda method, params: None) as server:
        for number in range(40):
            before = real.read_text()
            key, value = codex_edit(source, number)
            ask_codex(server, key, value)
            after = real.read_text()
            assert value_at(tomllib.loads(after), key) == value
            gone, came = difference(before, after)
            assert len(gone) <= 1, (key, gone)
            if gone and came and "#" in gone[0]:
                assert came[0].endswith(gone[0][gone[0].rindex("#") :])
            assert [line for line in after.splitlines() if line.lstrip().startswith("#")] == comments
    assert file.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o600


def test_ours_and_codex_edits_by_turns_are_all_there_and_a_stale_one_is_refused(place: Place, codex: Path) -> None:
    file = place.codex_home / "config.toml"
    file.write_text(CONFIG)
    with BareCodex(codex, place.codex_home, lambda method, params: None) as server:
        version = ask_codex(server, ("model",), "first")
        for number in range(15):
            change_file(file, [Edit(("projects", f"/ours/{number}", "trust_level"), "trusted")])
            with pytest.raises(RuntimeError, match="configVersionConflict"):
                ask_codex(server, ("model",), "stale", version)
            version = ask_codex(server, ("projects", f"/codex/{number}", "trust_level"), "trusted")
    data = tomllib.loads(file.read_text())
    assert data["model"] == "first"
    for number in range(15):
        assert {f"/ours/{number}", f"/codex/{number}"} <= set(data["projects"])
    assert all(line in file.read_text().splitlines() for line in CONFIG.splitlines() if line.lstrip().startswith("#"))
