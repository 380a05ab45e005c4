"""The diff pane: what stays in view while it is scrolled, and what it says above the files."""

from __future__ import annotations

from msgspec.structs import replace

from conductor_tui.domain.diff_parser import parse_unified_diff
from conductor_tui.domain.diffs import DiffScope
from conductor_tui.settings.model import AppSettings
from tests.pilot.conftest import Driver, Start

ROWS = "".join(f"+{number} {'wide ' * 40}end {number}\n" for number in range(1, 101))
DIFF = "".join(
    f"diff --git a/{name} b/{name}\n--- a/{name}\n+++ b/{name}\n@@ -1 +1,101 @@ def f\n same\n{ROWS}"
    for name in ("first.py", "second.py")
)


def rows(driver: Driver) -> list[str]:
    pane = driver.main.panes.diff
    return [pane.render_line(y).text for y in range(pane.scrollable_content_region.height)]


async def shown(driver: Driver) -> list[str]:
    await driver.press("ctrl+g")
    driver.main.panes.diff.show(parse_unified_diff(DIFF), scope=DiffScope.SINCE_START)
    driver.main.panes.diff.focus()
    await driver.settle()
    return rows(driver)


async def test_line_numbers_stay_while_scrolling_sideways(start: Start) -> None:
    async with start() as driver:
        await shown(driver)
        driver.main.panes.diff.action_sideways(400)
        await driver.settle()
        assert driver.main.panes.diff.scroll_x > 100
        seen = rows(driver)
        assert seen[0].startswith("▎▾ first.py")
        assert seen[1].startswith("  @@ -1 +1,101 @@ def f")
        assert seen[3].startswith("       2 + ")
        assert "end 1" in seen[3]


async def test_the_name_of_the_file_stays_at_the_top_and_covers_no_cursor(start: Start) -> None:
    async with start() as driver:
        await shown(driver)
        pane = driver.main.panes.diff
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
        pane = driver.main.panes.diff
        pane.show((), scope=DiffScope.LAST_TURN, note="word " * 40 + "last", left_out=["left " * 40 + "out"])
        await driver.settle()
        said = " ".join(" ".join(rows(driver)).split())
        assert "left out" in said
        assert "word last" in said
        await driver.pilot.resize_terminal(80, 24)
        await driver.settle()
        assert "word last" in " ".join(" ".join(rows(driver)).split())


async def test_a_long_path_is_cut_in_front_and_says_what_changed(start: Start) -> None:
    """Absolute paths below the session's folder are relative to it, and the counts stay in view."""
    name = "/home/ada/shop/src/very/deep/folders/with/many/names/inside/of/them/for/good/invoice_totals.py"
    diff = "".join(
        f"diff --git a/{n} b/{n}\n--- a/{n}\n+++ b/{n}\n@@ -1 +1,2 @@\n same\n+new\n"
        for n in (name, "/home/ada/shop/short.py")
    )
    async with start(size=(80, 24)) as driver:
        await driver.press("ctrl+g")
        files = parse_unified_diff(diff.replace("a//", "a/").replace("b//", "b/"))
        files = tuple(replace(f, path=f"/{f.path.lstrip('/')}") for f in files)
        pane = driver.main.panes.diff
        pane.show(files, scope=DiffScope.LAST_TURN, root="/home/ada/shop")
        await driver.settle()
        seen = [row.rstrip() for row in rows(driver)]
        header = next(row for row in seen if "invoice_totals.py" in row)
        assert header.endswith("/invoice_totals.py  +1 −0")
        assert "▾ …/" in header
        assert any(row.endswith("▾ short.py  +1 −0") for row in seen)
        await driver.pilot.resize_terminal(50, 20)
        await driver.settle()
        header = next(row for row in rows(driver) if "invoice_totals.py" in row)
        assert header.rstrip().endswith("invoice_totals.py  +1 −0")


async def test_the_frame_names_the_keys_in_force(start: Start) -> None:
    keys = {"diff.scope": ("f2",), "diff.right": ("f3",)}
    async with start(settings=AppSettings(keys=keys)) as driver:
        pane = driver.main.panes.diff
        await driver.press("ctrl+g")
        pane.show(parse_unified_diff(DIFF), scope=DiffScope.LAST_TURN)
        pane.line_at(3)
        await driver.settle()
        assert str(pane.border_subtitle) == "f3: scroll · f2: show uncommitted"
        driver.main.keys_changed({"diff.scope": (), "diff.right": ("f4",)})
        assert str(pane.border_subtitle) == "f4: scroll"
