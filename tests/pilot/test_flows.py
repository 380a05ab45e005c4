"""Flows and background work of a window: how they end with it."""

from __future__ import annotations

import asyncio

from tests.builders import until
from tests.pilot.conftest import Start


async def test_a_closing_window_waits_until_its_work_is_rolled_back_and_the_store_is_still_open(start: Start) -> None:
    rolled_back: list[str] = []
    async with start() as driver:
        store, steps = driver.main.manager.store, asyncio.Event()

        async def work() -> None:
            try:
                steps.set()
                await asyncio.Event().wait()
            finally:
                await asyncio.to_thread(store.keep_draft, "work", "rolled back")
                rolled_back.append(store.draft("work"))

        driver.main.run("Could not work", work())
        await until(steps.is_set)
    assert rolled_back == ["rolled back"]
