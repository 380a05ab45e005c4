"""Searching a session of which only the newest turns are loaded."""

from __future__ import annotations

import asyncio

from conductor_tui.domain import events as ev
from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.turns import RecordedTurn
from conductor_tui.settings.model import AppSettings
from conductor_tui.ui.commands.pane import Pane
from tests.builders import THREAD, a_message, a_prompt, a_recorded_turn, item_completed, turn_started, until
from tests.pilot.conftest import Driver, Start


def page(first: int) -> tuple[RecordedTurn, ...]:
    """Twenty turns."""
    turns = range(first, first + 20)
    return tuple(
        a_recorded_turn(a_prompt(f"needle{n}", turn_id=f"t{n}"), a_message("yes", turn_id=f"t{n}"), turn_id=f"t{n}")
        for n in turns
    )


class Pages:
    """A server with a hundred turns; `gate` holds its answers back."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked: list[str] = []

    async def older_turns(self, thread_id: ThreadId, cursor: str) -> tuple[ev.HistoryLoaded, str | None]:
        self.asked.append(cursor)
        await self.gate.wait()
        first = int(cursor) - 20
        return ev.HistoryLoaded(thread_id, page(first), is_older=True), str(first) if first else None


async def with_pages(driver: Driver) -> Pages:
    """The newest twenty turns are loaded."""
    pages = Pages()
    driver.agent.older_turns = pages.older_turns  # type: ignore[method-assign]
    driver.main.session._cursor = "80"
    driver.main.session.apply(ev.HistoryLoaded(THREAD, page(80), has_more=True))
    await driver.settle()
    return pages


async def search(driver: Driver, words: str) -> None:
    await driver.press("tab", "slash")
    await driver.type(words)
    await driver.press("enter")


async def test_a_search_finds_what_is_not_loaded_yet(start: Start) -> None:
    async with start((100, 30)) as driver:
        pages = await with_pages(driver)
        await search(driver, "needle25")
        await until(lambda: len(pages.asked) == 3 and "needle25" in driver.text())
        await driver.settle()
        assert pages.asked == ["80", "60", "40"], "no more than is needed"
        assert "needle25" in driver.text()
        assert "Searched 80 turns" in driver.text()


async def test_the_match_before_is_found_in_older_turns(start: Start) -> None:
    async with start((100, 30)) as driver:
        pages = await with_pages(driver)
        await search(driver, "5")
        await driver.press("n")
        assert "needle85" in driver.text()
        assert pages.asked == []
        await driver.press("n")
        await until(lambda: "needle75" in driver.text())
        assert pages.asked[0] == "80"


async def test_what_is_nowhere_is_said_after_all_turns_were_read(start: Start) -> None:
    async with start((100, 30)) as driver:
        pages = await with_pages(driver)
        await search(driver, "nowhere")
        await until(lambda: "“nowhere” not found in 100 turns" in driver.text())
        assert len(pages.asked) == 4


async def test_escape_stops_a_search(start: Start) -> None:
    async with start((100, 30)) as driver:
        pages = await with_pages(driver)
        pages.gate.clear()
        await search(driver, "needle25")
        await until(lambda: "Searched 20 turns for “needle25” … Esc to stop" in driver.text())
        await driver.press("escape")
        assert "Search stopped" in driver.text()
        pages.gate.set()
        await driver.settle()
        assert pages.asked == ["80"]
        assert not driver.composer.has_focus, "escape did not go on to mean something else"


async def test_the_frame_of_a_transcript_that_is_scrolled_up_names_the_key_in_force(start: Start) -> None:
    async with start(settings=AppSettings(keys={"transcript.follow": ("f2",)})) as driver:
        await driver.say(turn_started(), item_completed(a_message("a line\n\n" * 100)))
        driver.main.panes.focus(Pane.TRANSCRIPT)
        await driver.press("pageup")
        assert "scrolled up · f2 to follow" in driver.text()
        driver.main.keys_changed({"transcript.follow": ("f3",)})
        await driver.settle()
        assert "scrolled up · f3 to follow" in driver.text()
