"""A screen of panes: which are there, where they stand, which has the focus. It knows nothing of sessions."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.reactive import var
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from conductor_tui.domain.text import visible_line
from conductor_tui.ui.bindings import app_bindings
from conductor_tui.ui.commands import command
from conductor_tui.ui.commands_dock import LEAVE
from conductor_tui.ui.key_log import KeyLog
from conductor_tui.ui.keymap import keys_of
from conductor_tui.ui.layout import Pane, arrange
from conductor_tui.ui.output.display import ThriftyApp
from conductor_tui.ui.screens import panes
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

TWICE_SECONDS = 2.0


class PanedScreen(Screen[None]):
    """Panes by the rules of ui/layout.py; those that are hidden at first come after the first frame."""

    BINDINGS: ClassVar[list[BindingType]] = [*app_bindings()]

    is_diff_open: var[bool] = var(False, init=False)
    is_zoomed: var[bool] = var(False, init=False)
    is_dock_open: var[bool] = var(False, init=False)
    has_controls: var[bool] = var(True, init=False)
    """Whether the controls are shown without the focus, where there is room."""

    def __init__(self, keys: Mapping[str, Sequence[str]], clock: Callable[[], float]) -> None:
        """`keys`: the user's keys by command; `clock`: seconds since 1970."""
        super().__init__()
        self.keys = keys
        self.composer_lines = 10
        """How many lines the composer may grow to."""
        self.is_furnished = False
        """Whether all panes are there."""
        self.diff_pane: DiffPane
        self.banner: Banner
        self.approval_panel: ApprovalPanel
        self.dock_pane: DockPane
        self.key_log: KeyLog
        self._clock = clock
        self._side = Pane.TREE
        self._is_side_first = False
        self._main = Pane.TRANSCRIPT
        self._armed = ("", 0.0)

    def compose(self) -> ComposeResult:
        yield Static(id="tabs")
        with Horizontal(id="panes"):
            yield WorkspaceTree(id="tree")
            yield ControlsPane(id="controls")
            with Vertical(id="centre"):
                with Horizontal(id="main"):
                    yield TranscriptView(id="transcript", clock=self._clock)
                yield Composer(id="composer")
        yield StatusLine(id="status")

    async def furnish(self) -> None:
        """Brings in the panes that are hidden at first."""
        from conductor_tui.ui.widgets.approval_panel import ApprovalPanel
        from conductor_tui.ui.widgets.banner import Banner
        from conductor_tui.ui.widgets.diff_pane import DiffPane
        from conductor_tui.ui.widgets.dock import DockPane

        self.diff_pane, self.banner = DiffPane(id="diff"), Banner(id="banner")
        self.dock_pane = DockPane(keys_of(command(LEAVE), self.keys), id="dock")
        self.approval_panel = ApprovalPanel(self.key_log, self.composer.put_back, id="approval")
        self.diff_pane.display = self.dock_pane.display = False
        await self.query_one("#main").mount(self.diff_pane)
        await self.query_one("#centre").mount(self.dock_pane, self.banner, self.approval_panel, before="#composer")
        self.is_furnished = True
        self.furnished()

    def furnished(self) -> None:
        """All panes are there."""

    @property
    def composer(self) -> Composer:
        return self.query_one(Composer)

    @property
    def round_trip(self) -> float | None:
        """Seconds from this machine to the terminal and back, as measured; None where that is not known."""
        return self.app.pace.round_trip if isinstance(self.app, ThriftyApp) else None

    @property
    def focused_pane(self) -> Pane:
        """The pane that has the focus; the composer when none has."""
        node: Widget | None = self.focused
        while node is not None and node is not self:
            if node.id in panes.BY_ID:
                return panes.BY_ID[node.id]
            node = node.parent if isinstance(node.parent, Widget) else None
        return Pane.COMPOSER

    def focus_pane(self, pane: Pane) -> None:
        """Moves the focus; a hidden pane comes forward."""
        self._came_to(pane)
        for widget in self.query(f"#{panes.IDS[pane]}"):
            self.set_focus(widget)  # at once: the next key may be there already
        if pane is Pane.APPROVAL and self.is_furnished:
            self.approval_panel.came(by_user=True)

    def prefer_side(self, pane: Pane) -> None:
        """Where there is room for one side pane, it is this one, as if it had been used last; before the diff, too."""
        self._side, self._is_side_first = pane, True
        self._arrange(self.focused_pane)
        if self.focused_pane is Pane.DIFF and self.is_furnished and not self.diff_pane.display:
            self.focus_pane(Pane.COMPOSER)  # no key goes to what is not on screen

    def write_in_composer(self, event: events.Key | events.Paste) -> None:
        """Moves the focus to the composer with what is written there: a key that writes, or a paste."""
        if self.focused is self.composer or (isinstance(event, events.Key) and not event.is_printable):
            return
        self.focus_pane(Pane.COMPOSER)
        typed = events.Key(event.key, event.character) if isinstance(event, events.Key) else events.Paste(event.text)
        self.composer._forward_event(typed)

    def on_descendant_focus(self) -> None:
        """The focus moved, by a key or the mouse."""
        self._came_to(self.focused_pane)

    def _came_to(self, pane: Pane) -> None:
        if pane in (Pane.TREE, Pane.CONTROLS):
            self._side = pane
        elif pane in (Pane.TRANSCRIPT, Pane.DIFF, Pane.DOCK):
            self._main = pane
            self._is_side_first &= pane is not Pane.DIFF
        self._arrange(pane)

    def pressed_twice(self, what: str, hint: str) -> bool:
        """True when the same key came twice within two seconds; the first time, the hint is shown."""
        now = time.monotonic()
        armed, since = self._armed
        if armed == what and now - since < TWICE_SECONDS:
            self._armed = ("", 0.0)
            return True
        self._armed = (what, now)
        self.tell(hint, timeout=TWICE_SECONDS)
        return False

    def tell(self, text: str, severity: str = "information", timeout: float = 4.0, *, waits: bool = False) -> None:
        """A short remark in the status line, which goes away by itself; one that `waits` takes no other's place."""
        style = "bold $text-warning" if severity == "warning" else "bold $text-accent"
        self.query_one(StatusLine).tell(visible_line(text), style, timeout, waits=waits)

    # Layout

    def place_panes(self) -> None:
        """Places the panes anew, after something that they depend on has changed."""
        self._arrange(self.focused_pane)

    def on_resize(self) -> None:
        """Other widths have other panes."""
        self._arrange(self.focused_pane)

    def on_text_area_changed(self) -> None:
        """The composer has another height."""
        panes.fit_approval(self)

    def watch_is_diff_open(self) -> None:
        """The diff opens with whatever scope was shown last."""
        self._main = Pane.DIFF if self.is_diff_open else Pane.TRANSCRIPT
        self._is_side_first = False
        self._arrange(self.focused_pane)

    def watch_is_dock_open(self) -> None:
        """The dock comes forward, or goes."""
        self._main = Pane.DOCK if self.is_dock_open else Pane.TRANSCRIPT
        self._arrange(self.focused_pane)

    def watch_has_controls(self) -> None:
        """The controls come, or their room goes to the others."""
        self._arrange(self.focused_pane)

    def watch_is_zoomed(self) -> None:
        """One pane with the full width, or all of them."""
        self._arrange(self.focused_pane)

    def _arrange(self, focused: Pane) -> None:
        if not self.is_mounted:
            return
        arrangement = arrange(
            self.size.width,
            focused=focused,
            side=self._side,
            main=self._main,
            is_diff_open=self.is_diff_open,
            is_zoomed=self.is_zoomed,
            is_dock_open=self.is_dock_open,
            has_controls=self.has_controls,
            is_side_first=self._is_side_first,
        )
        panes.apply_arrangement(self, arrangement)
        self.composer.max_lines = max(2, min(self.composer_lines, self.size.height // 4))
        panes.fit_approval(self)
