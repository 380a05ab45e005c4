"""When an app under test is idle: its loop has nothing to run, its screen nothing to draw, and no thread works for it.

Textual's pilot waits instead until the process has used next to no CPU for 20 ms, twice for each key: long, and on a
busy machine no proof.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import pytest
from textual._context import active_app
from textual.app import App

P = ParamSpec("P")
T = TypeVar("T")

_to_thread = asyncio.to_thread
_in_threads = 0


def use_for_pilots(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets Textual's pilots wait for this."""

    async def wait_for_idle(min_sleep: float = 0, max_sleep: float = 0) -> None:
        await until_idle(active_app.get())

    for module in ("textual.app", "textual.pilot"):
        monkeypatch.setattr(f"{module}.wait_for_idle", wait_for_idle)
    monkeypatch.setattr(asyncio, "to_thread", _counted_to_thread)


async def until_idle(app: App[Any]) -> None:
    """Lets the app do what it can do now: it may wait for time, a process or the other end, and for nothing else."""
    while await _has_run() or await _has_drawn(app):
        await app.animator.wait_until_complete()


async def _counted_to_thread(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    global _in_threads
    _in_threads += 1
    try:
        return await _to_thread(function, *args, **kwargs)
    finally:
        _in_threads -= 1


async def _has_run() -> bool:
    """Lets the loop run until nothing is ready; whether anything was."""
    loop: Any = asyncio.get_running_loop()
    has_run = False
    await asyncio.sleep(0)
    while loop._ready or _in_threads:
        has_run = True
        await asyncio.sleep(0 if loop._ready else 0.001)
    return has_run


async def _has_drawn(app: App[Any]) -> bool:
    """Draws what waits for the time of the next frame; whether that gave anybody work."""
    if app.screen_stack:
        app._check_resize()
    for screen in app.screen_stack:
        if screen._update_timer._active.is_set():
            screen._on_timer_update()
    return await _has_run()
