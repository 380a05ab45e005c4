"""Which turns were on screen when they had ended, kept in the store: the next start compares with it."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future

from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.turns import Turn
from conductor_tui.storage.database import Store


class SeenTurns:
    """By session: the newest turn that was on screen when it had ended."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._here: dict[ThreadId, str] = {}
        """Seen in this window: the store writes behind."""
        self.looked_at: dict[ThreadId, int] = {}
        """When Codex had changed a session last, as it was compared."""

    def began(self, thread_id: ThreadId) -> Future[None]:
        """A session was begun, and nothing of it was seen; done when other windows can read that."""
        return self._store.write("INSERT OR IGNORE INTO seen_turn VALUES (?, '')", thread_id)

    def saw(self, thread_id: ThreadId, turns: Iterable[Turn]) -> None:
        """A session is on screen with these turns, oldest first."""
        ended = [turn.id for turn in turns if not turn.is_running]
        if ended and self._here.get(thread_id) != ended[-1]:
            self._here[thread_id] = ended[-1]
            self._store.write("INSERT OR REPLACE INTO seen_turn VALUES (?, ?)", thread_id, ended[-1])

    def is_news(self, thread_id: ThreadId, turn: Turn | None) -> bool | None:
        """Whether the newest turn has ended and was not seen; None for a session that does not count."""
        row = self._store.read("SELECT turn_id FROM seen_turn WHERE thread_id = ?", thread_id)
        if row is None and thread_id not in self._here:
            return None
        if turn is None or turn.is_running:
            return False
        return turn.id not in (row[0] if row else "", self._here.get(thread_id))
