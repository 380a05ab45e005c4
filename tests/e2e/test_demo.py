"""`conductor-tui demo`: the story with the real Codex, told to its end, with nothing left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.app import App
from tests.e2e.conftest import StartApp
from tests.e2e.place import Place
from tests.e2e.test_workspace_tree import new_workspace


@pytest.fixture
def demo(start: StartApp, home: Path) -> App:
    """The demo, begun; the user's CODEX_HOME is the test's."""
    return start("demo")


def worlds(place: Place) -> list[Path]:
    return list(place.state.glob("demo/world-*"))


@pytest.mark.parametrize(("key", "end"), [("y", "on the branch fix-invoice-cents"), ("s", "on the branch")])
def test_the_story_is_told_to_its_end(demo: App, key: str, end: str) -> None:
    demo.answer(key)
    demo.wait_for("That was the scripted part", 60)
    demo.wait_for("checks every price below 100")


def test_the_story_goes_on_after_a_no(demo: App) -> None:
    demo.answer("n")
    demo.wait_for("What should Codex do instead?")
    demo.press("enter")
    demo.wait_for("That was the scripted part", 60)
    demo.wait_for("in your checkout")


def test_it_says_that_the_model_is_scripted_and_keeps_away_from_the_users_codex(demo: App, place: Place) -> None:
    before = (place.codex_home / "config.toml").read_bytes()
    demo.wait_for("scripted model")
    demo.wait_for("Run this command?", 60)
    assert (place.codex_home / "config.toml").read_bytes() == before
    assert [p.name for p in place.codex_home.iterdir()] == ["config.toml"]


def test_leaving_it_leaves_nothing(demo: App, place: Place) -> None:
    demo.wait_for("Run this command?", 60)
    (world,) = worlds(place)
    assert place.servers() == []
    demo.leave()
    assert not world.exists()


def test_a_workspace_made_in_the_demo_ends_with_it(demo: App, place: Place) -> None:
    demo.answer("y")
    demo.wait_for("That was the scripted part", 60)
    new_workspace(demo, "")
    demo.wait_until(lambda _: any(w.glob("workspaces/shop/*") for w in worlds(place)), 30, what="the workspace")
    demo.wait_for("is ready", 30)
    assert not (place.home / "conductor").exists()
    demo.leave()
    assert not worlds(place)


def test_a_killed_demo_is_cleared_away_by_the_next(demo: App, start: StartApp, place: Place) -> None:
    demo.wait_for("Run this command?", 60)
    (world,) = worlds(place)
    demo.kill()
    assert world.exists()
    again = start("demo")
    again.wait_for("Run this command?", 60)
    assert not world.exists()
    again.leave()
    assert worlds(place) == []
