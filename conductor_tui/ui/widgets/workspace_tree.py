"""The workspace tree: the repository, its local checkout, and the sessions in it with what they are doing."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import on
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.listing import age
from conductor_tui.domain.text import visible_line
from conductor_tui.domain.workspaces import RepositoryState
from conductor_tui.ui.presentation.threads import Entry, counts


class WorkspaceTree(OptionList):
    """Enter opens the highlighted session."""

    class Opened(Message):
        """The user wants this session; None is the new one."""

        def __init__(self, thread_id: ThreadId | None) -> None:
            super().__init__()
            self.thread_id = thread_id

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False, compact=True)
        self.border_title = "sessions"
        self._last: tuple[object, ...] = ()

    def show(self, name: str, state: RepositoryState | None, entries: Sequence[Entry], now: float) -> None:
        """Shows the repository `name`, its checkout and sessions. `now`: Unix seconds."""
        width = self.content_size.width
        last = (name, state, tuple(entries), int(now // 60), width)
        if last == self._last:
            return
        self._last = last
        kept = self.highlighted_option.id if self.highlighted_option else None
        head = Content.assemble(("▾ ", "$text-muted"), (visible_line(name), "bold"))
        options = [Option(head.truncate(width, ellipsis=True), disabled=True), *self._checkout(state, width)]
        options.extend(self._session(e, now, width) for e in entries)
        self.set_options(options)
        wanted = kept or next((f"t:{e.thread_id or ''}" for e in entries if e.is_shown), None)
        if wanted:
            self.highlighted = next((i for i, o in enumerate(options) if o.id == wanted), None)

    @on(OptionList.OptionSelected)
    def open(self, event: OptionList.OptionSelected) -> None:
        """Enter on a session."""
        event.stop()
        if event.option_id:
            self.post_message(self.Opened(ThreadId(event.option_id[2:]) if event.option_id != "t:" else None))

    @staticmethod
    def _checkout(state: RepositoryState | None, width: int) -> list[Option]:
        branch = visible_line(state.label) if state else "…"
        head = Content.assemble(("  local ", ""), (branch, "$text-primary"))
        lines = [Option(head.truncate(width, ellipsis=True), disabled=True)]
        if changed := counts(state):
            lines.append(Option(Content.assemble((f"    {changed}", "$text-muted")), disabled=True))
        return lines

    @staticmethod
    def _session(entry: Entry, now: float, width: int) -> Option:
        sign, style = entry.sign
        word = entry.word or (age(now - entry.updated_at) if entry.updated_at else "")
        room = width - 6 - cell_len(word)
        title = Content.styled(entry.title, "bold" if entry.is_shown else "").truncate(max(4, room), ellipsis=True)
        gap = " " * max(1, width - 4 - title.cell_length - cell_len(word))
        mark = ("▌ ", "$primary") if entry.is_shown else ("  ", "")
        prompt = Content("").join(
            [Content.assemble(mark, (f"{sign} ", style)), title, Content.assemble((gap, ""), (word, style))]
        )
        return Option(prompt, id=f"t:{entry.thread_id or ''}")
