"""Scripts in the real app: asked about, run, typed into, and ended with their window in whatever way it goes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.e2e.app import App
from tests.e2e.conftest import StartApp
from tests.e2e.place import Place

SETTINGS = '''
[scripts.run.dev]
command = """
echo "Local: http://localhost:5173/"
sleep 4321 &
read line
echo "got:$line"
wait
"""
'''
WAYS_TO_GO: dict[str, Callable[[App], object]] = {
    "leaving": App.leave,
    "a lost link": App.hang_up,
    "kill -9": App.kill,
}


def sleepers(place: Place) -> list[psutil.Process]:
    return place.commands("4321")


def begin(app: App) -> None:
    app.press("ctrl+_")
    app.wait_for("s to start it")
    app.press("s")
    app.answer("y", title="Run this repository's run script")
    app.wait_for("http://localhost:5173/ (u)")


@pytest.mark.parametrize("way", WAYS_TO_GO)
def test_a_script_runs_when_it_is_trusted_and_ends_with_its_window(
    start: StartApp, place: Place, repository: Path, way: str
) -> None:
    (repository / ".conductor").mkdir()
    (repository / ".conductor" / "settings.toml").write_text(SETTINGS)
    app = start()
    app.wait_ready()
    begin(app)
    app.press("enter")
    app.wait_for("ctrl+] to stop")
    app.type("hello")
    app.press("enter")
    app.wait_for("got:hello")
    app.send(b"\x1d")
    app.wait_for("typing into terminal", absent=True)
    running = sleepers(place)
    assert running
    WAYS_TO_GO[way](app)
    _, alive = psutil.wait_procs(running, timeout=10)
    assert not alive
    again = start()  # what is trusted is not asked about again
    again.wait_ready()
    again.press("ctrl+_")
    again.wait_for("s to start it")
    again.press("s")
    again.wait_for("http://localhost:5173/ (u)")
    again.press("x")
    again.wait_for("stopped ·")
    assert not sleepers(place)
