"""Each control, changed with keys and then found where it counts: in the model's request or in config.toml."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

import pytest

from conductor_tui.demo.model import ScriptedModel
from conductor_tui.demo.requests import Request
from conductor_tui.demo.scripts import ByWord, Telling
from conductor_tui.demo.steps import FunctionCall, Gate, Message
from conductor_tui.domain.controls import version_numbers
from tests.e2e.app import App
from tests.e2e.conftest import StartApp
from tests.e2e.place import Place

HELLO = "Hello from the scripted model."
SKILL = "---\nname: {name}\ndescription: Says {name}.\n---\n\nBODY-OF-{name}\n"
SERVER = Path(__file__).with_name("mcp_server.py")


def everything(request: Request) -> str:
    return json.dumps(request.body)


def ask(app: App, model: ScriptedModel, text: str) -> Request:
    """Sends a prompt and returns the request that it made."""
    app.ask(text)
    return model.wait_for_request(lambda r: r.user_text.strip() == text.strip())


def control(app: App, letter: str, title: str) -> None:
    """A control by its letter, until its list is there."""
    app.press("ctrl+y", letter)
    app.wait_for(title)


def choose(app: App, words: str, title: str) -> None:
    """Filters the list on top and takes the first row."""
    app.send(words)
    app.wait_for(words)
    app.wait_quiet(0.1)
    app.press("enter")
    app.wait_for(title, absent=True)


def test_fast_mode_reaches_the_request(app: App, model: ScriptedModel) -> None:
    app.press("ctrl+f")
    app.wait_until(lambda _: app.control("Fast") == "on", what="Fast Mode")
    assert ask(app, model, "quick, please").tier == "priority"
    app.wait_for(HELLO)
    app.press("ctrl+f")
    app.wait_until(lambda _: app.control("Fast") == "off", what="no Fast Mode")
    assert ask(app, model, "slowly now").tier in (None, "default")


def test_permissions_reach_the_request(app: App, model: ScriptedModel) -> None:
    control(app, "a", "Permissions from the next turn on")
    choose(app, "read-only", "Permissions from the next turn on")
    app.wait_until(lambda _: app.control("Sandbox") == "read-only", what="the permissions")
    assert "read-only" in everything(ask(app, model, "just look"))


def test_who_asks_reaches_the_request(app: App, model: ScriptedModel) -> None:
    control(app, "a", "Permissions from the next turn on")
    choose(app, "never ask", "Permissions from the next turn on")
    app.wait_until(lambda _: app.control("Approvals") == "never", what="the policy")
    told = everything(ask(app, model, "go"))
    assert "Approval policy is currently never" in told


def test_a_change_for_one_turn_is_gone_after_it(app: App, model: ScriptedModel) -> None:
    app.wait_until(lambda _: "(default)" in app.control("Effort"), what="the list of models")
    app.press("ctrl+y", "o")
    app.wait_for("next turn, then")
    app.press("ctrl+t")
    app.wait_until(lambda _: "(default)" not in app.control("Effort"), what="another effort")
    once = app.control("Effort").split()[0]
    gate = Gate()
    model.script = lambda _: [Message(HELLO, gate=gate, gate_at=5)]
    assert ask(app, model, "this one").effort == once
    app.wait_for("this turn, then")
    gate.release()
    app.wait_for("this session")
    app.wait_until(lambda _: app.control("Effort").split()[0] != once, what="the effort from before")
    assert ask(app, model, "and the next").effort != once


@pytest.fixture
def skills(place: Place, repository: Path) -> Path:
    """A skill of the repository and a broken one of the user; returns the user's folder of skills."""
    for folder, name in ((repository / ".agents" / "skills", "release"), (place.codex_home / "skills", "tidy")):
        (folder / name).mkdir(parents=True)
        (folder / name / "SKILL.md").write_text(SKILL.format(name=name))
    broken = place.codex_home / "skills" / "broken"
    broken.mkdir()
    (broken / "SKILL.md").write_text("nothing in front\n")
    return place.codex_home / "skills"


def test_a_skill_is_listed_written_into_the_prompt_and_reaches_the_model(
    skills: Path, app: App, model: ScriptedModel
) -> None:
    control(app, "s", "Insert a skill")
    app.wait_for("missing YAML frontmatter")
    choose(app, "$release", "Insert a skill")
    app.wait_for("$release")
    app.press("enter")
    asked = model.wait_for_request(lambda r: "$release" in r.user_text)
    assert "BODY-OF-release" in everything(asked)


def test_a_skill_switched_off_is_off_in_codex_s_file(skills: Path, app: App, place: Place) -> None:
    control(app, "s", "Insert a skill")
    app.send("tidy")
    app.wait_for("$tidy  yours")
    app.wait_quiet(0.1)
    app.press("ctrl+t")
    app.wait_for("yours · off")
    config = tomllib.loads((place.codex_home / "config.toml").read_text())
    assert [(Path(s["path"]).parent.name, s["enabled"]) for s in config["skills"]["config"]] == [("tidy", False)]


@pytest.fixture
def mcp(place: Place, model: ScriptedModel, codex_home: Path) -> None:
    """Two MCP servers, one of which cannot start."""
    servers = {"echo": {"command": sys.executable, "args": [str(SERVER)]}, "bad": {"command": "/no/such/server"}}
    place.configure_codex(model, extra={"mcp_servers": servers})


@pytest.mark.usefixtures("mcp")
def test_mcp_servers_are_shown_with_tools_and_errors_and_can_be_switched_off(start: StartApp, place: Place) -> None:
    app = start()
    app.wait_ready()
    app.wait_until(lambda _: "1 failed" in app.control("MCP"), 30, what="what became of the servers")
    control(app, "c", "MCP servers")
    app.wait_for("ready · 1 tool", 60)
    app.wait_for("os error 2")
    choose(app, "echo", "MCP servers")
    app.wait_for("Turn off")
    app.press("enter")
    app.wait_for("Says what it is told.")
    app.press("esc")
    app.wait_for("Says what it is told.", absent=True)
    control(app, "c", "MCP servers")
    app.wait_for("ready · 1 tool", 60)
    choose(app, "echo", "MCP servers")
    app.wait_for("Turn off")
    choose(app, "turn", "Turn off")
    app.wait_for("Turned echo off")
    assert tomllib.loads((place.codex_home / "config.toml").read_text())["mcp_servers"]["echo"]["enabled"] is False


@pytest.mark.usefixtures("mcp")
def test_an_mcp_tool_can_be_used(start: StartApp, model: ScriptedModel) -> None:
    def story(_: Request) -> Telling:
        (result,) = yield [FunctionCall("echo", {"text": "hi there"}, namespace="mcp__echo")]
        yield [Message(f"It said {'echo: hi there' if 'echo: hi there' in result.text else 'nothing'}.")]

    model.script = ByWord({"echo": story}, [Message(HELLO)])
    app = start()
    app.wait_ready()
    app.wait_until(lambda _: "1 ready" in app.control("MCP"), 30, what="the server to be ready")
    app.ask("use echo")
    app.wait_for("It said echo: hi there.", 30)


def test_a_goal_starts_turns_by_itself_until_it_is_paused(app: App, model: ScriptedModel) -> None:
    gates = [Gate(), Gate()]
    replies = iter(gates)
    model.script = lambda _: [Message("A step towards the goal.", gate=next(replies, gates[-1]), gate_at=6)]
    control(app, "g", "Goal that Codex works on")
    app.send("Make every test pass")
    app.wait_for("Make every test pass")
    app.press("enter")
    app.wait_for("Codex starts at once")
    app.press("enter")
    first = model.wait_for_request(lambda r: "Make every test pass" in everything(r))
    app.wait_until(lambda _: "active" in app.control("Goal"), what="the goal in the controls")
    gates[0].release()
    gates[1].wait_reached()
    assert model.requests[-1].thread_id == first.thread_id
    control(app, "g", "Clear the goal")
    app.press("enter")
    app.wait_until(lambda _: "paused" in app.control("Goal"), what="the goal to be paused")
    gates[1].release()
    app.wait_for("working", absent=True)
    asked = len(model.requests)
    app.ask("and what now?")
    model.wait_for_request(lambda r: r.user_text == "and what now?")
    assert len(model.requests) == asked + 1
    control(app, "g", "Clear the goal")
    choose(app, "clear", "Clear the goal")
    app.wait_until(lambda _: app.control("Goal") == "none", what="no goal")


def test_a_goal_is_still_shown_after_a_restart(app: App, start: StartApp, model: ScriptedModel) -> None:
    gate = Gate()
    model.script = lambda _: [Message("A step towards the goal.", gate=gate, gate_at=6)]
    control(app, "g", "Goal that Codex works on")
    app.send("Make every test pass")
    app.wait_for("Make every test pass")
    app.press("enter")
    app.wait_for("Codex starts at once")
    app.press("enter")
    app.wait_for("A step")
    app.kill()
    again = start()
    again.wait_until(lambda _: "active" in again.control("Goal"), 30, what="the goal in the new window")


def test_a_provider_is_added_and_a_session_started_with_it(app: App, model: ScriptedModel, place: Place) -> None:
    control(app, "v", "Model provider")
    choose(app, "add", "type to filter")
    for question, answer in (
        ("Short name of the provider", "second"),
        ("Base URL of second", model.base_url),
        ("Environment variable with the key", ""),
    ):
        app.wait_for(question)
        app.send(answer)
        app.wait_quiet(0.2)
        app.press("enter")
        app.wait_for(question, absent=True)
    app.wait_for("Start a session with it")
    app.press("enter")
    app.wait_until(lambda _: app.control("Provider") == "second", 30, what="the session's provider")
    app.wait_ready()
    ask(app, model, "who serves this?")
    app.wait_for(HELLO)
    config = (place.codex_home / "config.toml").read_text()
    assert tomllib.loads(config)["model_providers"]["second"]["base_url"] == model.base_url
    assert tomllib.loads(config)["model_provider"] == "scripted"


def test_a_personality_changes_the_instructions_where_codex_still_has_them(app: App, model: ScriptedModel) -> None:
    before = ask(app, model, "hello").body.get("instructions"), app.wait_for(HELLO)
    assert app.control("Personality") == "none"
    version = version_numbers(app.control("Codex").split()[0])
    if version is not None and version >= (0, 163, 0):
        app.press("ctrl+y", "r")
        app.wait_for("Personality: no effect since 0.163")
        return
    app.press("ctrl+n")
    app.wait_ready()
    control(app, "r", "Personality from the next turn on")
    choose(app, "friendly", "Personality from the next turn on")
    app.wait_until(lambda _: app.control("Personality") == "friendly", what="the personality")
    asked = ask(app, model, "hello again")
    assert everything(asked) != before[0]
    assert "friendly" in everything(asked).lower() or "warm" in everything(asked).lower()
