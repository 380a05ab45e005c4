"""The real Codex, the real app, a real pty; only the model is scripted."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conductor_tui.demo.model import ScriptedModel
from conductor_tui.demo.scripts import ByWord
from conductor_tui.demo.shop import SHOP_FILES
from conductor_tui.demo.steps import Message
from conductor_tui.demo.world import make_repository
from tests.e2e.app import App
from tests.e2e.place import Place

StartApp = Callable[..., App]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here is end to end."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def codex() -> Path:
    """The Codex under test: `CONDUCTOR_TUI_TEST_CODEX`, else the bundled one."""
    if named := os.environ.get("CONDUCTOR_TUI_TEST_CODEX"):
        return Path(named)
    from codex_cli_bin import bundled_codex_path

    return Path(bundled_codex_path())


@pytest.fixture
def place() -> Iterator[Place]:
    """Folders of this test alone; afterwards no process that uses them is left."""
    place = Place()
    yield place
    place.end_server()
    place.check_nobody_left()
    place.remove()


@pytest.fixture
def model() -> Iterator[ScriptedModel]:
    """The scripted model; a test gives it a script by `model.script = …`."""
    with ScriptedModel(ByWord({}, default=[Message("Hello from the scripted model.")])) as model:
        yield model


@pytest.fixture
def repository(place: Place) -> Path:
    """A real git repository with a bug, trusted by Codex."""
    make_repository(place.repository, SHOP_FILES)
    return place.repository


@pytest.fixture
def codex_home(place: Place, model: ScriptedModel, repository: Path) -> Path:
    """A private CODEX_HOME that knows only the scripted model."""
    place.configure_codex(model)
    return place.codex_home


@pytest.fixture
def start(place: Place, codex: Path, codex_home: Path, repository: Path) -> Iterator[StartApp]:
    """Starts the app as often as wanted; `start(*arguments, cwd=…, env=…, cols=…, rate=…)` does not wait for it."""
    started: list[App] = []

    def start(
        *arguments: str | Path,
        cwd: Path = repository,
        env: dict[str, str] | None = None,
        cols: int = 140,
        rows: int = 40,
        binary: Path | str = codex,
        rate: int | None = None,
    ) -> App:
        argv = [sys.executable, "-m", "conductor_tui", *arguments, "--codex", binary]
        app = App(argv, cwd=cwd, env={**place.env, **(env or {})}, cols=cols, rows=rows, rate=rate)
        started.append(app)
        return app

    yield start
    for app in started:
        app.close()


@pytest.fixture
def app(start: StartApp) -> App:
    """The app, ready for a prompt."""
    app = start()
    app.wait_ready()
    return app
