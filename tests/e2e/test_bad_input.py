"""Bad input: each gives words on screen with the next step, never a traceback, and what was typed stays."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from conductor_tui.demo.model import ScriptedModel
from conductor_tui.demo.shop import SHOP_FILES
from conductor_tui.demo.steps import CutStream, HttpError, Message
from conductor_tui.demo.world import make_repository
from tests.e2e.app import App
from tests.e2e.conftest import StartApp
from tests.e2e.place import Place


def words(text: str) -> str:
    """The screen's words in reading order, without borders: a message may be wrapped anywhere."""
    return " ".join(re.sub(r"[│┃╭╮╰╯─━┏┓┗┛]", " ", text).split())


def wait_words(app: App, *wanted: str, timeout: float = 30.0) -> None:
    """Waits until all these words are on screen, however they are wrapped, and checks that no traceback is."""
    for part in wanted:
        app.wait_until(lambda text: part in words(text), timeout, what=repr(part))
    assert "Traceback" not in app.text()


def fake_codex(place: Place, *lines: str, executable: bool = True) -> Path:
    """A shell script in Codex's place."""
    path = place.root / "fake-codex"
    path.write_text("\n".join(("#!/bin/sh", *lines)) + "\n")
    path.chmod(0o755 if executable else 0o644)
    return path


def keeps_what_is_typed(app: App) -> None:
    """A prompt typed now stays: sending fails visibly, and the words stay on the screen."""
    app.type("do not lose me")
    app.press("enter")
    wait_words(app, "do not lose me")
    app.wait_quiet(0.5)
    wait_words(app, "do not lose me")


# The terminal


def run_without_terminal(
    place: Place, *arguments: str, stdin: int = subprocess.DEVNULL
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "conductor_tui", *arguments],
        stdin=stdin,
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, **place.env},
        cwd=place.root,
    )


@pytest.mark.parametrize("arguments", [(), ("demo",)])
def test_without_a_terminal_it_says_so_and_exits_with_two(place: Place, arguments: Sequence[str]) -> None:
    ended = run_without_terminal(place, *arguments)
    assert ended.returncode == 2
    assert "it needs a terminal" in ended.stderr
    assert "ssh -t" in ended.stderr
    assert ended.stdout == ""


def test_a_folder_that_does_not_exist_is_named(place: Place) -> None:
    ended = run_without_terminal(place, "/no/such/folder")
    assert (ended.returncode, "/no/such/folder does not exist" in ended.stderr) == (2, True)


def test_an_unknown_option_is_explained(place: Place) -> None:
    ended = run_without_terminal(place, "--colour")
    assert (ended.returncode, "usage: conductor-tui" in ended.stderr) == (2, True)


def test_a_dumb_terminal_is_refused_with_a_way_out(start: StartApp) -> None:
    app = start(env={"TERM": "dumb"})
    app.wait_for("Set TERM")
    assert app.exit_code() == 2


def test_a_very_small_window_still_takes_a_prompt(start: StartApp) -> None:
    app = start(cols=48, rows=18)
    app.wait_ready()
    app.ask("hello")
    app.wait_for("Hello from the")


def test_resizing_while_an_answer_streams_loses_nothing(app: App, model: ScriptedModel) -> None:
    model.script = lambda _: [Message("\n\n".join(f"Part {i}." for i in range(60)), chunk=6, delay=0.01)]
    app.ask("talk")
    app.wait_for("Part 5.")
    for cols, rows in ((48, 18), (200, 50), (100, 30), (140, 40)):
        app.resize(cols, rows)
        app.wait_quiet(0.05)
    app.wait_for("Part 59.", 30)


# Codex


def test_a_codex_that_does_not_exist(start: StartApp) -> None:
    app = start(binary="/no/such/codex")
    wait_words(app, "Codex cannot be started", "/no/such/codex does not exist", "--codex")
    keeps_what_is_typed(app)


def test_a_codex_that_is_not_executable(start: StartApp, place: Place) -> None:
    app = start(binary=fake_codex(place, executable=False))
    wait_words(app, "Codex cannot be started", "is not executable")
    keeps_what_is_typed(app)


def test_a_codex_that_is_no_program(start: StartApp, place: Place) -> None:
    path = place.root / "codex"
    path.write_bytes(b"\x7fELF but not really")
    path.chmod(0o755)
    app = start(binary=path)
    wait_words(app, "Codex cannot be started")
    keeps_what_is_typed(app)


def test_a_codex_that_crashes_at_start(start: StartApp, place: Place) -> None:
    app = start(binary=fake_codex(place, 'echo "libfoo.so: not found" >&2', "exit 127"))
    wait_words(app, "Codex stopped while starting", "libfoo.so: not found", "exit code 127")
    keeps_what_is_typed(app)


def test_a_codex_that_prints_garbage_and_stays(start: StartApp, place: Place) -> None:
    app = start(binary=fake_codex(place, r"printf '\033[31mgarbage\000\377\n'", "exec sleep 4323"))
    app.wait_for("Ask Codex")
    app.wait_for("starting Codex")
    keeps_what_is_typed(app)
    assert "Traceback" not in app.text()
    app.leave()
    for process in place.commands("4323"):
        process.kill()


def test_a_codex_that_is_too_old(start: StartApp, place: Place) -> None:
    """A fake server on the default socket, for no such old Codex can be installed any more."""
    server = fake_server(place, "codex/0.99.0 (Debian) xterm")
    app = start(binary=server)
    wait_words(app, "This Codex is too old: 0.99.0", "Update Codex")
    keeps_what_is_typed(app)


def fake_server(place: Place, user_agent: str) -> Path:
    """A `codex app-server` that only knows how to say what it is."""
    program = f"""
import asyncio, json, os, sys
from websockets.asyncio.server import unix_serve

async def talk(socket):
    async for text in socket:
        request = json.loads(text)
        if request.get("method") == "initialize":
            result = {{"userAgent": {user_agent!r}, "codexHome": "", "platformFamily": "unix", "platformOs": "linux"}}
            await socket.send(json.dumps({{"id": request["id"], "result": result}}))

async def main():
    folder = os.path.join(os.environ["CODEX_HOME"], "app-server-control")
    os.makedirs(folder, exist_ok=True)
    os.chdir(folder)
    async with unix_serve(talk, "app-server-control.sock", compression=None):
        await asyncio.get_running_loop().create_future()

asyncio.run(main())
"""
    script = place.root / "fake_server.py"
    script.write_text(program)
    return fake_codex(place, f'exec "{sys.executable}" "{script}" "$@"')


def test_codex_can_be_tried_again_without_a_restart(start: StartApp, place: Place, codex: Path) -> None:
    later = place.root / "codex-that-comes-later"
    app = start(binary=later)
    wait_words(app, "does not exist")
    app.type("wait for me")
    later.symlink_to(codex)
    app.press("ctrl+p")
    app.type("Reconnect to Codex")
    app.press("enter")
    app.wait_for("GPT-", 30)
    app.wait_for("wait for me")


# Configuration


def test_a_broken_config_names_file_and_line(start: StartApp, place: Place, model: ScriptedModel) -> None:
    config = place.codex_home / "config.toml"
    config.write_text('model = "gpt-5.5"\nsandbox_mode = = "oops"\n')
    app = start()
    wait_words(app, "Invalid configuration", "config.toml:2:", "Correct that line", "+2")
    assert "You're not signed in" not in app.text()  # Codex answers for its defaults then
    keeps_what_is_typed(app)
    app.wait_for("Codex cannot tell whether you trust this repository")
    place.configure_codex(model)
    app.press("up", "enter")
    app.wait_for("Hello from the scripted model.", 30)
    app.wait_for("Invalid configuration", absent=True)


def test_a_provider_that_the_config_does_not_have_is_named(start: StartApp, place: Place, model: ScriptedModel) -> None:
    config = place.codex_home / "config.toml"
    config.write_text(config.read_text().replace('model_provider = "scripted"', 'model_provider = "nobody"'))
    app = start()
    wait_words(app, "Invalid configuration", "Model provider `nobody` not found", "[model_providers.nobody]")
    assert "You're not signed in" not in app.text()
    place.configure_codex(model)
    app.press("ctrl+n")
    app.wait_for("GPT-", 30)
    app.wait_for("Invalid configuration", absent=True)


def test_a_broken_settings_file_of_ours_is_named_and_the_app_works(start: StartApp, place: Place) -> None:
    settings = place.root / "config" / "conductor-tui" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("theme = \n")
    app = start()
    wait_words(app, "Could not read the settings file", "config.toml")
    app.wait_ready()
    app.ask("hello")
    app.wait_for("Hello from the scripted model.")


# The model


def refusal(message: str, kind: str) -> dict[str, dict[str, str]]:
    return {"error": {"message": message, "type": kind, "code": kind}}


@pytest.mark.parametrize(
    ("step", "seen"),
    [
        (HttpError(401, refusal("Invalid key", "invalid_api_key")), "401"),
        (HttpError(403, refusal("Forbidden", "forbidden")), "403"),
        (HttpError(404, refusal("No such model", "model_not_found")), "model"),
        (HttpError(429, refusal("Slow down", "rate_limit_exceeded"), {"retry-after": "0"}), "429"),
        (HttpError(500, refusal("Internal", "server_error")), "high demand"),
        (CutStream("Half a sen"), "stream disconnected"),
    ],
    ids=["401", "403", "404", "429", "500", "cut stream"],
)
def test_a_refusing_model_server_is_explained_and_the_prompt_stays(
    app: App, model: ScriptedModel, step: HttpError | CutStream, seen: str
) -> None:
    model.script = lambda _: [step]
    app.ask("do not lose me")
    app.wait_for("failed", 60)
    wait_words(app, seen, "do not lose me")
    model.script = lambda _: [Message("Better now.")]
    app.ask("once more")
    app.wait_for("Better now.")


def test_a_server_that_recovers_is_hardly_noticed(app: App, model: ScriptedModel) -> None:
    replies: Iterator[list[HttpError | CutStream | Message]] = iter(
        [[CutStream("Half a sen")], [HttpError(500)], [Message("A whole sentence.")]]
    )
    model.script = lambda _: next(replies)
    app.ask("hello")
    app.wait_for("A whole sentence.", 30)
    app.wait_for("Half a sen", absent=True)


def test_a_model_server_that_is_gone_can_be_interrupted(app: App, model: ScriptedModel) -> None:
    model.close()
    app.ask("do not lose me")
    app.wait_for("econnecting", 30)
    app.interrupt()
    app.wait_for("interrupted", 30)
    wait_words(app, "do not lose me")


# The repository


def test_outside_a_repository_codex_works_and_the_diff_says_why_it_is_empty(
    start: StartApp, place: Place, model: ScriptedModel, tmp_path: Path
) -> None:
    place.configure_codex(model, tmp_path)
    app = start(cwd=tmp_path)
    wait_words(app, "No git repository here")
    app.wait_ready()
    app.ask("hello")
    app.wait_for("Hello from the scripted model.")
    app.press("ctrl+g")
    wait_words(app, "No git repository")


@pytest.mark.parametrize(
    "name",
    ["with spaces", "ünïcödé 数", "quo\"te's", "[red]markup[/red]", "new\nline", "-dash", "percent%20 $HOME;#"],
)
def test_a_repository_with_an_odd_name(start: StartApp, place: Place, model: ScriptedModel, name: str) -> None:
    odd = place.root / name
    make_repository(odd, SHOP_FILES)
    place.configure_codex(model, odd)
    app = start(cwd=odd)
    app.wait_ready()
    app.ask("hello")
    app.wait_for("Hello from the scripted model.")
    (odd / "README.md").write_text("changed\n")
    app.press("ctrl+g")
    app.wait_for("changed")
    assert "Traceback" not in app.text()


def test_a_repository_named_on_the_command_line(start: StartApp, repository: Path, tmp_path: Path) -> None:
    app = start(repository / "billing", cwd=tmp_path)
    app.wait_ready()
    app.wait_for("▾ shop")


def test_an_empty_repository(start: StartApp, place: Place, model: ScriptedModel) -> None:
    empty = place.root / "empty"
    empty.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=empty, check=True)
    place.configure_codex(model, empty)
    app = start(cwd=empty)
    app.wait_ready()
    app.wait_for("main")
    (empty / "first.txt").write_text("the first line\n")
    app.press("ctrl+g")
    app.wait_for("the first line")
    assert "Traceback" not in app.text()


def test_a_detached_head_is_named(start: StartApp, repository: Path) -> None:
    subprocess.run(["git", "checkout", "-q", "--detach"], cwd=repository, check=True)
    app = start()
    app.wait_ready()
    app.wait_for("detached")


def test_a_repository_that_vanishes_is_said(app: App, repository: Path) -> None:
    app.type("do not lose me")
    repository.rename(repository.with_name("moved"))
    app.wait_quiet(0.5)
    wait_words(app, "do not lose me")
    app.press("ctrl+g")
    app.wait_quiet(0.3)
    assert "Traceback" not in app.text()
