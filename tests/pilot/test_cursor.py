"""The cursor of every list is seen in every theme, on every terminal, with colours and without."""

from __future__ import annotations

import pytest
from rich.segment import Segment
from textual.color import Color
from textual.widgets import OptionList

from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.output.style_table import Pen, Pens
from conductor_tui.ui.terminal import has_italics
from conductor_tui.ui.themes import CHOICES, Colourless
from conductor_tui.ui.widgets.cursor_list import CURSOR
from tests.builders import a_command_approval, a_prompt, asked, item_completed, turn_started
from tests.pilot.conftest import Driver, Start
from tests.pilot.test_inbox import leave_working
from tests.pilot.test_readable import TERMS, system_of


def lines(shown: OptionList) -> list[list[Segment]]:
    """The rows of a list, as they leave it."""
    return [list(shown.render_line(y)) for y in range(shown.size.height)]


def sent(row: list[Segment], term: str) -> list[tuple[str, Pen]]:
    """What of a row reaches a terminal: each character with its look."""
    pens = Pens(system_of(term), has_italics=has_italics({"TERM": term}))
    return [(c, pens._pens[pens.number(style)]) for text, style, _ in row for c in text]


async def open_list(driver: Driver, name: str) -> OptionList:
    match name:
        case "inbox":
            await leave_working(driver)
            await driver.say(asked(a_command_approval(7)))
            await driver.press("ctrl+d")
        case "sessions":
            await leave_working(driver)
            await driver.press("ctrl+s")
        case "palette":
            await driver.press("ctrl+p")
        case "model":
            await driver.press("ctrl+o")
        case "settings":
            driver.main.run_command("app.settings")
        case _:
            await driver.say(turn_started(), item_completed(a_prompt("first")))
            driver.main.panes.focus(Pane.CONTROLS if name == "controls" else Pane.TREE)
    await driver.settle()
    await driver.press("down")
    return driver.app.screen.query_one("#tree" if name == "tree" else OptionList)  # type: ignore[return-value]


@pytest.mark.parametrize("name", ["inbox", "sessions", "palette", "model", "settings", "controls", "tree"])
async def test_the_cursor_is_seen_in_every_theme_and_terminal(start: Start, name: str) -> None:
    async with start() as driver:
        await driver.settle()
        shown = await open_list(driver, name)
        if name == "controls":
            shown = driver.main.panes.screen.query_one("#controls", OptionList)
        assert shown.highlighted is not None
        for theme in CHOICES:
            driver.app.theme = theme
            await driver.settle()
            at = shown._index_to_line[shown.highlighted] - shown.scroll_offset.y
            rows = lines(shown)
            for term in TERMS:
                for seen in (rows, [Colourless().apply(row, Color.parse("black")) for row in rows]):
                    cursor = sent(seen[at], term)
                    assert any(c == CURSOR for c, _ in cursor[:2]), (theme, term)
                    assert all("7" in pen.attributes for _, pen in cursor), (theme, term)
                    others = [sent(row, term) for n, row in enumerate(seen) if n != at]
                    assert not any("7" in pen.attributes for row in others for _, pen in row), (theme, term)


async def test_a_pane_without_the_focus_shows_no_cursor(start: Start) -> None:
    async with start() as driver:
        await driver.say(turn_started(), item_completed(a_prompt("first")))
        tree = driver.main.panes.screen.query_one("#tree", OptionList)
        assert not any(s.style and s.style.reverse for row in lines(tree) for s in row)


async def test_the_composer_has_no_cursor_behind_a_dialog(start: Start) -> None:
    def has_cursor(driver: Driver) -> bool:
        row = driver.composer.render_line(0)
        return len({s.style.bgcolor for s in row if s.style}) > 1

    async with start() as driver:
        for text in ("", "a draft"):
            driver.composer.replace_text(text)
            await driver.settle()
            assert has_cursor(driver)
            await driver.press("ctrl+p")
            assert not has_cursor(driver)
            await driver.press("escape")
            assert has_cursor(driver)
