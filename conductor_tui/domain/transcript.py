"""The turns of a session and their items, in order: what the transcript shows.

Part of the session projection, which alone writes it. Late and repeated events are the rule, not the exception:
items may end after their turn, complete without a start, or never complete.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from conductor_tui.domain import events as ev
from conductor_tui.domain import item_updates
from conductor_tui.domain.ids import ItemId, ItemKey, TurnId
from conductor_tui.domain.invalidations import Change, ItemAdded, ItemChanged, ItemRemoved, SessionChange, TurnChanged
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
from conductor_tui.domain.turns import RecordedTurn, Turn, TurnStatus

LOOSE = TurnId("")
"""Where notices stand that come before the first turn."""


class Transcript:
    """Turns and items of one session."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.turns: dict[TurnId, Turn] = {}
        """In the order they are shown."""
        self._items: dict[TurnId, dict[ItemId, Item]] = {}
        self._running: dict[TurnId, None] = {}
        """Turns that run, in the order they started: found at once in a session of any length."""
        self._abandoned: dict[TurnId, set[ItemId]] = {}
        """What broken attempts of the model left half written; it goes when the next attempt shows something."""
        self._unseen: set[TurnId] = set()
        """Running turns whose start this window never saw: only what they say tells that they run."""
        self._rests = False
        """Whether Codex said that no turn runs, and none has started since."""
        self._clock = clock
        self._notices = 0

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
        return self.turns[next(reversed(self._running))] if self._running else None

    def _keep(self, turn: Turn) -> None:
        """The only place where a turn is written."""
        self.turns[turn.id] = turn
        if turn.is_running:
            self._running[turn.id] = None
        else:
            self._running.pop(turn.id, None)
            self._unseen.discard(turn.id)

    @property
    def newest_turn_id(self) -> TurnId:
        """Where something belongs that names no turn."""
        return next(reversed(self.turns), LOOSE)

    def apply(self, event: ev.Event) -> Iterator[Change]:
        """Takes an event about items; turns start and end by the methods below."""
        handler = _HANDLERS.get(type(event))
        if handler:
            yield from handler(self, event)

    # Turns

    def start_turn(self, event: ev.TurnStarted, tokens: int) -> Iterator[Change]:
        """`tokens`: the session's total so far."""
        review = self.running_turn
        if review and review.id != event.turn.id and _is_review(self.items_of(review.id)) and not review.interrupt_id:
            # A review's items carry another turn id than its turn/started; only the latter can be interrupted.
            self._keep(replace(review, interrupt_id=event.turn.id))
            yield TurnChanged(review.id)
            return
        self._rests = False
        self._unseen.discard(event.turn.id)
        known = self.turns.get(event.turn.id)
        started_at = event.turn.started_at or (known and known.started_at) or self._clock()
        self._keep(replace(event.turn, started_at=started_at, tokens_before=tokens, diff=known.diff if known else ""))
        yield TurnChanged(event.turn.id)

    def end_turn(self, event: ev.TurnCompleted, tokens: int) -> Iterator[Change]:
        """Ends a turn; what it left open is marked. `tokens`: the session's total so far."""
        turn_id = event.turn.id
        known = self.turns.get(turn_id, event.turn)
        self._keep(
            replace(
                known,
                status=event.turn.status,
                error=event.turn.error or known.error,
                duration_ms=event.turn.duration_ms if event.turn.duration_ms is not None else known.duration_ms,
                retry=None,
                tokens_after=tokens,
            )
        )
        failed = event.turn.status is not TurnStatus.COMPLETED
        for item in self.items_of(turn_id):
            rest = item_updates.left_over(item, turn_failed=failed)
            if rest is not item:
                yield self.put(rest)
        if known.error and event.turn.status is TurnStatus.COMPLETED:  # else the end of the turn tells it
            yield self._note(turn_id, Severity.ERROR, known.error.message, known.error.details)
        yield TurnChanged(turn_id)

    def rest(self, is_at_rest: bool) -> Iterator[Change]:
        """Codex says whether a turn runs; none does that only its late words made known."""
        self._rests = is_at_rest
        for turn_id in tuple(self._unseen) if is_at_rest else ():
            self._keep(replace(self.turns[turn_id], status=TurnStatus.COMPLETED))
            yield TurnChanged(turn_id)

    def _ensure_turn(self, turn_id: TurnId, *, runs: bool = False) -> Turn:
        """The turn; one that is not known is older than what is loaded, unless it `runs`: late items name theirs."""
        if turn_id in self.turns:
            pass
        elif runs and not self._rests and turn_id != LOOSE:
            self._unseen.add(turn_id)
            self._keep(Turn(turn_id, started_at=self._clock()))
        else:
            self._keep(Turn(turn_id, TurnStatus.COMPLETED))
            if turn_id != LOOSE:
                self.turns = {turn_id: self.turns.pop(turn_id), **self.turns}
        return self.turns[turn_id]

    def _on_turn_diff(self, event: ev.TurnDiffChanged) -> Iterator[Change]:
        turn = self._ensure_turn(event.turn_id)
        if turn.diff != event.diff:
            self._keep(replace(turn, diff=event.diff))
            yield SessionChange.DIFF

    # Items

    def put(self, item: Item, *, runs: bool = False) -> Change:
        """Puts an item in its turn, in place of its older form. `runs`: it tells that the turn does."""
        self._ensure_turn(item.turn_id, runs=runs)
        items = self._items.setdefault(item.turn_id, {})
        is_known = item.id in items
        items[item.id] = item
        return ItemChanged(item.key) if is_known else ItemAdded(item.key)

    def _progress(self, key: ItemKey) -> Iterator[Change]:
        """Something arrived, so the turn no longer retries, and what the broken attempt wrote is out of date."""
        abandoned = self._abandoned.get(key.turn_id, set())
        if key.item_id in abandoned:
            return  # the broken attempt's own last words
        turn = self.turns.get(key.turn_id)
        if turn and turn.retry:
            self._keep(replace(turn, retry=None))
            yield TurnChanged(key.turn_id)
        for stale in self._abandoned.pop(key.turn_id, ()):
            if self._items[key.turn_id].pop(stale, None) is not None:
                yield ItemRemoved(ItemKey(key.turn_id, stale))

    def _on_item_started(self, event: ev.ItemStarted) -> Iterator[Change]:
        item = item_updates.started(self.item(event.item.key), event.item)
        yield from self._progress(item.key)
        yield self.put(item, runs=True)

    def _on_item_completed(self, event: ev.ItemCompleted) -> Iterator[Change]:
        item = item_updates.completed(self.item(event.item.key), event.item)
        self._abandoned.get(item.turn_id, set()).discard(item.id)
        yield from self._progress(item.key)
        yield self.put(item)

    def _on_text(self, event: ev.TextAppended) -> Iterator[Change]:
        known = self.item(ItemKey(event.turn_id, event.item_id))
        item = item_updates.grown(known or item_updates.item_for_delta(event), event)
        yield from self._progress(ItemKey(event.turn_id, event.item_id))
        if item is not known:
            yield self.put(
                item, runs=event.kind is not ev.TextKind.COMMAND_OUTPUT
            )  # that may be of a background command

    def _on_patches(self, event: ev.PatchesUpdated) -> Iterator[Change]:
        known = self.item(ItemKey(event.turn_id, event.item_id))
        if known is None or (isinstance(known, FileChange) and known.is_open):
            yield self.put(FileChange(event.item_id, event.turn_id, ItemStatus.IN_PROGRESS, event.patches))

    def _on_typed(self, event: ev.TerminalTyped) -> Iterator[Change]:
        known = self.item(ItemKey(event.turn_id, event.item_id))
        if isinstance(known, CommandRun) and event.text:
            yield self.put(replace(known, typed=(*known.typed, event.text)))

    def _on_checklist(self, event: ev.ChecklistChanged) -> Iterator[Change]:
        item = Checklist(
            ItemId(f"{event.turn_id}-checklist"), event.turn_id, explanation=event.explanation, steps=event.steps
        )
        if self.item(item.key) != item:
            yield self.put(item)

    # Notices

    def _note(self, turn_id: TurnId | None, severity: Severity, text: str, detail: str = "") -> Change:
        where = turn_id or self.newest_turn_id
        self._notices += 1
        return self.put(Notice(ItemId(f"notice-{self._notices}"), where, severity=severity, text=text, detail=detail))

    def _on_error(self, event: ev.ErrorReported) -> Iterator[Change]:
        running = self.running_turn
        turn_id = event.turn_id or (running.id if running else None)
        if turn_id is None:
            yield self._note(None, Severity.ERROR, event.error.message, event.error.details)
            return
        turn = self._ensure_turn(turn_id, runs=True)
        if not event.will_retry:
            self._keep(replace(turn, error=event.error, retry=None))
        else:
            self._keep(replace(turn, retry=event.error))
            # The model starts again: what it was writing will never complete.
            for item in self.items_of(turn_id):
                if isinstance(item, (AgentMessage, Reasoning)) and item.is_open:
                    self._abandoned.setdefault(turn_id, set()).add(item.id)
                    yield self.put(item_updates.left_over(item, turn_failed=True))
        yield TurnChanged(turn_id)

    def _on_notice(self, event: ev.NoticeReported) -> Iterator[Change]:
        yield self._note(None, event.severity, event.text, event.detail)

    def _on_rerouted(self, event: ev.ModelRerouted) -> Iterator[Change]:
        text = f"Codex uses {event.to_model} instead of {event.from_model}"
        yield self._note(event.turn_id, Severity.WARNING, text, event.reason)

    def _on_hook(self, event: ev.HookRan) -> Iterator[Change]:
        turn_id = event.turn_id or self.newest_turn_id
        status = ItemStatus.FAILED if event.status in ("failed", "blocked") else ItemStatus.COMPLETED
        yield self.put(Activity(ItemId(f"hook-{event.run_id}"), turn_id, status, event.label, event.detail))

    # History

    def clear(self) -> None:
        """Forgets everything: history was reverted and is read again."""
        self.turns.clear()
        self._items.clear()
        self._running.clear()
        self._unseen.clear()
        self._abandoned.clear()

    def load(self, event: ev.HistoryLoaded) -> None:
        """Takes over a page of history: older turns before what is known, the newest after it."""
        page = {recorded.turn.id: recorded for recorded in event.turns}
        known = [t for t in self.turns if t not in page]
        for recorded in event.turns:
            self._merge(recorded)
        order = [*page, *known] if event.is_older else [*known, *page]
        self.turns = {turn_id: self.turns[turn_id] for turn_id in order}

    def _merge(self, recorded: RecordedTurn) -> None:
        """Takes over a turn from history without losing what only this window has seen of it."""
        turn_id = recorded.turn.id
        seen = self.turns.get(turn_id)
        self._keep(
            replace(
                recorded.turn,
                diff=seen.diff if seen else recorded.turn.diff,
                tokens_before=_first(seen.tokens_before if seen else None, recorded.turn.tokens_before),
                tokens_after=_first(seen.tokens_after if seen else None, recorded.turn.tokens_after),
            )
        )
        live = self._items.get(turn_id, {})
        self._items[turn_id] = _merged(live, recorded.items)
        if not recorded.turn.is_running:
            failed = recorded.turn.status is not TurnStatus.COMPLETED
            self._items[turn_id] = {
                i: item_updates.left_over(item, turn_failed=failed) for i, item in self._items[turn_id].items()
            }


def _merged(live: Mapping[ItemId, Item], recorded: Sequence[Item]) -> dict[ItemId, Item]:
    """The recorded items in their order; what only this window saw stays behind what it followed.

    Codex gives a prompt one id while its turn runs (`thread/resume`) and another in the record; the client id is kept.
    0.144 names all items differently in the record and leaves out commands: then the live ones stay.
    """
    items = {item.id: item_updates.completed(live.get(item.id), item) for item in recorded}
    prompts = {i.client_id: i.id for i in recorded if isinstance(i, UserMessage) and i.client_id}
    before = next(iter(items), None)
    followers: dict[ItemId | None, list[Item]] = {}
    for item in live.values():
        recorded_as = prompts.get(item.client_id or "") if isinstance(item, UserMessage) else None
        if item.id in items or recorded_as:
            before = recorded_as or item.id
        else:
            followers.setdefault(before, []).append(item)
    if followers and items.keys().isdisjoint(live):
        return dict(live)
    return {i.id: i for item in items.values() for i in (item, *followers.get(item.id, ()))}


def _first(seen: int | None, kept: int | None) -> int | None:
    return kept if seen is None else seen


def _is_review(items: Sequence[Item]) -> bool:
    return any(isinstance(i, ReviewMark) and i.is_start for i in items)


_HANDLERS: dict[type[ev.Event], Callable[[Transcript, Any], Iterator[Change]]] = {
    ev.TurnDiffChanged: Transcript._on_turn_diff,
    ev.ItemStarted: Transcript._on_item_started,
    ev.ItemCompleted: Transcript._on_item_completed,
    ev.TextAppended: Transcript._on_text,
    ev.PatchesUpdated: Transcript._on_patches,
    ev.TerminalTyped: Transcript._on_typed,
    ev.ChecklistChanged: Transcript._on_checklist,
    ev.ErrorReported: Transcript._on_error,
    ev.NoticeReported: Transcript._on_notice,
    ev.ModelRerouted: Transcript._on_rerouted,
    ev.HookRan: Transcript._on_hook,
}
