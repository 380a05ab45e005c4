"""Messages on their way: held, sent, taken by Codex, not sent. Each stays in view until Codex shows it in the session.

Codex drops what it took for a running turn and had not read when that turn is interrupted; such a message is sent
again, as Codex's own interface does. Whatever happens, the text stays, also when the window ends.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Awaitable, Callable

from conductor_tui.domain import events as ev
from conductor_tui.domain.errors import AgentDraining, AgentError, AgentGone, AgentRefused
from conductor_tui.domain.ids import ThreadId, TurnId
from conductor_tui.domain.items import UserMessage
from conductor_tui.domain.projection import OutgoingMessage
from conductor_tui.domain.turns import Turn, TurnStatus
from conductor_tui.services.interfaces import Agent
from conductor_tui.services.sessions.owner import Owner, Spawn
from conductor_tui.storage.database import Store
from conductor_tui.storage.outgoing import KeptMessage, OutgoingStore

log = logging.getLogger(__name__)

DRAINS = "Codex ends what runs and starts anew; this goes out then"
_UNREAD = "the turn ended before Codex read it"
_LEFT = "its window was closed before Codex had it"


class Outbox:
    """The messages of one session that Codex has not shown yet."""

    def __init__(
        self,
        session: Owner,
        agent: Callable[[], Awaitable[Agent]],
        spawn: Spawn,
        store: Store,
        settle: Callable[[], Awaitable[None]],
    ) -> None:
        """`settle` waits until changes of settings are taken, or raises."""
        self._session = session
        self._settle = settle
        self._agent = agent
        self._spawn = spawn
        self._store = OutgoingStore(store)
        self._held: list[str] = []
        """Client ids of messages that wait until the thread is open."""
        self._unsure: dict[str, TurnId] = {}
        """Turns for which messages were on their way when the connection was lost: Codex may have got them."""
        self._waiting: set[str] = set()
        """Client ids of messages that wait until changes of settings before them are taken."""

    @property
    def on_their_way(self) -> frozenset[str]:
        """Client ids of those that may still reach Codex."""
        return frozenset(m.client_id for m in self._messages if not m.error)

    @property
    def _messages(self) -> tuple[OutgoingMessage, ...]:
        return self._session.projection.outgoing

    def _find(self, client_id: str) -> OutgoingMessage | None:
        return next((m for m in self._messages if m.client_id == client_id), None)

    # What happens to them

    def add(self, text: str) -> str:
        """A message left the composer; returns its client id."""
        client_id = str(uuid.uuid4())
        session = self._session
        owner = session.folder.draft_owner if session.is_unstarted else session.thread_id
        self._store.keep(owner or session.folder.draft_owner, client_id, text)
        session.apply(ev.MessageQueued(session.thread_id, client_id, text))
        return client_id

    def send(self, text: str) -> None:
        """Sends a message, as soon as the thread is open."""
        client_id = self.add(text)
        if self._session.is_opening or self._session.has_failed:
            self._hold(client_id)
        else:
            self._waiting.add(client_id)
            self._spawn(self._deliver(client_id))

    def _hold(self, client_id: str, reason: str = "") -> None:
        self._held.append(client_id)
        self._session.apply(ev.MessageWaits(self._session.thread_id, client_id, reason))

    def wait(self, reason: str) -> None:
        """What is held waits for something that may take a while."""
        for client_id in self._held:
            self._session.apply(ev.MessageWaits(self._session.thread_id, client_id, reason))

    def take_back(self, *client_ids: str) -> str:
        """The texts of those messages, or of all that were not sent; they leave the transcript."""
        wanted = client_ids or tuple(m.client_id for m in self._messages if m.error or m.waits)
        taken = [m for m in self._messages if m.client_id in wanted]
        for message in taken:
            self._held = [h for h in self._held if h != message.client_id]
            self._session.apply(ev.MessageTakenBack(self._session.thread_id, message.client_id))
        return "\n\n".join(m.text for m in taken)

    def fail_held(self, reason: str) -> None:
        """What was held is marked as not sent."""
        held, self._held = self._held, []
        for client_id in held:
            self._session.apply(ev.MessageFailed(self._session.thread_id, client_id, reason))

    def fail_waiting(self, reason: str) -> None:
        """What was sent under settings that Codex did not take is marked as not sent."""
        for client_id in self._waiting:
            self._session.apply(ev.MessageFailed(self._session.thread_id, client_id, reason))

    def opened(self) -> None:
        """The thread is open: what was held goes out, and what was taken for a turn that is over now is settled."""
        running = self._session.projection.running_turn
        held, self._held = self._held, []
        for client_id in held:
            unsure = self._unsure.pop(client_id, None)
            if running is not None and unsure == running.id:  # perhaps it arrived, and waits there
                self._taken(client_id, running.id, is_steer=True)
            elif self._find(client_id):
                self._spawn(self._deliver(client_id))
        self.settle(is_complete=True)
        self._spawn(self._take_over())

    def follow(self, before: tuple[OutgoingMessage, ...]) -> None:
        """The messages differ from those before: what Codex has shown, or the user took back, is no longer kept."""
        now = {m.client_id for m in self._messages}
        for message in before:
            if message.client_id not in now:
                self._store.forget(message.client_id)

    def settle(self, *, is_complete: bool = False) -> None:
        """What Codex took for a turn and did not read before its end is sent again, or marked as not sent.

        `is_complete`: the history was just read, so a turn that is not in it is lost.
        """
        projection = self._session.projection
        for message in self._messages:
            if message.turn_id is None:
                continue
            turn = projection.turns.get(message.turn_id)
            if turn.is_running if turn else not is_complete:
                continue
            if message.is_steer and (turn is None or turn.status is not TurnStatus.FAILED):
                self._session.apply(ev.MessageWaits(self._session.thread_id, message.client_id))
                self._spawn(self._deliver(message.client_id))
            else:
                self._session.apply(ev.MessageFailed(self._session.thread_id, message.client_id, _UNREAD))

    # To Codex

    async def _deliver(self, client_id: str) -> None:
        try:
            if self._session.projection.running_turn is None:
                self._waiting.add(client_id)
                await self._settle()
        except AgentError as error:
            self._not_sent(client_id, error)
            return
        finally:
            self._waiting.discard(client_id)
        agent = await self._agent()
        message, thread_id = self._find(client_id), self._session.thread_id
        if message is None or message.error or client_id in self._held:
            return
        if self._session.is_opening or thread_id is None:  # the connection was lost meanwhile
            self._hold(client_id)
            return
        running = self._session.projection.running_turn
        self._store.sent(client_id, thread_id)
        try:
            await self._hand_over(agent, thread_id, message, running)
        except AgentError as error:
            if isinstance(error, AgentGone) and running is not None:
                self._unsure[client_id] = running.id
            self._not_sent(client_id, error)

    def _not_sent(self, client_id: str, error: AgentError) -> None:
        if self._find(client_id) is None or client_id in self._held:
            return
        if isinstance(error, AgentDraining):
            self._hold(client_id, DRAINS)
        elif isinstance(error, AgentGone):
            self._hold(client_id)
        else:
            log.warning("message not sent: %s", error)
            self._session.apply(ev.MessageFailed(self._session.thread_id, client_id, str(error)))

    async def _hand_over(
        self, agent: Agent, thread_id: ThreadId, message: OutgoingMessage, running: Turn | None
    ) -> None:
        if running is not None:
            try:
                await agent.steer_turn(thread_id, running.id, message.text, message.client_id)
                self._taken(message.client_id, running.id, is_steer=True)
                return
            except AgentRefused as refused:
                is_over = "no active turn" in refused.message or self._session.projection.running_turn is None
                if not is_over:
                    raise
                # The turn ended while the message was on its way, or its end is still on the way to us.
        turn_id = await agent.start_turn(thread_id, message.text, message.client_id)
        self._taken(message.client_id, turn_id, is_steer=False)

    def _taken(self, client_id: str, turn_id: TurnId, *, is_steer: bool) -> None:
        thread_id = self._session.thread_id
        if self._find(client_id) and thread_id is not None:
            self._store.sent(client_id, thread_id, turn_id)
            self._session.apply(ev.MessageTaken(thread_id, client_id, turn_id, is_steer))
            self.settle()  # that turn may have ended before its answer came

    # From windows that are gone

    async def _take_over(self) -> None:
        session = self._session
        new_in = session.folder.draft_owner if session.is_unstarted else ""
        for kept in await self._store.take_over(new_in or session.thread_id or ""):
            if self._find(kept.client_id) or self._is_shown(kept):
                self._store.forget(kept.client_id)
            elif new_in and kept.thread_id and await self._is_listed(ThreadId(kept.thread_id)):
                self._store.give(kept.client_id, kept.thread_id)  # it began a session, which is opened by itself
            else:
                self._take(kept)

    def _take(self, kept: KeptMessage) -> None:
        session = self._session
        running = session.projection.running_turn
        session.apply(ev.MessageQueued(session.thread_id, kept.client_id, kept.text))
        if running is not None and running.id == kept.turn_id:
            session.apply(ev.MessageTaken(session.thread_id, kept.client_id, running.id, is_steer=True))
        else:
            session.apply(ev.MessageFailed(session.thread_id, kept.client_id, _LEFT))

    def _is_shown(self, kept: KeptMessage) -> bool:
        projection = self._session.projection
        said = [i for turn in projection.turns for i in projection.items_of(turn) if isinstance(i, UserMessage)]
        return any(kept.client_id == i.client_id or (i.client_id is None and i.text == kept.text) for i in said)

    async def _is_listed(self, thread_id: ThreadId) -> bool:
        threads = await (await self._agent()).list_threads((str(self._session.folder.path),))
        return any(t.id == thread_id for t in threads)
