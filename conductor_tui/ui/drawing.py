"""Draws the session on screen and what is around it: once a frame, only what changed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from textual.content import Content

from conductor_tui.domain.diffs import DiffScope
from conductor_tui.domain.invalidations import Change, ItemAdded, ItemChanged, SessionChange, TurnChanged
from conductor_tui.domain.items import CommandRun, FileChange
from conductor_tui.domain.projection import SessionProjection
from conductor_tui.services.sessions.event_router import ManagerChange
from conductor_tui.ui.actions import trust
from conductor_tui.ui.bridge import Frame
from conductor_tui.ui.changes import Shown
from conductor_tui.ui.commands.keymap import key_text
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.presentation import main as present
from conductor_tui.ui.window import Window

_PATCHES_ONLY = "Only Codex's patches; changes made by commands are under Uncommitted"


class Drawing:
    """Fills the panes."""

    def __init__(self, window: Window, note: str) -> None:
        """`note` is a standing remark for the status line."""
        self.scope = DiffScope.UNCOMMITTED
        self._window = window
        self._panes = window.panes
        self._note = note

    def draw(self, frame: Frame) -> None:
        """Shows what changed since the last frame."""
        window, panes = self._window, self._panes
        if not panes.is_furnished or not panes.transcript.is_attached:
            return  # all is drawn when the panes are there; or the app is closing
        if frame.shown:
            panes.transcript.apply(frame.shown)
            if any(isinstance(change, (SessionChange, TurnChanged)) for change in frame.shown):
                self.draw_session()
            if SessionChange.DIFF in frame.shown and self.scope is DiffScope.LAST_TURN:
                self.draw_diff()
            if SessionChange.OUTGOING in frame.shown:
                trust.ask_for_waiting(window)
            checkout = window.workspaces.checkout
            if checkout and _touches_files(window.session.projection, frame.shown):
                checkout.refresh_soon()
        if frame.workspace:
            panes.transcript.welcome_again()
            self.draw_diff()
            self.draw_troubles()
        if ManagerChange.SETUP in frame.manager:
            panes.transcript.judge_again()
        if frame.manager:
            self.draw_session()
        if frame.scripts and window.dock is not None:
            window.dock.draw()
        if frame.lists or frame.manager or frame.workspace or frame.scripts:
            self.draw_lists()

    def show_session(self) -> None:
        """Another session is on screen."""
        session, panes = self._window.session, self._panes
        root = str(session.folder.path)
        panes.transcript.show(session.projection, empty=partial(present.welcome, self._window), root=root)
        panes.composer.replace_text(session.draft)
        self.draw_session()
        self.draw_diff()

    def draw_session(self) -> None:
        """Shows all there is to the session, apart from its transcript."""
        window, panes = self._window, self._panes
        if panes.is_furnished:
            self._draw_approval()
        now = window.manager.clock()
        panes.controls.show(present.control_groups(window, window.session, now))
        panes.composer.hint(present.composer_hint(window, window.session))
        self.draw_troubles()
        window.changes.publish(Shown.SESSION)
        self.draw_lists()

    def draw_lists(self) -> None:
        """Shows the tree, the titles and the status line."""
        window, panes = self._window, self._panes
        entries = window.entries()
        panes.tree.show(window.workspaces.branches(), window.manager.clock())
        panes.transcript.border_title = Content(present.session_title(window.manager, window.session))
        status = panes.status
        status.left = present.status(window, entries, self._note)
        status.hints, status.own = present.hints(window), len(present.own_hints(window))
        window.app.name_window(present.window_name(window, entries))
        window.changes.publish(Shown.LISTS)

    def draw_diff(self) -> None:
        """Fills the diff pane for its scope."""
        if not self._panes.is_furnished:
            return
        from conductor_tui.domain.diff_parser import parse_unified_diff

        pane, scope, session = self._panes.diff, self.scope, self._window.session
        workspace = self._window.workspaces.checkout
        if scope is DiffScope.LAST_TURN:
            diff = session.projection.last_diff
            files = parse_unified_diff(diff) if diff else ()
            pane.show(files, scope=scope, note=_PATCHES_ONLY, root=str(session.folder.path))
        elif workspace is None:
            pane.show((), scope=scope, note="Not in a git repository, so there is no diff")
        elif workspace.diff is None:
            pane.show((), scope=scope, note="Asking git …")
        else:
            pane.show(workspace.diff.files, scope=scope, left_out=workspace.diff.left_out)

    def draw_troubles(self) -> None:
        """Shows what stands in the way above the composer."""
        window, panes = self._window, self._panes
        if panes.is_furnished:
            troubles = [*window.troubles, *present.troubles(window)]
            panes.banner.show(troubles, key=present.close_key(window), is_low=panes.approval.approval is not None)

    def tick(self) -> None:
        """Once a second, while a turn runs: elapsed time. Nothing when nothing runs, or nobody looks.

        Once a minute, how long a limit lasts.
        """
        window, panes = self._window, self._panes
        if window.session.projection.running_turn and window.app.app_focus:
            panes.transcript.tick()
        if window.manager.clock() % 60 < 1:  # the time until a limit resets
            panes.transcript.judge_again()
            if window.manager.setup.limits.is_counting:
                self.draw_session()
        if window.app.app_focus:
            window.changes.publish(Shown.TIME)
            if window.dock is not None:
                window.dock.tick()

    def _draw_approval(self) -> None:
        """Shows the oldest approval that waits, or closes the panel; takes the focus only where nobody is typing."""
        from conductor_tui.ui.presentation import approvals

        window, panes = self._window, self._panes
        projection, panel = window.session.projection, panes.approval
        waiting = projection.waiting_approvals
        panes.screen.set_class(bool(waiting), "-asking")
        had_focus = panes.focused is Pane.APPROVAL
        if not waiting:
            if panel.approval is not None:
                panel.close()
                if had_focus:
                    panes.focus(Pane.COMPOSER)
            return
        approval = waiting[0]
        is_new = panel.approval != approval
        around = approvals.Around(
            change=projection.patches_for(approval),
            asker="" if approval.thread_id == projection.thread_id else projection.name_of_agent(approval.thread_id),
            home=str(Path.home()),
            root=str(window.session.folder.path),
            is_plan_mode=projection.settings.is_plan_mode,
            keys=window.keys,
        )
        position = f"1 of {len(waiting)}" if len(waiting) > 1 else ""
        next_key = key_text(window.keys, "session.next_waiting")
        panel.show(approval, approvals.sheet(approval, around), position, next_key)
        panes.fit_approval()
        if not panes.screen.is_current or not is_new:
            return
        if had_focus and panes.screen.focused is not panel:
            panes.focus(Pane.COMPOSER)  # words were being written, to another question
        elif panes.composer.has_focus and not panes.composer.text and window.key_log.is_quiet:
            panes.offer_approval()


def _touches_files(projection: SessionProjection, changes: Sequence[Change]) -> bool:
    """Whether a command or a patch ended, so that git should be asked again."""
    for change in changes:
        if isinstance(change, (ItemAdded, ItemChanged)):
            item = projection.item(change.key)
            if isinstance(item, (CommandRun, FileChange)) and not item.is_open:
                return True
    return False
