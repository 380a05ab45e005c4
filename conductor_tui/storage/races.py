"""What is kept of races, in the store's database: the prompt, where all began, who took part, who was kept.

Everything happens on the store's writing thread, in order, as for workspaces.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from typing import TypeVar

from conductor_tui.domain.errors import WorkspaceError
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.races import Entrant, Member, Race
from conductor_tui.storage.database import Store

T = TypeVar("T")


class RaceStore:
    """The tables of races. Every method raises WorkspaceError when the database does not answer."""

    def __init__(self, store: Store) -> None:
        self._db, self._thread = store.shared

    async def races(self) -> tuple[Race, ...]:
        """All, the oldest first, each with its members in the order of the start."""

        def work() -> tuple[Race, ...]:
            members: dict[str, list[Member]] = {}
            sql = "SELECT race_id, workspace_id, model, effort, thread_id FROM race_member ORDER BY rowid"
            for race_id, workspace_id, model, effort, thread_id in self._db.execute(sql):
                member = Member(workspace_id, Entrant(model, effort), thread_id)
                members.setdefault(race_id, []).append(member)
            rows = self._db.execute("SELECT id, prompt, start, made_at, winner FROM race ORDER BY made_at, rowid")
            return tuple(
                Race(id_, prompt.decode("utf-8", "surrogatepass"), start, at, tuple(members.get(id_, ())), winner)
                for id_, prompt, start, at, winner in rows
            )

        return await self._do(work)

    async def add(self, race: Race) -> None:
        """A new race; its members come one by one."""
        prompt = race.prompt.encode("utf-8", "surrogatepass")
        await self._write("INSERT INTO race VALUES (?, ?, ?, ?, '')", race.id, prompt, race.commit, race.made_at)

    async def keep_member(self, race: Race, member: Member) -> None:
        """A workspace takes part, or its session is known now."""
        await self._write(
            "INSERT INTO race_member VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (race_id, workspace_id) DO UPDATE SET thread_id = excluded.thread_id",
            race.id,
            member.workspace_id,
            member.entrant.model,
            member.entrant.effort,
            member.thread_id,
        )

    async def keep_winner(self, race: Race, workspace_id: str) -> None:
        """It is decided."""
        await self._write("UPDATE race SET winner = ? WHERE id = ?", workspace_id, race.id)

    async def remove(self, race: Race) -> None:
        """Forgets a race in which nobody took part."""
        await self._write("DELETE FROM race WHERE id = ?", race.id)

    async def _write(self, sql: str, *values: object) -> None:
        await self._do(lambda: self._db.execute(sql, values))

    async def _do(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.wrap_future(self._thread.submit(work))
        except (sqlite3.Error, RuntimeError) as error:  # RuntimeError: the window is closing
            steps = ("Free some space on the disk, or check who may write in the state folder.",)
            raise WorkspaceError(Trouble("The list of races cannot be kept", str(error), steps)) from error
