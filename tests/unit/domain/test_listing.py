"""Sessions on the command line."""

from __future__ import annotations

from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.listing import age, objects, table
from conductor_tui.domain.threads import ThreadState, ThreadSummary

THREADS = (
    ThreadSummary(ThreadId("a"), ThreadState.IDLE, preview="tidy up", cwd="/home/ada/shop", updated_at=9_000),
    ThreadSummary(ThreadId("b"), ThreadState.NEEDS_APPROVAL, name="fix \x1b[31mit", cwd="/srv/docs", updated_at=1_000),
    ThreadSummary(ThreadId("c"), ThreadState.NOT_LOADED, preview="x" * 90, cwd="/home/ada/shop", updated_at=9_990),
)


def test_who_needs_the_user_comes_first_and_nothing_acts_on_the_terminal() -> None:
    rows = table(THREADS, now=10_000, home="/home/ada").split("\n")
    assert rows[0].split() == ["needs", "you", "2h", "fix", "␛[31mit", "/srv/docs"]
    assert rows[1].endswith("…  ~/shop")
    assert rows[2].split() == ["idle", "16m", "tidy", "up", "~/shop"]
    assert table((), now=0, home="") == "No sessions."


def test_scripts_get_every_field() -> None:
    first = objects(THREADS)[0]
    assert first == {
        "id": "b",
        "state": "needsApproval",
        "needs_user": True,
        "title": "fix \x1b[31mit",
        "cwd": "/srv/docs",
        "branch": "",
        "model": "",
        "updated_at": 1_000,
    }


def test_ages() -> None:
    assert [age(s) for s in (5, 60, 7_200, 200_000)] == ["", "1m", "2h", "2d"]
