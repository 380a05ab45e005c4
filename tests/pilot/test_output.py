"""Thrift never costs correctness: what the stage sends makes the same screen as what Textual would have sent."""

from __future__ import annotations

import re
from typing import Any

import pyte
import pytest
from rich.color import ColorSystem
from rich.console import Console
from textual._compositor import CompositorUpdate

from conductor_tui.ui.app import ConductorApp
from conductor_tui.ui.output.screen_writer import Stage
from tests.builders import (
    a_command_approval,
    a_message,
    a_patch,
    a_prompt,
    asked,
    delta,
    item_completed,
    item_started,
    turn_completed,
    turn_started,
)
from tests.pilot.conftest import Driver, Start
from tests.snapshot.kinds import MARKDOWN

# Terminals, the emulator among them, do not agree on the width of joined emoji.
ANSWER = MARKDOWN.replace("👩‍👩‍👧", "👩")

_UNKNOWN_TO_PYTE = re.compile(r"\x1b\]8;[^\x1b]*\x1b\\|\x1b\[\?2026[hl]")


class TwoTerminals:
    """One gets what Textual renders, the other what the stage makes of it; both are emulated."""

    def __init__(self, app: ConductorApp) -> None:
        width, height = app.size
        self.plain, self.thrifty = pyte.Screen(width, height), pyte.Screen(width, height)
        for screen in (self.plain, self.thrifty):
            screen.reset_mode(pyte.modes.DECAWM)  # as the driver does
        self._plain, self._thrifty = pyte.Stream(self.plain), pyte.Stream(self.thrifty)
        self._console = Console(force_terminal=True, color_system="truecolor", width=width, height=height)
        self.stage = Stage(ColorSystem.TRUECOLOR, {})
        self.stage.can_sync = True
        self.sizes = [0, 0]
        self._app = app

    def take(self, screen: Any, renderable: Any) -> None:
        if not isinstance(renderable, CompositorUpdate):
            return
        long = renderable.render_segments(self._console)
        cursor = screen.outer_size.clamp_offset(self._app.cursor_position)
        short = self.stage.draw(renderable, self._app.size, cursor)
        self.sizes[0] += len(long)
        self.sizes[1] += len(short)
        self._plain.feed(_UNKNOWN_TO_PYTE.sub("", long))
        self._thrifty.feed(_UNKNOWN_TO_PYTE.sub("", short))

    def differences(self) -> list[tuple[int, int, object, object]]:
        """Cells that an eye could tell apart."""
        found = []
        for y in range(self.plain.lines):
            for x in range(self.plain.columns):
                one, other = (_seen(s.buffer[y][x]) for s in (self.plain, self.thrifty))
                if one != other:
                    found.append((x, y, one, other))
        return found


def _seen(cell: pyte.screens.Char) -> object:
    shows_ink = cell.underscore or cell.reverse or cell.strikethrough
    return cell if cell.data != " " or shows_ink else (" ", cell.bg)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> list[TwoTerminals]:
    """The terminals of the app that is started next; from its first frame on."""
    terminals: list[TwoTerminals] = []

    def display(self: ConductorApp, screen: Any, renderable: Any) -> None:
        if self._batch_count or not self._running or renderable is None:
            return
        if not terminals or (terminals[-1].plain.columns, terminals[-1].plain.lines) != tuple(self.size):
            terminals.append(TwoTerminals(self))
        terminals[-1].take(screen, renderable)

    monkeypatch.setattr(ConductorApp, "_display", display)
    return terminals


async def a_day_at_work(driver: Driver) -> None:
    """Streams, keys, dialogs, panes, scrolling."""
    await driver.say(turn_started(), item_completed(a_prompt("Do it — 漢字 and 👩.")))
    await driver.say(item_started(a_message("", is_open=True)))
    for start in range(0, len(ANSWER), 40):
        await driver.say(delta("m1", ANSWER[start : start + 40]))
    await driver.say(item_completed(a_message(ANSWER)), item_completed(a_patch()))
    await driver.type("some words")
    await driver.press("ctrl+g")
    await driver.press("ctrl+o", "down", "escape")
    await driver.say(asked(a_command_approval()))
    await driver.press("tab", "pageup", "k", "k", "enter")
    await driver.press("ctrl+p", "t", "h", "escape")
    await driver.press("ctrl+l", "ctrl+l")
    await driver.say(turn_completed())
    await driver.press("G")


@pytest.mark.parametrize("size", [(140, 40), (80, 24)], ids=str)
async def test_the_stage_draws_what_textual_would(
    start: Start, watched: list[TwoTerminals], size: tuple[int, int]
) -> None:
    async with start(size=size) as driver:
        await a_day_at_work(driver)
        (terminals,) = watched
        assert not terminals.differences()
        long, short = terminals.sizes
        assert short * 5 < long


async def test_a_new_size_is_drawn_whole(start: Start, watched: list[TwoTerminals]) -> None:
    async with start(size=(140, 40)) as driver:
        await driver.say(turn_started(), item_completed(a_message(ANSWER)))
        await driver.pilot.resize_terminal(90, 30)
        await driver.settle()
        assert len(watched) >= 2
        assert not watched[-1].differences()


async def test_a_write_that_is_lost_as_the_app_ends_draws_nothing(start: Start) -> None:
    async with start() as driver:
        app = driver.app
    assert not app._screen_stack
    app.redraw()
