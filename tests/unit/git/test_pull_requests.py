"""Pull requests by `gh`, which a stand-in on PATH plays with recorded answers, and their commits by real git."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conductor_tui.domain.errors import GitHubError, RepositoryError
from conductor_tui.domain.pull_requests import CheckCounts, OpenRequest, PullRequest, RequestState
from conductor_tui.domain.worktrees import ExistingBranch, NewBranch
from conductor_tui.github import pull_requests
from conductor_tui.github.pull_requests import GitHubRequests
from tests.fakes.gh import GhStandIn, check, request, status
from tests.unit.git.worlds import World, git


@pytest.fixture
def gh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GhStandIn:
    stand_in = GhStandIn(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{stand_in.folder}:{os.environ['PATH']}")
    return stand_in


# What gh says


async def test_open_requests_are_read_newest_first_and_nothing_is_prompted_for(gh: GhStandIn, tmp_path: Path) -> None:
    gh.lists(
        request(7, "Add tax", "tax", fork="lee", isDraft=True, headRepository=None),
        request(9, "Fix rounding", "kim/fix", updatedAt="2025-06-02T10:00:00Z"),
        request(8, "From nobody", "old", author=None, updatedAt="2024-01-01T00:00:00Z"),
    )
    found = await GitHubRequests().open_requests(tmp_path)
    assert [r.number for r in found] == [9, 7, 8]
    assert found[0] == OpenRequest(
        9, "Fix rounding", "kim/fix", "kim", "acme/shop", "acme/shop", is_from_fork=False, updated_at=1748858400
    )
    assert (found[1].is_from_fork, found[1].is_draft, found[1].head_repository) == (True, True, "")
    assert found[2].author == ""
    (asked,) = gh.asked()
    assert asked.startswith(f"{tmp_path}|11|pr list ")


async def test_a_request_is_had_by_its_number(gh: GhStandIn, tmp_path: Path) -> None:
    gh.lists(request(9, "Fix rounding", "kim/fix"))
    found = await GitHubRequests().request(tmp_path, 9)
    assert found is not None
    assert found.title == "Fix rounding"
    assert await GitHubRequests().request(tmp_path, 10) is None
    gh.fails("GraphQL: Could not resolve to a PullRequest with the number of 10. (repository.pullRequest)")
    assert await GitHubRequests().request(tmp_path, 10) is None


async def test_the_request_of_a_branch_has_its_state_and_checks(gh: GhStandIn, world: World) -> None:
    assert await GitHubRequests().of_branch(world.root) is None
    again = check("test", "FAILURE", started="2025-06-01T09:00:00Z")
    checks = (check("test"), again, check("lint", "FAILURE"), check("slow", ""), status("cla", "ERROR"))
    gh.finds("main", number=12, title="Fix rounding", checks=checks)
    found = await GitHubRequests().of_branch(world.root)
    url = "https://github.com/acme/shop/pull/12"
    assert found == PullRequest(12, "Fix rounding", RequestState.OPEN, CheckCounts(1, 2, 1), url)
    for fields, state in (
        ({"isDraft": True}, RequestState.DRAFT),
        ({"state": "MERGED", "isDraft": True}, RequestState.MERGED),
        ({"state": "CLOSED"}, RequestState.CLOSED),
    ):
        gh.finds("main", number=12, title="Fix rounding", **fields)
        found = await GitHubRequests().of_branch(world.root)
        assert found is not None
        assert found.state is state


@pytest.mark.parametrize(
    ("said", "code", "title", "is_lasting"),
    [
        ("To get started with GitHub CLI, please run:  gh auth login", 4, "gh is not signed in", True),
        ("HTTP 401: Bad credentials (https://api.github.com/graphql)", 1, "gh is not signed in", True),
        (
            "none of the git remotes configured for this repository point to a known GitHub host. "
            "To tell gh about a new GitHub host, please use `gh auth login`",
            1,
            "No remote of this repository is on GitHub",
            True,
        ),
        ("no git remotes found", 1, "No remote of this repository is on GitHub", True),
        ("GraphQL: API rate limit exceeded for user ID 1.", 1, "GitHub wants no more questions for now", False),
        ("HTTP 403: You have exceeded a secondary rate limit", 1, "GitHub wants no more questions for now", False),
        (
            "error connecting to api.github.com\ncheck your internet connection or https://githubstatus.com",
            1,
            "GitHub cannot be reached",
            False,
        ),
        (
            "GraphQL: Could not resolve to a Repository with the name 'a/b'. (repository)",
            1,
            "GitHub does not let gh see this repository",
            True,
        ),
        ("something new", 1, "gh failed", False),
    ],
)
async def test_what_gh_cannot_do_is_said_with_what_to_do(
    gh: GhStandIn, tmp_path: Path, said: str, code: int, title: str, is_lasting: bool
) -> None:
    gh.fails(said, code)
    with pytest.raises(GitHubError) as caught:
        await GitHubRequests().open_requests(tmp_path)
    trouble = caught.value.trouble
    assert (trouble.title, trouble.cause, caught.value.is_lasting) == (title, said, is_lasting)
    assert trouble.steps


async def test_a_machine_without_gh_is_told_where_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitHubError) as caught:
        await GitHubRequests().of_branch(tmp_path)
    assert caught.value.trouble.title == "gh is not installed"
    assert caught.value.is_lasting
    with pytest.raises(GitHubError) as caught:
        await GitHubRequests().of_branch(tmp_path / "gone")
    assert not caught.value.is_lasting


async def test_a_gh_that_hangs_is_ended(gh: GhStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (gh.folder / "gh").write_text('#!/bin/sh\necho $$ > "$(dirname "$0")/pid"\nexec sleep 600\n')
    monkeypatch.setattr(pull_requests, "TIMEOUT", 0.5)
    with pytest.raises(GitHubError, match="GitHub does not answer"):
        await GitHubRequests().open_requests(tmp_path)
    with pytest.raises(ProcessLookupError):
        os.kill(int((gh.folder / "pid").read_text()), 0)


async def test_an_answer_of_another_kind_is_an_error_with_words(gh: GhStandIn, tmp_path: Path) -> None:
    (gh.folder / "list.json").write_text('{"number": "seven"}')
    with pytest.raises(GitHubError, match="unknown way"):
        await GitHubRequests().open_requests(tmp_path)


@pytest.mark.parametrize(
    ("found", "label"),
    [
        (PullRequest(12, ""), "#12 open"),
        (PullRequest(12, "", checks=CheckCounts(passing=3)), "#12 ✓ passing"),
        (PullRequest(12, "", checks=CheckCounts(3, 2, 1)), "#12 ✗ 2 failing"),
        (PullRequest(12, "", checks=CheckCounts(3, 0, 1)), "#12 … running"),
        (PullRequest(12, "", RequestState.DRAFT, CheckCounts(passing=3)), "#12 draft ✓ passing"),
        (PullRequest(12, "", RequestState.MERGED, CheckCounts(failing=3)), "#12 merged"),
        (PullRequest(12, "", RequestState.CLOSED), "#12 closed"),
    ],
)
def test_a_request_is_shown_by_signs_and_words(found: PullRequest, label: str) -> None:
    assert found.label == label


# Its commits


def pushed(world: World, ref: str, name: str) -> str:
    """A commit that only the remote has, under a ref."""
    git(world.root, "checkout", "-q", "--detach")
    commit = world.commit(world.root, name)
    git(world.root, "push", "-q", "origin", f"+HEAD:{ref}")
    git(world.root, "checkout", "-q", "main")
    git(world.root, "update-ref", "-d", ref.replace("refs/heads/", "refs/remotes/origin/"))
    return commit


def of_fork(number: int) -> OpenRequest:
    return OpenRequest(number, "Tax", "main", "lee", "lee/shop", "acme/shop", is_from_fork=True)


async def test_a_branch_of_the_same_repository_is_followed(world: World) -> None:
    commit = pushed(world, "refs/heads/kim/fix", "fix.txt")
    said: list[str] = []
    start = await world.worktrees.fetch_request(
        OpenRequest(9, "Fix", "kim/fix", "kim", "acme/shop", "acme/shop"), on_progress=said.append
    )
    assert start == ExistingBranch("origin/kim/fix")
    created = await world.worktrees.create(world.places / "oslo", start)
    assert (created.checkout.branch, created.checkout.head) == ("kim/fix", commit)
    assert git(world.places / "oslo", "rev-parse", "--abbrev-ref", "@{upstream}") == "origin/kim/fix"


async def test_a_fork_is_had_by_number_on_a_branch_that_can_be_pulled(world: World) -> None:
    commit = pushed(world, "refs/pull/7/head", "tax.txt")
    start = await world.worktrees.fetch_request(of_fork(7))
    assert isinstance(start, NewBranch)
    place = world.places / "oslo"
    created = await world.worktrees.create(place, start)
    assert (created.checkout.branch, created.checkout.head) == ("pr-7", commit)
    losses = await world.worktrees.losses(place, goes="x")
    assert losses.is_clean, "GitHub has all of it"
    pushed(world, "refs/pull/7/head", "more.txt")
    git(place, "-c", "pull.rebase=false", "pull", "-q", "--no-edit")
    assert (place / "more.txt").exists()


async def test_the_branch_of_an_earlier_time_is_taken_only_where_it_is_the_same(world: World) -> None:
    commit = pushed(world, "refs/pull/7/head", "tax.txt")
    git(world.root, "fetch", "-q", "origin", "refs/pull/7/head")
    git(world.root, "branch", "pr-7", commit)
    assert await world.worktrees.fetch_request(of_fork(7)) == ExistingBranch("pr-7")
    git(world.root, "branch", "-f", "pr-7", "main")
    start = await world.worktrees.fetch_request(of_fork(7))
    assert isinstance(start, NewBranch)
    assert start.name == "pr-7-2"
    assert git(world.root, "rev-parse", "pr-7") == git(world.root, "rev-parse", "main")


async def test_a_branch_that_was_deleted_after_the_merge_is_had_by_number(world: World) -> None:
    pushed(world, "refs/pull/9/head", "fix.txt")
    start = await world.worktrees.fetch_request(OpenRequest(9, "Fix", "kim/fix", "kim", "acme/shop", "acme/shop"))
    assert isinstance(start, NewBranch)
    assert start.name == "pr-9"


async def test_a_fork_that_is_a_remote_is_followed_and_the_number_is_asked_of_the_right_remote(
    world: World, tmp_path: Path
) -> None:
    pushed(world, "refs/heads/tax", "tax.txt")
    fork, base = tmp_path / "lee" / "shop.git", tmp_path / "acme" / "shop.git"
    for where in (fork, base):
        git(tmp_path, "clone", "-q", "--bare", str(world.remote), str(where))
    git(world.root, "remote", "set-url", "origin", str(fork))
    git(world.root, "remote", "add", "upstream", str(base))
    mine = OpenRequest(7, "Tax", "tax", "lee", "Lee/shop", "acme/shop", is_from_fork=True)
    assert await world.worktrees.fetch_request(mine) == ExistingBranch("origin/tax")
    git(base, "update-ref", "refs/pull/8/head", "refs/heads/tax")
    theirs = OpenRequest(8, "Tax", "tax", "ada", "ada/shop", "acme/shop", is_from_fork=True)
    assert await world.worktrees.fetch_request(theirs) == NewBranch("pr-8", "refs/remotes/upstream/pr/8")


async def test_commits_that_cannot_be_had_are_an_error_and_make_nothing(world: World) -> None:
    before = git(world.root, "for-each-ref")
    with pytest.raises(RepositoryError):
        await world.worktrees.fetch_request(of_fork(404))
    git(world.root, "remote", "set-url", "origin", str(world.places / "nowhere"))
    with pytest.raises(RepositoryError):
        await world.worktrees.fetch_request(of_fork(7))
    assert git(world.root, "for-each-ref") == before
    git(world.root, "remote", "remove", "origin")
    with pytest.raises(RepositoryError, match="No remote"):
        await world.worktrees.fetch_request(of_fork(7))
