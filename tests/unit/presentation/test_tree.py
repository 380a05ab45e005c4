"""The workspace tree: which rows there are, in what order, and what each says."""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.pull_requests import PullRequest
from conductor_tui.domain.races import Entrant
from conductor_tui.domain.threads import ThreadState
from conductor_tui.domain.workspaces import RepositoryRecord, RepositoryState, WorkspaceRecord, WorkspaceState
from conductor_tui.services.workspaces.creation import lasting_notes
from conductor_tui.ui.presentation.race import told_apart
from conductor_tui.ui.presentation.threads import SessionEntry
from conductor_tui.ui.presentation.tree import TreeBranch, branches, filtered
from conductor_tui.ui.presentation.tree_rows import workspace_row

SHOP, DOCS = Path("/shop"), Path("/docs")
REPOSITORIES = (RepositoryRecord(SHOP, "shop", 1), RepositoryRecord(DOCS, "docs", 2))
LOCAL = WorkspaceRecord(id="l", repository=SHOP, name="local", path=SHOP, is_local=True, branch="main")
LIMA = WorkspaceRecord(id="a", repository=SHOP, name="lima", path=Path("/w/lima"), branch="fix-1", created_at=5)
OSLO = WorkspaceRecord(id="b", repository=SHOP, name="oslo", path=Path("/w/oslo"), branch="fix-2", created_at=6)
DOCS_LOCAL = WorkspaceRecord(id="d", repository=DOCS, name="local", path=DOCS, is_local=True, branch="main")


def an_entry(
    title: str, folder: Path, state: ThreadState = ThreadState.IDLE, *, is_unread: bool = False
) -> SessionEntry:
    return SessionEntry(ThreadId(title), title, state, is_unread=is_unread, folder=str(folder))


def the_tree(
    *records: WorkspaceRecord, entries: tuple[SessionEntry, ...] = (), here: Path = SHOP, **steps: str
) -> list[TreeBranch]:
    states = {SHOP: RepositoryState(SHOP, "main", "c0ffee", added=9, deleted=2, ahead=1)}
    return branches(records, REPOSITORIES, entries, SHOP, states.get, steps)


def test_workspaces_stand_under_their_repository_in_its_order() -> None:
    tree = the_tree(DOCS_LOCAL, OSLO, LIMA, LOCAL)
    assert [(b.name, [r.name for r in b.rows]) for b in tree] == [
        ("shop", ["main", "fix-1", "fix-2"]),
        ("docs", ["main"]),
    ]


def test_a_row_says_city_and_how_the_checkout_stands() -> None:
    (shop,) = the_tree(LOCAL, LIMA)
    assert [row.detail for row in shop.rows] == [("local", "+9 −2 ↑1"), ("lima",)]


def test_who_needs_the_user_comes_first_and_the_pinned_before_all() -> None:
    asks = an_entry("install", OSLO.path, ThreadState.NEEDS_APPROVAL)
    (shop,) = the_tree(LOCAL, LIMA, OSLO, entries=(asks,))
    assert [(r.name, r.word) for r in shop.rows] == [("fix-2", "needs approval"), ("main", ""), ("fix-1", "")]
    (shop,) = the_tree(LOCAL, replace(LIMA, is_pinned=True), OSLO, entries=(asks,))
    assert shop.rows[0].name == "★ fix-1"


def test_sessions_are_listed_here_and_elsewhere_only_those_worth_a_look() -> None:
    entries = (
        an_entry("idle here", SHOP),
        an_entry("idle there", LIMA.path),
        an_entry("done there", LIMA.path, is_unread=True),
    )
    (shop,) = the_tree(LOCAL, LIMA, entries=entries)
    listed = {row.name: [e.title for e in row.sessions] for row in shop.rows}
    assert listed == {"main": ["idle here"], "fix-1": ["done there"]}


def test_the_users_name_wins_and_the_branch_is_the_one_git_reports() -> None:
    (shop,) = the_tree(replace(LOCAL, branch="old"), replace(LIMA, title="Rounding"))
    assert [r.name for r in shop.rows] == ["main", "Rounding"]


def test_a_workspace_that_cannot_be_entered_says_why() -> None:
    making = replace(LIMA, state=WorkspaceState.CREATING)
    gone = replace(OSLO, is_missing=True)
    (shop,) = the_tree(LOCAL, making, gone)
    assert {r.name: r.word for r in shop.rows} == {"main": "", "fix-1": "creating", "fix-2": "folder missing"}
    (shop,) = the_tree(LOCAL, making, a="fetching …")
    assert shop.rows[1].word == "fetching …"


def test_archived_ones_are_not_in_the_tree_and_odd_names_cannot_move_the_cursor() -> None:
    odd = replace(LIMA, branch="fix\x1b[2J")
    (shop,) = the_tree(LOCAL, odd, replace(OSLO, state=WorkspaceState.ARCHIVED))
    assert [r.name for r in shop.rows] == ["main", "fix␛[2J"]


def test_a_run_script_that_runs_is_seen_in_its_workspace() -> None:
    (shop,) = branches((LOCAL, LIMA), REPOSITORIES, (), SHOP, lambda path: None, {}, {"a": ["web"]})
    assert [row.detail for row in shop.rows] == [("local",), ("lima", "▶ web")]


def test_a_pull_request_gives_its_title_unless_the_user_gave_a_name() -> None:
    def request_of(record: WorkspaceRecord, branch: str) -> PullRequest | None:
        return None if record.is_local else PullRequest(12, f"Title of {branch}\x1b")

    (shop,) = branches(
        (LOCAL, LIMA, replace(OSLO, title="Mine")), REPOSITORIES, (), SHOP, lambda _: None, {}, request_of=request_of
    )
    assert [(r.name, r.request) for r in shop.rows] == [
        ("main", ""),
        ("Title of fix-1␛", "#12 open"),
        ("Mine", "#12 open"),
    ]


def test_the_filter_looks_in_name_branch_city_title_and_all_sessions() -> None:
    entries = (an_entry("Rounding of prices", LIMA.path), an_entry("other", OSLO.path))
    tree = the_tree(LOCAL, LIMA, replace(OSLO, title="Taxes"), DOCS_LOCAL, entries=entries)

    def kept(typed: str) -> list[str]:
        return sorted(f"{b.name}/{r.record.name}" for b in filtered(tree, typed) for r in b.rows)

    assert kept("") == ["docs/local", "shop/lima", "shop/local", "shop/oslo"]
    assert kept("LIMA") == kept("rounding") == kept("fix-1") == kept("round lima") == ["shop/lima"]
    assert kept("tax") == kept("fix-2") == ["shop/oslo"]
    assert kept("main") == ["docs/local", "shop/local"]
    assert kept("nowhere") == []
    assert filtered(tree, "nowhere") == []


def test_who_races_is_marked() -> None:
    tree = branches(
        (LOCAL, replace(LIMA, is_pinned=True), OSLO),
        REPOSITORIES,
        (),
        SHOP,
        lambda _: None,
        {},
        racing={"a": "Big low", "b": ""},
    )
    assert [row.name for row in tree[0].rows] == ["⚑ Big low · ★ fix-1", "main", "⚑ fix-2"]


def test_something_to_read_hides_neither_sign_nor_word() -> None:
    noted = replace(LIMA, trouble="Begun without fetching. No remote")
    (shop,) = the_tree(noted, entries=(an_entry("done", LIMA.path, is_unread=True),))
    assert [(r.sign, r.word, r.note) for r in shop.rows] == [("●", "new", "! note")]
    (shop,) = the_tree(noted)
    assert (shop.rows[0].sign, shop.rows[0].word) == ("○", "")
    assert lasting_notes(f"Not copied: .env: it is a folder\n{noted.trouble}") == "Not copied: .env: it is a folder"
    assert lasting_notes(noted.trouble) == ""


def test_who_races_is_told_by_the_model_and_equal_models_by_number() -> None:
    big, small = Entrant("big", "high"), Entrant("small", None)
    assert told_apart([big, small, big], str.title) == ["Big high 1", "Small", "Big high 2"]


def test_rows_move_only_for_the_user_not_for_what_goes_on() -> None:
    before = [r.name for b in the_tree(LOCAL, LIMA, OSLO) for r in b.rows]
    for state in (ThreadState.IDLE, ThreadState.WORKING, ThreadState.FAILED):
        assert [
            r.name for b in the_tree(LOCAL, LIMA, OSLO, entries=(an_entry("x", OSLO.path, state),)) for r in b.rows
        ] == before


def test_a_quiet_workspace_is_one_line_where_its_name_leaves_room() -> None:
    (shop,) = the_tree(LOCAL, LIMA)
    assert [workspace_row(row, 26).plain for row in shop.rows] == [
        "▌ ○ main    local +9 −2 ↑1",
        "  ○ fix-1             lima",
    ]
    assert workspace_row(shop.rows[0], 23).plain == "▌ ○ main\n    local +9 −2 ↑1"
