"""The tree's filter: what is typed after `/` keeps the workspaces that match, until escape."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Input

from conductor_tui.domain.workspaces import WorkspaceRecord
from conductor_tui.ui.presentation.tree import branches
from conductor_tui.ui.widgets.workspace_tree import WorkspaceTree

SHOP = Path("/shop")
RECORDS = tuple(
    WorkspaceRecord(id=name, repository=SHOP, name=name, path=Path("/w", name), branch=f"fix-{name}", created_at=at)
    for at, name in enumerate(("lima", "lisbon", "oslo"))
)


class Host(App[None]):
    """A tree beside a field."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted: list[tuple[str, str]] = []
        self.entered: list[str] = []

    def compose(self) -> ComposeResult:
        yield WorkspaceTree()
        yield Input()

    def on_workspace_tree_wanted(self, message: WorkspaceTree.Wanted) -> None:
        self.wanted.append((message.command, message.workspace_id))

    def on_workspace_tree_entered(self, message: WorkspaceTree.Entered) -> None:
        self.entered.append(message.workspace_id)


@pytest.fixture
async def pilot() -> AsyncIterator[Pilot[None]]:
    async with Host().run_test(size=(60, 20)) as pilot:
        tree = pilot.app.query_one(WorkspaceTree)
        tree.show(branches(RECORDS, (), (), SHOP, lambda _: None, {}), 0.0)
        tree.focus()
        await pilot.pause()
        yield pilot


def host(pilot: Pilot[None]) -> Host:
    assert isinstance(pilot.app, Host)
    return pilot.app


def lines(pilot: Pilot[None]) -> list[str]:
    options = pilot.app.query_one(WorkspaceTree).options
    return [str(o.prompt).splitlines()[0].strip().split("   ")[0] for o in options]


async def test_typing_keeps_what_matches_and_letters_are_no_commands_meanwhile(pilot: Pilot[None]) -> None:
    await pilot.press("slash", *"li")
    assert lines(pilot) == ["/ li▏", "▾ shop", "○ fix-lima", "○ fix-lisbon"]
    await pilot.press(*"man")
    assert lines(pilot) == ["/ liman▏", "No matches"]
    await pilot.press("backspace")
    assert lines(pilot) == ["/ lima▏", "▾ shop", "○ fix-lima"]
    assert host(pilot).wanted == []
    await pilot.press("enter")
    assert lines(pilot)[0] == "/ lima  Esc clear"
    await pilot.press("p", "enter")
    assert host(pilot).wanted == [("pin", "lima")]
    assert host(pilot).entered == ["lima"]
    await pilot.press("escape")
    assert lines(pilot) == ["▾ shop", "○ fix-lima", "○ fix-lisbon", "○ fix-oslo"]


async def test_a_filter_stays_in_force_while_the_user_is_elsewhere_and_when_the_tree_changes(
    pilot: Pilot[None],
) -> None:
    await pilot.press("slash", *"oslo", "tab", *"lima")
    assert lines(pilot) == ["/ oslo  Esc clear", "▾ shop", "○ fix-oslo"]
    assert pilot.app.query_one(Input).value == "lima"
    tree = pilot.app.query_one(WorkspaceTree)
    tree.show(branches(RECORDS, (), (), SHOP, lambda _: None, {"oslo": "fetching …"}), 0.0)
    assert len(lines(pilot)) == 3
    assert str(tree.options[2].prompt).split("\n")[0].endswith("fetching …")


async def test_what_is_pasted_is_one_line_and_cannot_move_the_cursor(pilot: Pilot[None]) -> None:
    await pilot.press("slash")
    pilot.app.query_one(WorkspaceTree).post_message(events.Paste("fix\nos\x1blo"))
    await pilot.pause()
    assert lines(pilot)[0] == "/ fix os␛lo▏"


async def test_escape_without_a_filter_is_not_the_trees(pilot: Pilot[None]) -> None:
    await pilot.press("slash", "escape")
    assert lines(pilot)[0] == "▾ shop"
    event = events.Key("escape", None)
    pilot.app.query_one(WorkspaceTree).on_key(event)
    assert not event._no_default_action
