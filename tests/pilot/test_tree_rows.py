"""Rows of the workspace tree are cut, never wrapped: at any width, any height, with and without a scrollbar."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult

from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.pull_requests import PullRequest
from conductor_tui.domain.threads import ThreadState
from conductor_tui.domain.workspaces import RepositoryRecord, RepositoryState, WorkspaceRecord
from conductor_tui.ui.presentation.threads import SessionEntry
from conductor_tui.ui.presentation.tree import TreeBranch, branches
from conductor_tui.ui.presentation.tree_rows import repository_row, session_row, workspace_row
from conductor_tui.ui.styles import FILES
from conductor_tui.ui.widgets.workspace_tree import WorkspaceTree

SHOP = Path("/shop")
NAMES = st.text(st.sampled_from("ab-/ é漢字語界𝒳🚀"), min_size=1, max_size=50)
STEPS = ("", "", "Running the archive script …", "creating")


@st.composite
def trees(draw: st.DrawFn) -> list[TreeBranch]:
    """A repository with workspaces in all states, with scripts, pull requests and sessions."""
    records, entries, states, steps, running, requests = [], [], {}, {}, {}, {}
    for at in range(draw(st.integers(1, 20))):
        path = Path(f"/w/{at}")
        records.append(
            WorkspaceRecord(id=str(at), repository=SHOP, name=draw(NAMES), path=path, branch=draw(NAMES), created_at=at)
        )
        if draw(st.booleans()):
            numbers = st.integers(0, 99_999)
            states[path] = RepositoryState(
                path, draw(NAMES), "c0ffee", draw(numbers), draw(numbers), draw(numbers), draw(numbers)
            )
        steps[str(at)] = draw(st.sampled_from(STEPS))
        running[str(at)] = draw(st.lists(NAMES, max_size=2))
        if draw(st.booleans()):
            requests[str(at)] = PullRequest(number=draw(st.integers(1, 99_999)), title=draw(NAMES))
        for number in range(draw(st.integers(0, 2))):
            entries.append(
                SessionEntry(
                    ThreadId(f"{at}-{number}"),
                    draw(NAMES),
                    draw(st.sampled_from(ThreadState)),
                    is_unread=draw(st.booleans()),
                    updated_at=draw(st.integers(0, 1000)),
                    folder=str(path),
                )
            )
    repositories = (RepositoryRecord(SHOP, draw(NAMES), 1),)
    return branches(
        records, repositories, entries, Path("/w/0"), states.get, steps, running, lambda r, _: requests.get(r.id)
    )


@settings(deadline=None)
@given(trees(), st.integers(8, 60))
def test_no_line_of_a_row_is_wider_than_the_tree(tree: list[TreeBranch], width: int) -> None:
    for branch in tree:
        rows = [repository_row(branch.name, width)]
        for row in branch.rows:
            rows += [workspace_row(row, width), *(session_row(e, 2000.0, width) for e in row.sessions)]
        for line in (line for row_ in rows for line in row_.plain.split("\n")):
            assert cell_len(line) <= width, line


class Host(App[None]):
    """A tree of its own in the app's style."""

    CSS_PATH = list(FILES)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return {"frame": "#888888", "frame-strong": "#888888", "fill-selected": "#336699"}

    def compose(self) -> ComposeResult:
        yield WorkspaceTree(id="tree")


async def test_the_session_on_screen_is_in_sight_wherever_it_was_opened() -> None:
    records = [
        WorkspaceRecord(id=str(n), repository=SHOP, name=f"w{n}", path=Path(f"/w/{n}"), branch=f"b{n}", created_at=n)
        for n in range(20)
    ]

    def tree(shown: int) -> list[TreeBranch]:
        entries = [
            SessionEntry(ThreadId(str(n)), f"session {n}", ThreadState.FAILED, is_shown=n == shown, folder=f"/w/{n}")
            for n in range(20)
        ]
        return branches(records, (), entries, Path(f"/w/{shown}"), lambda _: None, {})

    async with Host().run_test(size=(30, 10)) as pilot:
        widget = pilot.app.query_one(WorkspaceTree)
        widget.blur()
        for number in (3, 18, 2):
            widget.show(tree(number), 2000.0)
            await pilot.pause()
            rows = [widget.render_line(y).text for y in range(widget.size.height)]
            assert any(f"session {number} " in row for row in rows), rows
        widget.focus()
        await pilot.press("home")
        widget.show(tree(18), 2000.0)
        assert widget.highlighted_option and widget.highlighted_option.id == "w:0"


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(trees(), st.integers(14, 60), st.integers(4, 40))
async def test_each_line_of_the_tree_is_a_row_of_the_screen(tree: list[TreeBranch], width: int, height: int) -> None:
    async with Host().run_test(size=(width, height)) as pilot:
        widget = pilot.app.query_one(WorkspaceTree)
        widget.show(tree, 2000.0)
        await pilot.pause()
        told = [line for option in widget.options for line in str(option.prompt).split("\n")]
        assert widget.virtual_size.height == len(told)
        shown = [widget.render_line(y).text.rstrip() for y in range(min(len(told), widget.size.height))]
        assert shown == [line.rstrip() for line in told[: len(shown)]]
