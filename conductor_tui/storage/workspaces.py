"""Which repositories and workspaces there are, in the store's database: tables of their own, the same connection.

Everything happens on the store's writing thread, in order, and waits for no other window on the event loop. Names,
paths and ports are claimed by unique constraints and states change from one to another in one statement, so two windows
never both win. Text is kept as bytes, for paths and branches need not be UTF-8.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from conductor_tui.domain.errors import WorkspaceError
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.workspaces import RepositoryRecord, WorkspaceRecord, WorkspaceState
from conductor_tui.storage.database import Store

T = TypeVar("T")

_NOT_KEPT = frozenset({"is_missing"})
_COLUMNS = tuple(name for name in WorkspaceRecord.__struct_fields__ if name not in _NOT_KEPT)
_PATHS = frozenset({"repository", "path"})
_BYTES = frozenset({"name", "branch", "made_branch", "base", "title", "salvage", "trouble"})
_SWITCHES = frozenset({"is_local", "made_by_us", "is_pinned"})


class WorkspaceStore:
    """The records of all repositories. Every method raises WorkspaceError when the database does not answer."""

    def __init__(self, store: Store) -> None:
        self._db, self._thread = store.shared
        self._seen = -1

    async def has_changed(self) -> bool:
        """Whether another window has changed repositories, workspaces or races since this was asked; true at first."""

        def work() -> bool:
            before, self._seen = self._seen, self._count()
            return self._seen != before

        return await self._do(work)

    async def repositories(self) -> tuple[RepositoryRecord, ...]:
        """The first added first."""

        def work() -> tuple[RepositoryRecord, ...]:
            rows = self._db.execute("SELECT root, name, added_at FROM repository ORDER BY added_at, rowid")
            return tuple(RepositoryRecord(Path(_text(root)), _text(name), at) for root, name, at in rows)

        return await self._do(work)

    async def add_repository(self, record: RepositoryRecord) -> bool:
        """Whether it is new."""
        sql = "INSERT OR IGNORE INTO repository VALUES (?, ?, ?)"
        return await self._changed(sql, _bytes(str(record.root)), _bytes(record.name), record.added_at)

    async def forget_repository(self, root: Path) -> bool:
        """Takes a repository without workspaces of its own, archived ones included, off the list."""
        key = _bytes(str(root))
        sql = (
            "DELETE FROM repository WHERE root = ?1 AND NOT EXISTS "
            "(SELECT 1 FROM workspace WHERE repository = ?1 AND is_local = 0)"
        )
        if not await self._changed(sql, key):
            return False
        await self._changed("DELETE FROM workspace WHERE repository = ? AND is_local = 1", key)
        return True

    async def workspaces(self) -> tuple[WorkspaceRecord, ...]:
        """All, archived ones too, the oldest first."""

        def work() -> tuple[WorkspaceRecord, ...]:
            rows = self._db.execute(f"SELECT {', '.join(_COLUMNS)} FROM workspace ORDER BY created_at, rowid")
            return tuple(_record(row) for row in rows)

        return await self._do(work)

    async def workspace(self, id: str) -> WorkspaceRecord | None:
        """One of them; None when there is none of this id any more."""

        def work() -> WorkspaceRecord | None:
            sql = f"SELECT {', '.join(_COLUMNS)} FROM workspace WHERE id = ?"
            row = self._db.execute(sql, (id,)).fetchone()
            return _record(row) if row else None

        return await self._do(work)

    async def add(self, record: WorkspaceRecord) -> bool:
        """Claims its name, folder and ports; False when another workspace has one of them."""
        marks = ", ".join("?" * len(_COLUMNS))
        sql = f"INSERT OR IGNORE INTO workspace ({', '.join(_COLUMNS)}) VALUES ({marks})"
        return await self._changed(sql, *(_value(record, name) for name in _COLUMNS))

    async def change(self, record: WorkspaceRecord, *fields: str, when: WorkspaceState | None = None) -> bool:
        """Keeps these fields as they are in `record`.

        False when it is no longer there, not in the state `when`, or another workspace has its new folder or ports.
        """
        sets = ", ".join(f"{name} = ?" for name in fields)
        sql = f"UPDATE OR IGNORE workspace SET {sets} WHERE id = ?"
        values = [*(_value(record, name) for name in fields), record.id]
        if when is not None:
            sql += " AND state = ?"
            values.append(when.value)
        return await self._changed(sql, *values)

    async def remove(self, record: WorkspaceRecord, when: WorkspaceState) -> bool:
        """Forgets a workspace that is still in this state."""
        return await self._changed("DELETE FROM workspace WHERE id = ? AND state = ?", record.id, when.value)

    async def _changed(self, sql: str, *values: object) -> bool:
        def work() -> bool:
            before = self._count()
            rows = self._db.execute(sql, values).rowcount
            if before == self._seen and self._count() == before + rows:  # nobody else was in between
                self._seen += rows
            return rows > 0

        return await self._do(work)

    def _count(self) -> int:
        """How many changes there were, by all windows; drafts and the like do not count."""
        (count,) = self._db.execute("SELECT count FROM change_count").fetchone()
        return int(count)

    async def _do(self, work: Callable[[], T]) -> T:
        """Runs on the writing thread; what has begun is finished when the caller is cancelled."""
        try:
            return await asyncio.wrap_future(self._thread.submit(work))
        except (sqlite3.Error, RuntimeError) as error:  # RuntimeError: the window is closing
            steps = ("Free some space on the disk, or check who may write in the state folder.",)
            raise WorkspaceError(Trouble("The list of workspaces cannot be kept", str(error), steps)) from error


def _value(record: WorkspaceRecord, name: str) -> object:
    value = getattr(record, name)
    if name in _PATHS or name in _BYTES:
        return _bytes(str(value))
    return int(value) if name in _SWITCHES else value


def _record(row: tuple[Any, ...]) -> WorkspaceRecord:
    values = dict(zip(_COLUMNS, row, strict=True))
    for name in _BYTES:
        values[name] = _text(values[name])
    for name in _PATHS:
        values[name] = Path(_text(values[name]))
    for name in _SWITCHES:
        values[name] = bool(values[name])
    values["state"] = WorkspaceState(values["state"])
    return WorkspaceRecord(**values)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogatepass")
