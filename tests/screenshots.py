"""`make screenshots`: plays the demo with the real Codex and draws screenshots/*.svg from it."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from conductor_tui.cli import build_demo
from conductor_tui.demo.world import DemoWorld
from conductor_tui.domain.threads import ThreadState
from conductor_tui.domain.worktrees import NewBranch
from conductor_tui.protocol.server import ServerFiles, stop_server
from conductor_tui.ui.app import ConductorApp
from tests.e2e.place import scratch_folder

FOLDER = Path(__file__).resolve().parents[1] / "screenshots"
WIDE, NARROW = (140, 40), (80, 24)


class Stage:
    """The demo on an unseen terminal."""

    def __init__(self, app: ConductorApp, pilot: Pilot[Any]) -> None:
        self.app = app
        self.pilot = pilot

    async def until(self, condition: Callable[[], object]) -> None:
        """Waits up to a minute for a state of the app."""
        async with asyncio.timeout(60):
            while not condition():
                await self.pilot.pause(0.05)

    async def keep(self, name: str) -> None:
        """Draws what stands on the screen."""
        await self.pilot.pause(0.6)
        (FOLDER / f"{name}.svg").write_text(self.app.export_screenshot(title="conductor-tui demo"), encoding="utf-8")
        sys.stderr.write(f"screenshots/{name}.svg\n")

    def is_waiting(self) -> bool:
        return bool(self.app.window.session.projection.waiting_approvals)

    def is_done(self) -> bool:
        session = self.app.window.session
        return bool(session.projection.turns) and session.state is ThreadState.IDLE


async def play(size: tuple[int, int], scenes: Callable[[Stage], Any]) -> None:
    """One demo, from its start to the last scene."""

    def end_server(codex_home: Path, state_dir: Path) -> object:
        return stop_server(ServerFiles(codex_home, state_dir), force=True)

    with tempfile.TemporaryDirectory(prefix="shots-", dir=scratch_folder(), ignore_cleanup_errors=True) as home:
        os.environ["HOME"] = home
        with DemoWorld(Path(home, ".local/state/conductor-tui"), end_server) as world:
            app = build_demo(world, None)
            async with app.run_test(size=size) as pilot:
                await scenes(Stage(app, pilot))


async def wide_scenes(stage: Stage) -> None:
    press = stage.pilot.press
    await stage.until(stage.is_waiting)
    await stage.keep("approval")
    await press("y")
    await stage.until(stage.is_done)
    await press("ctrl+g")
    await stage.keep("diff")
    await press("ctrl+o")
    await stage.keep("model")
    await press("escape")
    await press("ctrl+g")
    await press("tab", "tab")
    await press("ctrl+p")
    await stage.keep("commands")


async def workspace_scenes(stage: Stage) -> None:
    """Three workspaces side by side, one of which asks."""
    main = stage.app.window
    await stage.until(lambda: main.workspaces.here is not None and main.workspaces.here.id)
    await stage.until(stage.is_waiting)
    workspaces = main.workspaces.workspaces
    assert workspaces is not None
    root = main.workspaces.records[0].repository
    for name, branch, prompt in (("lima", "dark-mode", "help"), ("oslo", "faster-totals", "help")):
        record = await workspaces.create(root, NewBranch(branch), name=name)
        await main.workspaces.enter_now(record)
        await stage.until(lambda: main.session.thread_id)
        main.submit(prompt)
        await stage.until(stage.is_done)
    await stage.pilot.press("ctrl+d")
    await stage.keep("workspaces")


async def narrow_scenes(stage: Stage) -> None:
    await stage.until(stage.is_waiting)
    await stage.keep("narrow")


def main() -> None:
    """Draws all of them."""
    FOLDER.mkdir(exist_ok=True)
    os.environ["TZ"] = "UTC"
    asyncio.run(play(WIDE, wide_scenes))
    asyncio.run(play(WIDE, workspace_scenes))
    asyncio.run(play(NARROW, narrow_scenes))


if __name__ == "__main__":
    main()
