"""The records of workspaces: what is kept comes back, and two processes at once lose nothing and give nothing twice."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from conductor_tui.domain.workspaces import RepositoryRecord, WorkspaceRecord, WorkspaceState
from conductor_tui.storage.database import MIGRATIONS, Store
from conductor_tui.storage.workspaces import WorkspaceStore

ROOT = Path("/repo")
ROUNDS = 40
_TEXT = st.text(st.characters(exclude_characters="\0"), max_size=12)
_PATHS = _TEXT.map(lambda text: Path("/w") / text.replace("/", "-").encode("utf-8", "surrogatepass").hex())


def a_record(number: int = 1, **rest: object) -> WorkspaceRecord:
    given = {"id": f"id{number}", "repository": ROOT, "name": f"city{number}", "path": Path(f"/w/city{number}")}
    return WorkspaceRecord(**(given | rest))  # type: ignore[arg-type]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[WorkspaceStore]:
    opened = Store(tmp_path / "s.sqlite3")
    yield WorkspaceStore(opened)
    opened.close()


@pytest.fixture
def other(tmp_path: Path, store: WorkspaceStore) -> Iterator[WorkspaceStore]:
    opened = Store(tmp_path / "s.sqlite3")
    yield WorkspaceStore(opened)
    opened.close()


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.builds(
        WorkspaceRecord,
        id=st.just("id"),
        repository=st.just(Path("/r\udcff/ä")),
        name=_TEXT,
        path=_PATHS,
        is_local=st.booleans(),
        branch=_TEXT,
        base=_TEXT,
        made_by_us=st.booleans(),
        made_branch=_TEXT,
        title=_TEXT,
        is_pinned=st.booleans(),
        created_at=st.integers(0, 1 << 40),
        port=st.integers(0, 65_000),
        state=st.sampled_from(WorkspaceState),
        salvage=_TEXT,
        head=st.text("0123456789abcdef", max_size=40),
        archived_at=st.integers(0, 1 << 40),
        trouble=_TEXT,
    )
)
async def test_whatever_is_kept_comes_back(store: WorkspaceStore, record: WorkspaceRecord) -> None:
    assert await store.add(record)
    assert await store.workspace("id") == record
    assert await store.workspaces() == (record,)
    assert await store.remove(record, record.state)


async def test_names_folders_and_ports_belong_to_one(store: WorkspaceStore) -> None:
    assert await store.add(a_record(1, port=55_000))
    assert not await store.add(a_record(2, name="city1"))
    assert not await store.add(a_record(2, path=Path("/w/city1")))
    assert not await store.add(a_record(2, port=55_000))
    assert await store.add(a_record(2, name="city1", repository=Path("/other")))
    archived = a_record(1, port=0, state=WorkspaceState.ARCHIVED)
    assert await store.change(archived, "state", "port")
    assert await store.add(a_record(3, path=Path("/w/city1"), port=55_000))
    assert not await store.change(a_record(1), "state")  # its folder is another's now


async def test_a_state_changes_only_from_where_it_was(store: WorkspaceStore, other: WorkspaceStore) -> None:
    record = a_record()
    await store.add(record)
    archiving = replace(record, state=WorkspaceState.ARCHIVING)
    won = await asyncio.gather(*(s.change(archiving, "state", when=WorkspaceState.READY) for s in (store, other)))
    assert sorted(won) == [False, True]
    assert not await store.remove(record, WorkspaceState.READY)


async def test_another_windows_change_is_noticed_and_ones_own_is_not(
    store: WorkspaceStore, other: WorkspaceStore
) -> None:
    assert await store.has_changed()
    await store.add(a_record())
    assert not await store.has_changed()
    await other.add(a_record(2))
    assert await store.has_changed()
    assert not await store.has_changed()


async def test_a_repository_with_workspaces_is_not_forgotten(store: WorkspaceStore) -> None:
    assert await store.add_repository(RepositoryRecord(ROOT, "repo", 1))
    assert not await store.add_repository(RepositoryRecord(ROOT, "again", 2))
    await store.add(a_record(1, is_local=True))
    await store.add(a_record(2))
    assert not await store.forget_repository(ROOT)
    await store.remove(a_record(2), WorkspaceState.READY)
    assert await store.forget_repository(ROOT)
    assert (await store.repositories(), await store.workspaces()) == ((), ())


async def _claims(path: Path, mine: str) -> list[str]:
    """What one process gets of what both want, and renames of what both have."""
    opened = Store(path)
    store = WorkspaceStore(opened)
    got = []
    for number in range(ROUNDS):
        if await store.add(a_record(number, id=f"{mine}{number}", port=55_000 + 10 * number)):
            got.append(f"city{number}")
        await store.change(a_record(1000, title=f"{mine}{number}"), "title")
        await store.change(a_record(1001 if mine == "a" else 1002, is_pinned=number % 2 == 1), "is_pinned")
    opened.close()
    return got


async def test_two_processes_get_everything_once(store: WorkspaceStore, tmp_path: Path) -> None:
    for number in (1000, 1001, 1002):
        await store.add(a_record(number))
    runs = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            __file__,
            str(tmp_path / "s.sqlite3"),
            mine,
            cwd=Path(__file__).parents[3],
            stdout=subprocess.PIPE,
        )
        for mine in "ab"
    ]
    got = [json.loads((await run.communicate())[0]) for run in runs]
    assert all(run.returncode == 0 for run in runs)
    assert sorted(got[0] + got[1]) == sorted(f"city{n}" for n in range(ROUNDS))
    records = {r.id: r for r in await store.workspaces()}
    assert records["id1000"].title in (f"a{ROUNDS - 1}", f"b{ROUNDS - 1}")
    assert records["id1001"].is_pinned and records["id1002"].is_pinned
    assert len(records) == ROUNDS + 3


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(_claims(Path(sys.argv[1]), sys.argv[2]))))


async def test_an_older_file_knows_by_name_which_branches_we_made(tmp_path: Path) -> None:
    path = tmp_path / "s.sqlite3"
    columns = "id, repository, name, path, branch, made_branch, state"
    rest = "is_local, base, made_by_us, title, is_pinned, created_at, port, salvage, head, archived_at, trouble"
    with sqlite3.connect(path) as db:
        version = next(n for n, script in enumerate(MIGRATIONS) if "TO is_branch_made" in script)
        for script in MIGRATIONS[:version]:
            db.executescript(script)
        db.execute(f"PRAGMA user_version = {version}")
        for id, made in (("a", 1), ("b", 0)):
            values = f"'{id}', x'2f72', CAST('{id}' AS BLOB), CAST('/w/{id}' AS BLOB), CAST('fix-{id}' AS BLOB), {made}"
            db.execute(
                f"INSERT INTO workspace ({columns}, {rest}) "
                f"VALUES ({values}, 'ready', 0, x'', 1, x'', 0, 0, 0, x'', '', 0, x'')"
            )
    opened = Store(path)
    assert opened.trouble == ""
    found = {r.name: (r.branch, r.made_branch) for r in await WorkspaceStore(opened).workspaces()}
    assert found == {"a": ("fix-a", "fix-a"), "b": ("fix-b", "")}
    opened.close()
