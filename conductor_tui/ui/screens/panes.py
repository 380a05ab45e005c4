"""How the main screen's panes are filled and placed: what is too long for the screen class itself."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual import events
from textual.content import Content
from textual.widgets import Static

from conductor_tui.domain.changes import Change, ItemAdded, ItemChanged
from conductor_tui.domain.diffs import DiffScope
from conductor_tui.domain.items import CommandRun, FileChange
from conductor_tui.domain.projection import SessionProjection
from conductor_tui.sessions.checkouts import WatchedCheckout
from conductor_tui.sessions.session import Session
from conductor_tui.ui import clipboard
from conductor_tui.ui.commands import commands_of
from conductor_tui.ui.keymap import actions_by_key, key_text, keys_of, shown_keys
from conductor_tui.ui.layout import Arrangement, Pane, tree_width

if TYPE_CHECKING:
    from conductor_tui.ui.screens.main import MainScreen
    from conductor_tui.ui.screens.paned import PanedScreen
    from conductor_tui.ui.widgets.approval_panel import ApprovalPanel
    from conductor_tui.ui.widgets.diff_pane import DiffPane

IDS = {
    Pane.COMPOSER: "composer",
    Pane.TRANSCRIPT: "transcript",
    Pane.DIFF: "diff",
    Pane.APPROVAL: "approval",
    Pane.CONTROLS: "controls",
    Pane.TREE: "tree",
    Pane.DOCK: "dock",
}
BY_ID = {id_: pane for pane, id_ in IDS.items()}

STATUS_ROWS = 1
TRANSCRIPT_ROWS = 3
"""Rows that an approval leaves to the panes above it."""
LOW_ROWS = 18
"""Up to so many rows in all it leaves them one."""
PANEL_ROWS = 10
"""An approval may always have so many rows where there are any left."""
_PATCHES_ONLY = "Only patches by Codex. Files that its commands changed are under “uncommitted”."


def apply_arrangement(main: PanedScreen, arrangement: Arrangement) -> None:
    """Shows and hides panes."""
    shown = arrangement.panes
    for pane in (Pane.TREE, Pane.CONTROLS, Pane.TRANSCRIPT, Pane.DIFF, Pane.DOCK):
        for widget in main.query(f"#{IDS[pane]}"):
            widget.display = pane in shown
    has_main = bool(shown & {Pane.TRANSCRIPT, Pane.DIFF})
    main.query_one("#main").display = has_main
    main.query_one("#panes").set_class(arrangement.has_tabs, "-single")
    main.query_one("#centre").set_class(not (has_main or Pane.DOCK in shown), "-short")
    tabs = main.query_one("#tabs", Static)
    tabs.display = arrangement.has_tabs
    main.query_one("#tree").styles.width = "100%" if arrangement.has_tabs else tree_width(main.size.width)
    if arrangement.has_tabs:
        dock = (Pane.DOCK,) if main.is_dock_open else ()
        order = (Pane.TRANSCRIPT, Pane.DIFF, *dock, Pane.CONTROLS, Pane.TREE)
        tabs.update(tabs_line([(pane.value, pane in shown) for pane in order], main.size.width))


def tabs_line(tabs: Sequence[tuple[str, bool]], width: int) -> Content:
    """The line of tabs, the one on screen marked: all of them at any width, with shorter names on a narrow screen."""
    names = [name for name, _ in tabs]
    longest = max(map(len, names))
    hint = ("   tab next", "$text-disabled")
    if sum(map(len, names)) + 3 * len(names) - 1 > width:
        room = width - len(names) + 1
        cells = next((n for n in range(longest, 1, -1) if sum(min(n, len(name)) for name in names) <= room), 1)
        names = [name[:cells] for name in names]
        pad = ""
    else:
        pad = " "
    parts = [
        Content.styled(f"{pad}{name}{pad}", "bold $primary reverse" if is_shown else "$text-muted")
        for name, (_, is_shown) in zip(names, tabs, strict=True)
    ]
    line = Content(" ").join(parts)
    return Content.assemble(line, hint) if line.cell_length + len(hint[0]) <= width else line


def show_approval(main: MainScreen, panel: ApprovalPanel, projection: SessionProjection) -> None:
    """Shows the oldest approval that waits, or closes the panel; it takes the focus only where nobody is typing."""
    from conductor_tui.ui.presentation import approvals

    waiting = projection.waiting_approvals
    main.set_class(bool(waiting), "-asking")
    had_focus = main.focused_pane is Pane.APPROVAL
    if not waiting:
        if panel.approval is not None:
            panel.close()
            if had_focus:
                main.focus_pane(Pane.COMPOSER)
        return
    approval = waiting[0]
    is_new = panel.approval != approval
    around = approvals.Around(
        change=projection.patches_for(approval),
        asker="" if approval.thread_id == projection.thread_id else projection.name_of_agent(approval.thread_id),
        home=str(Path.home()),
        root=str(main.session.folder.path),
        is_plan_mode=projection.settings.is_plan_mode,
        keys={c.id: shown_keys(keys_of(c, main.keys)[:1]) for c in commands_of(Pane.APPROVAL)},
    )
    position = f"1 of {len(waiting)}" if len(waiting) > 1 else ""
    panel.show(approval, approvals.sheet(approval, around), position, key_text(main, "session.next_waiting"))
    fit_approval(main)
    if not main.is_current or not is_new:
        return
    if had_focus and main.focused is not panel:
        main.focus_pane(Pane.COMPOSER)  # words were being written, to another question
    elif main.composer.has_focus and not main.composer.text and main.key_log.is_quiet:
        offer_approval(main)


def offer_approval(main: PanedScreen) -> None:
    """Gives the approval panel the focus without being asked to: the first key may take it back."""
    main.focus_pane(Pane.APPROVAL)
    main.approval_panel.came(by_user=False)


def key_comes(main: MainScreen, event: events.Key | events.Paste, *, is_burst: bool) -> None:
    """Before a key is handed on: what the approval panel does not keep goes to the composer, and so do the next."""
    panel = main.approval_panel
    if main.focused is not panel:
        return
    keys = frozenset(actions_by_key(Pane.APPROVAL, main.keys))
    if isinstance(event, events.Paste) or not panel.keeps(event, keys, is_burst=is_burst):
        main.focus_pane(Pane.COMPOSER)


def fit_approval(main: PanedScreen) -> None:
    """Leaves the approval panel what rows there are, so that composer and keys are always on screen."""
    if not main.is_furnished:
        return
    from conductor_tui.ui.widgets.banner import row_limit

    rows = main.size.height - STATUS_ROWS - main.query_one("#tabs").display
    composer = main.composer.styles.height
    taken = int(composer.value) if composer is not None else 0
    if main.banner.display:
        taken += row_limit(main.size.height, is_low=True)
    free = rows - taken - (TRANSCRIPT_ROWS if rows > LOW_ROWS else 1) - main.dock_pane.display
    main.approval_panel.fit(min(free, max(PANEL_ROWS, rows * 6 // 10)))


def show_diff(pane: DiffPane, scope: DiffScope, session: Session, workspace: WatchedCheckout | None) -> None:
    """Fills the diff pane for its scope."""
    from conductor_tui.domain.diff_parser import parse_unified_diff

    if scope is DiffScope.LAST_TURN:
        diff = session.projection.last_diff
        pane.show(
            parse_unified_diff(diff) if diff else (),
            scope=scope,
            note=_PATCHES_ONLY,
            root=str(session.folder.path),
        )
    elif workspace is None:
        pane.show((), scope=scope, note="no git repository here, so there is no diff")
    elif workspace.diff is None:
        pane.show((), scope=scope, note="asking git …")
    else:
        pane.show(workspace.diff.files, scope=scope, left_out=workspace.diff.left_out)


def touches_files(projection: SessionProjection, changes: Sequence[Change]) -> bool:
    """Whether a command or a patch ended, so that git should be asked again."""
    for change in changes:
        if isinstance(change, (ItemAdded, ItemChanged)):
            item = projection.item(change.key)
            if isinstance(item, (CommandRun, FileChange)) and not item.is_open:
                return True
    return False


async def copy(main: MainScreen, text: str, what: str) -> None:
    """Copies text and says by which way."""
    app = main.app
    said = await clipboard.copy(text, environ=os.environ, write=app.write_to_terminal, folder=app.state_folder)  # type: ignore[attr-defined]
    main.tell(f"{what} {said}")
