"""What a workspace is called, where it stands, which one a word means, and what is said of losses."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.threads import ThreadState, ThreadSummary
from conductor_tui.domain.workspace_listing import (
    losses_object,
    losses_text,
    objects,
    session_objects,
    table,
    workspace_of,
    workspace_text,
    would_lose,
)
from conductor_tui.domain.workspaces import (
    RepositoryRecord,
    WorkspaceRecord,
    WorkspaceState,
    display_name,
    found_by,
    in_tree,
)
from conductor_tui.domain.worktrees import IgnoredFolder, Loss, Losses, LossKind

A, B = Path("/src/a"), Path("/src/b")


def a_record(name: str = "lima", repository: Path = A, **rest: object) -> WorkspaceRecord:
    given = {"id": f"id-{name}", "repository": repository, "name": name, "path": Path("/w") / repository.name / name}
    return WorkspaceRecord(**(given | rest))  # type: ignore[arg-type]


def test_the_users_name_goes_before_the_pull_requests_the_branch_and_the_city() -> None:
    assert display_name(a_record(title="Mine", branch="fix"), "PR") == "Mine"
    assert display_name(a_record(branch="fix"), "PR") == "PR"
    assert display_name(a_record(branch="fix")) == "fix"
    assert display_name(a_record()) == "lima"


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([A, B, Path("/src/c"), Path("/src/d")])), max_size=12))
def test_the_tree_has_the_pinned_first_then_repositories_and_keeps_the_order_within(
    given: list[tuple[bool, Path]],
) -> None:
    records = [a_record(str(n), root, is_pinned=pin) for n, (pin, root) in enumerate(given)]
    ordered = in_tree(records, [RepositoryRecord(B, "b"), RepositoryRecord(A, "a")])
    places = {B: 0, A: 1, Path("/src/c"): 2, Path("/src/d"): 3}
    keys = [(not r.is_pinned, places[r.repository], int(r.name)) for r in ordered]
    assert keys == sorted(keys)
    assert sorted(map(id, ordered)) == sorted(map(id, records))


def test_a_word_means_a_name_before_a_branch() -> None:
    one, two, three = a_record("lima"), a_record("oslo", branch="lima"), a_record("lima", B, id="x", title="T")
    assert found_by("lima", [one, two, three]) == [one, three]
    assert found_by("a/lima", [one, two, three]) == [one]
    assert found_by("x", [one, two, three]) == [three]
    assert found_by("/w/a/oslo", [one, two]) == [two]
    assert found_by("T", [one, two, three]) == [three]
    assert found_by("", [one]) == found_by("nothing", [one, two]) == []


def test_a_session_belongs_to_the_innermost_workspace() -> None:
    outer, inner = a_record("local", path=A, is_local=True), a_record("in", path=A / ".w" / "in")
    archived = a_record("gone", path=A / ".w" / "in" / "x", state=WorkspaceState.ARCHIVED)

    def of(cwd: str) -> WorkspaceRecord | None:
        return workspace_of(ThreadSummary(ThreadId("t"), cwd=cwd), [outer, inner, archived])

    assert of("/src/a/sub") is outer
    assert of("/src/a/.w/in/x") is inner
    assert of("/src/ab") is None
    assert of("") is None


def test_the_list_is_grouped_and_hides_nothing() -> None:
    records = [
        a_record("local", path=A, is_local=True, branch="main"),
        a_record("lima", branch="fix\x1b[31m", trouble="Not copied: x\nmore"),
        a_record("oslo", is_missing=True),
        a_record("bern", state=WorkspaceState.ARCHIVED),
    ]
    threads = [
        ThreadSummary(ThreadId("1"), ThreadState.NEEDS_APPROVAL, preview="ask", cwd="/w/a/lima", updated_at=40),
        ThreadSummary(ThreadId("2"), preview="other", cwd="/elsewhere", updated_at=40),
    ]
    text = table([RepositoryRecord(A, "a")], records, threads, now=100, home="/src")
    assert "\x1b" not in text
    assert text.splitlines()[:2] == ["~/a", "  local  main"]
    for words in ("! Not copied: x", "needs you", "its folder is gone", "archived: bern", "/elsewhere"):
        assert words in text
    assert table([], [], [], now=0, home="/") == "No sessions."
    assert [entry["sessions"] for entry in objects(records, threads)] == [[], ["1"], [], []]
    assert [entry["workspace"] and entry["workspace"]["name"] for entry in session_objects(records, threads)] == [
        "lima",
        None,
    ]


@pytest.mark.parametrize(
    ("losses", "loses", "words"),
    [
        (Losses(A), False, "Nothing would be lost."),
        (Losses(A, ignored=(IgnoredFolder(".context", 2, 10),)), False, "Nothing would be lost."),
        (Losses(A, ignored=(IgnoredFolder(".env", 1, 10),)), True, "gone for good:\n  .env  1 file, 10 B"),
        (Losses(A, (Loss(LossKind.COMMIT, "abc", "subject", stays=True),)), False, "Stays in the repository"),
        (Losses(A, (Loss(LossKind.UNTRACKED, "x", size=2048),)), True, "kept for a restore:\n  untracked: x  2.0K"),
        (Losses(A, (Loss(LossKind.UNTRACKED, "big", is_salvaged=False),)), True, "Gone for good:\n  untracked: big"),
    ],
)
def test_what_would_be_lost_is_said(losses: Losses, loses: bool, words: str) -> None:
    assert would_lose(losses) is loses
    assert losses_object(losses)["would_lose"] is loses
    assert words in losses_text(losses)


def test_what_several_workspaces_note_is_listed_once() -> None:
    note = "Begun without fetching. Git failed: fatal: unable to access"
    records = [a_record(name, trouble=note) for name in ("lima", "oslo")] + [a_record("bern", trouble="Not copied: x")]
    text = table([RepositoryRecord(A, "a")], records, [], now=100, home="/src")
    assert text.count(note) == 1
    assert f"  ! lima, oslo: {note}" in text.splitlines()
    assert "! Not copied: x" in text


def test_a_workspace_that_was_made_is_told_in_labelled_lines() -> None:
    text = workspace_text(a_record("lima", branch="fix"), "019a")
    assert [line.split(maxsplit=1) for line in text.splitlines()] == [
        ["Workspace", "lima"], ["Path", "/w/a/lima"], ["Branch", "fix"], ["Session", "019a"],
    ]  # fmt: skip
    assert "Session" not in workspace_text(a_record("lima", branch="fix"))
