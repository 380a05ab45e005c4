"""The transcript pane: a cursor on the entries, folding, jumping, searching, copying."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message

from conductor_tui.domain.ids import ItemKey, TurnId
from conductor_tui.domain.items import AgentMessage, Item, PlanText, UserMessage
from conductor_tui.domain.text import visible_line
from conductor_tui.ui.bindings import pane_bindings
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.messages import CopyRequested
from conductor_tui.ui.presentation import items as present
from conductor_tui.ui.presentation.lines import BLANK, Line, Span
from conductor_tui.ui.widgets.transcript.following import FollowingView


class TranscriptView(FollowingView):
    """What the keys do in it."""

    BINDINGS: ClassVar[list[BindingType]] = [*pane_bindings(Pane.TRANSCRIPT)]

    class SearchAsked(Message):
        """The user wants to search; `words`: those sought last. `is_further`: in older turns, without a question."""

        def __init__(self, words: str, *, is_further: bool = False) -> None:
            super().__init__()
            self.words = words
            self.is_further = is_further

    _sought = ""
    """What is searched for, in lower case; empty: nothing."""

    def cursor_rows(self) -> range:
        at = self._cursor_at()
        if at is None or self._entries is None:
            return range(0)
        first = self._first_row(at)
        return range(first, self._entries.top(at) + self._entries[at].height)

    # Keys

    def _cursor_at(self) -> int | None:
        entries = self._entries
        if entries is None or not len(entries):
            return None
        found = entries.find(self._cursor) if self._cursor is not None else None
        at = len(entries) - 1 if found is None else found
        return next((n for n in range(at, -1, -1) if self._is_stop(n)), at)

    def _is_stop(self, at: int) -> bool:
        """Whether the cursor stops at an entry: there is something to read or copy, more than how long a turn took."""
        entries = self._entries
        assert entries is not None
        key = entries[at].key
        of = "" if isinstance(key, ItemKey) else key.removeprefix("turn:")
        turn = entries.projection.turns.get(TurnId(of))
        return bool(entries.lines(at)) and (turn is None or turn.error is not None)

    def action_cursor(self, step: int) -> None:
        """Moves to the next entry, or scrolls through one that is higher than the view."""
        at, entries = self._cursor_at(), self._entries
        if at is None or entries is None:
            return
        view = range(self.scroll_offset.y, self.scroll_offset.y + self.scrollable_content_region.height)
        top, bottom = entries.top(at), entries.top(at) + entries[at].height - 1
        if (step > 0 and bottom >= view.stop and top < view.stop) or (step < 0 and top < view.start <= bottom):
            self.scroll_relative(y=step * 3, animate=False, immediate=True)
            return
        new = at + step
        while 0 <= new < len(entries) and not self._is_stop(new):
            new += step
        if 0 <= new < len(entries):
            self._go_to(new)
        else:
            self.scroll_to(y=0 if step < 0 else self.max_scroll_y, animate=False, immediate=True)

    def action_jump(self, step: int) -> None:
        """Moves to the user message before or after."""
        at, entries = self._cursor_at(), self._entries
        if at is None or entries is None:
            return
        new = at + step
        while 0 <= new < len(entries):
            key = entries[new].key
            if isinstance(key, ItemKey) and isinstance(entries.projection.item(key), UserMessage):
                self._go_to(new, at_top=True)
                return
            new += step

    def _go_to(self, at: int, *, at_top: bool = False) -> None:
        entries = self._entries
        assert entries is not None
        self._cursor = entries[at].key
        entries.measure(at, at)
        top, height = entries.top(at), entries[at].height
        view = self.scrollable_content_region.height
        y = self.scroll_offset.y
        if at_top or top < y:
            y = top
        elif top + height > y + view:
            y = min(top, top + height - view)
        self.scroll_to(y=y, animate=False, immediate=True)
        self.refresh()

    def action_fold(self) -> None:
        """Opens or folds the entry under the cursor."""
        at = self._cursor_at()
        if at is not None and self._entries is not None:
            self._cursor = self._entries[at].key
            self._toggle(at)

    def _toggle(self, at: int) -> None:
        was_following = self._is_following
        self._is_following = False
        self._in_place(lambda entries: entries.toggle(at))
        self._is_following = was_following and self.scroll_offset.y >= self.max_scroll_y
        self._unseen_from = self._entries.height if self._entries is not None else None
        self._tell_unseen()

    def action_expand_all(self) -> None:
        """Opens everything, or folds it again."""
        if self._entries is not None:
            is_on = not self._entries.is_all_expanded
            self._in_place(lambda entries: entries.expand_all(is_on))

    def action_top(self) -> None:
        """Goes to the first line."""
        if self._entries is not None and len(self._entries):
            self._cursor = self._entries[0].key
        self.scroll_to(y=0, animate=False, immediate=True)

    def action_follow(self) -> None:
        """Goes to the end and follows."""
        self.follow()

    def action_page(self, step: int) -> None:
        """A page up or down; the cursor comes along."""
        self.scroll_relative(y=step * max(1, self.scrollable_content_region.height - 2), animate=False, immediate=True)
        if self._entries is not None and len(self._entries):
            self._cursor = self._entries[self._entries.at_row(self.scroll_offset.y + 1)].key

    def action_copy(self) -> None:
        """Copies the entry under the cursor as logical text."""
        at = self._cursor_at()
        if at is None or self._entries is None:
            return
        item = self._item(at)
        text = present.item_text(item) if item else "\n".join(ln.text for ln in self._entries.lines(at)).strip()
        self.post_message(CopyRequested(text, "item"))

    def action_copy_code(self) -> None:
        """Copies the last code block of the message under the cursor."""
        at = self._cursor_at()
        if at is None or self._entries is None:
            return
        item = self._item(at)
        code = None
        if isinstance(item, (AgentMessage, PlanText)):
            from conductor_tui.ui.presentation.markdown import last_code_block

            code = last_code_block(item.text)
        self.post_message(CopyRequested(code or "", "code block"))

    def on_click(self, event: events.Click) -> None:
        """A click on a folded line opens it."""
        entries = self._entries
        if entries is None or not len(entries):
            return
        row = int(event.get_content_offset_capture(self).y) + self.scroll_offset.y
        at = entries.at_row(row)
        self._cursor = entries[at].key
        first = next((n for n, ln in enumerate(entries.lines(at)) if ln is not BLANK), 0)
        if row - entries.top(at) == first and self.text_selection is None:
            self._toggle(at)
        self.refresh()

    # Searching

    def action_search(self) -> None:
        """Asks for words to look for."""
        self.post_message(self.SearchAsked(self._sought))

    def search(self, words: str) -> bool:
        """Goes to the newest entry with these words and marks them everywhere; False when there is none."""
        self._sought = words.lower()
        self._cursor = None
        self.refresh()
        return bool(words) and self._find(-1, from_here=True)

    def find_older(self) -> None:
        """Goes to the match before the one under the cursor."""
        self._find(-1)

    def action_find(self, step: int) -> None:
        """Goes to the entry with the sought words before or after."""
        if not self._sought:
            self.action_search()
        elif self._find(step):
            return
        elif step < 0 and self._entries is not None and self._entries.projection.has_older:
            self.post_message(self.SearchAsked(self._sought, is_further=True))
        else:
            self.border_subtitle = Content(f"no more matches for “{visible_line(self._sought)}”")

    def _find(self, step: int, *, from_here: bool = False) -> bool:
        at, entries = self._cursor_at(), self._entries
        if at is None or entries is None:
            return False
        if not from_here:
            at += step
        while 0 <= at < len(entries):
            item = self._item(at)
            if item is not None and self._sought in present.item_text(item).lower():
                if not any(self._sought in ln.text.lower() for ln in entries.lines(at)) and not self._is_open(at):
                    self._toggle(at)  # it is in what is folded
                self._go_to(at)
                self._tell_unseen()
                return True
            at += step
        return False

    def line_at(self, y: int) -> Line:
        """A line, with the sought words marked."""
        found = super().line_at(y)
        if self._sought and self._sought in found.text.lower():
            return Line(tuple(_marked(found.spans, self._sought)), found.fill, found.fill_from)
        return found

    def _item(self, at: int) -> Item | None:
        entries = self._entries
        assert entries is not None
        key = entries[at].key
        return entries.projection.item(key) if isinstance(key, ItemKey) else None

    def _is_open(self, at: int) -> bool:
        entries = self._entries
        assert entries is not None
        return entries.is_expanded(entries[at].key)


def _marked(spans: tuple[Span, ...], sought: str) -> list[Span]:
    """Spans with each occurrence of `sought`, also one across spans, in reverse."""
    text = "".join(t for t, _ in spans).lower()
    hits: set[int] = set()
    at = text.find(sought)
    while at >= 0:
        hits.update(range(at, at + len(sought)))
        at = text.find(sought, at + len(sought))
    made: list[Span] = []
    at = 0
    for piece, style in spans:
        start = 0
        for n in range(1, len(piece) + 1):
            if n == len(piece) or (at + n in hits) != (at + start in hits):
                made.append((piece[start:n], f"{style} found".strip() if at + start in hits else style))
                start = n
        at += len(piece)
    return made
