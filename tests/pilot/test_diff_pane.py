"""The diff pane: what stays in view while it is scrolled, and what it says above the files."""

from __future__ import annotations

from conductor_tui.domain.diff_parser import parse_unified_diff
from conductor_tui.domain.diffs import DiffScope
from tests.pilot.conftest import Driver, Start

ROWS = "".join(f"+{number} {'wide ' * 40}end {number}\n" for number in range(1, 101))
DIFF = "".join(
    f"diff --git a/{name} b/{name}\n--- a/{name}\n+++ b/{name}\n@@ -1 +1,101 @@ def f\n same\n{ROWS}"
    for name in ("first.py", "second.py")
)


def rows(driver: Driver) -> list[str]:
    pane = driver.main.diff_pane
    return [pane.render_line(y).text for y in range(pane.scrollable_content_region.height)]


async def shown(driver: Driver) -> list[str]:
    await driver.press("ctrl+g")
    driver.main.diff_pane.show(parse_unified_diff(DIFF), scope=DiffScope.SINCE_START)
    driver.main.diff_pane.focus()
    await driver.settle()
    return rows(driver)


async def test_line_numbers_stay_while_scrolling_sideways(start: Start) -> None:
    async with start() as driver:
        await shown(driver)
        driver.main.diff_pane.action_sideways(400)
        await driver.settle()
        assert driver.main.diff_pane.scroll_x > 100
        seen = rows(driver)
        assert seen[0].startswith("▎▾ first.py")
        assert seen[1].startswith("  @@ -1 +1,101 @@ def f")
        assert seen[3].startswith("       2 + ")
        assert "end 1" in seen[3]


async def test_the_name_of_the_file_stays_at_the_top_and_covers_no_cursor(start: Start) -> None:
    async with start() as driver:
        await shown(driver)
        pane = driver.main.diff_pane
        for _ in range(2):
            await driver.press("pagedown")
        assert pane.scroll_y > 40
        assert "▾ first.py" in rows(driver)[0]
        for _ in range(60):
            await driver.press("up")
            at = next(y for y, row in enumerate(rows(driver)) if row.startswith("▎"))
            assert at > 0 or pane.cursor_rows()[0] == 0
        pane.action_file(1)
        pane.action_hunk(1)
        await driver.settle()
        assert "▾ second.py" in rows(driver)[0]
        assert rows(driver)[1].startswith("▎ @@ -1 +1,101 @@ def f")


async def test_notes_are_wrapped_not_cut(start: Start) -> None:
    async with start() as driver:
        await driver.press("ctrl+g")
        pane = driver.main.diff_pane
        pane.show((), scope=DiffScope.LAST_TURN, note="word " * 40 + "last", left_out=["left " * 40 + "out"])
        await driver.settle()
        said = " ".join(" ".join(rows(driver)).split())
        assert "left out" in said
        assert "word last" in said
        await driver.pilot.resize_terminal(80, 24)
        await driver.settle()
        assert "word last" in " ".join(" ".join(rows(driver)).split())
