"""The transcript's entries and where each stands: heights are measured when they are seen, guessed before.

An entry is an item, the end of a turn, a message on its way, or what other clients queued. Cost of a change: that
entry, and those after it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from conductor_tui.domain.controls import Account
from conductor_tui.domain.diagnosis import Circumstances
from conductor_tui.domain.ids import ItemKey, TurnId
from conductor_tui.domain.invalidations import Change, ItemAdded, ItemChanged, SessionChange, TurnChanged
from conductor_tui.domain.items import AgentMessage, FileChange, Item, PlanText, UserMessage
from conductor_tui.domain.projection import SessionProjection
from conductor_tui.ui.presentation import items as present
from conductor_tui.ui.presentation.lines import BLANK, Line
from conductor_tui.ui.presentation.markdown import MarkdownDocument
from conductor_tui.ui.presentation.turns import footer_lines

CACHED_LINES = 8_000
"""Laid out lines that are kept; a line weighs half a kilobyte."""

EntryKey = ItemKey | TurnId | str
"""An item, the end of a turn, `out:CLIENT_ID` for a message on its way, or `QUEUE`."""
QUEUE = "queue"
"""What other clients queued."""


class Entry(Struct):
    """One entry: `height` counts its rows, the blank one above it included."""

    key: EntryKey
    height: int = 1
    is_measured: bool = False


class Entries:
    """All entries of one session at one width."""

    def __init__(
        self,
        projection: SessionProjection,
        clock: Callable[[], float],
        root: str,
        account: Callable[[], Account | None] = lambda: None,
    ) -> None:
        """`account`: who is signed in, as far as it is known; failures are judged by it."""
        self.projection = projection
        self._account = account
        self.width = 80
        self.expanded: set[EntryKey] = set()
        self.is_all_expanded = False
        self._clock = clock
        self._root = root
        self._entries: list[Entry] = []
        self._index: dict[EntryKey, int] = {}
        self._tops: list[int] = []
        """Row on which each entry begins; valid up to `_valid`."""
        self._valid = 0
        self._lines: OrderedDict[EntryKey, list[Line]] = OrderedDict()
        self._documents: dict[ItemKey, MarkdownDocument] = {}
        self._asked: set[ItemKey] = set()
        """Items that waited for the user when last drawn."""
        self.rebuild()

    # Where things are

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, at: int) -> Entry:
        return self._entries[at]

    @property
    def height(self) -> int:
        """Rows of all entries, measured or guessed."""
        if not self._entries:
            return 0
        self._settle()
        return self._tops[-1] + self._entries[-1].height

    def top(self, at: int) -> int:
        """The row an entry begins on."""
        self._settle()
        return self._tops[at]

    def at_row(self, row: int) -> int:
        """The entry that holds a row."""
        self._settle()
        return max(0, bisect_right(self._tops, row) - 1)

    def find(self, key: EntryKey) -> int | None:
        """Where an entry is; None when it is gone."""
        return self._index.get(key)

    def _settle(self) -> None:
        count = len(self._entries)
        if self._valid >= count and len(self._tops) == count:
            return
        del self._tops[self._valid :]
        top = self._tops[-1] + self._entries[self._valid - 1].height if self._valid else 0
        for entry in self._entries[self._valid :]:
            self._tops.append(top)
            top += entry.height
        self._valid = count

    # Lines

    def lines(self, at: int) -> list[Line]:
        """An entry's lines; measuring it may move all entries after it."""
        entry = self._entries[at]
        found = self._lines.get(entry.key)
        if found is None:
            found = self._lay_out(at)
            self._lines[entry.key] = found
            self._drop_oldest()
        else:
            self._lines.move_to_end(entry.key)
        if not entry.is_measured or entry.height != len(found):
            if entry.height != len(found):
                entry.height = len(found)
                self._valid = min(self._valid, at + 1)
            entry.is_measured = True
        return found

    def _drop_oldest(self) -> None:
        """Keeps to the limit, but always the entry used last."""
        kept = sum(map(len, self._lines.values()))
        while kept > CACHED_LINES and len(self._lines) > 1:
            kept -= len(self._lines.popitem(last=False)[1])

    def measure(self, first: int, last: int) -> None:
        """Lays out the entries from `first` to `last`, so that their heights are right."""
        for at in range(max(0, first), min(last, len(self._entries) - 1) + 1):
            if not self._entries[at].is_measured:
                self.lines(at)

    def _lay_out(self, at: int) -> list[Line]:
        key = self._entries[at].key
        look = present.Look(self.width, self.is_expanded(key), self._root)
        lines: list[Line]
        if isinstance(key, ItemKey):
            item = self.projection.item(key)
            if item is None:
                return []
            if item.is_open and isinstance(item, (AgentMessage, PlanText)):
                look = replace(look, markdown=self._growing(key))
            else:
                self._documents.pop(key, None)
                look = replace(look, is_waiting=key in self._waiting())
            lines = present.item_lines(item, look)
        elif key.startswith("out:"):
            lines = self._outgoing(key, look)
        elif key == QUEUE:
            lines = present.queue_lines(self.projection.queued, look)
        else:
            turn = self.projection.turns.get(TurnId(key[5:]))
            if turn is None:
                return []
            changed = {
                p.path for i in self.projection.items_of(turn.id) if isinstance(i, FileChange) for p in i.patches
            }
            settings = self.projection.settings
            known = Circumstances(settings.provider, settings.model, self._account(), now=self._clock())
            lines = footer_lines(turn, len(changed), look, known)
        return [BLANK, *lines] if lines and self._has_room_above(at) else lines

    def _waiting(self) -> set[ItemKey]:
        """Items that wait for the user."""
        waiting = self.projection.waiting_approvals
        return {ItemKey(a.turn_id, a.item_id) for a in waiting if a.turn_id is not None and a.item_id is not None}

    def _growing(self, key: ItemKey) -> present.Markdown:
        """Lays out a message that still grows: its finished blocks only once."""

        def lay_out(text: str, width: int) -> list[Line]:
            document = self._documents.get(key)
            if document is None or document.width != max(8, width):
                document = self._documents[key] = MarkdownDocument(width)
            return document.set_text(text)

        return lay_out

    def _outgoing(self, key: str, look: present.Look) -> list[Line]:
        message = next((m for m in self.projection.outgoing if f"out:{m.client_id}" == key), None)
        if message is None:
            return []
        remark = present.outgoing_remark(message)
        return present.user_message_lines(message.text, look, remark)

    def _has_room_above(self, at: int) -> bool:
        """Messages stand free; what Codex did stands together."""
        return at > 0 and (self._is_free(at) or self._is_free(at - 1))

    def _is_free(self, at: int) -> bool:
        key = self._entries[at].key
        if not isinstance(key, ItemKey):
            return True
        item = self.projection.item(key)
        return item is not None and present.is_message(item)

    # Folding

    def is_expanded(self, key: EntryKey) -> bool:
        """Whether an entry is open."""
        return (key in self.expanded) != self.is_all_expanded

    def toggle(self, at: int) -> bool:
        """Opens or folds an entry; False when there is nothing to open."""
        key = self._entries[at].key
        item = self.projection.item(key) if isinstance(key, ItemKey) else None
        if item is None or not present.can_expand(item):
            return False
        self.expanded.symmetric_difference_update({key})
        self.forget(key)
        return True

    def expand_all(self, is_on: bool) -> None:
        """Opens or folds everything."""
        self.is_all_expanded = is_on
        self.expanded.clear()
        self.resize(self.width)

    # Changes

    def resize(self, width: int) -> None:
        """Another width: all is laid out anew, when it is seen."""
        self.width = width
        self._lines.clear()
        self._documents.clear()
        for entry in self._entries:
            entry.is_measured = False
            entry.height = self._guess(entry.key)
        self._valid = 0

    def rebuild(self) -> None:
        """Reads the projection anew; heights of entries that stay are kept."""
        known = {e.key: e for e in self._entries}
        self._entries = [known.get(key) or Entry(key, self._guess(key)) for key in self._keys()]
        self._index = {e.key: at for at, e in enumerate(self._entries)}
        self._valid = 0

    def _keys(self) -> Iterator[EntryKey]:
        for turn_id in self.projection.turns:
            for item in self.projection.items_of(turn_id):
                yield item.key
            yield TurnId(f"turn:{turn_id}")
        for message in self.projection.outgoing:
            yield f"out:{message.client_id}"
        if self.projection.queued:
            yield QUEUE

    def forget(self, key: EntryKey) -> None:
        """An entry differs: it is laid out again when it is seen, at once if it was measured."""
        at = self._index.get(key)
        self._lines.pop(key, None)
        if at is not None:
            self._entries[at].is_measured = False

    def apply(self, changes: list[Change]) -> None:
        """Takes over what changed in the projection."""
        must_rebuild = False
        for change in changes:
            match change:
                case ItemChanged(key=key) if key in self._index:
                    self.forget(key)
                    self._forget_neighbour(key)
                case ItemAdded() | ItemChanged() | SessionChange.OUTGOING | SessionChange.TRANSCRIPT_RESET:
                    must_rebuild = True
                    if change is SessionChange.TRANSCRIPT_RESET:
                        self._lines.clear()
                        for entry in self._entries:
                            entry.is_measured = False
                case TurnChanged(turn_id=turn_id):
                    key_ = TurnId(f"turn:{turn_id}")
                    must_rebuild = must_rebuild or key_ not in self._index
                    self.forget(key_)
                case SessionChange.QUEUE:
                    must_rebuild = True
                    self.forget(QUEUE)
                case SessionChange.APPROVALS:
                    for key in (*self._asked, *self._waiting()):
                        self.forget(key)
                    self._asked = self._waiting()
                case SessionChange():
                    pass
                case _:
                    must_rebuild = True
        if must_rebuild:
            self._rebuild_end()

    def _forget_neighbour(self, key: EntryKey) -> None:
        """The end of the running turn stands below the newest item and may move with it; it is cheap to draw."""
        if isinstance(key, ItemKey):
            self.forget(TurnId(f"turn:{key.turn_id}"))

    def _rebuild_end(self) -> None:
        """Entries came or went: mostly at the end, so the order of the others is kept as it is."""
        before = self._entries
        self.rebuild()
        same = 0
        limit = min(len(before), len(self._entries))
        while same < limit and before[same] is self._entries[same]:
            same += 1
        for entry in self._entries[max(0, same - 1) : same + 2]:
            self._lines.pop(entry.key, None)  # the room above depends on the neighbour
            entry.is_measured = False
        for key in [k for k in self._lines if k not in self._index]:
            del self._lines[key]

    def tick(self) -> int | None:
        """Draws the elapsed time of the running turn again; returns its entry."""
        turn = self.projection.running_turn
        if turn is None:
            return None
        key = TurnId(f"turn:{turn.id}")
        self.forget(key)
        return self._index.get(key)

    def _guess(self, key: EntryKey) -> int:
        """A height without laying anything out: right for most entries, near for messages."""
        if not isinstance(key, ItemKey):
            return 2
        item = self.projection.item(key)
        if isinstance(item, (AgentMessage, UserMessage, PlanText)):
            room = present.Look(self.width).prose_room
            return 1 + item.text.count("\n") + len(item.text) // room + 1
        return _lines_of(item)


def _lines_of(item: Item | None) -> int:
    return 2 if item is not None and present.is_message(item) else 1
