"""What the workspaces of a window ask for by themselves: the pull request of the one that the user looks at."""

from __future__ import annotations

import os
from collections.abc import Coroutine
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from conductor_tui.services.workspaces.workspaces import Workspaces
from conductor_tui.ui.host import Host
from conductor_tui.ui.workspace_controller import WorkspaceController
from tests.fakes.gh import GhStandIn
from tests.unit.services.workspace_world import make_windows


class Window:
    """As much of a window as the controller needs to look; work in the background waits for `tick`."""

    def __init__(self, path: Path, workspaces: Workspaces) -> None:
        self._waiting: list[Coroutine[Any, Any, None]] = []
        self.app = SimpleNamespace(app_focus=True)
        self.manager = SimpleNamespace(here=SimpleNamespace(path=path))
        self.drawn = 0
        self.workspaces = WorkspaceController(cast("Host", self), None, path, self._draw)
        self.workspaces.workspaces = workspaces

    def run(self, failed: str, work: Coroutine[Any, Any, None]) -> None:
        self._waiting.append(work)

    def _draw(self) -> None:
        self.drawn += 1

    async def tick(self) -> None:
        """A second passes."""
        self.workspaces.look()
        while self._waiting:
            await self._waiting.pop()


async def test_only_what_somebody_looks_at_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`gh` is a stand-in on PATH with a recorded answer."""
    gh = GhStandIn(tmp_path / "bin")
    monkeypatch.setenv("PATH", f"{gh.folder}:{os.environ['PATH']}")
    world, window = await make_windows(tmp_path)
    record = await window.create("lima", branch="fix")
    gh.finds("fix", number=12, title="Fix")
    around = Window(world.root, window.workspaces)
    around.app.app_focus = False
    await around.tick()
    assert gh.asked() == [], "the window is hidden"
    around.app.app_focus = True
    await around.tick()
    await around.tick()
    assert [line.split("|")[0] for line in gh.asked()] == [str(world.root)]
    assert around.drawn == 0
    around.manager.here.path = record.path
    await around.tick()
    assert len(gh.asked()) == 2
    assert around.drawn == 1
    found = window.workspaces.requests.of(record, "fix")
    assert found is not None
    assert found.label == "#12 open"
    window.close()
