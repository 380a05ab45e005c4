"""The threads of some folders as lists show them, kept right by what Codex tells every client."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from conductor_tui.domain import events as ev
from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.threads import ThreadSummary
from conductor_tui.storage.database import Store
from conductor_tui.storage.seen_turns import SeenTurns

Meanwhile = list[tuple[ev.Event, bool]]
_NEWS = (ev.ThreadStarted, ev.ThreadStatusChanged, ev.ThreadNameChanged, ev.ThreadArchived, ev.ThreadDeleted)


class ThreadList(dict[ThreadId, ThreadSummary]):
    """Thread id to summary."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.folders: set[str] = set()
        """Those whose threads are listed."""
        self.unread: set[ThreadId] = {ThreadId(i) for i in store.unread()}
        """Sessions that finished a turn which nobody has seen."""
        self.seen = SeenTurns(store)
        self._store = store
        self._readings: list[Meanwhile] = []

    @contextlib.contextmanager
    def reading(self) -> Iterator[Meanwhile]:
        """While the list is asked for: what happens until its answer is taken over is newer than that."""
        meanwhile: Meanwhile = []
        self._readings.append(meanwhile)
        try:
            yield meanwhile
        finally:
            self._readings.remove(meanwhile)

    def read(
        self,
        threads: Iterable[ThreadSummary],
        kept: Iterable[ThreadId],
        meanwhile: Sequence[tuple[ev.Event, bool]] = (),
    ) -> None:
        """Takes over what the server lists; those `kept` stay, for they may not be on its disk yet."""
        stay = {i: self[i] for i in kept if i in self}
        self.clear()
        self.update(stay | {t.id: t for t in threads})
        for event, is_open_here in tuple(meanwhile):
            self.apply(event, is_open_here)

    def mark_unread(self, thread_id: ThreadId, is_unread: bool) -> None:
        """Remembers whether a session has something new, also for the next start."""
        if (thread_id in self.unread) != is_unread:
            self.unread.symmetric_difference_update({thread_id})
            self._store.keep_unread(thread_id, is_unread)

    def used(self, thread_id: ThreadId, preview: str, folder: str, now: int) -> None:
        """A thread in a folder had its first turn. `now`: Unix seconds."""
        self.seen.began(thread_id)
        known = self.get(thread_id, ThreadSummary(thread_id, cwd=folder))
        self[thread_id] = replace(known, preview=known.preview or preview, updated_at=now)

    def apply(self, event: ev.Event, is_open_here: bool) -> bool:
        """Follows an event; returns whether the list changed. `is_open_here`: this window has opened the thread."""
        thread_id = event.thread_id
        if thread_id is None:
            return False
        if isinstance(event, _NEWS):
            for meanwhile in self._readings:
                meanwhile.append((event, is_open_here))
        known = self.get(thread_id)
        match event:
            case ev.ThreadStarted() if event.thread.cwd in self.folders and not event.thread.parent_id:
                if is_open_here or not event.thread.preview:
                    return False
                self[thread_id] = event.thread
            case ev.ThreadStatusChanged() if known:
                self[thread_id] = replace(known, state=event.state)
            case ev.ThreadNameChanged() if known:
                self[thread_id] = replace(known, name=event.name)
            case ev.ThreadArchived(is_archived=True) | ev.ThreadDeleted() if known:
                del self[thread_id]
            case ev.ItemCompleted() if known and not known.preview:
                self[thread_id] = replace(known, preview=getattr(event.item, "text", ""))
            case _:
                return False
        return True
