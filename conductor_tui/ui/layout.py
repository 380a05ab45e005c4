"""Which panes stand where, by the terminal's size: pure rules, tested without a screen.

At 140 columns and more: sessions, transcript, controls; the diff stands beside the transcript and takes the
controls' place below 180. From 100: one side pane, the diff instead of the transcript. Below 100: one pane at a
time with a line of tabs. The dock stands below the transcript and the diff. The composer and a pending approval
are always there.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Pane(StrEnum):
    """The places that take the focus: those of the main screen, for which APP stands, plan view, races."""

    APP = "everywhere"
    COMPOSER = "composer"
    TRANSCRIPT = "transcript"
    DIFF = "diff"
    APPROVAL = "approval"
    CONTROLS = "controls"
    TREE = "workspaces"
    PLAN = "plan"
    DOCK = "dock"
    RACE = "race"


WIDE, ROOMY, MEDIUM = 140, 180, 100
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
) -> Arrangement:
    """The panes for a width in columns.

    `focused` is the pane with the focus, `side` the side pane used last, `main` the main pane used last
    (transcript, diff or dock): hidden panes come forward when they get the focus.
    """
    if width < MEDIUM or is_zoomed:
        only = focused if focused in (Pane.TRANSCRIPT, Pane.DIFF, Pane.DOCK, *_SIDES) else main
        return Arrangement(frozenset({only}), has_tabs=True)
    dock = {Pane.DOCK} if is_dock_open else set()
    if width < WIDE:
        shown = Pane.DIFF if is_diff_open and main is Pane.DIFF else Pane.TRANSCRIPT
        return Arrangement(frozenset({shown, side, *dock}))
    panes = {Pane.TREE, Pane.TRANSCRIPT, Pane.CONTROLS, *dock}
    if is_diff_open:
        panes.add(Pane.DIFF)
        if width < ROOMY:
            panes.discard(Pane.CONTROLS if side is Pane.TREE else Pane.TREE)
    return Arrangement(frozenset(panes))


def focus_order(*, is_diff_open: bool, is_dock_open: bool = False) -> tuple[Pane, ...]:
    """The round of panes that `tab` makes."""
    diff = (Pane.DIFF,) if is_diff_open else ()
    dock = (Pane.DOCK,) if is_dock_open else ()
    return (Pane.COMPOSER, Pane.TRANSCRIPT, *diff, *dock, Pane.CONTROLS, Pane.TREE)
