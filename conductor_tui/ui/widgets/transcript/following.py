"""A view on one session that follows what Codex writes, and holds its place when it is scrolled up."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct
from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import var

from conductor_tui.domain.controls import Account
from conductor_tui.domain.invalidations import Change, TurnChanged
from conductor_tui.domain.projection import SessionProjection
from conductor_tui.ui.commands.keymap import first_key
from conductor_tui.ui.presentation.lines import BLANK, Line, line
from conductor_tui.ui.widgets.line_view import LineView
from conductor_tui.ui.widgets.transcript.entries import Entries, EntryKey

SCROLL_STEP = 6
"""Rows that following scrolls at once while text streams."""


class _Place(Struct, frozen=True):
    """A row of an entry, counted from the entry's first: it stays right when heights above it change."""

    key: EntryKey
    offset: int


class _Seen(Struct, frozen=True):
    """A session as it was left."""

    entries: Entries
    place: _Place | None = None
    """None: following."""
    cursor: EntryKey | None = None


class FollowingView(LineView):
    """One session at a time; each keeps its place and what is open in it."""

    keys: var[Mapping[str, Sequence[str]]] = var(dict[str, Sequence[str]])
    """The user's keys by command."""

    class OlderRequested(Message):
        """The top of what is loaded was reached, and the server has more."""

    def __init__(self, *, id: str | None = None, clock: Callable[[], float] = time.time) -> None:
        """`clock`: seconds since 1970."""
        super().__init__(id=id)
        self._clock = clock
        self.account: Callable[[], Account | None] = lambda: None
        """Who is signed in, as far as it is known."""
        self._sessions: dict[int, _Seen] = {}
        """The sessions shown before, by projection."""
        self._entries: Entries | None = None
        self._empty: Callable[[int], str] = str
        self._told: tuple[int, list[str]] | None = None
        """What an empty session says, and at which width: it is asked for each row."""
        self._is_following = True
        self._unseen_from: int | None = None
        """Height when following stopped: what is below it is new."""
        self._cursor: EntryKey | None = None
        self._slack = 0
        """Blank rows below the last line."""

    # Public

    def welcome_again(self) -> None:
        """What an empty session says has changed."""
        if self._entries is not None and not self._entries.height:
            self._redraw()

    def show(self, projection: SessionProjection, *, empty: Callable[[int], str], root: str = "") -> None:
        """Shows a session, at the place it was left; `empty`, at a width, is said while nothing is in it.

        `root`: the folder that the session works in; paths below it are shown relative to it.
        """
        if self._entries is not None:
            place = None if self._is_following else self._place()
            self._sessions[id(self._entries.projection)] = _Seen(self._entries, place, self._cursor)
        seen = self._sessions.get(id(projection)) or _Seen(self._entries_of(projection, root))
        entries = self._entries = seen.entries
        self._cursor = seen.cursor
        self._empty = empty
        self._is_following = seen.place is None
        self._slack = 0
        if entries.width != self.text_width:
            entries.resize(self.text_width)
        entries.rebuild()
        self._redraw()
        if seen.place is not None:
            self._return_to(seen.place)

    def _entries_of(self, projection: SessionProjection, root: str) -> Entries:
        return Entries(projection, self._clock, root, lambda: self.account())

    def judge_again(self) -> None:
        """The newest turn's failure may mean something else by now: the account was read, or time went on."""
        turn = next(reversed(self._entries.projection.turns.values()), None) if self._entries is not None else None
        if turn is not None and turn.error is not None:
            self.apply([TurnChanged(turn.id)])

    def apply(self, changes: Sequence[Change]) -> None:
        """The projection changed."""
        if self._entries is not None:
            self._in_place(lambda entries: entries.apply(list(changes)))

    def tick(self) -> None:
        """Once a second while a turn runs: its elapsed time."""
        if self._entries is not None and (at := self._entries.tick()) is not None:
            self._entries.measure(at, at)
            top = self._entries.top(at) - self.scroll_offset.y
            self.refresh_lines(top, self._entries[at].height)

    def follow(self) -> None:
        """Goes to the end and stays there."""
        self._is_following = True
        self._unseen_from = None
        self._cursor = None
        self._redraw()

    @property
    def is_following(self) -> bool:
        """Whether the newest line stays in view."""
        return self._is_following

    # Lines

    @property
    def line_count(self) -> int:
        if self._entries is None:
            return 0
        return self._entries.height + self._slack or len(self._empty_rows) + self._empty_top

    @property
    def _empty_rows(self) -> list[str]:
        width = self.text_width - 4
        if self._told is None or self._told[0] != width:
            self._told = width, self._empty(width).split("\n")
        return self._told[1]

    @property
    def _empty_top(self) -> int:
        return max(1, (self.size.height - len(self._empty_rows)) // 3)

    def line_at(self, y: int) -> Line:
        entries = self._entries
        if entries is None:
            return BLANK
        if not len(entries):
            row, told = y - self._empty_top, self._empty_rows
            return line(("  " + told[row], "muted")) if 0 <= row < len(told) else BLANK
        at = entries.at_row(y)
        lines = entries.lines(at)
        row = y - entries.top(at)
        return lines[row] if row < len(lines) else BLANK

    # Keeping the place

    def _redraw(self) -> None:
        """Measures what is in view, sets the size, and keeps to the end while following."""
        entries = self._entries
        self._told = None
        if entries is None or not self.is_attached:
            return
        height = max(1, self.scrollable_content_region.height)
        if self._is_following:
            self._measure_end(entries, height)
            self._slack = self._slack_for(entries, height)
        else:
            first = entries.at_row(self.scroll_offset.y) if len(entries) else 0
            entries.measure(first, first + height)
        self.content_changed()
        if self._is_following:
            self.scroll_to(y=max(0, self.line_count - height), animate=False, force=True, immediate=True)
        self._tell_unseen()

    def _slack_for(self, entries: Entries, height: int) -> int:
        """Blank rows below the end, for text to grow into: scrolling redraws the pane, so it goes in steps."""
        projection = entries.projection
        is_streaming = projection.running_turn is not None and not projection.waiting_approvals
        if not is_streaming or entries.height <= height:
            return 0
        left = self.scroll_offset.y + height - entries.height
        step = min(SCROLL_STEP, height // 4)
        return left if 0 <= left <= step else step

    @staticmethod
    def _measure_end(entries: Entries, height: int) -> None:
        seen, at = 0, len(entries) - 1
        while at >= 0 and seen < height:
            seen += len(entries.lines(at))
            at -= 1

    def _in_place(self, change: Callable[[Entries], object]) -> None:
        """Changes the entries without moving what is in view."""
        entries = self._entries
        assert entries is not None
        if self._is_following or not len(entries):
            change(entries)
            self._redraw()
            return
        place = self._place()
        change(entries)
        self._redraw()
        self._return_to(place)

    def _place(self) -> _Place | None:
        """What stands at the top of the view; None in an empty session."""
        entries = self._entries
        if entries is None or not len(entries):
            return None
        at = entries.at_row(self.scroll_offset.y)
        return _Place(entries[at].key, self.scroll_offset.y - self._first_row(at))

    def _return_to(self, place: _Place | None) -> None:
        """Scrolls so that a place stands at the top again, wherever it is now."""
        entries = self._entries
        at = entries.find(place.key) if entries is not None and place is not None else None
        if entries is None or place is None or at is None:
            return
        entries.measure(at, at + self.scrollable_content_region.height)
        row = self._first_row(at) + place.offset
        self.content_changed()
        if row != self.scroll_offset.y:
            self.scroll_to(y=row, animate=False, force=True, immediate=True)

    def _first_row(self, at: int) -> int:
        """Where an entry's text begins: the blank row above it comes and goes with its neighbour."""
        entries = self._entries
        assert entries is not None
        lines = entries.lines(at)
        return entries.top(at) + (1 if lines and lines[0] is BLANK else 0)

    def watch_keys(self) -> None:
        """Other keys are in force."""
        self._tell_unseen()

    def _tell_unseen(self) -> None:
        if self._is_following:
            self.border_subtitle = ""
            return
        end = self._entries.height if self._entries is not None else 0
        unseen = end - (self._unseen_from or end)
        key = first_key(self.keys, "transcript.follow")
        said = f"↓ {unseen} new line{'' if unseen == 1 else 's'}" if unseen > 0 else "scrolled up"
        self.border_subtitle = Content(f"{said} · {key} to follow" if key else said)

    def on_resize(self, event: events.Resize) -> None:
        """Another width is laid out from what is in view."""
        if self._entries is None:
            return
        if self._entries.width != self.text_width:
            width = self.text_width
            self._in_place(lambda entries: entries.resize(width))
        else:
            self._redraw()

    def watch_scroll_y(self, old: float, new: float) -> None:
        """Scrolling up stops following; reaching the end starts it again; the top asks for older turns."""
        super().watch_scroll_y(old, new)
        entries = self._entries
        if entries is None or not len(entries):
            return
        at_end = new >= self.max_scroll_y
        if self._is_following and new < old and not at_end:
            self._is_following = False
            self._unseen_from = entries.height
            self._tell_unseen()
        elif not self._is_following and at_end:
            self._is_following = True
            self._unseen_from = None
            self._tell_unseen()
        if new <= 2 and old > new and entries.projection.has_older:
            self.post_message(self.OlderRequested())
