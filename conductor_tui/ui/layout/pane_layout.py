"""The panes of the main screen: which are there, where they stand, which has the focus. It knows nothing of sessions.

It owns the widgets of the panes and places them by the rules of arrangement.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from conductor_tui.settings.model import UiSettings
from conductor_tui.ui.commands.catalogue import command
from conductor_tui.ui.commands.dock import LEAVE
from conductor_tui.ui.commands.keymap import actions_by_key, keys_of
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.key_log import KeyLog
from conductor_tui.ui.layout.arrangement import arrange, focus_order, tree_width
from conductor_tui.ui.layout.tabs import tabs_line
from conductor_tui.ui.widgets.composer import Composer
from conductor_tui.ui.widgets.controls_pane import ControlsPane
from conductor_tui.ui.widgets.status_line import StatusLine
from conductor_tui.ui.widgets.transcript.view import TranscriptView
from conductor_tui.ui.widgets.workspace_tree import WorkspaceTree

if TYPE_CHECKING:
    from conductor_tui.ui.widgets.approval_panel import ApprovalPanel
    from conductor_tui.ui.widgets.banner import Banner
    from conductor_tui.ui.widgets.diff_pane import DiffPane
    from conductor_tui.ui.widgets.dock import DockPane

STATUS_ROWS = 1
TRANSCRIPT_ROWS = 3
"""Rows that an approval leaves to the panes above it."""
LOW_ROWS = 18
"""Up to so many rows in all it leaves them one."""
PANEL_ROWS = 10
"""An approval may always have so many rows where there are any left."""


class PanePlace(Struct, frozen=True):
    """A row of the table of panes."""

    id: str
    """Of its widget."""
    is_side: bool = False
    is_main: bool = False
    """Side panes and main panes give way to each other; the others are always on screen."""


PLACES = {
    Pane.COMPOSER: PanePlace("composer"),
    Pane.TRANSCRIPT: PanePlace("transcript", is_main=True),
    Pane.DIFF: PanePlace("diff", is_main=True),
    Pane.DOCK: PanePlace("dock", is_main=True),
    Pane.APPROVAL: PanePlace("approval"),
    Pane.CONTROLS: PanePlace("controls", is_side=True),
    Pane.TREE: PanePlace("tree", is_side=True),
}
_BY_ID = {place.id: pane for pane, place in PLACES.items()}


class _Switch:
    """Whether something is shown; a change places the panes anew."""

    def __set_name__(self, owner: type[PaneLayout], name: str) -> None:
        self._name = name

    def __get__(self, layout: PaneLayout, owner: type[PaneLayout]) -> bool:
        return self._name in layout.switched_on

    def __set__(self, layout: PaneLayout, value: bool) -> None:
        if value != (self._name in layout.switched_on):
            layout.switched_on ^= {self._name}
            layout.switched(self._name)


class PaneLayout:
    """The panes, those that are hidden at first after the first frame."""

    is_diff_open = _Switch()
    is_dock_open = _Switch()
    is_zoomed = _Switch()
    has_controls = _Switch()
    """Whether the controls are shown without the focus, where there is room."""

    def __init__(
        self, screen: Screen[Any], settings: UiSettings, clock: Callable[[], float], on_diff: Callable[[bool], None]
    ) -> None:
        """`clock`: seconds since 1970; `on_diff` is told when the diff is opened or closed."""
        self.screen = screen
        self.switched_on = {"has_controls"} if settings.controls else set()
        self.composer_lines = settings.composer_lines
        """How many lines the composer may grow to."""
        self.is_furnished = False
        """Whether all panes are there."""
        self.tree: WorkspaceTree
        self.controls: ControlsPane
        self.transcript: TranscriptView
        self.composer: Composer
        self.status: StatusLine
        self.diff: DiffPane
        self.banner: Banner
        self.approval: ApprovalPanel
        self.dock: DockPane
        self._clock = clock
        self._on_diff = on_diff
        self._side = Pane.TREE
        self._is_side_first = False
        self._main = Pane.TRANSCRIPT

    def compose(self) -> ComposeResult:
        """The widgets that the first frame needs."""
        self.tree, self.controls = WorkspaceTree(id="tree"), ControlsPane(id="controls")
        self.transcript = TranscriptView(id="transcript", clock=self._clock)
        self.composer, self.status = Composer(id="composer"), StatusLine(id="status")
        yield Static(id="tabs")
        with Horizontal(id="panes"):
            yield self.tree
            yield self.controls
            with Vertical(id="centre"):
                with Horizontal(id="main"):
                    yield self.transcript
                yield self.composer
        yield self.status

    async def furnish(self, keys: Mapping[str, Sequence[str]], key_log: KeyLog) -> None:
        """Brings in the panes that are hidden at first. `keys`: the user's, by command."""
        from conductor_tui.ui.widgets.approval_panel import ApprovalPanel
        from conductor_tui.ui.widgets.banner import Banner
        from conductor_tui.ui.widgets.diff_pane import DiffPane
        from conductor_tui.ui.widgets.dock import DockPane

        self.diff, self.banner = DiffPane(id="diff"), Banner(id="banner")
        self.dock = DockPane(keys_of(command(LEAVE), keys), id="dock")
        self.approval = ApprovalPanel(key_log, self.composer.put_back, id="approval")
        self.diff.display = self.dock.display = False
        await self.screen.query_one("#main").mount(self.diff)
        await self.screen.query_one("#centre").mount(self.dock, self.banner, self.approval, before="#composer")
        self.is_furnished = True
        self.take_keys(keys)

    def take_keys(self, keys: Mapping[str, Sequence[str]]) -> None:
        """The user's keys by command, for the panes that name them or act before their bindings."""
        self.composer.actions = actions_by_key(Pane.COMPOSER, keys)
        self.transcript.keys = keys
        if self.is_furnished:
            self.diff.keys = keys
            self.diff.content_changed()

    # The focus

    @property
    def focused(self) -> Pane:
        """The pane that has the focus; the composer when none has."""
        node: Widget | None = self.screen.focused
        while node is not None and node is not self.screen:
            if node.id in _BY_ID:
                return _BY_ID[node.id]
            node = node.parent if isinstance(node.parent, Widget) else None
        return Pane.COMPOSER

    def focus(self, pane: Pane) -> None:
        """Moves the focus; a hidden pane comes forward."""
        self.came_to(pane)
        for widget in self.screen.query(f"#{PLACES[pane].id}"):
            self.screen.set_focus(widget)  # at once: the next key may be there already
        if pane is Pane.APPROVAL and self.is_furnished:
            self.approval.came(by_user=True)

    def offer_approval(self) -> None:
        """Gives the approval panel the focus without being asked to: the first key may take it back."""
        self.focus(Pane.APPROVAL)
        self.approval.came(by_user=False)

    def focus_next(self) -> None:
        """Moves the focus on, over hidden panes too: they come forward."""
        order = focus_order(is_diff_open=self.is_diff_open, is_dock_open=self.is_dock_open)
        at = order.index(self.focused) if self.focused in order else 0
        self.focus(order[(at + 1) % len(order)])

    def came_to(self, pane: Pane) -> None:
        """The focus moved there, by a key or the mouse."""
        place = PLACES[pane]
        if place.is_side:
            self._side = pane
        elif place.is_main:
            self._main = pane
            self._is_side_first &= pane is not Pane.DIFF
        self._arrange(pane)

    def prefer_side(self, pane: Pane) -> None:
        """Where there is room for one side pane, it is this one, as if it had been used last; before the diff, too."""
        self._side, self._is_side_first = pane, True
        self.place()
        if self.focused is Pane.DIFF and self.is_furnished and not self.diff.display:
            self.focus(Pane.COMPOSER)  # no key goes to what is not on screen

    def key_comes(self, event: events.Key | events.Paste, keys: Mapping[str, Sequence[str]], *, is_burst: bool) -> None:
        """Before a key is handed on: what the approval does not keep goes to the composer, and so do the next."""
        if not self.is_furnished or self.screen.focused is not self.approval:
            return
        own = frozenset(actions_by_key(Pane.APPROVAL, keys))
        if isinstance(event, events.Paste) or not self.approval.keeps(event, own, is_burst=is_burst):
            self.focus(Pane.COMPOSER)

    def write_in_composer(self, event: events.Key | events.Paste) -> None:
        """Moves the focus to the composer with what is written there: a key that writes, or a paste."""
        if self.screen.focused is self.composer or (isinstance(event, events.Key) and not event.is_printable):
            return
        self.focus(Pane.COMPOSER)
        typed = events.Key(event.key, event.character) if isinstance(event, events.Key) else events.Paste(event.text)
        self.composer._forward_event(typed)

    # Placing

    def switched(self, name: str) -> None:
        """Something is shown from now on, or no longer."""
        if name == "is_diff_open":  # it opens with whatever scope was shown last
            self._main = Pane.DIFF if self.is_diff_open else Pane.TRANSCRIPT
            self._is_side_first = False
        elif name == "is_dock_open":
            self._main = Pane.DOCK if self.is_dock_open else Pane.TRANSCRIPT
        self.place()
        if name == "is_diff_open":
            self._on_diff(self.is_diff_open)

    def place(self) -> None:
        """Places the panes anew, after something that they depend on has changed."""
        self._arrange(self.focused)

    def _arrange(self, focused: Pane) -> None:
        screen = self.screen
        if not screen.is_mounted:
            return
        size = screen.size
        arrangement = arrange(
            size.width,
            focused=focused,
            side=self._side,
            main=self._main,
            is_diff_open=self.is_diff_open,
            is_zoomed=self.is_zoomed,
            is_dock_open=self.is_dock_open,
            has_controls=self.has_controls,
            is_side_first=self._is_side_first,
        )
        shown, has_tabs = arrangement.panes, arrangement.has_tabs
        for pane, place in PLACES.items():
            for widget in screen.query(f"#{place.id}") if place.is_side or place.is_main else ():
                widget.display = pane in shown
        has_main = bool(shown & {Pane.TRANSCRIPT, Pane.DIFF})
        screen.query_one("#main").display = has_main
        screen.query_one("#panes").set_class(has_tabs, "-single")
        screen.query_one("#centre").set_class(not (has_main or Pane.DOCK in shown), "-short")
        tabs = screen.query_one("#tabs", Static)
        tabs.display = has_tabs
        self.tree.styles.width = "100%" if has_tabs else tree_width(size.width)
        if has_tabs:
            dock = (Pane.DOCK,) if self.is_dock_open else ()
            order = (Pane.TRANSCRIPT, Pane.DIFF, *dock, Pane.CONTROLS, Pane.TREE)
            tabs.update(tabs_line([(pane.value, pane in shown) for pane in order], size.width))
        self.composer.max_lines = max(2, min(self.composer_lines, size.height // 4))
        self.fit_approval()

    def fit_approval(self) -> None:
        """Leaves the approval panel what rows there are, so that composer and keys are always on screen."""
        if not self.is_furnished:
            return
        from conductor_tui.ui.widgets.banner import row_limit

        height = self.screen.size.height
        rows = height - STATUS_ROWS - self.screen.query_one("#tabs").display
        composer = self.composer.styles.height
        taken = int(composer.value) if composer is not None else 0
        if self.banner.display:
            taken += row_limit(height, is_low=True)
        free = rows - taken - (TRANSCRIPT_ROWS if rows > LOW_ROWS else 1) - self.dock.display
        self.approval.fit(min(free, max(PANEL_ROWS, rows * 6 // 10)))
