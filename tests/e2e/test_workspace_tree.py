"""Workspaces as a person uses them: made, worked in side by side, answered from one list, archived, brought back."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from conductor_tui.demo.model import ScriptedModel
from conductor_tui.demo.requests import Request
from conductor_tui.demo.scripts import ByWord, Telling
from conductor_tui.demo.shop import SHOP_FILES
from conductor_tui.demo.steps import ExecCommand, Gate, Message
from conductor_tui.demo.world import make_repository
from tests.e2e.app import App
from tests.e2e.conftest import StartApp
from tests.e2e.place import Place

HELLO = "Hello from the scripted model."
SETTINGS = '[scripts]\nsetup = "echo made $CONDUCTOR_WORKSPACE_NAME > made.txt"\n'


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout


def command(app: App, words: str) -> None:
    """A command by its name, through the palette."""
    app.press("ctrl+p")
    app.wait_for("Search commands")
    app.type(words)
    app.press("enter")
    app.wait_for("Search commands", absent=True)


def new_workspace(app: App, prompt: str) -> None:
    """A workspace on a new branch; the prompt is sent in it."""
    command(app, "New workspace")
    app.wait_for("New workspace in shop")
    app.wait_quiet(0.1)
    app.press("enter")
    app.wait_for("First prompt (optional)")
    app.send(prompt)
    if prompt:
        app.wait_for(prompt)
    app.press("enter")


def folders(place: Place) -> list[Path]:
    return sorted((place.home / "conductor" / "workspaces" / "shop").glob("*"))


def test_three_workspaces_work_side_by_side_and_one_is_answered_from_the_list(
    app: App, model: ScriptedModel, place: Place
) -> None:
    gates = {"first": Gate(), "second": Gate()}
    mark = place.root / "mark"

    def asks(_: Request) -> Telling:
        (result,) = yield [ExecCommand(f"touch {mark}", escalated=True, justification="May I leave a mark?")]
        yield [Message("It was declined." if result.was_declined else "The mark is there.")]

    replies = {w: [Message(f"The {w} answer is long.", gate=g, gate_at=8)] for w, g in gates.items()}
    model.script = ByWord({**replies, "third": asks}, [Message(HELLO)])
    for word in ("first", "second", "third"):
        new_workspace(app, f"{word} thing to do")
        model.wait_for_request(lambda r: word in r.user_text, 40)
    app.wait_for("May I leave a mark?", 30)
    command(app, "Switch workspace")
    app.wait_for("shop/main")
    app.type("main")
    app.wait_quiet(0.2)
    app.press("enter")
    app.wait_for("May I leave a mark?", absent=True)
    app.wait_until(lambda text: "1 waiting for you" in text and "2 working" in text, 30, what="the counts")
    app.press("ctrl+d")
    app.wait_for("Inbox")
    app.wait_for(f"touch {mark}")
    app.wait_quiet(0.4)
    app.press("ctrl+y")
    app.wait_until(lambda _: mark.exists(), what="the mark")
    for gate in gates.values():
        gate.release()
    app.press("esc")
    app.wait_for("needs approval", absent=True)
    app.wait_for("working", 30, absent=True)
    asked = {r.thread_id for r in model.requests}
    assert len(asked) == 3
    branches = git(place.repository, "branch", "--format=%(refname:short)").split()
    assert {"first-thing-to-do", "second-thing-to-do", "third-thing-to-do", "main"} <= set(branches)
    assert len(folders(place)) == 3


def test_a_checked_in_setup_script_is_shown_trusted_and_run_before_the_prompt_goes_out(
    start: StartApp, place: Place, model: ScriptedModel
) -> None:
    (place.repository / ".conductor").mkdir()
    (place.repository / ".conductor" / "settings.toml").write_text(SETTINGS)
    git(place.repository, "add", ".")
    git(place.repository, "commit", "-qm", "settings")
    app = start()
    app.wait_ready()
    new_workspace(app, "look around")
    app.wait_for("setup script?", 30)
    app.wait_for("echo made $CONDUCTOR_WORKSPACE_NAME")
    assert not any("look around" in r.user_text for r in model.requests)
    app.wait_quiet(1.2)  # keys count after a moment
    app.press("y")
    model.wait_for_request(lambda r: "look around" in r.user_text, 30)
    (folder,) = folders(place)
    assert (folder / "made.txt").read_text() == f"made {folder.name}\n"


def test_commands_in_a_workspace_know_where_they_are(app: App, model: ScriptedModel, place: Place) -> None:
    def story(_: Request) -> Telling:
        (result,) = yield [ExecCommand("echo name=$CONDUCTOR_WORKSPACE_NAME in $PWD port=$CONDUCTOR_PORT")]
        yield [Message("seen" if result.exit_code == 0 else "not seen")]

    model.script = ByWord({"where": story}, [Message(HELLO)])
    new_workspace(app, "where are you")
    app.wait_for("seen", 40)
    (folder,) = folders(place)
    told = json.dumps(model.requests[-1].body)
    assert f"name={folder.name} in {folder} port=5" in told


def test_archiving_lists_what_goes_and_restoring_brings_files_and_chat_back(
    app: App, model: ScriptedModel, place: Place
) -> None:
    new_workspace(app, "")
    app.wait_until(lambda _: len(folders(place)) == 1, 30, what="the folder")
    (folder,) = folders(place)
    app.wait_for(re.compile(f"▌ . {folder.name}"), 30)
    app.ask("remember me")
    app.wait_for(HELLO, 30)
    (folder / "new file.txt").write_text("not committed\n")
    readme = folder / "README.md"
    readme.write_text(readme.read_text() + "changed\n")
    command(app, "Archive workspace")
    app.wait_for(re.compile(r"Archive workspace \S+\?"), 30)
    for part in ("modified", "README.md", "untracked", "new file.txt", "Saved, restorable (2)"):
        app.wait_for(part)
    app.press("esc")
    app.wait_for("Saved, restorable", absent=True)
    assert readme.exists()
    command(app, "Archive workspace")
    app.wait_for(re.compile(r"Archive workspace \S+\?"), 30)
    app.confirm("y")
    app.wait_until(lambda _: not folder.exists(), 30, what="the folder to go")
    app.wait_for("Archived ")
    assert git(place.repository, "status", "--porcelain") == ""
    command(app, "Restore workspace")
    app.wait_for("archived just now")
    app.wait_quiet(0.1)
    app.press("enter")
    app.wait_until(lambda _: (folder / "new file.txt").exists(), 30, what="the files")
    app.wait_for("remember me", 30)
    app.wait_for(HELLO)
    assert (folder / "new file.txt").read_text() == "not committed\n"
    assert readme.read_text().endswith("changed\n")


def test_a_second_window_sees_what_the_first_one_made(app: App, start: StartApp, place: Place) -> None:
    second = start()
    second.wait_ready()
    new_workspace(app, "")
    app.wait_until(lambda _: len(folders(place)) == 1, 30, what="the folder")
    name = folders(place)[0].name
    second.wait_for(name, 30)


def test_an_existing_worktree_is_adopted_as_it_is(app: App, place: Place, model: ScriptedModel) -> None:
    other = place.root / "other"
    git(place.repository, "worktree", "add", "-q", "-b", "theirs", str(other))
    (other / "mine.txt").write_text("mine\n")
    command(app, "New workspace")
    app.wait_for("New workspace in shop")
    app.wait_for("Adopt ")
    app.type("adopt")
    app.wait_quiet(0.1)
    app.press("enter")
    app.wait_for("▌ ○ theirs", 30)
    app.ask("where are you?")
    app.wait_for(HELLO, 30)
    assert str(other) in json.dumps(model.requests[-1].body)
    assert git(other, "status", "--porcelain") == "?? mine.txt\n"


def test_escape_goes_back_through_the_questions_about_a_new_workspace(app: App, place: Place) -> None:
    command(app, "New workspace")
    app.wait_for("New workspace in shop")
    app.type("existing branch")
    app.press("enter")
    app.wait_for("Branch to check out")
    app.press("esc")
    app.wait_for("New workspace in shop")
    app.type("branch from main")
    app.press("enter")
    app.wait_for("First prompt (optional)")
    app.type("half a thought")
    app.press("esc")
    app.wait_for("New workspace in shop")
    app.press("enter")
    app.wait_for("First prompt (optional)")
    app.wait_for("half a thought")
    app.press("enter")
    app.wait_until(lambda _: len(folders(place)) == 1, 30, what="the folder")


def test_a_user_who_goes_on_writing_is_not_taken_elsewhere(app: App, place: Place, model: ScriptedModel) -> None:
    new_workspace(app, "look around")
    app.type("half a thought")
    model.wait_for_request(lambda r: "look around" in r.user_text, 40)
    app.wait_for("look around", 30)
    assert "half a thought" in app.text()
    assert re.search("▌ . main", app.text())


def test_another_repository_is_worked_in_beside_the_first(app: App, place: Place, model: ScriptedModel) -> None:
    docs = place.root / "docs"
    make_repository(docs, SHOP_FILES)
    command(app, "Add another repository")
    app.wait_for("Folder of the repository")
    app.send(str(docs))
    app.wait_quiet(0.3)
    app.press("enter")
    app.wait_for("▾ docs", 30)
    command(app, "Switch workspace")
    app.wait_for("docs/main")
    app.type("docs/main")
    app.wait_quiet(0.2)
    app.press("enter")
    app.wait_until(lambda text: "not trusted" in text or "may only read" in text or "Ask Codex" in text, what="docs")
    assert not model.requests


def test_notes_are_written_in_the_users_editor_and_stay_out_of_git(start: StartApp, place: Place) -> None:
    editor = place.root / "editor"
    editor.write_text('#!/bin/sh\necho "editing $1"\nread line\necho "$line" >> "$1"\n')
    editor.chmod(0o755)
    app = start(env={"VISUAL": "", "EDITOR": str(editor)})
    app.wait_ready()
    new_workspace(app, "")
    app.wait_until(lambda _: len(folders(place)) == 1, 30, what="the folder")
    (folder,) = folders(place)
    app.wait_for(folder.name, 30)
    app.wait_quiet(0.5)
    command(app, "Edit notes")
    app.wait_for("editing /")
    app.type("remember the milk")
    app.press("enter")
    app.wait_for("editing", absent=True)
    assert (folder / ".context" / "notes.md").read_text() == "remember the milk\n"
    assert git(folder, "status", "--porcelain") == ""
    app.ask("hello again")
    app.wait_for(HELLO, 30)
