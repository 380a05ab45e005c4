"""What is kept of plans, in the store's database: comments on their steps, and which have been answered."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from conductor_tui.domain.plans import StepComment
from conductor_tui.storage.database import Store


class PlanStore:
    """The tables of plans."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._db = store.reading

    def comments(self, thread_id: str, plan_id: str) -> Sequence[StepComment]:
        """Comments on the steps of a plan, in the order of the steps."""
        rows = self._db.execute(
            "SELECT step, step_hash, text FROM plan_comment WHERE thread_id = ? AND plan_id = ? ORDER BY step",
            (thread_id, plan_id),
        )
        return [StepComment(*row) for row in rows]

    def keep_comment(self, thread_id: str, plan_id: str, comment: StepComment) -> None:
        """Keeps the comment on a step; an empty one is forgotten."""
        if comment.text:
            self._store.write(
                "INSERT OR REPLACE INTO plan_comment VALUES (?, ?, ?, ?, ?)",
                thread_id,
                plan_id,
                *msgspec.structs.astuple(comment),
            )
        else:
            self._store.write(
                "DELETE FROM plan_comment WHERE thread_id = ? AND plan_id = ? AND step = ?",
                thread_id,
                plan_id,
                comment.step,
            )

    def settled(self) -> set[tuple[str, str]]:
        """Thread and item ids of plans that were handed over to another session."""
        return {(str(row[0]), str(row[1])) for row in self._db.execute("SELECT thread_id, plan_id FROM plan_settled")}

    def keep_settled(self, thread_id: str, plan_id: str) -> None:
        """Remembers that a plan no longer waits."""
        self._store.write("INSERT OR IGNORE INTO plan_settled VALUES (?, ?)", thread_id, plan_id)
