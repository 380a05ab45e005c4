"""Presets: saved in the app, taken by the app and by `codex -p`."""

from __future__ import annotations

import os
import subprocess
import tomllib
from pathlib import Path

from conductor_tui.demo.model import ScriptedModel
from conductor_tui.demo.requests import Request
from conductor_tui.demo.scripts import ByWord, Telling
from conductor_tui.demo.steps import ExecCommand, Message
from tests.e2e.app import App
from tests.e2e.conftest import StartApp
from tests.e2e.place import Place
from tests.e2e.test_setup import run

HELLO = "Hello from the scripted model."


def save_as(app: App, name: str) -> None:
    """Saves what is in force under a name."""
    run(app, "Save as preset")
    app.wait_for("Preset name")
    app.type(name)
    app.press("enter")
    app.wait_for(f"Saved preset {name}")


def test_a_preset_made_here_is_one_for_the_session_and_for_codex_itself(
    app: App, model: ScriptedModel, codex: Path, codex_home: Path, place: Place, repository: Path
) -> None:
    def story(_: Request) -> Telling:
        (result,) = yield [ExecCommand("touch made.txt")]
        yield [Message("The write failed." if result.exit_code else "The write worked.")]

    model.script = ByWord({"write": story}, [Message(HELLO)])
    app.choose("ctrl+o", "Model for the next turn", "5.6-luna")
    app.wait_until(lambda _: "5.6" in app.control("Model"), what="the new model in the controls")
    app.press("shift+tab")
    app.wait_for("Plan Mode: ")
    save_as(app, "deep")
    effort = app.control("Effort").split()[0]
    kept = (codex_home / "deep.config.toml").read_text()
    assert kept.startswith("# conductor-tui: plan_mode = true\n")
    assert tomllib.loads(kept)["sandbox_mode"] == "read-only"

    app.press("shift+tab")
    app.wait_for("Enter to send")
    app.choose("ctrl+o", "Model for the next turn", "gpt-5.5")
    app.wait_until(lambda _: app.control("Model") == "GPT-5.5", what="the old model")
    save_as(app, "plain")
    app.press("ctrl+x")
    app.wait_for("1 deep")
    app.press("1")
    app.wait_for("Plan Mode: ")
    app.wait_until(lambda _: "5.6" in app.control("Model"), what="the preset's model")
    app.ask("write a file")
    app.wait_for("The write failed.")
    assert model.requests[-1].model == "gpt-5.6-luna"
    assert model.requests[-1].effort == effort
    assert model.requests[-1].is_plan_mode

    app.press("ctrl+x")
    app.wait_for("●›1 deep")
    app.press("2")
    app.wait_for("Enter to send")
    app.ask("write it now")
    app.wait_for("The write worked.")
    assert model.requests[-1].model == "gpt-5.5"

    seen = len(model.requests)
    done = subprocess.run(
        [codex, "exec", "-p", "deep", "hello"],
        cwd=repository,
        env={**os.environ, **place.env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "sandbox: read-only" in done.stderr
    assert "unrecognized" not in done.stderr
    assert (model.requests[seen].model, model.requests[seen].effort) == ("gpt-5.6-luna", effort)


def test_a_hand_made_preset_is_applied_as_far_as_it_can_be(
    start: StartApp, model: ScriptedModel, codex_home: Path
) -> None:
    mine = codex_home / "mine.config.toml"
    mine.write_text('# by hand\nmodel = "no-such-model"\nmodel_reasoning_effort = "low"\nsandbox_mode = "read-only"\n')
    (codex_home / "broken.config.toml").write_text('model = "gpt-5.5"\nmodel_reasoning_effort =\n')
    before = mine.read_bytes()
    app = start()
    app.wait_ready()
    app.wait_until(lambda _: "(default)" in app.control("Effort"), what="the list of models")
    app.press("ctrl+x")
    app.wait_for("broken.config.toml:2:")
    app.press("1")
    app.wait_for("This Codex lists no model no-such-model")
    app.wait_until(lambda _: app.control("Effort") == "low", what="the preset's effort")
    assert app.control("Model") == "GPT-5.5"
    assert app.control("Sandbox") == "read-only"
    app.ask("hello")
    app.wait_for(HELLO)
    assert (model.requests[-1].model, model.requests[-1].effort) == ("gpt-5.5", "low")
    assert mine.read_bytes() == before


def test_saving_again_shows_what_changes_and_a_preset_can_be_renamed_and_removed(app: App, codex_home: Path) -> None:
    app.wait_until(lambda _: "(default)" in app.control("Effort"), what="the list of models")
    save_as(app, "mine")
    path = codex_home / "mine.config.toml"
    path.write_text("# by hand\nhide_agent_reasoning = true # so\n" + path.read_text())
    app.press("ctrl+t")
    app.wait_until(lambda _: "(default)" not in app.control("Effort"), what="another effort")
    run(app, "Save as preset")
    app.wait_for("Preset name")
    app.type("mine")
    app.press("enter")
    app.wait_for(f"effort: medium → {app.control('Effort')}")
    app.press("enter")
    effort = app.control("Effort")
    app.wait_until(
        lambda _: f'model_reasoning_effort = "{effort}"' in path.read_text(), what="the preset to be written"
    )
    text = path.read_text()
    assert "# by hand" in text
    assert "hide_agent_reasoning = true # so" in text
    run(app, "Rename preset")
    app.wait_for("Rename a preset")
    app.press("enter")
    app.wait_for("New name for mine")
    app.type("2")  # behind the name as it is
    app.press("enter")
    app.wait_for("Renamed preset mine to mine2")
    assert (codex_home / "mine2.config.toml").read_text() == text
    run(app, "Delete preset")
    app.wait_for("Delete a preset")
    app.press("enter")
    app.wait_for("Delete preset mine2?")
    app.confirm("y")
    app.wait_for("Deleted preset mine2")
    assert not list(codex_home.glob("mine*"))
