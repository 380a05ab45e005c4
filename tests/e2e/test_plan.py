"""A proposed plan with the real Codex: commented, revised, implemented here and in a fresh session, left."""

from __future__ import annotations

from pathlib import Path

import pytest

from conductor_tui.demo.model import ScriptedModel
from conductor_tui.demo.requests import Request
from conductor_tui.demo.scripts import ByWord, Telling
from conductor_tui.demo.steps import ApplyPatch, ExecCommand, Message
from conductor_tui.domain.controls import version_numbers
from tests.e2e.app import App
from tests.e2e.conftest import StartApp
from tests.e2e.place import Place

READY = "A plan is ready (ctrl+r)"
PLAN = "# Mend it\n\n1. Look at the tests\n2. Mend the rounding\n"
BETTER = "# Mend it well\n\n1. Look twice\n"


def proposes(plan: str) -> list[Message]:
    return [Message(f"Here it is:\n\n<proposed_plan>\n{plan}</proposed_plan>\n")]


def touches(_: Request) -> Telling:
    """An implementation that shows whether commands may write."""
    (result,) = yield [ExecCommand("touch implemented.txt")]
    yield [Message("The write failed." if result.exit_code else "The write worked.")]


@pytest.fixture
def planned(app: App, model: ScriptedModel) -> App:
    """The app with a plan that waits, and the plan view open."""
    model.script = ByWord({"Revise": proposes(BETTER), "Implement": touches, "plan": proposes(PLAN)}, [Message("Hm.")])
    app.press("shift+tab")
    app.wait_for("Plan Mode: ")
    app.ask("plan it")
    app.wait_for(READY)
    app.press("ctrl+r")
    app.wait_for("─ 2 steps")
    return app


def comment(app: App, steps_down: int, words: str) -> None:
    app.send("j" * steps_down + "c" + words + "\r")  # typed ahead over the field that opens
    app.wait_for(f"└ you: {words}")


def test_a_revision_carries_the_quoted_step_and_its_comment_and_stays_in_plan_mode(
    planned: App, model: ScriptedModel
) -> None:
    comment(planned, 2, "not the rounding, the sum")
    planned.press("r")
    planned.wait_for("Anything else?")
    planned.type("and keep it short")
    planned.press("enter")
    asked = model.wait_for_request(lambda r: r.user_text.startswith("Revise the plan."))
    assert "1. > 2. Mend the rounding\n\n   not the rounding, the sum\n\nand keep it short" in asked.user_text
    assert asked.is_plan_mode
    planned.wait_for("Mend it well")
    planned.wait_for(READY)
    planned.press("ctrl+r")
    planned.wait_for("─ 1 step")
    assert "not the rounding" not in planned.text()


def test_implementing_leaves_plan_mode_and_commands_may_write_again(
    planned: App, model: ScriptedModel, repository: Path
) -> None:
    comment(planned, 1, "all of them")
    planned.wait_for("1 comment will be sent with i, f or r")
    planned.press("i")
    planned.wait_for("The write worked.")
    asked = model.requests[-1]
    assert not asked.is_plan_mode
    assert (
        asked.user_text
        == "Implement the plan. Take these comments into account:\n\n1. > 1. Look at the tests\n\n   all of them"
    )
    assert (repository / "implemented.txt").exists()
    assert asked.thread_id == model.requests[0].thread_id
    planned.wait_for("Enter to send")
    assert planned.control("Plan") == "off"


def test_a_fresh_session_knows_the_plan_and_not_the_conversation(
    planned: App, model: ScriptedModel, repository: Path, codex_home: Path
) -> None:
    before = (codex_home / "config.toml").read_text()
    planned.press("f")
    planned.wait_for("The write worked.")
    asked = model.requests[-1]
    assert asked.thread_id != model.requests[0].thread_id
    assert not asked.is_plan_mode
    assert "Mend the rounding" in str(asked.input)
    assert "Here it is" not in str(asked.input)
    assert (repository / "implemented.txt").exists()
    assert (codex_home / "config.toml").read_text() == before
    planned.wait_for("╭─ Mend it ─")
    planned.wait_for("Enter to send")
    planned.choose("ctrl+s", "Sessions", "plan it")
    planned.wait_for("you    plan it")
    planned.wait_for("Plan Mode: ")  # as it was, and no longer waiting
    assert READY not in planned.text()


def test_leaving_really_leaves_and_implements_nothing(planned: App, model: ScriptedModel, repository: Path) -> None:
    planned.press("l")
    planned.wait_for("Enter to send")
    assert len(model.requests) == 1
    planned.ask("Implement something else")
    planned.wait_for("The write worked.")
    assert not model.requests[-1].is_plan_mode


def test_comments_and_half_a_word_are_there_after_a_restart(planned: App, start: StartApp) -> None:
    comment(planned, 1, "all of them")
    planned.send("jchalf a wo")
    planned.wait_for("half a wo")
    planned.press("esc")
    planned.wait_for("half a wo", absent=True)
    planned.press("esc")
    planned.wait_for("Ask Codex")
    assert planned.leave() == 0
    again = start()
    again.wait_ready()
    again.wait_for("Mend the rounding")
    again.press("ctrl+p")
    again.wait_for("Search commands")
    again.type("Plan")
    again.wait_for("Read the proposed plan")
    again.press("enter")
    again.wait_for("└ you: all of them")
    again.send("jjc")
    again.wait_for("half a wo")


PATCH = "*** Begin Patch\n*** Add File: patched.txt\n+x\n*** End Patch"
CANNOT_WRITE = "Plan Mode: commands cannot write"


def asks_to_write(_: Request) -> Telling:
    yield [ExecCommand("touch session.txt", escalated=True, justification="May I write?")]
    yield [Message("It was written.")]


def writes_in_all_ways(_: Request) -> Telling:
    """A rule allows the first two, a yes for the session the third."""
    yield [ExecCommand("touch ruled.txt")]
    yield [ExecCommand("touch ruled.txt", escalated=True, justification="May I?")]
    yield [ExecCommand("touch session.txt", escalated=True, justification="May I?")]
    yield [ApplyPatch(PATCH)]
    yield [Message("All ways were tried.")]


@pytest.mark.parametrize("unset", [(), ("sandbox_mode", "approval_policy")], ids=["sandbox set", "none set"])
def test_nothing_writes_in_plan_mode_neither_by_a_rule_nor_by_a_yes_for_the_session(
    place: Place, start: StartApp, model: ScriptedModel, codex_home: Path, unset: tuple[str, ...]
) -> None:
    place.configure_codex(model, without=unset)
    (codex_home / "rules").mkdir()
    (codex_home / "rules" / "default.rules").write_text(
        'prefix_rule(pattern=["touch", "ruled.txt"], decision="allow")\n'
    )
    model.script = ByWord({"first": asks_to_write, "try": writes_in_all_ways}, [Message("Hm.")])
    names = ("ruled.txt", "session.txt", "patched.txt")

    def written() -> list[str]:
        return [name for name in names if (place.repository / name).exists()]

    app = start()
    app.wait_ready()
    app.ask("first")
    app.answer("s")
    app.wait_for("It was written.")
    assert written() == ["session.txt"]
    (place.repository / "session.txt").unlink()
    app.press("shift+tab")
    app.wait_for("Plan Mode: ")
    version = version_numbers(app.control("Codex").split()[0])
    if version is not None and version < (0, 163, 0):  # it has no profile that voids rules, so the gap is named
        app.wait_for("can still write")
        return
    app.wait_for(CANNOT_WRITE)
    app.ask("try it")
    app.wait_for("All ways were tried.")
    assert written() == []
    place.end_server()  # with it, Codex forgets the permissions of the session, and not its mode
    app.wait_until(lambda text: len(place.servers()) == 1 and CANNOT_WRITE in text)
    app.ask("try again")
    app.wait_until(lambda text: text.count("All ways were tried.") == 2)
    assert written() == []
    app.press("shift+tab")
    app.wait_for("Enter to send")
    app.ask("try once more")
    app.wait_until(lambda _: "ruled.txt" in written())
