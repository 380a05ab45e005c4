"""The workspace tree: repositories, their workspaces, and sessions with what they are doing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.listing import age
from conductor_tui.ui.bindings import pane_bindings
from conductor_tui.ui.layout import Pane
from conductor_tui.ui.presentation.threads import Entry
from conductor_tui.ui.presentation.tree import Branch, WorkspaceRow


class WorkspaceTree(OptionList):
    """Enter opens the highlighted session or workspace; letters act on the workspace."""

    BINDINGS: ClassVar[list[BindingType]] = [*pane_bindings(Pane.TREE)]

    class Opened(Message):
        """The user wants this session; None is the new one."""

        def __init__(self, thread_id: ThreadId | None) -> None:
            super().__init__()
            self.thread_id = thread_id

    class Entered(Message):
        """The user wants this workspace."""

        def __init__(self, workspace_id: str) -> None:
            super().__init__()
            self.workspace_id = workspace_id

    class Wanted(Message):
        """The user wants a command for the highlighted workspace; an empty id: for the one on screen."""

        def __init__(self, command: str, workspace_id: str) -> None:
            super().__init__()
            self.command = command
            self.workspace_id = workspace_id

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False, compact=True)
        self.border_title = "workspaces"
        self._last: tuple[object, ...] = ()
        self._shown: tuple[Sequence[Branch], float] = ((), 0.0)
        self._workspace_of: dict[str, str] = {}
        """By option id: the workspace that the row belongs to."""

    def show(self, branches: Sequence[Branch], now: float) -> None:
        """Shows repositories, workspaces and sessions. `now`: Unix seconds."""
        self._shown = (branches, now)
        width = self.content_size.width
        last = (tuple(branches), int(now // 60), width)
        if last == self._last:
            return
        self._last = last
        kept = self.highlighted_option.id if self.highlighted_option else None
        options: list[Option] = []
        self._workspace_of.clear()
        wanted = kept
        for branch in branches:
            head = Content.assemble(("▾ ", "$text-muted"), (branch.name, "bold"))
            options.append(Option(head.truncate(width, ellipsis=True), disabled=True))
            for row in branch.rows:
                options.append(_workspace(row, width))
                options.extend(_session(e, now, width) for e in row.sessions)
                for id_ in (f"w:{row.record.id}", *(f"t:{e.thread_id or ''}" for e in row.sessions)):
                    self._workspace_of[id_] = row.record.id
                wanted = wanted or next((f"t:{e.thread_id or ''}" for e in row.sessions if e.is_shown), None)
        self.set_options(options)
        if wanted:
            self.highlighted = next((i for i, o in enumerate(options) if o.id == wanted), None)

    def on_resize(self) -> None:
        """Names are cut to the width."""
        self.show(*self._shown)

    @on(OptionList.OptionSelected)
    def open(self, event: OptionList.OptionSelected) -> None:
        """Enter on a row."""
        event.stop()
        kind, _, id_ = (event.option_id or "").partition(":")
        if kind == "t":
            self.post_message(self.Opened(ThreadId(id_) or None))
        elif kind == "w":
            self.post_message(self.Entered(id_))

    def action_workspace(self, command: str) -> None:
        """A letter: a command for the highlighted workspace."""
        option = self.highlighted_option
        id_ = self._workspace_of.get(option.id, "") if option is not None and option.id else ""
        self.post_message(self.Wanted(command, id_))


def _workspace(row: WorkspaceRow, width: int) -> Option:
    mark = ("▌ ", "$primary") if row.is_here else ("  ", "")
    word = "" if any(entry.word == row.word for entry in row.sessions) else row.word  # its own row says it
    prompt = _line(mark, row.sign, row.style, Content.styled(row.name, "bold" if row.is_here else ""), word, width)
    if row.detail:
        prompt = Content("\n").join([prompt, Content.styled(f"    {row.detail}", "$text-muted")])
    return Option(prompt, id=f"w:{row.record.id}")


def _session(entry: Entry, now: float, width: int) -> Option:
    sign, style = entry.sign
    word = entry.word or (age(now - entry.updated_at) if entry.updated_at else "")
    mark = ("▌   ", "$primary") if entry.is_shown else ("    ", "")
    title = Content.styled(entry.title, "bold" if entry.is_shown else "")
    return Option(_line(mark, sign, style, title, word, width), id=f"t:{entry.thread_id or ''}")


def _line(mark: tuple[str, str], sign: str, style: str, title: Content, word: str, width: int) -> Content:
    """A row: mark, sign, title, and at the right what it is doing."""
    left = cell_len(mark[0]) + 2
    cut = title.truncate(max(4, width - left - 2 - cell_len(word)), ellipsis=True)
    gap = " " * max(1, width - left - cut.cell_length - cell_len(word))
    return Content("").join(
        [Content.assemble(mark, (f"{sign} ", style)), cut, Content.assemble((gap, ""), (word, style))]
    )
