"""Text can be read in every theme, on every kind of terminal, with colours and without."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from textual.color import Color

from conductor_tui.domain.diff_parser import parse_unified_diff
from conductor_tui.domain.diffs import DiffScope
from conductor_tui.ui.output.style_table import Pens
from conductor_tui.ui.terminal import has_italics
from conductor_tui.ui.themes import CHOICES, Colourless, completed
from tests.builders import a_command_approval, a_message, a_patch, a_prompt, asked, item_completed, turn_started
from tests.pilot.conftest import Driver, Start
from tests.snapshot.kinds import MARKDOWN

TERMS = ("xterm-256color", "screen", "screen-256color", "linux", "dumb")
DIFF = "diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n@@ -1,2 +1,2 @@ def f\n-    return 1\n+    return 2\n same\n"


def system_of(term: str) -> ColorSystem:
    console = Console(_environ={"TERM": term}, force_terminal=True)
    return console._color_system or ColorSystem.STANDARD


def segments(driver: Driver) -> Iterator[Segment]:
    for strip in driver.app.screen._compositor.render_strips():
        yield from strip


def unreadable(shown: list[Segment], term: str) -> set[tuple[str, str]]:
    """Words in the colour that is behind them."""
    pens = Pens(system_of(term), has_italics=has_italics({"TERM": term}))
    found = set()
    for text, style, _ in shown:
        pen = pens._pens[pens.number(style)]
        if any(map(str.isalnum, text)) and as_background(pen.foreground) == pen.background:
            found.add((text.strip(), str(style)))
    return found


def as_background(code: str) -> str:
    """The code that paints with a text's colour."""
    first, *rest = code.split(";")
    return ";".join([str(int(first) + 10), *rest]) if code != "39" else "the terminal's own"


async def test_every_theme_can_be_read_on_every_terminal(start: Start) -> None:
    async with start() as driver:
        await driver.say(
            turn_started(),
            item_completed(a_prompt("Do it")),
            item_completed(a_message(MARKDOWN)),
            item_completed(a_patch()),
            asked(a_command_approval()),
        )
        await driver.press("ctrl+g")
        driver.main.panes.diff.show(parse_unified_diff(DIFF), scope=DiffScope.SINCE_START)
        for theme in CHOICES:
            driver.app.theme = theme
            await driver.settle()
            shown = list(segments(driver))
            assert any("return" in text for text, _, _ in shown)
            colourless = Colourless().apply(shown, Color.parse("black"))
            for term in TERMS:
                assert not unreadable(shown, term), (theme, term)
                assert not unreadable(colourless, term), (theme, term, "NO_COLOR")


@pytest.mark.parametrize("theme", ["ansi-dark", "ansi-light", "conductor-dark"])
async def test_without_colours_no_screen_is_black(start: Start, monkeypatch: pytest.MonkeyPatch, theme: str) -> None:
    from conductor_tui.settings.model import AppSettings, UiSettings

    monkeypatch.setenv("NO_COLOR", "1")
    async with start(settings=AppSettings(ui=UiSettings(theme=theme))) as driver:  # type: ignore[arg-type]
        shown = list(segments(driver))
        for filter_ in driver.app.get_line_filters():
            shown = filter_.apply(shown, Color.parse("black"))
        pens = Pens(ColorSystem.TRUECOLOR)
        looks = {pens._pens[pens.number(style)] for text, style, _ in shown if text.strip()}
        assert looks
        for look in looks:
            assert look.foreground.removeprefix("3") != look.background.removeprefix("4") or look.foreground == "39"
            assert theme == "conductor-dark" or (look.foreground, look.background) == ("39", "49")


def test_where_terms_italics_are_inverse_there_are_none() -> None:
    from rich.style import Style

    for term, codes in (("screen-256color", {"1"}), ("screen", {"1"}), ("tmux-256color", {"1", "3"})):
        pens = Pens(ColorSystem.EIGHT_BIT, has_italics=has_italics({"TERM": term}))
        assert pens._pens[pens.number(Style(italic=True, bold=True))].attributes == codes


@pytest.mark.parametrize("system", [ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT])
@pytest.mark.parametrize(("background", "foreground"), [("#14171c", "#d5d8de"), ("#fbfaf7", "#22262c")])
def test_added_lines_are_green_and_deleted_ones_red(system: ColorSystem, background: str, foreground: str) -> None:
    colours = {"background": background, "foreground": foreground, "success": "#66a554", "error": "#c1403f"}
    made = completed(colours | {"primary": "#7aa2c9"}, system)
    green, red = (
        Color.parse(made[token]).rich_color.downgrade(system).get_truecolor()
        for token in ("fill-added", "fill-deleted")
    )
    assert green.green > max(green.red, green.blue)
    assert red.red > max(red.green, red.blue)
