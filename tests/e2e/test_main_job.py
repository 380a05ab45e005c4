"""The main job: a prompt, its answer, an approval, the diff, the controls."""

from __future__ import annotations

import subprocess
from pathlib import Path

from conductor_tui.demo.model import ScriptedModel
from conductor_tui.demo.requests import Request
from conductor_tui.demo.scripts import ByWord, Telling
from conductor_tui.demo.shop import FIX
from conductor_tui.demo.steps import ApplyPatch, ExecCommand, Gate, Message
from tests.e2e.app import App
from tests.e2e.place import Place

DEFAULT = [Message("Hello from the scripted model.")]


def asks_to_touch(path: Path) -> ByWord:
    """A script whose word `touch` asks for a command outside the sandbox, and tells how it went."""

    def story(_: Request) -> Telling:
        (result,) = yield [ExecCommand(f"touch {path}", escalated=True, justification="May I leave a mark?")]
        yield [Message("It was declined." if result.was_declined else "It is done.")]

    return ByWord({"touch": story}, DEFAULT)


def test_a_prompt_is_sent_with_enter_and_the_answer_streams(app: App, model: ScriptedModel) -> None:
    gate = Gate()
    model.script = lambda _: [Message("The first half and the second half.", gate=gate, gate_at=14)]
    app.ask("say something")
    app.wait_for("The first half")
    assert "second half" not in app.text()
    gate.release()
    app.wait_for("and the second half.")
    assert model.requests[-1].user_text == "say something"


def test_the_composer_has_the_focus_at_start_and_is_empty_after_enter(app: App) -> None:
    app.type("words")
    app.press("enter")
    app.wait_for("Hello from the scripted model.")
    app.wait_for("Ask Codex")


def test_an_approval_answered_with_yes_runs_the_command(app: App, model: ScriptedModel, place: Place) -> None:
    mark = place.root / "mark"
    model.script = asks_to_touch(mark)
    app.ask("touch it")
    app.wait_for("May I leave a mark?")
    assert not mark.exists()
    app.answer("y")
    app.wait_for("It is done.")
    assert mark.exists()


def test_an_approval_answered_with_no_does_not_run_it(app: App, model: ScriptedModel, place: Place) -> None:
    mark = place.root / "mark"
    model.script = asks_to_touch(mark)
    app.ask("touch it")
    app.answer("n")
    app.wait_for("What should Codex do instead?")
    app.press("enter")
    app.wait_for("It was declined.")
    assert not mark.exists()


def test_a_no_with_words_tells_codex_what_to_do_instead(app: App, model: ScriptedModel, place: Place) -> None:
    model.script = asks_to_touch(place.root / "mark")
    app.ask("touch it")
    app.answer("n")
    app.wait_for("What should Codex do instead?")
    app.type("rather sing")
    app.press("enter")
    asked = model.wait_for_request(lambda r: r.user_text == "rather sing")
    assert asked.thread_id == model.requests[0].thread_id
    assert not (place.root / "mark").exists()


def test_keys_typed_before_the_approval_could_be_read_do_not_answer_it(
    app: App, model: ScriptedModel, place: Place
) -> None:
    mark = place.root / "mark"
    model.script = asks_to_touch(mark)
    app.ask("touch it")
    app.wait_for("Run this command?")
    app.press("y")
    app.wait_for("│ y ")  # it went into the composer
    assert not mark.exists()
    assert "Run this command?" in app.text()


def test_always_keeps_the_rule_that_codex_proposed(app: App, model: ScriptedModel, codex_home: Path) -> None:
    def story(_: Request) -> Telling:
        yield [ExecCommand("git tag one", escalated=True, justification="May I tag?", prefix_rule=("git", "tag"))]
        yield [ExecCommand("git tag two", escalated=True, justification="May I tag?", prefix_rule=("git", "tag"))]
        yield [Message("Both tags are there.")]

    model.script = ByWord({"tag": story}, DEFAULT)
    app.ask("tag it")
    app.answer("p")
    app.wait_for("Both tags are there.")
    assert '"git", "tag"' in (codex_home / "rules" / "default.rules").read_text()


def test_a_changed_file_is_seen_in_the_diff(app: App, model: ScriptedModel, repository: Path) -> None:
    def story(_: Request) -> Telling:
        yield [ApplyPatch(FIX)]
        yield [Message("The rounding is mended.")]

    model.script = ByWord({"mend": story}, DEFAULT)
    app.ask("mend it")
    app.wait_for("The rounding is mended.")
    app.press("ctrl+g")
    app.wait_for("import ROUND_HALF_UP")
    app.wait_for("return int(amount * 100)")


def test_the_diff_follows_the_files_on_disk(app: App, repository: Path) -> None:
    app.press("ctrl+g")
    readme = repository / "README.md"
    readme.write_text(readme.read_text() + "A line from outside.\n")
    app.wait_for("A line from outside.")


def test_a_new_model_reaches_the_next_request(app: App, model: ScriptedModel) -> None:
    assert app.control("Model") == "GPT-5.5"
    app.choose("ctrl+o", "Model for the next turn", "5.6-luna")
    app.wait_until(lambda _: "5.6" in app.control("Model"), what="the new model in the controls")
    app.ask("who are you?")
    app.wait_for("Hello from the scripted model.")
    assert model.requests[-1].model == "gpt-5.6-luna"


def test_a_new_effort_reaches_the_next_request(app: App, model: ScriptedModel) -> None:
    app.wait_until(lambda _: "(default)" in app.control("Effort"), what="the list of models")
    before = app.control("Effort")
    app.press("ctrl+t")
    app.wait_until(lambda _: app.control("Effort") != before, what="another effort in the controls")
    effort = app.control("Effort").split()[0]
    app.ask("think")
    app.wait_for("Hello from the scripted model.")
    assert model.requests[-1].effort == effort


def test_plan_mode_is_a_prompt_and_a_sandbox_that_cannot_write(
    app: App, model: ScriptedModel, repository: Path
) -> None:
    def story(_: Request) -> Telling:
        (result,) = yield [ExecCommand("touch planned.txt")]
        yield [Message("The write failed." if result.exit_code else "The write worked.")]

    model.script = ByWord({"write": story}, DEFAULT)
    app.press("shift+tab")
    app.wait_for("Plan Mode: ")
    app.ask("write a file")
    app.wait_for("The write failed.")
    assert model.requests[-1].is_plan_mode
    assert not (repository / "planned.txt").exists()


def test_leaving_plan_mode_really_leaves_it(app: App, model: ScriptedModel, repository: Path) -> None:
    def story(_: Request) -> Telling:
        (result,) = yield [ExecCommand("touch planned.txt")]
        yield [Message("The write failed." if result.exit_code else "The write worked.")]

    model.script = ByWord({"write": story}, DEFAULT)
    app.press("shift+tab")
    app.wait_for("Plan Mode: ")
    app.ask("plan, please")
    app.wait_for("Hello from the scripted model.")
    app.press("shift+tab")
    app.wait_for("Enter to send")
    app.ask("write a file")
    app.wait_for("The write worked.")
    assert not model.requests[-1].is_plan_mode
    assert (repository / "planned.txt").exists()


def test_a_proposed_plan_is_shown_as_a_plan(app: App, model: ScriptedModel) -> None:
    model.script = lambda _: [Message("Here:\n\n<proposed_plan>\n# Mend it\n\n1. Look\n2. Mend\n</proposed_plan>\n")]
    app.press("shift+tab")
    app.wait_for("Plan Mode: ")
    app.ask("plan it")
    screen = app.wait_for("Mend it")
    assert "proposed_plan" not in screen


def test_an_interrupt_also_ends_the_command_that_was_running(app: App, model: ScriptedModel, place: Place) -> None:
    model.script = ByWord({"wait": [ExecCommand("sleep 4321", yield_ms=30_000)]}, DEFAULT)
    app.ask("wait for long")
    app.wait_for("sleep 4321")
    app.wait_until(lambda _: bool(place.commands("4321")), what="the command to run")
    app.interrupt()
    app.wait_for("interrupted")
    app.wait_until(lambda _: not place.commands("4321"), what="the command to end")
    app.ask("hello again")
    app.wait_for("Hello from the scripted model.")


def test_a_running_turn_can_be_steered(app: App, model: ScriptedModel) -> None:
    gate = Gate()
    model.script = ByWord(
        {
            "sing": [Message("I will sing instead.")],
            "write": [Message("A long text begins and goes on.", gate=gate, gate_at=18)],
        },
        DEFAULT,
    )
    app.ask("write much")
    app.wait_for("A long text begins")
    app.ask("rather sing")
    gate.release()
    app.wait_for("I will sing instead.")
    assert model.requests[-1].user_text == "rather sing"


def test_what_was_added_to_a_turn_is_sent_when_that_is_interrupted_first(app: App, model: ScriptedModel) -> None:
    model.script = ByWord({"wait": [ExecCommand("sleep 4323", yield_ms=30_000)]}, DEFAULT)
    app.ask("wait for long")
    app.wait_for("sleep 4323")
    app.ask("rather say hello")
    app.wait_for("Delivered after the current command")
    app.interrupt()
    app.wait_for("Hello from the scripted model.")
    assert "Delivered" not in app.text()
    assert model.requests[-1].user_text == "rather say hello"


def test_a_new_session_is_another_thread_and_both_are_listed(app: App, model: ScriptedModel) -> None:
    app.ask("first topic")
    app.wait_for("Hello from the scripted model.")
    app.press("ctrl+n")
    app.wait_for("Hello from the scripted model.", absent=True)
    app.wait_ready()
    app.ask("second topic")
    app.wait_for("Hello from the scripted model.")
    assert model.requests[0].thread_id != model.requests[-1].thread_id
    app.choose("ctrl+s", "Sessions", "first")
    app.wait_for("you    first topic")


def test_git_sees_nothing_of_the_app(app: App, repository: Path) -> None:
    app.ask("hello")
    app.wait_for("Hello from the scripted model.")
    status = subprocess.run(
        ["git", "status", "--porcelain"], cwd=repository, capture_output=True, text=True, check=True
    )
    assert status.stdout == ""
