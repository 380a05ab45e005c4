"""Flows and background work of a window: how they end with it."""

from __future__ import annotations

import asyncio
import inspect
import os

from tests.builders import until
from tests.pilot.conftest import Start


async def test_a_closing_window_waits_until_its_work_is_rolled_back_and_the_store_is_still_open(start: Start) -> None:
    rolled_back: list[str] = []
    async with start() as driver:
        store, has_begun = driver.main.manager.store, asyncio.Event()

        async def work() -> None:
            try:
                has_begun.set()
                await asyncio.Event().wait()
            finally:
                await asyncio.to_thread(os.getpid)
                rolled_back.append(f"draft: {store.draft('of nobody')}")

        driver.main.run("Could not work", work())
        await until(has_begun.is_set)
    assert rolled_back == ["draft: "]


async def test_work_that_a_closing_window_cuts_off_before_its_first_step_is_closed(start: Start) -> None:
    async def work() -> None:
        raise AssertionError("nobody waits for it any more")

    never_ran = work()
    async with start() as driver:
        driver.main.run("Could not work", never_ran)
        driver.app.workers.cancel_all()
    assert inspect.getcoroutinestate(never_ran) == inspect.CORO_CLOSED
