"""Workspaces without a window, with the real Codex: made, prompted, archived, restored, beside an open window."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from conductor_tui.demo.model import ScriptedModel
from conductor_tui.demo.requests import Request
from conductor_tui.demo.scripts import ByWord, Telling
from conductor_tui.demo.steps import ExecCommand, Gate, Message
from conductor_tui.domain.repository_settings import Variables
from conductor_tui.domain.workspace_environment import session_config
from conductor_tui.services.sessions.session_folder import draft_owner
from conductor_tui.storage.database import FILE, Store
from tests.e2e.app import App
from tests.e2e.conftest import StartApp
from tests.e2e.place import Place
from tests.e2e.rpc import BareCodex, Note

SAY = 'echo "$CONDUCTOR_WORKSPACE_NAME $CONDUCTOR_PORT ${CONDUCTOR_ROOT_PATH##*/}" > said.txt'
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(place: Place, codex: Path, codex_home: Path, repository: Path) -> Run:
    """Runs a command to its end."""

    def run(*arguments: str, cwd: Path = repository) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "conductor_tui", *arguments, "--codex", str(codex)]
        path = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": str(Path(__file__).parents[2])}
        return subprocess.run(
            argv, cwd=cwd, env={**path, **place.env}, capture_output=True, text=True, check=False, timeout=90
        )

    return run


def until(condition: Callable[[], Any], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def says_its_variables(_: Request) -> Telling:
    yield [ExecCommand(SAY)]
    yield [Message("done")]


def test_a_threads_commands_have_variables_of_their_own(
    codex: Path, codex_home: Path, repository: Path, model: ScriptedModel
) -> None:
    """Two threads of one server; what one is resumed with is not what it was started with."""

    def accept(method: str, params: Note) -> Any:
        return {"decision": "accept"}

    model.script = ByWord({}, says_its_variables)
    config = (codex_home / "config.toml").read_text()
    with BareCodex(codex, codex_home, accept) as server:
        threads = {}
        for name in ("lima", "oslo"):
            given = session_config(Variables({"CONDUCTOR_WORKSPACE_NAME": name, "CONDUCTOR_PORT": "1"}))
            threads[name] = server.call("thread/start", cwd=str(repository), config=given)["thread"]["id"]
        for name, thread in threads.items():
            server.turn(thread, "say")
            assert (repository / "said.txt").read_text() == f"{name} 1 \n"
    with BareCodex(codex, codex_home, accept) as server:
        given = session_config(Variables({"CONDUCTOR_PORT": "2"}))
        server.call("thread/resume", threadId=threads["lima"], config=given)
        server.turn(threads["lima"], "say")
        assert (repository / "said.txt").read_text() == " 2 \n"
    assert (codex_home / "config.toml").read_text() == config


def test_new_makes_a_workspace_and_its_turn_goes_on_beside_an_open_window(
    app: App, run: Run, place: Place, model: ScriptedModel
) -> None:
    model.script = ByWord({"say": says_its_variables}, [Message("ok")])
    made = run("new", "--name", "lima", "--json", "say where you are")
    assert made.returncode == 0, made.stderr
    found = json.loads(made.stdout)
    path = Path(found["path"])
    assert path == place.home / "conductor" / "workspaces" / "shop" / "lima"
    assert (found["branch"], found["state"], found["failure"]) == ("say-where-you-are", "ready", "")
    until(lambda: (path / "said.txt").exists() and (path / "said.txt").read_text())
    assert (path / "said.txt").read_text() == f"lima {found['port']} shop\n"
    (session,) = [s for s in json.loads(run("ls", "--json").stdout) if s["id"] == found["thread_id"]]
    assert session["workspace"] == {"id": found["id"], "name": "lima", "repository": str(place.repository)}
    assert session["cwd"] == str(path)
    text = run("ls").stdout
    assert "lima  say-where-you-are" in text
    app.ask("hello")
    app.wait_for("ok")
    app.leave()


def test_three_commands_at_once_make_three_workspaces_with_turns_on_one_server(
    run: Run, place: Place, model: ScriptedModel
) -> None:
    model.script = ByWord({}, says_its_variables)
    with ThreadPoolExecutor(3) as commands:
        done = list(commands.map(lambda _: run("new", "--json", "the same prompt"), range(3)))
    assert [made.returncode for made in done] == [0, 0, 0], [made.stderr for made in done]
    found = [json.loads(made.stdout) for made in done]
    for key in ("name", "path", "branch", "port", "thread_id"):
        assert len({made[key] for made in found}) == 3, key
    for made in found:
        said = Path(made["path"]) / "said.txt"
        until(lambda: said.exists() and said.read_text())
        assert said.read_text() == f"{made['name']} {made['port']} shop\n"
    assert len(place.servers()) == 1
    listed = json.loads(run("ls", "--json").stdout)
    assert {entry["workspace"]["id"] for entry in listed} == {made["id"] for made in found}


def test_new_begins_in_plan_mode_with_a_model(run: Run, model: ScriptedModel) -> None:
    made = run("new", "--plan", "--model", "gpt-5.5", "plan it")
    assert made.returncode == 0, made.stderr
    until(lambda: model.requests)
    request = model.requests[0]
    assert request.model == "gpt-5.5"
    labels = [line.split()[0] for line in made.stdout.splitlines()]
    assert labels == ["Workspace", "Path", "Branch", "Session"]
    assert "HEAD is now at" not in made.stderr  # git's words
    assert "Making the worktree" in made.stderr


def test_archive_says_what_would_be_lost_and_waits_for_a_turn(run: Run, model: ScriptedModel) -> None:
    gate = Gate()
    model.script = ByWord({}, default=[Message("slow words", gate=gate, gate_at=2)])
    found = json.loads(run("new", "--name", "lima", "--json", "be slow").stdout)
    path = Path(found["path"])
    gate.wait_reached()
    (path / "new.txt").write_text("new\n")
    busy = run("archive", "lima", "--yes")
    assert (busy.returncode, "at work in this workspace" in busy.stderr) == (1, True)
    gate.release()
    until(lambda: json.loads(run("ls", "--json").stdout)[0]["state"] == "idle")
    asked = run("archive", "lima", "--json")
    assert asked.returncode == 3
    said = json.loads(asked.stdout)
    assert (said["is_archived"], [item["path"] for item in said["losses"]["items"]]) == (False, ["new.txt"])
    assert said["workspace"]["sessions"] == [found["thread_id"]]
    assert path.exists()
    assert "is not archived" in run("restore", "lima").stderr
    archived = run("archive", "lima", "--yes")
    assert archived.returncode == 0, archived.stderr
    assert "untracked: new.txt" in archived.stdout
    assert not path.exists()
    assert "is archived already" in run("archive", "lima").stderr
    restored = run("restore", "lima", "--json")
    assert restored.returncode == 0, restored.stderr
    assert json.loads(restored.stdout)["sessions"] == [found["thread_id"]]
    assert (path / "new.txt").read_text() == "new\n"
    (session,) = json.loads(run("ls", "--json").stdout)
    assert (session["id"], session["workspace"]["name"]) == (found["thread_id"], "lima")


def test_without_a_decision_on_trust_codex_only_reads_and_config_stays(
    run: Run, place: Place, model: ScriptedModel
) -> None:
    place.repository = place.root / "none"
    place.configure_codex(model)
    config = (place.codex_home / "config.toml").read_text()
    made = run("new", "--json", "say")
    assert json.loads(made.stdout)["notes"] == ["Codex only reads here: decide on trust in a window first."]
    until(lambda: model.requests)
    assert (place.codex_home / "config.toml").read_text() == config


def test_a_setup_script_that_is_not_trusted_is_not_run_and_that_is_said(run: Run, repository: Path) -> None:
    (repository / ".conductor").mkdir()
    (repository / ".conductor" / "settings.toml").write_text('[scripts]\nsetup = "touch ran"\n')
    for command in (["add", "."], ["commit", "-qm", "settings"]):
        subprocess.run(["git", *command], cwd=repository, check=True)
    made = run("new", "--json")
    assert made.returncode == 0, made.stderr
    found = json.loads(made.stdout)
    assert found["notes"] == ["The setup script did not run: look at it and trust it in a window first."]
    assert found["notes"][0] in made.stderr
    assert not (Path(found["path"]) / "ran").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["new", "--repo", "/nowhere"], 2, "/nowhere is no folder"),
        (["new", "--repo", "/"], 2, "/ is in no git repository"),
        (["new", "--from", "nowhere"], 2, "No such commit"),
        (["new", "--branch", "a..b"], 2, "Not a name for a branch"),
        (["new", "--branch", "main"], 2, "in use"),
        (["new", "--name", "a b"], 2, "Not a name for a workspace"),
        (["new", "--plan"], 2, "go with a prompt"),
        (["new", "go", "--model", "gpt-5.55"], 2, "Codex lists no model gpt-5.55: The nearest: gpt-5.5"),
        (["new", "-"], 2, "standard input, which is empty"),
        (["archive"], 2, "NAME"),
        (["archive", "nothing"], 2, "No workspace is called nothing"),
        (["archive", "local"], 1, "never archived"),
        (["restore", "nothing"], 2, "No workspace is called nothing"),
    ],
)
def test_wrong_use_is_said_in_words(run: Run, arguments: list[str], code: int, words: str) -> None:
    if arguments[:2] == ["archive", "local"]:
        run("new")
    done = run(*arguments)
    assert done.returncode == code, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_sessions_are_listed_without_the_store(run: Run, place: Place) -> None:
    place.state.mkdir(parents=True)
    with contextlib.closing(sqlite3.connect(place.state / "store.sqlite3")) as newer:
        newer.execute("PRAGMA user_version = 10000")
    listed = run("ls", "--json")
    assert (listed.returncode, json.loads(listed.stdout)) == (0, [])
    assert "newer conductor-tui" in listed.stderr
    refused = run("new")
    assert refused.returncode == 1
    assert "newer conductor-tui" in refused.stderr


def test_a_workspace_stays_when_codex_cannot_be_had(run: Run, place: Place) -> None:
    (place.codex_home / "config.toml").write_text("model = = 1\n")
    made = run("new", "--json", "hello")
    found = json.loads(made.stdout)
    assert made.returncode == 1
    assert found["failure"]
    assert found["thread_id"] is None
    assert "The prompt was not sent; it is the draft of its new session." in made.stderr
    with contextlib.closing(Store(place.state / FILE)) as store:
        assert store.draft(draft_owner(Path(found["path"]))) == "hello"
    assert (Path(found["path"]) / ".git").exists()


def test_what_finished_without_a_window_is_new_and_the_next_window_opens_what_was_left(
    start: StartApp, run: Run, model: ScriptedModel
) -> None:
    model.script = ByWord({}, [Message("all done")])
    app = start()
    app.wait_ready()
    made = [json.loads(run("new", "--name", name, "--json", f"work in {name}").stdout) for name in ("lima", "oslo")]
    app.wait_for("● 2 new", 30)  # each turn takes a moment only
    app.press("ctrl+p")
    app.wait_for("Search commands")
    app.type("Workspaces")
    app.press("enter")
    app.wait_for("shop/")
    app.type("lima")
    app.wait_quiet(0.2)
    app.press("enter")
    app.wait_for("all done", 30)
    app.wait_for("● 1 new")
    app.leave()

    run("new", "--name", "bonn", "--json", "work in bonn")
    again = start()
    again.wait_for("all done", 30)  # lima's session, though the window is started in the repository
    again.wait_for("● 2 new", 30)
    again.press("ctrl+d")
    again.wait_for("oslo · new")
    again.wait_for("bonn · new")
    assert {m["failure"] for m in made} == {""}
