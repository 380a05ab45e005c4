"""Several windows on one store: opened at once, written at once, and nobody waits who only reads."""

from __future__ import annotations

import contextlib
import os
import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conductor_tui.domain.workspaces import RepositoryRecord
from conductor_tui.storage.database import MIGRATIONS, Store
from conductor_tui.storage.outgoing import OutgoingStore
from conductor_tui.storage.races import RaceStore
from conductor_tui.storage.workspaces import WorkspaceStore
from tests.builders import until

OPENS = """
import sys
from pathlib import Path
from conductor_tui.storage.database import Store
me, folders = sys.argv[1], sys.argv[2:]
for folder in folders:
    store = Store(Path(folder) / "store.sqlite3")
    store.keep_draft(f"of {me}", folder)
    store.close()
    if store.trouble:
        print(folder, store.trouble)
"""


def windows(*folders: Path, number: int = 3) -> str:
    """Processes that open the same stores at the same time, one after the other; what went wrong there."""
    command = [sys.executable, "-c", OPENS]
    paths = [str(folder) for folder in folders]
    started = [
        subprocess.Popen([*command, str(n), *paths], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for n in range(number)
    ]
    return "".join(process.communicate(timeout=60)[0] for process in started)


def drafts(folder: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(folder / "store.sqlite3")) as db:
        return [row[0] for row in db.execute("SELECT owner FROM draft ORDER BY owner")]


def test_the_first_windows_ever_all_keep_what_is_written(tmp_path: Path) -> None:
    folders = [tmp_path / str(n) for n in range(40)]
    assert windows(*folders) == ""
    assert all(drafts(folder) == ["of 0", "of 1", "of 2"] for folder in folders)


def test_windows_that_find_an_older_store_bring_it_up_to_date_once(tmp_path: Path) -> None:
    folders = [tmp_path / str(n) for n in range(20)]
    for folder in folders:
        folder.mkdir()
        with contextlib.closing(sqlite3.connect(folder / "store.sqlite3")) as db:
            db.executescript(MIGRATIONS[0])
            db.execute("INSERT INTO draft VALUES ('old', 'kept')")
            db.execute("PRAGMA user_version = 1")
            db.commit()
    assert windows(*folders) == ""
    assert all(drafts(folder) == ["of 0", "of 1", "of 2", "old"] for folder in folders)


def test_windows_that_find_a_broken_store_set_it_aside_once(tmp_path: Path) -> None:
    folders = [tmp_path / str(n) for n in range(10)]
    for folder in folders:
        folder.mkdir()
        (folder / "store.sqlite3").write_bytes(b"no database at all" * 100)
    said = windows(*folders)
    assert said.count("The old file is kept") == len(folders), said
    assert "cannot be saved" not in said
    assert all((folder / "store.broken").read_bytes().startswith(b"no database") for folder in folders)
    assert all(drafts(folder) == ["of 0", "of 1", "of 2"] for folder in folders)


def test_reading_waits_for_no_lock_of_another_process(tmp_path: Path) -> None:
    store = Store(tmp_path / "s")
    store.keep_draft("a", "before")
    with contextlib.closing(sqlite3.connect(tmp_path / "s", isolation_level=None)) as other:
        while not store.draft("a"):
            os.sched_yield()
        other.execute("BEGIN IMMEDIATE")
        store.keep_draft("a", "after")  # waits for the other process, in its thread
        began = time.monotonic()
        assert store.draft("a") == "before"
        assert store.trusted_scripts(tmp_path) == []
        assert time.monotonic() - began < 1
        other.execute("COMMIT")
    store.close()
    assert Store(tmp_path / "s").draft("a") == "after"


async def test_typing_in_one_window_is_no_change_to_the_others(tmp_path: Path) -> None:
    one, other = Store(tmp_path / "s"), Store(tmp_path / "s")
    records, others = WorkspaceStore(one), WorkspaceStore(other)
    assert await others.has_changed()
    for n in range(5):
        one.keep_draft("a", f"typed {n}")
        await until(lambda: other.draft("a") == f"typed {n}")
        assert not await others.has_changed()
    await records.has_changed()
    await records.add_repository(RepositoryRecord(tmp_path, "repo", 1))
    assert not await records.has_changed(), "it knows its own"
    assert await others.has_changed()
    assert not await others.has_changed()
    one.close()
    other.close()


@pytest.mark.parametrize("seed", range(5))
async def test_every_change_of_another_window_is_noticed_whatever_happens_between(tmp_path: Path, seed: int) -> None:
    stores = [Store(tmp_path / "s") for _ in range(3)]
    windows = [WorkspaceStore(store) for store in stores]
    chance, due = random.Random(seed), [True] * 3
    for step in range(60):
        at = chance.randrange(3)
        if chance.random() < 0.5:
            assert await windows[at].has_changed() == due[at], step
            due[at] = False
        elif await windows[at].add_repository(RepositoryRecord(tmp_path / str(chance.randrange(20)), "r", step)):
            due = [is_due or n != at for n, is_due in enumerate(due)]
    for store in stores:
        store.close()


async def test_a_race_is_a_change_too(tmp_path: Path) -> None:
    from conductor_tui.domain.races import Race

    one, other = Store(tmp_path / "s"), Store(tmp_path / "s")
    others = WorkspaceStore(other)
    await others.has_changed()
    await RaceStore(one).add(Race("r", "prompt", "commit", 1))
    assert await others.has_changed()
    one.close()
    other.close()


async def test_a_message_on_its_way_in_a_folder_that_is_not_utf_8_is_taken_over(tmp_path: Path) -> None:
    store = Store(tmp_path / "s")
    owner = "new:/caf\udce9"
    outgoing = OutgoingStore(store)
    outgoing.keep(owner, "client", "half \ud83d a pair")
    outgoing.give("client", owner)
    (taken,) = await outgoing.take_over(owner)
    assert taken.text == "half \ud83d a pair"
    store.close()


def test_what_is_not_utf_8_is_kept_escaped_and_the_rest_as_it_is(tmp_path: Path) -> None:
    store = Store(tmp_path / "s")
    odd = Path(os.fsdecode(b"/caf\xe9"))
    owner = f"new:{odd}"
    store.keep_draft(owner, "half a pair \ud83d of what was typed")
    store.keep_prompt(odd, "\udce9t\udce9")
    store.keep_left_place(tmp_path, odd, tmp_path)
    store.close()
    again = Store(tmp_path / "s")
    assert again.trouble == store.trouble == ""
    assert again.draft(owner) == "half a pair \\ud83d of what was typed"
    assert again.prompts(odd) == ["\\udce9t\\udce9"]
    assert again.left_place(tmp_path) == (odd, tmp_path)
    again.close()
