"""One session: what the user can do to a Codex thread, and the projection that shows what came of it.

Every intent is remembered before it is sent, so that nothing typed is lost when Codex refuses or goes away.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from msgspec.structs import replace

from conductor_tui.domain import events as ev
from conductor_tui.domain.approvals import (
    Answer,
    Approval,
    Decided,
    Decision,
    McpApproval,
    QuestionApproval,
    asked_text,
)
from conductor_tui.domain.controls import ModelOption, SettingsUpdate
from conductor_tui.domain.errors import AgentError, AgentGone, AgentRefused
from conductor_tui.domain.ids import RequestId, ThreadId
from conductor_tui.domain.invalidations import Change
from conductor_tui.domain.items import Severity, UserMessage
from conductor_tui.domain.opened_thread import OpenedThread
from conductor_tui.domain.projection import SessionProjection
from conductor_tui.domain.threads import ThreadState
from conductor_tui.domain.turns import Turn, TurnStatus
from conductor_tui.services.interfaces import Agent, Clock
from conductor_tui.services.sessions.controls import SessionControls
from conductor_tui.services.sessions.outbox import Outbox
from conductor_tui.services.sessions.owner import Spawn
from conductor_tui.services.sessions.session_folder import Folder
from conductor_tui.services.sessions.turn_memory import TurnMemory
from conductor_tui.storage.database import Store

log = logging.getLogger(__name__)


class Session:
    """One Codex thread, or one that is about to be started."""

    def __init__(
        self,
        *,
        folder: Folder,
        clock: Clock,
        agent: Callable[[], Awaitable[Agent]],
        agent_now: Callable[[], Agent | None],
        spawn: Spawn,
        emit: Callable[[Session, tuple[Change, ...]], None],
        store: Store,
        open_again: Callable[[Session], None],
        models: Callable[[], Sequence[ModelOption]] = tuple,
        thread_id: ThreadId | None = None,
        title: str = "",
        provider: str = "",
    ) -> None:
        """`agent`: the other side, as soon as there is one; `agent_now`: the one that is there now, if any.

        `provider`: id of the model provider that a new thread is started with; empty: the default one.
        """
        self.folder = folder
        self.projection = SessionProjection(thread_id, clock=clock)
        self.projection.name = title
        self.draft = ""
        """What stands in the composer."""
        self.provider = provider
        self.is_opening = True
        self.is_unstarted = False
        """Whether it is its folder's new session, which has had no turn that Codex confirmed."""
        self.has_failed = False
        """Whether Codex could not open the thread; the next message tries again."""
        self._clock = clock
        self._agent = agent
        self._agent_now = agent_now
        self._asked_by: dict[RequestId, Agent | None] = {}
        """Which connection each approval came from: another server gives the same id to another question."""
        self._spawn = spawn
        self._emit = emit
        self._store = store
        self._open_again = open_again
        self._cursor: str | None = None
        self._older = asyncio.Lock()
        """Held while a page of older turns is read."""
        self._queue_reads = 0
        """How often the queue was asked for: an answer that a newer one overtakes is dropped."""
        self.controls = SessionControls(self, agent, spawn, store, models)
        self.outbox = Outbox(self, agent, spawn, store, self.controls.settle)
        self.controls.on_not_taken = self.outbox.fail_waiting
        self._memory = TurnMemory(self.projection, store)
        self._unwanted: frozenset[str] = frozenset()
        """Client ids of messages on their way whose turn is to be interrupted as soon as it begins."""

    @property
    def thread_id(self) -> ThreadId | None:
        """None until Codex has started the thread."""
        return self.projection.thread_id

    @property
    def is_unused(self) -> bool:
        """Whether nothing was ever said in it."""
        return not self.projection.turns and not self.outbox.on_their_way

    @property
    def state(self) -> ThreadState:
        """What the session is doing, as far as this window knows."""
        if self.projection.waiting_approvals:
            return ThreadState.NEEDS_APPROVAL
        if self.projection.state.needs_user and not self.projection.approvals:
            return self.projection.state
        if self.projection.running_turn:
            return ThreadState.WORKING
        return ThreadState.IDLE if self.projection.state is ThreadState.NOT_LOADED else self.projection.state

    def apply(self, event: ev.Event) -> None:
        """Takes an event for this session and tells the screen what changed."""
        outgoing, settings = self.projection.outgoing, self.projection.settings
        changes = self.projection.apply(event)
        if isinstance(event, ev.ApprovalRequested):
            self._asked_by[event.approval.request_id] = self._agent_now()
        elif isinstance(event, ev.ConnectionLost):
            self._asked_by.clear()
        if changes:
            self._emit(self, changes)
        if self.projection.outgoing is not outgoing:
            self.outbox.follow(outgoing)
        if isinstance(event, ev.TurnCompleted) and self._ended_unanswered(event.turn):
            self.note(
                Severity.WARNING,
                "Codex ended the turn without answering your last message",
                "It came just as the turn ended. Codex knows it; send it again, or go on.",
            )
        self.controls.apply(event, settings)
        self._memory.follow(event)
        if isinstance(event, ev.TurnCompleted):
            self.outbox.settle()
        elif isinstance(event, ev.TurnStarted):
            is_unwanted, self._unwanted = bool(self._unwanted & self.outbox.on_their_way), frozenset()
            if is_unwanted:
                self.interrupt()

    def _ended_unanswered(self, turn: Turn) -> bool:
        """Whether a turn that ended well has a steering message as its last item (a race in Codex 0.163)."""
        items = list(self.projection.items_of(turn.id))
        is_steered = len(items) > 1 and isinstance(items[-1], UserMessage)
        return is_steered and turn.status is TurnStatus.COMPLETED

    def opened(self, opened: OpenedThread, reason_to_wait: str = "") -> None:
        """The thread is open on the server: its state is taken over, and what was held goes out.

        With a `reason_to_wait` it does not go out: it can be taken back.
        """
        self.projection.thread_id = opened.thread.id
        self.is_opening = self.has_failed = False
        self._cursor = opened.cursor
        if opened.thread.name:
            self.apply(ev.ThreadNameChanged(opened.thread.id, opened.thread.name))
        self.apply(ev.SettingsChanged(opened.thread.id, self.controls.opened(opened.settings)))
        self.apply(ev.ThreadStatusChanged(opened.thread.id, opened.thread.state))
        self.apply(self._memory.recall(opened.history))
        if not self.projection.usage.total and (usage := self._memory.usage(opened.thread.id)):
            self.apply(ev.UsageChanged(opened.thread.id, None, usage))
        if not self.projection.is_connected:
            self.apply(ev.ConnectionRestored(opened.thread.id))
        self.controls.history_opened()
        if reason_to_wait:
            self.outbox.fail_held(reason_to_wait)
        self.outbox.opened()

    def open_failed(self, reason: str) -> None:
        """The thread could not be opened: what was held is marked as not sent."""
        self.is_opening, self.has_failed = False, True
        self.outbox.fail_held(reason)

    def start_over(self) -> None:
        """Gives up its thread, in which nothing was ever said, for one that starts under the settings of now."""
        self.projection.thread_id = None
        self._open_again(self)

    def opening_again(self) -> None:
        """Another attempt is on its way."""
        self.is_opening, self.has_failed = True, False

    # Intents

    def send(self, text: str) -> None:
        """Sends a prompt; while a turn runs it steers that turn."""
        self.outbox.send(text)
        if self.has_failed:
            self._open_again(self)

    async def start(self, text: str, update: SettingsUpdate) -> None:
        """Starts a turn that changes settings, in one request: Codex takes them before the turn, or refuses both.

        Raises:
            AgentError: the message leaves the transcript again; it is there once more if Codex got it all the same.
        """
        client_id = self.outbox.add(text)
        try:
            if self.thread_id is None or self.projection.running_turn is not None:
                raise AgentRefused("turn/start", "a turn is running" if self.thread_id else "the session is not open")
            await self.controls.settle()
            agent = await self._agent()
            await agent.start_turn(self.thread_id, text, client_id, update, self.controls.expected)
        except AgentError as error:
            log.warning("turn not started: %s", error)
            self.apply(ev.MessageTakenBack(self.thread_id, client_id))
            raise

    def take_back(self) -> str:
        """The texts of messages that could not be sent, which leave the transcript; empty when there are none."""
        return self.outbox.take_back()

    def interrupt(self) -> None:
        """Stops the running turn and ends the commands it leaves running, which Codex itself does not."""
        if self.projection.running_turn is None:
            self._unwanted = self.outbox.on_their_way
            return
        self._spawn(self._interrupt())

    async def _interrupt(self) -> None:
        turn, thread_id = self.projection.running_turn, self.thread_id
        if turn is None or thread_id is None:
            return
        try:
            agent = await self._agent()
            await agent.interrupt_turn(thread_id, turn.interrupt_id or turn.id)
            await agent.end_background_commands(thread_id)
        except AgentError as error:
            self.note(Severity.ERROR, "The turn could not be interrupted", str(error))

    def decide(self, approval: Approval, answer: Answer, words: str = "") -> None:
        """Answers an approval; `words` tell Codex what to do instead, and follow the answer as a message."""
        self.apply(ev.AnswerGiven(self.thread_id, approval.request_id, answer))
        self._spawn(self._decide(approval, answer, words))

    async def _decide(self, approval: Approval, answer: Answer, words: str) -> None:
        try:
            asker = self._asked_by.get(approval.request_id)
            if asker is None or asker is not self._agent_now():
                raise AgentGone("the connection that asked is gone; what still waits is asked again")
            await asker.answer(approval, answer)
            if answer.decision is Decision.CANCEL and isinstance(approval, McpApproval):
                await self._stop_turn_of(approval, asker)  # Codex takes it for a no, and the turn would go on
            self._store.keep_decision(
                Decided(int(self._clock()), approval.thread_id, asked_text(approval), answer.decision, words)
            )
        except AgentError as error:
            self.apply(ev.AnswerFailed(self.thread_id, approval.request_id))
            self.note(Severity.ERROR, "The answer did not reach Codex", str(error))
            if words:  # they were typed: they can be taken back
                client_id = self.outbox.add(words)
                self.apply(ev.MessageFailed(self.thread_id, client_id, "the answer before it did not reach Codex"))
            return
        if words:
            self.send(words)

    async def _stop_turn_of(self, approval: Approval, agent: Agent) -> None:
        running = self.projection.running_turn
        is_own = running is not None and approval.turn_id in (None, running.id)
        turn_id = (running.interrupt_id or running.id) if running is not None and is_own else approval.turn_id
        if turn_id is None:
            return
        try:
            await agent.interrupt_turn(approval.thread_id, turn_id)
        except AgentError as error:
            self.note(Severity.ERROR, "The turn could not be interrupted", str(error))

    async def answer_later(self, question: QuestionApproval, seconds: float) -> None:
        """Codex 0.144 expects the client to answer a question by itself after a time it names."""
        await asyncio.sleep(seconds)
        if question in self.projection.waiting_approvals:
            self.note(Severity.WARNING, "Codex went on without an answer", f"nobody answered within {seconds:g} s")
            self.decide(question, Answer(Decision.DECLINE))

    # Controls

    def update(self, update: SettingsUpdate) -> None:
        """Changes settings from the next turn on; the screen follows when Codex confirms."""
        self.controls.update(update)

    # History

    def load_older(self) -> None:
        """Reads the page of turns before the oldest known one."""

        async def load() -> None:
            await self.read_older()

        if not self._older.locked():
            self._spawn(load())

    async def read_older(self) -> bool:
        """Reads that page, and waits for it; False when there is none, or it could not be read."""
        async with self._older:
            if self._cursor is None or not self.thread_id:
                return False
            try:
                history, self._cursor = await (await self._agent()).older_turns(self.thread_id, self._cursor)
            except AgentError as error:
                self.note(Severity.WARNING, "Older turns could not be read", str(error))
                return False
            self.apply(self._memory.recall(replace(history, has_more=self._cursor is not None)))
            return True

    async def read_queue(self) -> None:
        """Reads what other clients queued; where Codex has no queue, or does not say, nothing changes."""
        self._queue_reads += 1
        read, thread_id = self._queue_reads, self.thread_id
        if thread_id is None:
            return
        try:
            queued = await (await self._agent()).list_queue(thread_id)
        except AgentError as error:
            log.info("the queue of %s is not known: %s", thread_id, error)
            return
        if read == self._queue_reads:
            self.apply(ev.QueueListed(thread_id, queued))

    def note(self, severity: Severity, text: str, detail: str = "") -> None:
        """Puts a remark of ours into the transcript."""
        self.apply(ev.NoticeReported(self.thread_id, severity, text, detail, source="conductor-tui"))
