"""A race with the real Codex: one prompt in two workspaces, compared; one is kept, the other one archived."""

from __future__ import annotations

import re
from pathlib import Path

from conductor_tui.demo.model import ScriptedModel
from conductor_tui.demo.requests import Request
from conductor_tui.demo.scripts import ByWord, Telling
from conductor_tui.demo.steps import ExecCommand, Message
from tests.e2e.app import App
from tests.e2e.conftest import StartApp
from tests.e2e.place import Place
from tests.e2e.test_workspace_tree import command, folders, git

PROMPT = "greet the world"
SETTINGS = '[scripts]\nsetup = "echo made $CONDUCTOR_WORKSPACE_NAME > made.txt"\n'


def test_two_models_race_one_is_kept_and_the_other_can_be_restored(
    start: StartApp, model: ScriptedModel, place: Place
) -> None:
    (place.repository / ".conductor").mkdir()
    (place.repository / ".conductor" / "settings.toml").write_text(SETTINGS)
    (place.repository / ".gitignore").write_text("made.txt\n")
    git(place.repository, "add", ".")
    git(place.repository, "commit", "-qm", "settings")
    begun = git(place.repository, "rev-parse", "HEAD").strip()

    def greets(request: Request) -> Telling:
        yield [ExecCommand(f"echo hello from {request.model} > greeting.txt")]
        yield [ExecCommand(f"echo by {request.effort} > left-open.txt")]
        yield [Message("Greeted.")]

    model.script = ByWord({PROMPT: greets}, [Message("Hello.")])
    app = start()
    app.wait_ready()
    app.wait_until(lambda _: "(default)" in app.control("Effort"), what="the list of models")
    start_race(app)
    app.wait_for("setup script?", 40)
    app.wait_quiet(1.2)  # keys count after a moment
    app.press("o")  # once, which is meant for all
    app.wait_until(lambda _: len(asked(model)) == 2, 60, what="both prompts")
    app.wait_for("Started 2 of 2 agents", 30)
    first, second = asked(model)
    assert first.model != second.model
    assert first.effort != second.effort
    assert first.effort and second.effort
    made = folders(place)
    assert len(made) == 2
    assert {git(f, "merge-base", "HEAD", "main").strip() for f in made} == {begun}
    branches = {git(f, "branch", "--show-current").strip() for f in made}
    assert branches == {f"greet-the-world-{f.name}" for f in made}
    assert [(f / "made.txt").read_text() for f in made] == [f"made {f.name}\n" for f in made]
    for folder in made:
        app.wait_until(lambda _: (folder / "left-open.txt").exists(), 30, what="the work")
    git(made[0], "add", "greeting.txt")
    git(made[0], "commit", "-qm", "greeting")
    app.wait_until(lambda text: text.count("⚑ ") == 2, 30, what="the marks")

    app.leave()
    app = start()  # a race outlives its window
    app.wait_until(lambda text: text.count("⚑ ") == 2, 40, what="the marks again")
    command(app, "Compare race")
    app.wait_for(f"race · {PROMPT}")
    app.wait_for(re.compile(r"\+2 −0 +2 files.*\n.*\+2 −0 +2 files"), 30)
    app.wait_for("hello from")
    shown, before = compared(app), under_cursor(app)
    app.press("j")
    app.wait_until(lambda _: under_cursor(app) not in ("", before), what="the cursor on the other row")
    app.wait_until(lambda _: compared(app) not in ("", shown), what="the other diff")
    assert {shown, compared(app)} == {first.model, second.model}
    winner, loser = kept_and_not(app, made)
    app.press("w")
    app.wait_for(f"Keep {winner.name}, archive {loser.name}?", 30)
    app.wait_for("left-open.txt")
    app.wait_quiet(0.3)
    app.press("esc")
    app.wait_for("Keep ", absent=True)
    assert loser.exists()
    app.press("w")
    app.wait_for(f"Keep {winner.name}, archive {loser.name}?", 30)
    app.wait_quiet(0.3)
    (loser / "late.txt").write_text("written after the list was made\n")
    app.confirm("y")
    app.wait_for("late.txt", 30)  # the list again
    assert loser.exists()
    app.confirm("y")
    app.wait_until(lambda _: not loser.exists(), 40, what="the loser to go")
    app.wait_for("⚑", 30, absent=True)
    assert (winner / "left-open.txt").exists()
    command(app, "Restore workspace")
    app.wait_for("archived just now")
    app.wait_quiet(0.2)
    app.press("enter")
    app.wait_until(lambda _: (loser / "left-open.txt").exists(), 30, what="the loser's files")
    assert (loser / "greeting.txt").exists()
    app.wait_for("Greeted.", 30)


def start_race(app: App) -> None:
    """One entrant as the session is, and one of another model with more effort."""
    app.press("ctrl+p")
    app.wait_for("Search commands")
    app.type("Race")
    app.wait_for("Run one prompt in several workspaces")
    app.press("enter")
    app.wait_for("Search commands", absent=True)
    app.wait_for("Race: one prompt, several agents")
    app.send(PROMPT)
    app.wait_for(PROMPT)
    app.press("enter")
    app.wait_for("Choose 2–6 agents")
    app.wait_for("1 agent · choose 2–6 agents")
    app.wait_quiet(0.3)
    app.press("enter")  # too few: nothing starts
    app.press("up", "right", "+")  # the session's model is the last one
    app.wait_for("2 agents.")
    app.press("enter")
    app.wait_for("Choose 2–6 agents", absent=True)


def asked(model: ScriptedModel) -> list[Request]:
    """The first request of each entrant."""
    found = {r.thread_id: r for r in reversed(model.requests) if PROMPT in r.user_text}
    return list(found.values())


def compared(app: App) -> str:
    """The model whose work the diff shows."""
    found = re.search(r"hello from (\S+)", app.text())
    return found[1] if found else ""


def under_cursor(app: App) -> str:
    """The workspace under the cursor of the comparison."""
    found = re.search(r"▌ . (\S+)", app.text())
    return found[1] if found else ""


def kept_and_not(app: App, made: list[Path]) -> tuple[Path, Path]:
    """The folder under the cursor of the comparison, and the other one."""
    winner = next(f for f in made if f.name == under_cursor(app))
    return winner, next(f for f in made if f is not winner)
