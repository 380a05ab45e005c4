"""Pull requests as a person uses them. `gh` is played by a stand-in on PATH that prints recorded answers; the commits
of the pull requests are in a real bare remote, under `refs/pull/N/head`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conductor_tui.demo.model import ScriptedModel
from tests.e2e.app import App
from tests.e2e.conftest import StartApp
from tests.e2e.place import Place
from tests.e2e.test_workspace_tree import command, folders, git
from tests.fakes.gh import GhStandIn, check, request


@pytest.fixture
def gh(place: Place, repository: Path) -> GhStandIn:
    """GitHub knows two open pull requests: one of a fork, one of the repository itself."""
    remote = place.root / "remote.git"
    git(place.root, "clone", "-q", "--bare", str(repository), str(remote))
    git(repository, "remote", "add", "origin", str(remote))
    for ref, name in (("refs/pull/7/head", "tax.py"), ("refs/heads/kim/fix", "fix.py")):
        git(repository, "checkout", "-q", "--detach", "main")
        (repository / name).write_text("pass\n")
        git(repository, "add", name)
        git(repository, "commit", "-qm", f"write {name}")
        git(repository, "push", "-q", "origin", f"HEAD:{ref}")
    git(repository, "checkout", "-q", "main")
    git(repository, "fetch", "-q")
    stand_in = GhStandIn(place.root / "bin")
    stand_in.lists(
        request(7, "Add tax to invoices", "main", fork="lee"), request(9, "Fix rounding of prices", "kim/fix")
    )
    return stand_in


def path_with(gh: GhStandIn) -> dict[str, str]:
    return {"PATH": f"{gh.folder}:{os.environ['PATH']}"}


@pytest.fixture
def app(start: StartApp, gh: GhStandIn) -> App:
    """The app, ready for a prompt, with `gh` on its PATH."""
    app = start(env=path_with(gh))
    app.wait_ready()
    return app


def begin(app: App) -> None:
    command(app, "New workspace")
    app.wait_for("New workspace in shop")


def test_a_workspace_begins_at_a_pull_request_and_the_tree_says_how_that_stands(
    app: App, gh: GhStandIn, place: Place, model: ScriptedModel
) -> None:
    gh.finds("pr-7", number=7, title="Add tax to invoices", checks=(check("test", "FAILURE"), check("lint")))
    begin(app)
    app.wait_for(re.compile(r"Pull request …\s+2 open"))
    app.type("pull")
    app.wait_for("Detached at a commit", absent=True)
    app.press("enter")
    app.wait_for("Pull request to start from")
    app.wait_for("#9 Fix rounding of prices")
    app.wait_for("main of lee/shop")
    app.type("tax")
    app.wait_for("#9 Fix", absent=True)
    app.press("enter")
    app.wait_for("First prompt (optional)")
    app.wait_quiet(0.1)
    app.press("enter")
    app.wait_until(lambda _: len(folders(place)) == 1, 30, what="the folder")
    (folder,) = folders(place)
    app.wait_for(re.compile("▌ . Add tax to invo"), 30)
    app.wait_for("#7 ✗ 1 failing", 30)
    assert git(folder, "branch", "--show-current").strip() == "pr-7"
    assert (folder / "tax.py").exists()
    app.wait_until(lambda _: len(gh.asked(f"{folder}|")) == 1, what="one question for what is on screen")
    app.press("tab", "tab", "tab")
    app.wait_quiet(0.3)
    app.press("/")
    app.wait_for("/ ▏")
    app.type("invoices")
    app.wait_for("○ main", absent=True)
    app.press("enter")
    app.wait_for("/ invoices  Esc clear")
    assert re.search("▌ . Add tax", app.text())
    app.press("esc")
    app.wait_for("Esc clear", absent=True)
    app.wait_for("○ main")


def test_the_list_of_beginnings_does_not_wait_for_github(start: StartApp, gh: GhStandIn) -> None:
    app = start(env=path_with(gh))
    app.wait_ready()
    app.wait_until(lambda _: bool(gh.asked("pr view")), what="the question for the workspace on screen")
    gh.waits()
    begin(app)
    app.wait_for(re.compile("Pull request … +asking GitHub"))
    app.type("pull request")
    app.wait_for("Detached at a commit", absent=True)
    app.press("enter")
    app.wait_for("Pull request to start from")
    app.wait_for("Asking GitHub …")
    gh.goes_on()
    app.wait_for("#9 Fix rounding of prices")
    app.press("esc")


def test_a_gh_that_is_not_signed_in_is_said_where_a_pull_request_would_be_chosen(app: App, gh: GhStandIn) -> None:
    gh.fails("To get started with GitHub CLI, please run:  gh auth login", 4)
    begin(app)
    app.wait_for("gh is not signed in. Sign in, in a terminal: gh auth login")
    app.type("pull request")
    app.wait_for("Detached at a commit", absent=True)
    app.press("enter")
    app.wait_quiet(0.3)
    assert "New workspace in shop" in app.text()
    app.press("esc")


def test_new_takes_the_number_of_a_pull_request(gh: GhStandIn, place: Place, codex: Path, repository: Path) -> None:
    def new(*arguments: str) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "conductor_tui", "new", *arguments, "--codex", str(codex)]
        env = {"LANG": "C.UTF-8", "PYTHONPATH": str(Path(__file__).parents[2]), **place.env, **path_with(gh)}
        return subprocess.run(argv, cwd=repository, env=env, capture_output=True, text=True, check=False, timeout=90)

    made = new("--pr", "9", "--name", "lima")
    assert made.returncode == 0, made.stderr
    name, folder, branch = (line.split(maxsplit=1)[1] for line in made.stdout.splitlines()[:3])
    assert (name, branch) == ("lima", "kim/fix")
    assert (Path(folder) / "fix.py").exists()
    assert git(Path(folder), "rev-parse", "--abbrev-ref", "@{upstream}").strip() == "origin/kim/fix"
    none = new("--pr", "10")
    assert (none.returncode, none.stdout) == (2, "")
    assert "There is no pull request #10" in none.stderr
    both = new("--pr", "9", "--branch", "x")
    assert both.returncode == 2
    again = new("--pr", "9")
    assert again.returncode == 2
    assert "in use" in again.stderr
    gh.fails("To get started with GitHub CLI, please run:  gh auth login", 4)
    signed_out = new("--pr", "7")
    assert signed_out.returncode == 1
    assert "gh is not signed in" in signed_out.stderr
    assert "gh auth login" in signed_out.stderr
    assert len(folders(place)) == 1
