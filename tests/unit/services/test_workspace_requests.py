"""Pull requests of workspaces: one made for a pull request, and when GitHub is asked for the others.

`gh` is played by a stand-in on PATH with recorded answers; git, its remote and the store are real.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from conductor_tui.cli.composition import open_workspaces
from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.pull_requests import PullRequest
from conductor_tui.domain.workspaces import WorkspaceRecord
from tests.fakes.gh import GhStandIn, check, request
from tests.unit.git.worlds import git
from tests.unit.services.workspace_world import make_windows


@pytest.fixture
def gh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GhStandIn:
    stand_in = GhStandIn(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{stand_in.folder}:{os.environ['PATH']}")
    return stand_in


def ignore(line: str) -> None:
    pass


async def test_a_workspace_for_a_fork_has_its_commits_and_title(gh: GhStandIn, tmp_path: Path) -> None:
    world, window = await make_windows(tmp_path)
    git(world.root, "checkout", "-q", "--detach")
    commit = world.commit(world.root, "tax.txt")
    git(world.root, "push", "-q", "origin", "HEAD:refs/pull/7/head")
    git(world.root, "checkout", "-q", "main")
    gh.lists(request(7, "Add tax ", "main", fork="lee"))
    requests = window.workspaces.requests
    (wanted,) = await requests.open_requests(world.root)
    record = await requests.create(world.root, wanted, name="lima", on_progress=window.said.append)
    assert (record.name, record.title, record.branch, record.made_branch) == ("lima", "Add tax", "pr-7", "pr-7")
    assert git(record.path, "rev-parse", "HEAD") == commit
    assert (record.path / ".env").exists()
    assert window.said[0] == "Fetching pull request #7"
    await window.workspaces.refresh()
    assert window.named("lima") == record
    with pytest.raises(RepositoryError):
        await requests.create(world.root, replace(wanted, number=404), name="oslo", on_progress=ignore)
    await window.workspaces.refresh()
    assert window.named("oslo") is None
    window.close()


async def test_it_is_asked_for_again_after_two_minutes_or_on_another_branch(gh: GhStandIn, tmp_path: Path) -> None:
    world, window = await make_windows(tmp_path)
    now = [1000.0]
    requests = open_workspaces(window.store, tmp_path / "x", tmp_path / "state", lambda: now[0]).requests
    record = window.workspaces.records[0]
    changes: list[int] = []

    async def ask(branch: str = "main") -> PullRequest | None:
        await requests.ask(record, branch, lambda: changes.append(1))
        return requests.of(record, branch)

    assert requests.is_due(record, "main")
    assert not requests.is_due(record, ""), "no branch, no pull request"
    assert not requests.is_due(replace(record, is_missing=True), "main")
    assert await ask() is None
    assert not changes
    assert not requests.is_due(record, "main")
    now[0] += 119
    assert not requests.is_due(record, "main")
    now[0] += 1
    assert requests.is_due(record, "main")
    gh.finds("main", number=12, title="Fix", checks=(check("test"),))
    found = await ask()
    assert found is not None
    assert found.label == "#12 ✓ passing"
    assert len(changes) == 1
    assert requests.is_due(record, "other")
    assert requests.of(record, "other") is None
    gh.fails("error connecting to api.github.com")
    now[0] += 120
    assert await ask() == found, "what is known stays while GitHub cannot be reached"
    assert len(changes) == 1
    now[0] += 120
    assert requests.is_due(record, "main")
    assert world.root == record.repository
    window.close()


@pytest.mark.parametrize("how", ["missing", "not signed in"])
async def test_without_gh_nothing_is_asked_again_until_the_user_has_done_something(
    gh: GhStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    world, window = await make_windows(tmp_path)
    requests, record = window.workspaces.requests, window.workspaces.records[0]
    works: Callable[[], None] = gh.works
    if how == "missing":
        program = gh.folder / "gh"
        program.rename(gh.folder / "away")
        path = os.environ["PATH"]
        monkeypatch.setenv("PATH", str(gh.folder))

        def works() -> None:
            (gh.folder / "away").rename(program)
            monkeypatch.setenv("PATH", path)
    else:
        gh.fails("To get started with GitHub CLI, please run:  gh auth login", 4)
    await requests.ask(record, "main", lambda: pytest.fail("nothing is shown"))
    assert not requests.is_due(record, "main")
    assert not requests.is_due(record, "other")
    works()
    gh.lists()
    assert await requests.open_requests(world.root) == ()
    assert requests.is_due(record, "other")
    window.close()


def test_a_record_that_is_no_workspace_has_none(tmp_path: Path) -> None:
    """`of` never asks."""
    from conductor_tui.storage.database import Store

    store = Store(tmp_path / "store.sqlite3")
    requests = open_workspaces(store, tmp_path / "x", tmp_path / "state").requests
    assert requests.of(WorkspaceRecord(id="", repository=tmp_path, name="local", path=tmp_path), "main") is None
    store.close()
