"""The model of one session, built from events: the only writer of session state.

Live, resumed and replayed sessions take the same path. A view reads it at any time and may be dropped and rebuilt
from it; `apply` says what a view must redraw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from conductor_tui.domain import events as ev
from conductor_tui.domain.approvals import Answer, Approval, McpApproval, QuestionApproval
from conductor_tui.domain.controls import SessionSettings
from conductor_tui.domain.goals import Goal
from conductor_tui.domain.ids import ItemId, ItemKey, RequestId, ThreadId, TurnId
from conductor_tui.domain.invalidations import Change, SessionChange
from conductor_tui.domain.items import Activity, FileChange, Item, Severity, SubAgentActivity, UserMessage
from conductor_tui.domain.threads import QueuedMessage, ThreadState
from conductor_tui.domain.toolbox import McpServer
from conductor_tui.domain.transcript import Transcript
from conductor_tui.domain.turns import TokenUsage, Turn

_AT_REST = (ThreadState.IDLE, ThreadState.FAILED, ThreadState.NOT_LOADED)


class OutgoingMessage(Struct, frozen=True):
    """A message of ours that Codex has not echoed yet."""

    client_id: str
    text: str
    error: str = ""
    """Why it was not sent; empty while it is on its way."""
    waits: str = ""
    """What it waits for, where that may take a while."""
    turn_id: TurnId | None = None
    """The turn that Codex took it for; None as long as Codex has not said so."""
    is_steer: bool = False
    """Whether that turn ran already: Codex drops what it has not read when such a turn is interrupted."""

    @property
    def state(self) -> str:
        """`sending`, `waiting`, `taken` or `failed`."""
        if self.error:
            return "failed"
        if self.waits:
            return "waiting"
        return "taken" if self.turn_id is not None and self.is_steer else "sending"


class SessionProjection:
    """Everything known of one session."""

    def __init__(self, thread_id: ThreadId | None = None, *, clock: Callable[[], float]) -> None:
        self.thread_id = thread_id
        self.name = ""
        self.state = ThreadState.IDLE
        self.lost_cause: str | None = None
        """Why the connection is gone; None while it stands."""
        self.settings = SessionSettings()
        self.turn_settings: SessionSettings | None = None
        """What the running turn was started with; settings changed meanwhile hold from the next turn."""
        self.usage = TokenUsage()
        self.goal: Goal | None = None
        self.mcp_servers: dict[str, McpServer] = {}
        """As they started for this session; empty when that was before this window came."""
        self.approvals: dict[RequestId, Approval] = {}
        self.answered: dict[RequestId, Answer] = {}
        """Answers given here that the server has not confirmed yet."""
        self.outgoing: tuple[OutgoingMessage, ...] = ()
        self.queued: tuple[QueuedMessage, ...] = ()
        """What other clients left for later turns, in the order in which Codex takes it."""
        self.has_older = False
        """Older turns are still on the server."""
        self._transcript = Transcript(clock)
        self._unknown: set[str] = set()
        """What of Codex was not understood, by method: said once."""

    # What views read

    @property
    def turns(self) -> dict[TurnId, Turn]:
        """All turns, in the order they are shown."""
        return self._transcript.turns

    def items_of(self, turn_id: TurnId) -> Sequence[Item]:
        """The items of a turn, in the order they are shown."""
        return self._transcript.items_of(turn_id)

    def item(self, key: ItemKey) -> Item | None:
        """The newest form of an item; None when there is none."""
        return self._transcript.item(key)

    def item_keys(self) -> Iterator[ItemKey]:
        """All items, in the order they are shown."""
        return self._transcript.item_keys()

    @property
    def running_turn(self) -> Turn | None:
        """The turn Codex works on, if any."""
        return self._transcript.running_turn

    @property
    def is_connected(self) -> bool:
        """Whether the server that holds this session answers."""
        return self.lost_cause is None

    @property
    def waiting_approvals(self) -> tuple[Approval, ...]:
        """Requests that wait for the user, oldest first; those already answered here are left out."""
        return tuple(a for a in self.approvals.values() if a.request_id not in self.answered)

    @property
    def last_diff(self) -> str:
        """The unified diff of the newest turn; empty when it patched nothing."""
        newest = next(reversed(self.turns.values()), None)
        return newest.diff if newest else ""

    def patches_for(self, approval: Approval) -> FileChange | None:
        """The file change that an approval asks about: the request itself carries no diff."""
        if approval.turn_id is None or approval.item_id is None:
            return None
        item = self.item(ItemKey(approval.turn_id, approval.item_id))
        return item if isinstance(item, FileChange) else None

    def name_of_agent(self, thread_id: ThreadId) -> str:
        """A sub-agent by the name or the task that it was given; by its id where neither is known."""
        named = [
            item
            for item in map(self.item, self.item_keys())
            if isinstance(item, SubAgentActivity) and item.agent_thread_id == thread_id
        ]
        agent = next((i.agent for i in named if i.agent), "")
        task = next((i.detail for i in named if i.detail), "")
        return f"{agent}: {task}" if agent and task else agent or task or thread_id

    # The only way in

    def apply(self, event: ev.Event) -> tuple[Change, ...]:
        """Moves the session on and says what a view must redraw."""
        handler = _HANDLERS.get(type(event))
        own = handler(self, event) if handler else ()
        return (*self._transcript.apply(event), *own)

    def _on_status(self, event: ev.ThreadStatusChanged) -> Iterable[Change]:
        yield from self._transcript.rest(event.state in _AT_REST)
        if self.state is not event.state:
            self.state = event.state
            yield SessionChange.STATUS

    def _on_turn_started(self, event: ev.TurnStarted) -> Iterable[Change]:
        yield from self._transcript.start_turn(event, self.usage.total)
        self.turn_settings = self.settings
        yield SessionChange.STATUS
        yield SessionChange.DIFF

    def _on_turn_completed(self, event: ev.TurnCompleted) -> Iterable[Change]:
        yield from self._transcript.end_turn(event, self.usage.total)
        if self.running_turn is None:
            self.turn_settings = None
        for request_id, approval in list(self.approvals.items()):
            if approval.turn_id == event.turn.id:
                self.approvals.pop(request_id)
                self.answered.pop(request_id, None)
                yield SessionChange.APPROVALS
        yield SessionChange.STATUS

    def _on_item(self, event: ev.ItemStarted | ev.ItemCompleted) -> Iterable[Change]:
        item = event.item
        if isinstance(item, UserMessage) and any(m.client_id == item.client_id for m in self.outgoing):
            self.outgoing = tuple(m for m in self.outgoing if m.client_id != item.client_id)
            yield SessionChange.OUTGOING
        if isinstance(item, UserMessage) and any(m.client_id == item.client_id for m in self.queued):
            self.queued = tuple(m for m in self.queued if m.client_id != item.client_id)
            yield SessionChange.QUEUE

    def _on_approval(self, event: ev.ApprovalRequested) -> Iterable[Change]:
        self.approvals[event.approval.request_id] = event.approval
        self.answered.pop(event.approval.request_id, None)
        yield SessionChange.APPROVALS

    def _on_answer(self, event: ev.AnswerGiven) -> Iterable[Change]:
        if event.request_id in self.approvals:
            self.answered[event.request_id] = event.answer
            yield SessionChange.APPROVALS

    def _on_answer_failed(self, event: ev.AnswerFailed) -> Iterable[Change]:
        if self.answered.pop(event.request_id, None):
            yield SessionChange.APPROVALS

    def _on_resolved(self, event: ev.ApprovalResolved) -> Iterable[Change]:
        approval = self.approvals.pop(event.request_id, None)
        answer = self.answered.pop(event.request_id, None)
        if approval is None:
            return
        if answer and answer.answers and isinstance(approval, (QuestionApproval, McpApproval)):
            # Codex keeps no item for a question, so its answer would be lost from the transcript.
            yield self._transcript.put(self._question_record(approval, answer))
        yield SessionChange.APPROVALS

    def _question_record(self, approval: QuestionApproval | McpApproval, answer: Answer) -> Item:
        asked = {q.id: q for q in approval.questions}
        parts = []
        for question_id, texts in answer.answers:
            question = asked.get(question_id)
            said = "••••" if question and question.is_secret else ", ".join(texts)
            parts.append(f"{question.text if question else question_id} → {said or 'no answer'}")
        turn_id = approval.turn_id or self._transcript.newest_turn_id
        return Activity(ItemId(f"answer-{approval.request_id}"), turn_id, label="answered", detail="; ".join(parts))

    def _on_rerouted(self, event: ev.ModelRerouted) -> Iterable[Change]:
        """The running turn has another model than the one that was set; the next turn asks for that again."""
        self.turn_settings = replace(self.turn_settings or self.settings, model=event.to_model)
        yield SessionChange.SETTINGS

    def _on_mcp_server(self, event: ev.McpServerChanged) -> Iterable[Change]:
        self.mcp_servers[event.server.name] = event.server
        yield SessionChange.TOOLBOX

    def _on_queued(self, event: ev.MessageQueued) -> Iterable[Change]:
        self.outgoing = (*self.outgoing, OutgoingMessage(event.client_id, event.text))
        yield SessionChange.OUTGOING

    def _on_outgoing(
        self, event: ev.MessageWaits | ev.MessageTaken | ev.MessageFailed | ev.MessageTakenBack
    ) -> Iterable[Change]:
        known = next((m for m in self.outgoing if m.client_id == event.client_id), None)
        if known is None:
            return  # Codex has shown it in the meantime
        now: tuple[OutgoingMessage, ...] = ()
        match event:
            case ev.MessageWaits():
                now = (OutgoingMessage(known.client_id, known.text, waits=event.reason),)
            case ev.MessageTaken():
                now = (replace(known, error="", waits="", turn_id=event.turn_id, is_steer=event.is_steer),)
            case ev.MessageFailed():
                now = (OutgoingMessage(known.client_id, known.text, error=event.error),)
        at = self.outgoing.index(known)
        self.outgoing = (*self.outgoing[:at], *now, *self.outgoing[at + 1 :])
        yield SessionChange.OUTGOING

    def _on_connection(self, event: ev.ConnectionLost | ev.ConnectionRestored) -> Iterable[Change]:
        self.lost_cause = event.cause if isinstance(event, ev.ConnectionLost) else None
        if not self.is_connected:
            self.approvals.clear()  # the server replays those that still wait, with the same ids
            self.answered.clear()
            yield SessionChange.APPROVALS
        yield SessionChange.STATUS

    def _on_unknown(self, event: ev.UnknownEvent) -> Iterable[Change]:
        if event.method not in self._unknown:
            self._unknown.add(event.method)
            text = f"Codex said something that this version does not know: {event.method}"
            note = ev.NoticeReported(event.thread_id, Severity.INFO, text, event.raw[:500], source=event.method)
            yield from self._transcript.apply(note)

    def _on_reverted(self, event: ev.ThreadReverted) -> Iterable[Change]:
        self._transcript.clear()
        yield SessionChange.TRANSCRIPT_RESET

    def _on_history(self, event: ev.HistoryLoaded) -> Iterable[Change]:
        self._transcript.load(event)
        self.has_older = event.has_more
        echoed = {i.client_id for turn in event.turns for i in turn.items if isinstance(i, UserMessage)}
        self.outgoing = tuple(m for m in self.outgoing if m.client_id not in echoed)
        yield SessionChange.TRANSCRIPT_RESET
        yield SessionChange.DIFF
        yield SessionChange.STATUS


Handler = Callable[[SessionProjection, Any], Iterable[Change]]


def _taken(field: str, change: SessionChange) -> Handler:
    """A handler that takes over a field of the event under the same name."""

    def take(projection: SessionProjection, event: ev.Event) -> Iterable[Change]:
        value = getattr(event, field)
        if getattr(projection, field) != value:
            setattr(projection, field, value)
            yield change

    return take


_HANDLERS: dict[type[ev.Event], Handler] = {
    ev.TurnStarted: SessionProjection._on_turn_started,
    ev.TurnCompleted: SessionProjection._on_turn_completed,
    ev.ItemStarted: SessionProjection._on_item,
    ev.ItemCompleted: SessionProjection._on_item,
    ev.ApprovalRequested: SessionProjection._on_approval,
    ev.AnswerGiven: SessionProjection._on_answer,
    ev.AnswerFailed: SessionProjection._on_answer_failed,
    ev.ApprovalResolved: SessionProjection._on_resolved,
    ev.ThreadStatusChanged: SessionProjection._on_status,
    ev.ThreadNameChanged: _taken("name", SessionChange.NAME),
    ev.UsageChanged: _taken("usage", SessionChange.USAGE),
    ev.SettingsChanged: _taken("settings", SessionChange.SETTINGS),
    ev.GoalChanged: _taken("goal", SessionChange.GOAL),
    ev.QueueListed: _taken("queued", SessionChange.QUEUE),
    ev.UnknownEvent: SessionProjection._on_unknown,
    ev.ModelRerouted: SessionProjection._on_rerouted,
    ev.McpServerChanged: SessionProjection._on_mcp_server,
    ev.MessageQueued: SessionProjection._on_queued,
    ev.MessageWaits: SessionProjection._on_outgoing,
    ev.MessageTaken: SessionProjection._on_outgoing,
    ev.MessageFailed: SessionProjection._on_outgoing,
    ev.MessageTakenBack: SessionProjection._on_outgoing,
    ev.ConnectionLost: SessionProjection._on_connection,
    ev.ConnectionRestored: SessionProjection._on_connection,
    ev.ThreadReverted: SessionProjection._on_reverted,
    ev.HistoryLoaded: SessionProjection._on_history,
}
