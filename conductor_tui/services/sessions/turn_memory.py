"""What Codex keeps nowhere and was on screen: tokens of a session and its turns, and the text of cut answers."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from conductor_tui.domain import events as ev
from conductor_tui.domain.ids import ItemId, ThreadId, TurnId
from conductor_tui.domain.items import AgentMessage, ItemStatus
from conductor_tui.domain.projection import SessionProjection
from conductor_tui.domain.turns import RecordedTurn, TokenUsage
from conductor_tui.storage.database import Store


class TurnMemory:
    """The memory of one session, for the windows after this one."""

    def __init__(self, projection: SessionProjection, store: Store) -> None:
        self._projection = projection
        self._store = store

    def follow(self, event: ev.Event) -> None:
        """Keeps what an event brought."""
        thread_id = self._projection.thread_id
        if thread_id is None:
            return
        if isinstance(event, ev.UsageChanged):
            usage = msgspec.json.encode(event.usage).decode()
            self._store.write("INSERT OR REPLACE INTO thread_usage VALUES (?, ?)", thread_id, usage)
        elif isinstance(event, ev.TurnCompleted):
            self._keep(thread_id, event.turn.id)

    def _keep(self, thread_id: ThreadId, turn_id: TurnId) -> None:
        turn = self._projection.turns.get(turn_id)
        if turn is None:
            return
        messages = [i for i in self._projection.items_of(turn_id) if isinstance(i, AgentMessage)]
        cut = [(i.id, i.text) for i in messages if i.status is ItemStatus.INTERRUPTED and i.text]
        if cut or turn.tokens_after:
            values = thread_id, turn_id, turn.tokens_before, turn.tokens_after, msgspec.json.encode(cut)
            self._store.write("INSERT OR REPLACE INTO turn_memory VALUES (?, ?, ?, ?, ?)", *values)

    def usage(self, thread_id: ThreadId) -> TokenUsage | None:
        """The last usage that a window was told of; None when there was none."""
        sql = "SELECT usage FROM thread_usage WHERE thread_id = ?"
        row = self._store.reading.execute(sql, (thread_id,)).fetchone()
        return msgspec.json.decode(row[0], type=TokenUsage) if row else None

    def recall(self, history: ev.HistoryLoaded) -> ev.HistoryLoaded:
        """A page of history with what Codex does not keep."""
        if history.thread_id is None or not history.turns:
            return history
        sql = "SELECT turn_id, tokens_before, tokens_after, cut FROM turn_memory WHERE thread_id = ?"
        kept = {row[0]: row[1:] for row in self._store.reading.execute(sql, (history.thread_id,))}
        return replace(
            history, turns=tuple(_recalled(t, *kept.get(t.turn.id, (None, None, b"[]"))) for t in history.turns)
        )


def _recalled(recorded: RecordedTurn, before: int | None, after: int | None, cut: bytes) -> RecordedTurn:
    known = {item.id for item in recorded.items}
    turn = replace(recorded.turn, tokens_before=before, tokens_after=after)
    texts = msgspec.json.decode(cut, type=list[tuple[str, str]])
    rest = [AgentMessage(ItemId(i), turn.id, ItemStatus.INTERRUPTED, text) for i, text in texts if i not in known]
    return RecordedTurn(turn, (*recorded.items, *rest))
