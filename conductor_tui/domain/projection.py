"""The model of one session, built from events: the only writer of session state.

Live, resumed and replayed sessions take the same path. A view reads it at any time and may be dropped and rebuilt
from it; `apply` says what a view must redraw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from conductor_tui.domain import events as ev
from conductor_tui.domain import item_rules
from conductor_tui.domain.approvals import Answer, Approval, McpApproval, QuestionApproval
from conductor_tui.domain.changes import Change, ItemAdded, ItemChanged, ItemRemoved, SessionChange, TurnChanged
from conductor_tui.domain.controls import SessionSettings
from conductor_tui.domain.ids import ItemId, ItemKey, RequestId, ThreadId, TurnId
from conductor_tui.domain.items import (
    Activity,
    AgentMessage,
    Checklist,
    CommandRun,
    FileChange,
    Item,
    ItemStatus,
    Notice,
    Reasoning,
    ReviewMark,
    Severity,
    UserMessage,
)
from conductor_tui.domain.threads import ThreadState
from conductor_tui.domain.turns import RecordedTurn, TokenUsage, Turn, TurnStatus

LOOSE = TurnId("")
"""Where notices stand that come before the first turn."""


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message of ours that Codex has not echoed yet."""

    client_id: str
    text: str
    error: str = ""
    """Why it was not sent; empty while it is on its way."""

    @property
    def state(self) -> str:
        return "failed" if self.error else "sending"


class SessionProjection:
    """Everything known of one session."""

    def __init__(self, thread_id: ThreadId | None = None, *, clock: Callable[[], float]) -> None:
        self.thread_id = thread_id
        self.name = ""
        self.state = ThreadState.IDLE
        self.is_connected = True
        self.lost_cause = ""
        self.settings = SessionSettings()
        self.turn_settings: SessionSettings | None = None
        """What the running turn was started with; settings changed meanwhile hold from the next turn."""
        self.usage = TokenUsage()
        self.goal = ("", "")
        self.turns: dict[TurnId, Turn] = {}
        self.approvals: dict[RequestId, Approval] = {}
        self.answered: dict[RequestId, Answer] = {}
        """Answers given here that the server has not confirmed yet."""
        self.outgoing: tuple[OutgoingMessage, ...] = ()
        self.has_older = False
        self._items: dict[TurnId, dict[ItemId, Item]] = {}
        self._abandoned: dict[TurnId, list[ItemId]] = {}
        self._clock = clock
        self._notices = 0

    # What views read

    def items_of(self, turn_id: TurnId) -> Sequence[Item]:
        """The items of a turn, in the order they are shown."""
        return tuple(self._items.get(turn_id, {}).values())

    def item(self, key: ItemKey) -> Item | None:
        """The newest form of an item; None when there is none."""
        return self._items.get(key.turn_id, {}).get(key.item_id)

    def item_keys(self) -> Iterator[ItemKey]:
        """All items, in the order they are shown."""
        for turn_id in self.turns:
            for item_id in self._items.get(turn_id, ()):
                yield ItemKey(turn_id, item_id)

    @property
    def running_turn(self) -> Turn | None:
        """The turn Codex works on, if any."""
        return next((t for t in reversed(self.turns.values()) if t.is_running), None)

    @property
    def waiting_approvals(self) -> tuple[Approval, ...]:
        """Requests that wait for the user, oldest first; those already answered here are left out."""
        return tuple(a for a in self.approvals.values() if a.request_id not in self.answered)

    @property
    def last_diff(self) -> str:
        """The unified diff of the newest turn that patched files; empty when none did."""
        newest = next(reversed(self.turns.values()), None)
        return newest.diff if newest else ""

    def patches_for(self, approval: Approval) -> FileChange | None:
        """The file change that an approval asks about: the request itself carries no diff."""
        if approval.turn_id is None or approval.item_id is None:
            return None
        item = self.item(ItemKey(approval.turn_id, approval.item_id))
        return item if isinstance(item, FileChange) else None

    # The only way in

    def apply(self, event: ev.Event) -> tuple[Change, ...]:
        """Moves the session on and says what a view must redraw."""
        handler = _HANDLERS.get(type(event))
        return tuple(handler(self, event)) if handler else ()

    # Turns

    def _on_turn_started(self, event: ev.TurnStarted) -> Iterator[Change]:
        review = self.running_turn
        if review and review.id != event.turn.id and self._is_review(review.id) and not review.interrupt_id:
            # A review's items carry another turn id than its turn/started; only the latter can be interrupted.
            self.turns[review.id] = replace(review, interrupt_id=event.turn.id)
            yield TurnChanged(review.id)
            return
        known = self.turns.get(event.turn.id)
        started_at = event.turn.started_at or (known and known.started_at) or self._clock()
        self.turns[event.turn.id] = replace(
            event.turn, started_at=started_at, tokens_before=self.usage.total, diff=known.diff if known else ""
        )
        self.turn_settings = self.settings
        yield TurnChanged(event.turn.id)
        yield SessionChange.STATUS

    def _on_turn_completed(self, event: ev.TurnCompleted) -> Iterator[Change]:
        turn_id = event.turn.id
        known = self.turns.get(turn_id, event.turn)
        self.turns[turn_id] = replace(
            known,
            status=event.turn.status,
            error=event.turn.error or known.error,
            duration_ms=event.turn.duration_ms if event.turn.duration_ms is not None else known.duration_ms,
            retry=None,
            tokens_after=self.usage.total,
        )
        failed = event.turn.status is not TurnStatus.COMPLETED
        for item in self.items_of(turn_id):
            rest = item_rules.left_over(item, turn_failed=failed)
            if rest is not item:
                yield self._put(rest)
        for request_id, approval in list(self.approvals.items()):
            if approval.turn_id == turn_id:
                del self.approvals[request_id]
                self.answered.pop(request_id, None)
                yield SessionChange.APPROVALS
        self.turn_settings = None
        yield TurnChanged(turn_id)
        yield SessionChange.STATUS

    def _is_review(self, turn_id: TurnId) -> bool:
        return any(isinstance(i, ReviewMark) and i.is_start for i in self.items_of(turn_id))

    def _ensure_turn(self, turn_id: TurnId) -> Turn:
        if turn_id not in self.turns:
            status = TurnStatus.IN_PROGRESS if turn_id != LOOSE else TurnStatus.COMPLETED
            self.turns[turn_id] = Turn(turn_id, status, started_at=self._clock() if turn_id != LOOSE else None)
        return self.turns[turn_id]

    def _on_turn_diff(self, event: ev.TurnDiffChanged) -> Iterator[Change]:
        turn = self._ensure_turn(event.turn_id)
        if turn.diff != event.diff:
            self.turns[turn.id] = replace(turn, diff=event.diff)
            yield SessionChange.DIFF

    # Items

    def _put(self, item: Item) -> Change:
        self._ensure_turn(item.turn_id)
        items = self._items.setdefault(item.turn_id, {})
        is_known = item.id in items
        items[item.id] = item
        return ItemChanged(item.key) if is_known else ItemAdded(item.key)

    def _progress(self, turn_id: TurnId) -> Iterator[Change]:
        """Something arrived, so the turn no longer retries."""
        turn = self.turns.get(turn_id)
        if turn and turn.retry:
            self.turns[turn_id] = replace(turn, retry=None)
            yield TurnChanged(turn_id)

    def _on_item_started(self, event: ev.ItemStarted) -> Iterator[Change]:
        item = item_rules.started(self.item(event.item.key), event.item)
        yield from self._progress(item.turn_id)
        yield self._put(item)
        yield from self._echoed(item)

    def _on_item_completed(self, event: ev.ItemCompleted) -> Iterator[Change]:
        item = item_rules.completed(self.item(event.item.key), event.item)
        yield from self._progress(item.turn_id)
        yield self._put(item)
        yield from self._echoed(item)
        if isinstance(item, AgentMessage):
            for stale in self._abandoned.pop(item.turn_id, []):
                if stale != item.id and self._items[item.turn_id].pop(stale, None):
                    yield ItemRemoved(ItemKey(item.turn_id, stale))

    def _echoed(self, item: Item) -> Iterator[Change]:
        if isinstance(item, UserMessage) and any(m.client_id == item.client_id for m in self.outgoing):
            self.outgoing = tuple(m for m in self.outgoing if m.client_id != item.client_id)
            yield SessionChange.OUTGOING

    def _on_text(self, event: ev.TextAppended) -> Iterator[Change]:
        known = self.item(ItemKey(event.turn_id, event.item_id))
        item = item_rules.grown(known or item_rules.item_for_delta(event), event)
        yield from self._progress(event.turn_id)
        if item is not known:
            yield self._put(item)

    def _on_patches(self, event: ev.PatchesUpdated) -> Iterator[Change]:
        known = self.item(ItemKey(event.turn_id, event.item_id))
        if known is None or (isinstance(known, FileChange) and known.is_open):
            yield self._put(FileChange(event.item_id, event.turn_id, ItemStatus.IN_PROGRESS, event.patches))

    def _on_typed(self, event: ev.TerminalTyped) -> Iterator[Change]:
        known = self.item(ItemKey(event.turn_id, event.item_id))
        if isinstance(known, CommandRun) and event.text:
            yield self._put(replace(known, typed=(*known.typed, event.text)))

    def _on_checklist(self, event: ev.ChecklistChanged) -> Iterator[Change]:
        item = Checklist(
            ItemId(f"{event.turn_id}-checklist"), event.turn_id, explanation=event.explanation, steps=event.steps
        )
        if self.item(item.key) != item:
            yield self._put(item)

    # Notices

    def _note(self, turn_id: TurnId | None, severity: Severity, text: str, detail: str = "") -> Change:
        where = turn_id or next(reversed(self.turns), LOOSE)
        self._notices += 1
        return self._put(Notice(ItemId(f"notice-{self._notices}"), where, severity=severity, text=text, detail=detail))

    def _on_error(self, event: ev.ErrorReported) -> Iterator[Change]:
        running = self.running_turn
        turn_id = event.turn_id or (running.id if running else None)
        if turn_id is None:
            yield self._note(None, Severity.ERROR, event.error.message, event.error.details)
            return
        turn = self._ensure_turn(turn_id)
        if not event.will_retry:
            self.turns[turn_id] = replace(turn, error=event.error, retry=None)
        else:
            self.turns[turn_id] = replace(turn, retry=event.error)
            # The model starts again: what it was writing will never complete.
            for item in self.items_of(turn_id):
                if isinstance(item, (AgentMessage, Reasoning)) and item.is_open:
                    self._abandoned.setdefault(turn_id, []).append(item.id)
                    yield self._put(item_rules.left_over(item, turn_failed=True))
        yield TurnChanged(turn_id)

    def _on_notice(self, event: ev.NoticeReported) -> Iterator[Change]:
        yield self._note(None, event.severity, event.text, event.detail)

    def _on_rerouted(self, event: ev.ModelRerouted) -> Iterator[Change]:
        text = f"Codex uses {event.to_model} instead of {event.from_model}"
        yield self._note(event.turn_id, Severity.WARNING, text, event.reason)
        yield SessionChange.SETTINGS

    def _on_hook(self, event: ev.HookRan) -> Iterator[Change]:
        turn_id = event.turn_id or next(reversed(self.turns), LOOSE)
        status = ItemStatus.FAILED if event.status in ("failed", "blocked") else ItemStatus.COMPLETED
        yield self._put(Activity(ItemId(f"hook-{event.run_id}"), turn_id, status, event.label, event.detail))

    # Approvals

    def _on_approval(self, event: ev.ApprovalRequested) -> Iterator[Change]:
        self.approvals[event.approval.request_id] = event.approval
        self.answered.pop(event.approval.request_id, None)
        yield SessionChange.APPROVALS

    def _on_answer(self, event: ev.AnswerGiven) -> Iterator[Change]:
        if event.request_id in self.approvals:
            self.answered[event.request_id] = event.answer
            yield SessionChange.APPROVALS

    def _on_answer_failed(self, event: ev.AnswerFailed) -> Iterator[Change]:
        if self.answered.pop(event.request_id, None):
            yield SessionChange.APPROVALS

    def _on_resolved(self, event: ev.ApprovalResolved) -> Iterator[Change]:
        approval = self.approvals.pop(event.request_id, None)
        answer = self.answered.pop(event.request_id, None)
        if approval is None:
            return
        if answer and answer.answers and isinstance(approval, (QuestionApproval, McpApproval)):
            # Codex keeps no item for a question, so its answer would be lost from the transcript.
            yield self._put(self._question_record(approval, answer))
        yield SessionChange.APPROVALS

    def _question_record(self, approval: QuestionApproval | McpApproval, answer: Answer) -> Item:
        asked = {q.id: q for q in approval.questions}
        parts = []
        for question_id, texts in answer.answers:
            question = asked.get(question_id)
            said = "••••" if question and question.is_secret else ", ".join(texts)
            parts.append(f"{question.text if question else question_id} → {said or 'no answer'}")
        turn_id = approval.turn_id or next(reversed(self.turns), LOOSE)
        return Activity(ItemId(f"answer-{approval.request_id}"), turn_id, label="answered", detail="; ".join(parts))

    # The session as a whole

    def _on_status(self, event: ev.ThreadStatusChanged) -> Iterator[Change]:
        if self.state is not event.state:
            self.state = event.state
            yield SessionChange.STATUS

    def _on_name(self, event: ev.ThreadNameChanged) -> Iterator[Change]:
        self.name = event.name
        yield SessionChange.NAME

    def _on_usage(self, event: ev.UsageChanged) -> Iterator[Change]:
        self.usage = event.usage
        yield SessionChange.USAGE

    def _on_settings(self, event: ev.SettingsChanged) -> Iterator[Change]:
        if self.settings != event.settings:
            self.settings = event.settings
            yield SessionChange.SETTINGS

    def _on_goal(self, event: ev.GoalChanged) -> Iterator[Change]:
        if self.goal != (event.objective, event.status):
            self.goal = (event.objective, event.status)
            yield SessionChange.GOAL

    def _on_message_queued(self, event: ev.MessageQueued) -> Iterator[Change]:
        rest = tuple(m for m in self.outgoing if m.client_id != event.client_id)
        self.outgoing = (*rest, OutgoingMessage(event.client_id, event.text))
        yield SessionChange.OUTGOING

    def _on_message_failed(self, event: ev.MessageFailed) -> Iterator[Change]:
        self.outgoing = tuple(
            replace(m, error=event.error) if m.client_id == event.client_id else m for m in self.outgoing
        )
        yield SessionChange.OUTGOING

    def _on_message_back(self, event: ev.MessageTakenBack) -> Iterator[Change]:
        self.outgoing = tuple(m for m in self.outgoing if m.client_id != event.client_id)
        yield SessionChange.OUTGOING

    def _on_lost(self, event: ev.ConnectionLost) -> Iterator[Change]:
        self.is_connected = False
        self.lost_cause = event.cause
        self.approvals.clear()  # the server replays those that still wait, with the same ids
        self.answered.clear()
        yield SessionChange.APPROVALS
        yield SessionChange.STATUS

    def _on_restored(self, event: ev.ConnectionRestored) -> Iterator[Change]:
        self.is_connected = True
        self.lost_cause = ""
        yield SessionChange.STATUS

    def _on_reverted(self, event: ev.ThreadReverted) -> Iterator[Change]:
        self.turns.clear()
        self._items.clear()
        self._abandoned.clear()
        yield SessionChange.TRANSCRIPT_RESET

    def _on_history(self, event: ev.HistoryLoaded) -> Iterator[Change]:
        self.has_older = event.has_more
        page = {recorded.turn.id: recorded for recorded in event.turns}
        known = [t for t in self.turns if t not in page]
        for recorded in event.turns:
            self._merge(recorded)
        order = [*page, *known] if event.is_older else [*known, *page]
        self.turns = {turn_id: self.turns[turn_id] for turn_id in order}
        yield SessionChange.TRANSCRIPT_RESET
        yield SessionChange.DIFF
        yield SessionChange.STATUS

    def _merge(self, recorded: RecordedTurn) -> None:
        """Takes over a turn from history without losing what only this window has seen of it."""
        turn_id = recorded.turn.id
        seen = self.turns.get(turn_id)
        self.turns[turn_id] = replace(
            recorded.turn,
            diff=seen.diff if seen else recorded.turn.diff,
            tokens_before=seen.tokens_before if seen else None,
            tokens_after=seen.tokens_after if seen else None,
        )
        live = self._items.get(turn_id, {})
        has_other_ids = bool(live) and not any(item.id in live for item in recorded.items)
        if not has_other_ids:  # 0.144 names items in history differently and leaves out commands: keep the live ones
            merged = dict(live)
            merged.update((item.id, item_rules.completed(live.get(item.id), item)) for item in recorded.items)
            self._items[turn_id] = merged
        if not recorded.turn.is_running:
            failed = recorded.turn.status is not TurnStatus.COMPLETED
            self._items[turn_id] = {
                i: item_rules.left_over(item, turn_failed=failed) for i, item in self._items[turn_id].items()
            }
        echoed = {i.client_id for i in recorded.items if isinstance(i, UserMessage)}
        self.outgoing = tuple(m for m in self.outgoing if m.client_id not in echoed)


_HANDLERS: dict[type[ev.Event], Callable[[SessionProjection, Any], Iterator[Change]]] = {
    ev.TurnStarted: SessionProjection._on_turn_started,
    ev.TurnCompleted: SessionProjection._on_turn_completed,
    ev.TurnDiffChanged: SessionProjection._on_turn_diff,
    ev.ItemStarted: SessionProjection._on_item_started,
    ev.ItemCompleted: SessionProjection._on_item_completed,
    ev.TextAppended: SessionProjection._on_text,
    ev.PatchesUpdated: SessionProjection._on_patches,
    ev.TerminalTyped: SessionProjection._on_typed,
    ev.ChecklistChanged: SessionProjection._on_checklist,
    ev.ErrorReported: SessionProjection._on_error,
    ev.NoticeReported: SessionProjection._on_notice,
    ev.ModelRerouted: SessionProjection._on_rerouted,
    ev.HookRan: SessionProjection._on_hook,
    ev.ApprovalRequested: SessionProjection._on_approval,
    ev.AnswerGiven: SessionProjection._on_answer,
    ev.AnswerFailed: SessionProjection._on_answer_failed,
    ev.ApprovalResolved: SessionProjection._on_resolved,
    ev.ThreadStatusChanged: SessionProjection._on_status,
    ev.ThreadNameChanged: SessionProjection._on_name,
    ev.UsageChanged: SessionProjection._on_usage,
    ev.SettingsChanged: SessionProjection._on_settings,
    ev.GoalChanged: SessionProjection._on_goal,
    ev.MessageQueued: SessionProjection._on_message_queued,
    ev.MessageFailed: SessionProjection._on_message_failed,
    ev.MessageTakenBack: SessionProjection._on_message_back,
    ev.ConnectionLost: SessionProjection._on_lost,
    ev.ConnectionRestored: SessionProjection._on_restored,
    ev.ThreadReverted: SessionProjection._on_reverted,
    ev.HistoryLoaded: SessionProjection._on_history,
}
