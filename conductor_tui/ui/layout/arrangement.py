"""Which panes stand where, by the terminal's size: pure rules, tested without a screen.

At 140 columns and more: workspaces, transcript, controls; the diff stands beside the transcript and below 180 takes
the place of the side pane that was not used last. From 100: one side pane, the one used last; the open diff takes its
place until it has the focus again, so the transcript stays. Below 100: one pane at a time with a line of tabs. The
dock stands below the transcript and the diff. The composer and a pending approval are always there.
"""

from __future__ import annotations

from msgspec import Struct

from conductor_tui.ui.commands.pane import Pane

WIDE, ROOMY, MEDIUM = 140, 180, 100
TREE_CELLS = range(26, 45)
"""How wide the workspaces may be beside other panes: a fifth of the screen within these."""
_SIDES = (Pane.TREE, Pane.CONTROLS)


class Arrangement(Struct, frozen=True):
    """The panes on screen, and whether a line of tabs says which one."""

    panes: frozenset[Pane]
    has_tabs: bool = False


def arrange(
    width: int,
    *,
    focused: Pane,
    side: Pane,
    main: Pane,
    is_diff_open: bool,
    is_zoomed: bool,
    is_dock_open: bool = False,
    has_controls: bool = True,
    is_side_first: bool = False,
) -> Arrangement:
    """The panes for a width in columns.

    `focused` is the pane with the focus, `side` the side pane used last, `main` the main pane used last
    (transcript, diff or dock): hidden panes come forward when they get the focus. `has_controls`: whether the user
    wants to see the controls without going there. `is_side_first`: something appears in the side pane, which stands
    before the diff until that is wanted again.
    """
    if width < MEDIUM or is_zoomed:
        only = focused if focused in (Pane.TRANSCRIPT, Pane.DIFF, Pane.DOCK, *_SIDES) else main
        return Arrangement(frozenset({only}), has_tabs=True)
    panes = {Pane.TRANSCRIPT, Pane.DOCK} if is_dock_open else {Pane.TRANSCRIPT}
    if not has_controls and focused is not Pane.CONTROLS:
        side = Pane.TREE
    if width < WIDE:
        panes.add(Pane.DIFF if is_diff_open and not is_side_first and focused not in _SIDES else side)
    elif is_diff_open:
        panes |= {side, Pane.DIFF} if width < ROOMY else {*_SIDES, Pane.DIFF}
    else:
        panes |= {*_SIDES}
    if not has_controls and focused is not Pane.CONTROLS:
        panes.discard(Pane.CONTROLS)
    return Arrangement(frozenset(panes))


def tree_width(width: int) -> int:
    """Cells for the workspaces beside other panes."""
    return max(TREE_CELLS.start, min(TREE_CELLS.stop - 1, width // 5))


def focus_order(*, is_diff_open: bool, is_dock_open: bool = False) -> tuple[Pane, ...]:
    """The round of panes that `tab` makes."""
    diff = (Pane.DIFF,) if is_diff_open else ()
    dock = (Pane.DOCK,) if is_dock_open else ()
    return (Pane.COMPOSER, Pane.TRANSCRIPT, *diff, *dock, Pane.CONTROLS, Pane.TREE)
