"""Trust is decided on purpose: what is asked, what is written, and what Codex does under it."""

from __future__ import annotations

import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conductor_tui.demo.model import ScriptedModel
from conductor_tui.demo.requests import Request
from conductor_tui.demo.scripts import ByWord, Telling
from conductor_tui.demo.shop import SHOP_FILES
from conductor_tui.demo.steps import ExecCommand, Message
from conductor_tui.demo.world import codex_config, make_repository
from tests.e2e.conftest import StartApp
from tests.e2e.place import Place
from tests.e2e.test_setup import run

QUESTION = "Do you trust"
BANNER = "Read-only until you trust this repository"
HELLO = "Hello from the scripted model."
Configure = Callable[..., Path]


@pytest.fixture
def configure(place: Place, model: ScriptedModel, codex_home: Path) -> Configure:
    """Writes a config.toml that trusts nothing; arguments are further top-level keys, None leaves one out."""

    def configure(**keys: Any) -> Path:
        wanted: dict[str, Any] = {"sandbox_mode": None, "approval_policy": None, **keys}
        whole = tomllib.loads(codex_config(model.base_url, []))
        import tomli_w

        kept = {k: v for k, v in (whole | wanted).items() if v is not None}
        path = codex_home / "config.toml"
        path.write_text("# my own words\n" + tomli_w.dumps(kept), encoding="utf-8")
        return path

    return configure


def writes(name: str) -> ByWord:
    """A script whose word `write` makes a file in the repository and tells how it went."""

    def story(_: Request) -> Telling:
        (result,) = yield [ExecCommand(f"touch {name}")]
        yield [Message("It was declined." if result.was_declined else f"It ended with {result.exit_code}.")]

    return ByWord({"write": story}, [Message(HELLO)])


def projects(config: Path) -> dict[str, Any]:
    """The table of config.toml; the comment on top must have survived."""
    text = config.read_text()
    assert text.startswith("# my own words\n")
    found: dict[str, Any] = tomllib.loads(text).get("projects", {})
    return found


@pytest.mark.parametrize("sandbox_mode", [None, "workspace-write", "danger-full-access"])
def test_pitfall_27_using_an_untrusted_repository_writes_nothing(
    start: StartApp, configure: Configure, model: ScriptedModel, repository: Path, sandbox_mode: str | None
) -> None:
    config = configure(sandbox_mode=sandbox_mode)
    before = config.read_bytes()
    model.script = writes("made.txt")
    app = start()
    app.wait_ready()
    app.wait_for(BANNER)
    app.ask("write a file")
    app.wait_for(QUESTION)
    assert not model.requests
    app.press("esc")  # nothing is sent, and the message can be sent again
    app.wait_for(QUESTION, absent=True)
    app.press("enter")
    app.wait_for(QUESTION)
    assert not model.requests
    app.press("enter")  # "Not now"
    app.wait_for("It ended with 1.")
    app.wait_for(BANNER, absent=True)
    assert app.control("Trust") == "undecided"
    assert not (repository / "made.txt").exists()
    app.ask("write again")  # is not asked again
    app.wait_until(lambda _: len(model.requests) == 4, what="the second turn")
    app.leave()
    again = start()
    again.wait_ready()
    again.press("ctrl+n")
    again.wait_for("New session")
    again.wait_ready()
    again.ask("hello")
    again.wait_for(HELLO)
    assert config.read_bytes() == before


def test_trust_lets_codex_write_in_a_fresh_thread_and_keeps_comments(
    start: StartApp, configure: Configure, model: ScriptedModel, repository: Path
) -> None:
    config = configure()
    model.script = writes("made.txt")
    app = start()
    app.wait_ready()
    app.ask("write a file")
    app.wait_for(QUESTION)
    app.wait_for("trust_level")
    app.press("up", "up", "enter")
    app.wait_for("It ended with 0.")
    assert (repository / "made.txt").exists()
    assert projects(config) == {str(repository): {"trust_level": "trusted"}}
    assert BANNER not in app.text()
    assert len({r.thread_id for r in model.requests}) == 1


def test_asking_before_every_command_is_what_untrusted_means(
    start: StartApp, configure: Configure, model: ScriptedModel, repository: Path
) -> None:
    config = configure()
    model.script = writes("made.txt")
    app = start()
    app.wait_ready()
    app.ask("write a file")
    app.wait_for(QUESTION)
    app.press("up", "enter")
    app.answer("y")
    app.wait_for("It ended with 0.")
    assert (repository / "made.txt").exists()
    assert projects(config) == {str(repository): {"trust_level": "untrusted"}}


def test_asking_before_every_command_holds_also_where_the_configuration_never_asks(
    start: StartApp, configure: Configure, model: ScriptedModel, repository: Path
) -> None:
    config = configure(approval_policy="never")
    model.script = writes("made.txt")
    app = start()
    app.wait_ready()
    app.ask("write a file")
    app.wait_for(QUESTION)
    app.press("up", "enter")
    app.answer("y")
    app.wait_for("It ended with 0.")
    assert projects(config) == {str(repository): {"trust_level": "untrusted"}}


def test_a_message_typed_before_codex_is_there_is_asked_about_and_sent_once(
    start: StartApp, configure: Configure, model: ScriptedModel, repository: Path
) -> None:
    configure()
    model.script = writes("made.txt")
    app = start()
    app.wait_for("Ask Codex", 30)
    app.ask("write a file")
    app.wait_for(QUESTION, 30)
    assert not model.requests
    app.press("up", "up", "enter")
    app.wait_for("It ended with 0.")
    assert [r.user_text for r in model.requests] == ["write a file"] * 2


def test_one_entry_for_a_repository_and_its_worktrees(
    start: StartApp, configure: Configure, model: ScriptedModel, repository: Path, place: Place
) -> None:
    config = configure()
    worktree = place.root / "lima"
    subprocess.run(["git", "worktree", "add", "-q", "-b", "lima", worktree], cwd=repository, check=True)
    model.script = writes("made.txt")
    app = start(cwd=worktree)
    app.wait_ready()
    app.ask("write a file")
    app.wait_for(QUESTION)
    app.press("up", "up", "enter")
    app.wait_for("It ended with 0.")
    assert (worktree / "made.txt").exists()
    assert projects(config) == {str(repository): {"trust_level": "trusted"}}
    other = start()
    other.wait_ready()
    other.ask("write a file")
    other.wait_for("It ended with 0.")


@pytest.mark.parametrize("name", ["my shop", 'qu"ote', "back\\slash", "ünï 码", "do.t.s", "it's [a] #hash"])
def test_any_path_is_quoted_right(
    start: StartApp, configure: Configure, model: ScriptedModel, place: Place, name: str
) -> None:
    config = configure()
    folder = place.root / name
    make_repository(folder, SHOP_FILES)
    model.script = writes("made.txt")
    app = start(cwd=folder)
    app.wait_ready()
    app.ask("write a file")
    app.wait_for(QUESTION)
    app.press("up", "up", "enter")
    app.wait_for("It ended with 0.")
    assert projects(config) == {str(folder): {"trust_level": "trusted"}}


def test_a_folder_outside_git_is_trusted_by_itself(
    start: StartApp, configure: Configure, model: ScriptedModel, tmp_path: Path
) -> None:
    config = configure()
    folder = tmp_path / "notes"
    folder.mkdir()
    model.script = writes("made.txt")
    app = start(cwd=folder)
    app.wait_ready()
    app.ask("write a file")
    app.wait_for(QUESTION)
    app.press("up", "up", "enter")
    app.wait_for("It ended with 0.")
    assert projects(config) == {str(folder): {"trust_level": "trusted"}}


def test_two_windows_agree(start: StartApp, configure: Configure, model: ScriptedModel, repository: Path) -> None:
    config = configure()
    model.script = writes("made.txt")
    one, two = start(), start()
    for app in (one, two):
        app.wait_ready()
        app.ask("write a file")
        app.wait_for(QUESTION)
    one.press("up", "up", "enter")
    one.wait_for("It ended with 0.")
    two.press("up", "enter")  # too late: the other window has decided
    two.wait_for("It ended with 0.")
    assert projects(config) == {str(repository): {"trust_level": "trusted"}}
    assert BANNER not in two.text()


def test_one_may_change_ones_mind(
    start: StartApp, configure: Configure, model: ScriptedModel, repository: Path
) -> None:
    config = configure()
    model.script = writes("made.txt")
    app = start()
    app.wait_ready()
    run(app, "Trust this repository")
    app.wait_for(QUESTION)
    app.press("up", "up", "enter")
    app.wait_until(lambda _: bool(projects(config)), what="the entry")
    app.wait_for(BANNER, absent=True)
    app.ask("write a file")
    app.wait_for("It ended with 0.")
    run(app, "Trust this repository")
    app.wait_for("Remove the trust entry")
    app.press("down", "down", "enter")
    app.wait_for("New sessions follow your decision")
    assert not projects(config).get(str(repository))
    app.press("ctrl+n")
    app.wait_for("It ended with 0.", absent=True)
    app.wait_ready()
    (repository / "made.txt").unlink()
    app.ask("write a file")
    app.wait_for("It ended with 1.")
    assert not (repository / "made.txt").exists()


def test_a_message_that_waits_for_the_decision_is_still_there_after_a_kill(
    start: StartApp, configure: Configure, model: ScriptedModel
) -> None:
    config = configure()
    app = start()
    app.wait_ready()
    app.ask("a long thought")
    app.wait_for(QUESTION)
    app.wait_quiet(0.3)  # the draft is on its way to the disk
    app.kill()
    again = start()
    again.wait_for("a long thought", 30)
    again.wait_for(BANNER)
    assert not model.requests
    assert not projects(config)
