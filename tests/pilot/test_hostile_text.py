"""Text that Textual would read as markup, through every way to the screen: it stands there as it came."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from conductor_tui.domain import events as ev
from conductor_tui.domain.diff_parser import parse_unified_diff
from conductor_tui.domain.diffs import DiffScope
from conductor_tui.domain.items import ItemStatus, Severity
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.turns import Turn, TurnError, TurnStatus
from conductor_tui.domain.workspaces import WorkspaceRecord
from conductor_tui.ui.presentation.tree import branches
from conductor_tui.ui.widgets.transcript.view import TranscriptView
from conductor_tui.ui.widgets.workspace_tree import WorkspaceTree
from tests.builders import THREAD, TURN, a_command, a_message, a_patch, a_plan, a_prompt, item_completed, turn_started
from tests.pilot.conftest import Docked, Start, write

HOSTILE = ("[/b]", "[@click=app.quit]x[/]", "[red]", "[link=x]y")


@pytest.mark.parametrize("text", HOSTILE)
async def test_what_codex_says_is_never_markup(start: Start, text: str) -> None:
    troubles = (Trouble(title=f"Title {text}", cause=f"cause {text}", steps=(f"step {text}",)),)
    async with start(troubles=troubles) as driver:
        await driver.say(
            ev.ThreadNameChanged(THREAD, f"name {text}"),
            turn_started(),
            item_completed(a_prompt(f"prompt {text}")),
            item_completed(a_message(f"answer `{text}`")),
            item_completed(a_command(f"ls {text}", output=f"out {text}", status=ItemStatus.FAILED, exit_code=1)),
            item_completed(a_patch(f"/repo/a{text}.py")),
            ev.NoticeReported(THREAD, Severity.WARNING, f"notice {text}", f"detail {text}"),
            ev.ErrorReported(THREAD, TURN, TurnError(f"error {text}"), will_retry=True),
            ev.TurnCompleted(THREAD, Turn(TURN, TurnStatus.FAILED, error=TurnError(f"failed {text}"))),
        )
        driver.main.tell(f"remark {text}", "warning")
        await driver.settle()
        shown = driver.text()
        for word in ("Title", "cause", "step", "name", "prompt", "answer", "ls", "out", "failed", "remark"):
            assert f"{word} {text}" in shown, word
        assert f"a{text}.py" in shown


@pytest.mark.parametrize("text", HOSTILE)
async def test_what_is_searched_for_is_never_markup(start: Start, text: str) -> None:
    async with start() as driver:
        await driver.say(turn_started(), item_completed(a_message(f"here `{text}`")))
        view = driver.main.panes.screen.query_one(TranscriptView)
        view.focus()
        assert view.search(text)
        await driver.press("n", "n")
        assert f"no more matches for “{text}”" in driver.text()
        await driver.press("slash")
        assert text in driver.text()


@pytest.mark.parametrize("text", HOSTILE)
async def test_names_of_files_are_never_markup(start: Start, text: str) -> None:
    diff = f"diff --git a/x{text} b/x{text}\n--- a/x{text}\n+++ b/x{text}\n@@ -1 +1 @@ {text}\n-{text}\n+y{text}\n"
    async with start() as driver:
        await driver.press("ctrl+g")
        driver.main.panes.diff.show(parse_unified_diff(diff), scope=DiffScope.SINCE_START, left_out=(f"left {text}",))
        await driver.settle()
        shown = driver.text()
        for expected in (f"left {text}", f"▾ x{text}", f"- {text}", f"+ y{text}"):
            assert expected in shown


@pytest.mark.parametrize("text", HOSTILE)
async def test_a_plan_is_never_markup(start: Start, text: str) -> None:
    async with start() as driver:
        await driver.say(turn_started(), item_completed(a_plan(f"# Do `{text}`\n\n1. Look at `{text}`\n")))
        await driver.say(ev.TurnCompleted(THREAD, Turn(TURN, TurnStatus.COMPLETED)))
        await driver.press("ctrl+r")
        await driver.press("c")
        assert text in driver.text()


@pytest.mark.parametrize("text", HOSTILE)
async def test_workspaces_and_branches_are_never_markup(start: Start, text: str) -> None:
    record = WorkspaceRecord(
        id="w", repository=Path("/shop"), name=f"n{text}", path=Path(f"/w/n{text}"), branch=f"b{text}", created_at=1
    )
    async with start() as driver:
        tree = driver.main.panes.screen.query_one(WorkspaceTree)
        tree.show(branches((record,), (), (), Path("/shop"), lambda _: None, {}), 0.0)
        await driver.settle()
        assert f"b{text}"[:10] in driver.text()


@pytest.mark.parametrize("text", HOSTILE)
async def test_what_a_script_prints_is_never_markup(docked: Docked, tmp_path: Path, text: str) -> None:
    write(tmp_path, dev=f"echo http://localhost:5173/{text}; sleep 1000")
    async with docked() as dock:
        await dock.open()
        await dock.start()
        await dock.shows(f"http://localhost:5173/{text} (u)")
        dock.driver.main.panes.dock.tick(time.time())
        await dock.driver.press("u")
        assert f"http://localhost:5173/{text}" in dock.driver.text()
