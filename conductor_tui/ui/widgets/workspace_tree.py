"""The workspace tree: repositories, their workspaces, and sessions with what they are doing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.text import visible_line
from conductor_tui.ui.bindings import pane_bindings
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.presentation.tree import TreeBranch, filtered
from conductor_tui.ui.presentation.tree_rows import cut, repository_row, session_row, workspace_row
from conductor_tui.ui.widgets.cursor_list import CursorList


class WorkspaceTree(CursorList):
    """Enter opens the highlighted session or workspace; letters act on the workspace."""

    BINDINGS: ClassVar[list[BindingType]] = [*pane_bindings(Pane.TREE)]

    class Opened(Message):
        """The user opens this session; None is the new one."""

        def __init__(self, thread_id: ThreadId | None) -> None:
            super().__init__()
            self.thread_id = thread_id

    class Entered(Message):
        """The user opens this workspace."""

        def __init__(self, workspace_id: str) -> None:
            super().__init__()
            self.workspace_id = workspace_id

    class Wanted(Message):
        """The user runs a command on the highlighted workspace; on the one on screen for an empty id."""

        def __init__(self, command: str, workspace_id: str) -> None:
            super().__init__()
            self.command = command
            self.workspace_id = workspace_id

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False, compact=True)
        self.border_title = "workspaces"
        self._last: tuple[object, ...] = ()
        self._shown: tuple[Sequence[TreeBranch], float] = ((), 0.0)
        self._filter = ""
        self._is_typing = False
        """Whether keys are typed into the filter."""
        self._session_on_screen: str | None = None
        """The option id of the session on screen, as it was shown last."""
        self._workspace_of: dict[str, str] = {}
        """By option id: the workspace that the row belongs to."""

    def show(self, branches: Sequence[TreeBranch], now: float) -> None:
        """Shows repositories, workspaces and sessions, those that match the filter. `now`: Unix seconds.

        The highlighted row stays, but goes along to another session that is opened elsewhere.
        """
        self._shown = (branches, now)
        width = self.scrollable_content_region.width
        last = (tuple(branches), int(now // 60), width, self._filter, self._is_typing)
        if last == self._last:
            return
        self._last = last
        kept = self.highlighted_option.id if self.highlighted_option else None
        options: list[Option] = []
        self._workspace_of.clear()
        on_screen: str | None = None
        if self._is_filtering:
            options.append(Option(self._filter_line(width), disabled=True))
        for branch in (found := filtered(branches, self._filter)):
            options.append(Option(repository_row(branch.name, width), disabled=True))
            for row in branch.rows:
                options.append(Option(workspace_row(row, width), id=f"w:{row.record.id}"))
                options.extend(Option(session_row(e, now, width), id=f"t:{e.thread_id or ''}") for e in row.sessions)
                for id_ in (f"w:{row.record.id}", *(f"t:{e.thread_id or ''}" for e in row.sessions)):
                    self._workspace_of[id_] = row.record.id
                on_screen = on_screen or next((f"t:{e.thread_id or ''}" for e in row.sessions if e.is_shown), None)
        if not found and self._filter:
            options.append(Option(cut(Content.styled("  No matches", "$text-muted"), width), disabled=True))
        self.set_options(options)
        goes_along = on_screen != self._session_on_screen and not self.has_focus
        wanted = on_screen if goes_along else kept or on_screen
        self._session_on_screen = on_screen
        place = next((i for i, o in enumerate(options) if o.id and o.id == wanted), None)
        if place is None and self._is_filtering:
            place = next((i for i, o in enumerate(options) if o.id), None)
        if wanted or self._is_filtering:
            self.highlighted = place

    @property
    def _is_filtering(self) -> bool:
        return self._is_typing or bool(self._filter)

    def _filter_line(self, width: int) -> Content:
        """The current filter, and how to clear it."""
        cursor, way = ("▏", "") if self._is_typing else ("", "  Esc clear")
        kept = max(4, width - 2 - len(cursor + way))
        typed = visible_line(self._filter)[-kept:]
        return cut(Content.assemble(("/ ", "bold $text-accent"), typed, cursor, (way, "$text-muted")), width)

    def action_filter(self) -> None:
        """Starts typing into the filter."""
        self._set_filter(self._filter, is_typing=True)

    def on_key(self, event: events.Key) -> None:
        """Keys of the filter, while it is typed or active."""
        if not self._is_filtering:
            return
        if event.key == "escape":
            self._set_filter("", is_typing=False)
        elif not self._is_typing:
            return
        elif event.key == "enter":
            self._set_filter(self._filter, is_typing=False)
        elif event.key == "backspace":
            self._set_filter(self._filter[:-1], is_typing=True)
        elif event.is_printable and event.character:
            self._set_filter(self._filter + event.character, is_typing=True)
        else:
            return
        event.stop()
        event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        """Pastes into the filter while it is typed."""
        if self._is_typing:
            event.stop()
            self._set_filter(self._filter + " ".join(event.text.split()), is_typing=True)

    def on_blur(self) -> None:
        """Stops typing; the filter stays active."""
        if self._is_typing:
            self._set_filter(self._filter, is_typing=False)

    def _set_filter(self, typed: str, *, is_typing: bool) -> None:
        self._filter, self._is_typing = typed, is_typing
        self.show(*self._shown)

    @property
    def has_cursor(self) -> bool:
        """Whether the pane has the focus."""
        return self.has_focus

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
