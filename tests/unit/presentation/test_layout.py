"""Which panes stand where, and the lines that say so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.content import Content

from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.layout.arrangement import arrange, tree_width
from conductor_tui.ui.layout.tabs import tabs_line
from conductor_tui.ui.widgets.status_line import fitting_hints

A, D, C, T = Pane.TRANSCRIPT, Pane.DIFF, Pane.CONTROLS, Pane.TREE


def panes(width: int, focused: Pane = Pane.COMPOSER, *, side: Pane = T, diff: bool = False, controls: bool = True):  # type: ignore[no-untyped-def]
    main = focused if focused in (A, D) else A
    return arrange(
        width,
        focused=focused,
        side=focused if focused in (T, C) else side,
        main=main,
        is_diff_open=diff,
        is_zoomed=False,
        has_controls=controls,
    ).panes


def test_workspaces_stay_where_one_side_pane_has_room_until_the_controls_are_used() -> None:
    assert panes(120) == {T, A}
    assert panes(120, C) == {C, A}
    assert panes(120, side=C) == {C, A}
    assert panes(140, diff=True) == {T, A, D}
    assert panes(140, diff=True, side=C) == {C, A, D}


@given(st.integers(100, 250), st.sampled_from(Pane), st.sampled_from((T, C)), st.booleans(), st.booleans())
def test_the_transcript_never_goes_and_what_has_the_focus_is_there(
    width: int, focused: Pane, side: Pane, diff: bool, controls: bool
) -> None:
    shown = panes(width, focused, side=side, diff=diff, controls=controls)
    assert A in shown
    if focused in (T, C) or (focused is D and diff):
        assert focused in shown
    if diff and focused not in (T, C):
        assert D in shown
    if not controls and focused is not C:
        assert C not in shown


def test_the_tree_is_wider_on_a_wide_screen() -> None:
    assert [tree_width(width) for width in (100, 140, 200, 300)] == [26, 28, 40, 44]


TABS = [(name, name == "diff") for name in ("transcript", "diff", "dock", "controls", "workspaces")]


@pytest.mark.parametrize("width", range(14, 100))
def test_no_tab_is_off_the_screen(width: int) -> None:
    line = tabs_line(TABS, width)
    assert line.cell_length <= width
    assert len(line.plain.split("   tab")[0].split()) == len(TABS)


def test_tabs_have_their_whole_names_on_a_narrow_screen() -> None:
    assert tabs_line(TABS, 48).plain == "transcript diff dock controls workspaces"


HINTS = (("enter", "open"), ("/", "search"), ("ctrl+g", "diff"), ("ctrl+p", "commands"), ("?", "keys"))


def hinted(room: int, own: int) -> str:
    return Content("").join(fitting_hints(HINTS, own, room)).plain


def test_the_panes_own_keys_stay_longest_then_the_way_to_all_others() -> None:
    assert hinted(100, 2) == "   enter open   / search   ctrl+g diff   ctrl+p commands   ? keys"
    assert hinted(35, 2) == "   enter open   / search   ? keys"
    assert hinted(25, 2) == "   enter open   / search"
    assert hinted(30, 0) == "   ctrl+p commands   ? keys"
    assert cell_len(hinted(12, 2)) <= 12
