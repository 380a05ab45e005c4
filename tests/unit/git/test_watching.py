"""What is shown of a checkout follows all that is done to it, from anywhere, and costs nothing while it rests."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest
import watchfiles._rust_notify

from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.workspaces import WorkingDiff
from conductor_tui.domain.worktrees import NewBranch
from conductor_tui.git import watching
from conductor_tui.git.checkout import GitRepository, open_repository
from conductor_tui.services.workspaces.checkouts import WatchedCheckout
from tests.builders import until
from tests.unit.git.worlds import World, git


class Watched:
    """A watched checkout, and how often git was asked about it."""

    def __init__(self, repository: GitRepository, place: Path) -> None:
        self.place = place
        self.asked = 0
        self.begun = 0
        self.checkout = WatchedCheckout(repository, lambda: None, pause=0.02)
        self._diff, self._changes = repository.working_diff, repository.changes
        repository.working_diff = self._count  # type: ignore[method-assign]
        repository.changes = self._watch  # type: ignore[method-assign]

    async def _count(self) -> WorkingDiff:
        diff = await self._diff()
        self.asked += 1
        return diff

    async def _watch(self) -> AsyncGenerator[frozenset[str], None]:
        async with contextlib.aclosing(self._changes()) as batches:
            async for batch in batches:
                self.begun += not batch
                yield batch

    def shows(self) -> tuple[str, set[str], int | None, int | None]:
        state, diff = self.checkout.state, self.checkout.diff
        if state is None or diff is None:
            return "", set(), None, None
        return state.branch, {file.path for file in diff.files}, state.ahead, state.behind


@contextlib.asynccontextmanager
async def watched(place: Path) -> AsyncIterator[Watched]:
    found = Watched(await open_repository(place), place)
    task = asyncio.create_task(found.checkout.run())
    try:
        await until(lambda: found.begun > 0 and found.asked > 1)
        yield found
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture(params=["main checkout", "workspace"])
async def place(world: World, request: pytest.FixtureRequest) -> Path:
    (world.root / "node_modules").mkdir()
    (world.root / "node_modules" / "tracked.js").write_text("1\n")
    git(world.root, "add", ".")
    git(world.root, "commit", "-qm", "a folder that is often ignored")
    git(world.root, "push", "-q", "origin", "main")
    if request.param == "main checkout":
        git(world.root, "checkout", "-qb", "x", "--track", "origin/main")
        return world.root
    await world.worktrees.create(world.places / "lima", NewBranch("x", "main"))
    git(world.root, "branch", "-q", "-u", "origin/main", "x")
    return world.places / "lima"


async def test_everything_that_is_done_in_a_terminal_is_seen(world: World, place: Path) -> None:
    async with watched(place) as seen:

        async def then(do: Callable[[], object], *shown: object) -> None:
            do()
            await until(lambda: seen.shows() == shown)

        def here(*arguments: str) -> Callable[[], object]:
            return partial(git, place, *arguments)

        await then(lambda: (place / "a.txt").write_text("1\n"), "x", {"a.txt"}, 0, 0)
        await then(here("commit", "-qam", "one"), "x", set(), 1, 0)
        await then(here("reset", "-q", "--soft", "HEAD~1"), "x", {"a.txt"}, 0, 0)
        await then(here("reset", "-q", "--hard"), "x", set(), 0, 0)
        await then(here("checkout", "-qb", "y"), "y", set(), None, None)
        await then(here("branch", "-m", "z"), "z", set(), None, None)
        await then(here("switch", "-q", "x"), "x", set(), 0, 0)
        await then(here("rm", "-q", "--cached", "a.txt"), "x", {"a.txt"}, 0, 0)
        await then(here("reset", "-q"), "x", set(), 0, 0)
        await then(here("commit", "-q", "--allow-empty", "-m", "ours"), "x", set(), 1, 0)
        await then(here("update-ref", "refs/remotes/origin/main", "HEAD"), "x", set(), 0, 0)
        await then(here("checkout", "-q", "--detach"), "", set(), None, None)


async def test_folders_of_any_name_old_and_new_are_followed(world: World, place: Path) -> None:
    (place / "build").mkdir()
    (place / "build" / "tracked though ignored").write_text("1\n")
    git(place, "add", "-f", "build")
    git(place, "commit", "-qm", "a file in an ignored folder")
    async with watched(place) as seen:
        (place / "node_modules" / "tracked.js").write_text("2\n")
        await until(lambda: seen.shows()[1] == {"node_modules/tracked.js"})
        (place / "build" / "tracked though ignored").write_text("2\n")
        await until(lambda: seen.shows()[1] == {"node_modules/tracked.js", "build/tracked though ignored"})
        (place / "venv" / "deep").mkdir(parents=True)
        begun = seen.begun
        await until(lambda: seen.begun > begun)
        (place / "venv" / "deep" / "new").write_text("x\n")
        await until(lambda: "venv/deep/new" in seen.shows()[1])
        begun = seen.begun
        shutil.rmtree(place / "venv")
        (place / "venv" / "deep").mkdir(parents=True)
        await until(lambda: seen.begun > begun and "venv/deep/new" not in seen.shows()[1])
        (place / "venv" / "deep" / "again").write_text("x\n")
        await until(lambda: "venv/deep/again" in seen.shows()[1])


async def test_a_folder_that_goes_away_while_watching_begins_is_no_trouble(
    world: World, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find, gone = watching._find_folders, place / "gone"

    def find_more(places: watching.Places, ignored: set[bytes]) -> frozenset[str]:
        monkeypatch.setattr(watching, "_find_folders", find)
        return find(places, ignored) | {str(gone)}

    monkeypatch.setattr(watching, "_find_folders", find_more)
    async with watched(place) as seen:
        assert seen.checkout.trouble is None


async def test_what_git_ignores_and_its_objects_cost_no_watch(world: World, place: Path) -> None:
    (place / "build" / "many" / "deep").mkdir(parents=True)
    (place / "build" / "many" / "deep" / "x").write_text("x")
    repository = await open_repository(place)
    places = watching.find_places(place, Path(git(place, "rev-parse", "--absolute-git-dir")))
    folders = await watching._folders(places)
    below = {str(Path(folder).relative_to(place)) for folder in folders if Path(folder).is_relative_to(place)}
    assert {folder for folder in below if not folder.startswith(".git")} == {".", "sub", "node_modules"}
    common = world.root / ".git"
    assert not any(Path(folder).is_relative_to(common / "objects") for folder in folders)
    assert {str(common), str(common / "refs"), str(common / "refs" / "heads")} <= folders
    await repository.close()


async def test_a_checkout_at_rest_and_other_branches_ask_git_nothing(world: World, place: Path) -> None:
    git(world.root, "branch", "other")
    async with watched(place) as seen:
        asked = seen.asked
        for number in range(5):
            git(world.root, "update-ref", "refs/heads/other", "HEAD" if number % 2 else "HEAD~1")
            (place / ".git").stat()
        (place / "build").mkdir()
        (place / "last.txt").write_text("x\n")
        await until(lambda: "last.txt" in seen.shows()[1])
        assert seen.asked <= asked + 3


async def test_without_watches_git_is_asked_now_and_then_which_is_said(
    world: World, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class NoWatches:
        def __init__(self, *arguments: object) -> None:
            raise OSError("OS file watch limit reached")

    real = watchfiles._rust_notify.RustNotify
    monkeypatch.setattr(watchfiles._rust_notify, "RustNotify", NoWatches)
    seen = Watched(await open_repository(place), place)
    task = asyncio.create_task(seen.checkout.run())
    await until(lambda: seen.checkout.trouble is not None and seen.asked > 0)
    trouble = seen.checkout.trouble
    assert isinstance(trouble, Trouble)
    assert "limit reached" in trouble.cause
    assert "max_user_watches" in trouble.steps[0]
    (place / "a.txt").write_text("1\n")
    await until(lambda: seen.shows()[1] == {"a.txt"})
    monkeypatch.setattr(watchfiles._rust_notify, "RustNotify", real)
    await until(lambda: seen.begun > 0 and seen.checkout.trouble is None)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_an_answer_that_is_not_understood_is_shown_and_the_next_one_counts(
    world: World, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with watched(place) as seen:
        understood = seen.checkout.repository.working_diff

        async def broken() -> object:
            raise IndexError("list index out of range")

        monkeypatch.setattr(seen.checkout.repository, "working_diff", broken)
        (place / "a.txt").write_text("1\n")
        await until(lambda: seen.checkout.trouble is not None)
        monkeypatch.setattr(seen.checkout.repository, "working_diff", understood)
        (place / "a.txt").write_text("2\n")
        await until(lambda: seen.checkout.trouble is None and seen.shows()[1] == {"a.txt"})
