from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from conductor_tui.domain import items as it
from conductor_tui.domain.approvals import FileChangeApproval
from conductor_tui.domain.diagnosis import Circumstances
from conductor_tui.domain.ids import ItemId
from conductor_tui.domain.projection import OutgoingMessage
from conductor_tui.domain.turns import Turn, TurnError, TurnStatus
from conductor_tui.ui.presentation.approvals import Around, sheet
from conductor_tui.ui.presentation.items import Look, duration, item_lines, item_text, outgoing_remark
from conductor_tui.ui.presentation.turns import footer_lines
from conductor_tui.ui.presentation.wrapping import cut_in_front
from tests.builders import THREAD, TURN, a_command, a_message, a_patch, a_prompt


def shown(item: it.Item, width: int = 80, *, is_expanded: bool = False, root: str = "/repo") -> list[str]:
    return [line.text.rstrip() for line in item_lines(item, Look(width, is_expanded, root))]


def test_messages_stand_behind_a_label() -> None:
    assert shown(a_prompt("hello\nthere")) == [" you    hello", "        there"]
    assert shown(a_message("**hi**")) == [" codex  hi"]
    assert shown(a_message("hi"), 40) == [" ● hi"]


def test_a_command_is_one_line_with_what_came_of_it() -> None:
    assert shown(a_command()) == ["        ▸ $ pytest -q  exit 0 · 1.2 s"]


def test_no_time_is_told_where_none_was_measured_and_minus_one_is_no_exit_code() -> None:
    at_once = replace(a_command(), duration_ms=0)
    assert shown(at_once) == ["        ▸ $ pytest -q  exit 0"]
    ended = a_command(status=it.ItemStatus.FAILED, exit_code=-1)
    assert shown(ended) == ["        ▸ $ pytest -q  interrupted · 1.2 s"]


def test_prose_is_not_wider_than_people_read_but_code_is() -> None:
    words, code = "word " * 60, "x" * 130
    rows = shown(a_message(f"{words}\n\n```\n{code}\n```"), 200) + shown(a_prompt(words), 200)
    assert [len(row) > 110 for row in rows if row.strip()].count(True) == 1
    assert any(code in row for row in rows)


def test_a_failed_command_shows_the_end_of_its_output() -> None:
    failed = a_command(status=it.ItemStatus.FAILED, exit_code=1, output="\n".join(f"line {n}" for n in range(20)))
    lines = shown(failed)
    assert lines[0].endswith("exit 1 · 1.2 s")
    assert lines[1:] == [f"        │ line {n}" for n in range(15, 20)]


def test_an_opened_command_shows_everything() -> None:
    lines = shown(a_command(output="a\nb"), is_expanded=True)
    assert lines[0].startswith("        ▾ $ pytest")
    assert "        │ in /repo" in lines
    assert lines[-2:] == ["        │ a", "        │ b"]


def test_a_huge_output_says_what_is_left_out() -> None:
    lines = shown(a_command(output="\n".join(map(str, range(1000)))), is_expanded=True)
    assert any("600 lines hidden" in line for line in lines)
    assert len(lines) < 500


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (it.ItemStatus.IN_PROGRESS, "running"),
        (it.ItemStatus.DECLINED, "declined"),
        (it.ItemStatus.INTERRUPTED, "interrupted"),
    ],
)
def test_states_are_words(status: it.ItemStatus, word: str) -> None:
    assert shown(a_command(status=status, exit_code=None))[0].endswith(word)


def test_a_command_that_waits_for_the_user_says_so() -> None:
    item = a_command(status=it.ItemStatus.IN_PROGRESS, exit_code=None)
    assert item_lines(item, Look(80, is_waiting=True))[0].text.endswith("needs approval")


def test_a_file_change_folded_and_open() -> None:
    assert shown(a_patch()) == ["        ▸ edited a.py  +1 −1"]
    assert shown(a_patch(), is_expanded=True)[1:] == ["        │ 1   one", "        │ 2 - two", "        │ 2 + zwei"]


def test_reasoning_is_folded_to_its_first_line() -> None:
    item = it.Reasoning(ItemId("r"), TURN, summary=("**Looking** at it\n\nmore", "second"))
    assert shown(item) == ["        ▸ thinking Looking at it"]
    assert any("second" in line for line in shown(item, is_expanded=True))


def test_a_to_do_list_needs_no_colour() -> None:
    steps = tuple(it.ChecklistStep(s, s) for s in ("completed", "inProgress", "pending"))
    assert shown(it.Checklist(ItemId("c"), TURN, steps=steps)) == [
        " plan   ☑ completed",
        "        ◐ inProgress",
        "        ☐ pending",
    ]


@pytest.mark.parametrize(
    "item",
    [
        it.ToolCall(ItemId("i"), TURN, server="s", tool="t", arguments='{"a": 1}', result="r"),
        it.WebSearch(ItemId("i"), TURN, detail="query"),
        it.SubAgentActivity(ItemId("i"), TURN, action="started", agent="child", detail="look"),
        it.ReviewMark(ItemId("i"), TURN, is_start=True, text="current changes"),
        it.ReviewMark(ItemId("i"), TURN, is_start=False, text="Has a **bug**."),
        it.Compaction(ItemId("i"), TURN),
        it.PlanText(ItemId("i"), TURN, text="# Plan\n1. a"),
        it.Activity(ItemId("i"), TURN, label="looked at", detail="x.png"),
        it.Notice(ItemId("i"), TURN, severity=it.Severity.WARNING, text="careful", steps=("do this",)),
        it.UnknownItem(ItemId("i"), TURN, kind="holograph", raw='{"beams": 3}'),
    ],
    ids=lambda i: type(i).__name__,
)
@pytest.mark.parametrize("width", [30, 80])
@pytest.mark.parametrize("is_expanded", [False, True])
def test_every_kind_fits_its_width_and_can_be_copied(item: it.Item, width: int, is_expanded: bool) -> None:
    lines = item_lines(item, Look(width, is_expanded))
    assert lines
    assert all(line.cells <= width for line in lines)
    assert item_text(item) or isinstance(item, it.Compaction)


def test_hostile_text_is_visible_everywhere() -> None:
    evil = "x\x1b[2J\u202ey"
    for item in (
        a_command(evil, output=evil), a_message(evil), a_prompt(evil), a_patch(f"/repo/{evil}"),
        it.Notice(ItemId("i"), TURN, text=evil), it.ToolCall(ItemId("i"), TURN, tool=evil, result=evil),
        it.UnknownItem(ItemId("i"), TURN, kind=evil, raw=evil), it.Activity(ItemId("i"), TURN, label=evil, detail=evil),
    ):  # fmt: skip
        for is_expanded in (False, True):
            text = "".join(line.text for line in item_lines(item, Look(80, is_expanded)))
            assert "\x1b" not in text
            assert "\u202e" not in text


@pytest.mark.parametrize(
    ("ms", "text"), [(None, ""), (40, "40 ms"), (3200, "3.2 s"), (125_000, "2 min 5 s"), (3_660_000, "1 h 1 min")]
)
def test_durations(ms: int | None, text: str) -> None:
    assert duration(ms) == text


def footer(turn: Turn, changed: int = 0) -> list[str]:
    return [line.text.strip() for line in footer_lines(turn, changed, Look(80), Circumstances(now=1000.0))]


def test_the_end_of_a_turn() -> None:
    turn = Turn(TURN, TurnStatus.COMPLETED, duration_ms=2500, tokens_before=100, tokens_after=2300)
    assert footer(turn, 2) == ["╴ 2.5 s · 2.2k tokens · 2 files changed"]
    assert footer(Turn(TURN, TurnStatus.INTERRUPTED, duration_ms=100)) == ["╴ interrupted · 0.1 s"]


def test_a_running_turn_says_so_and_what_it_retries() -> None:
    turn = Turn(TURN, started_at=990.0, retry=TurnError("Reconnecting... 2/5", details="connection refused"))
    assert footer(turn) == ["● working · 10 s", "! Reconnecting... 2/5", "connection refused"]


def test_a_failed_turn_says_what_happened_then_codexs_words_then_what_to_do() -> None:
    lines = footer(Turn(TURN, TurnStatus.FAILED, error=TurnError("Out of room", "contextWindowExceeded")))
    assert lines[:2] == ["✕ The context window is full", "Out of room"]
    assert lines[2].startswith("→ Make room: command “Compact the conversation”")
    assert footer(Turn(TURN, TurnStatus.FAILED, error=TurnError("strange", "brandNew")))[0] == "✕ strange"


def test_a_command_whose_sandbox_cannot_be_set_up_says_so() -> None:
    failed = a_command(status=it.ItemStatus.FAILED, output="bwrap: Creating new namespace failed: …\n", exit_code=1)
    lines = " ".join(line.text.strip() for line in item_lines(failed, Look(80)))
    assert "The sandbox cannot be set up on this machine" in lines
    other = a_command(status=it.ItemStatus.FAILED, output="cat: bwrap: no such file\n", exit_code=1)
    assert "sandbox" not in " ".join(line.text for line in item_lines(other, Look(80)))


def test_a_clock_that_was_set_back_counts_from_nothing() -> None:
    lines = footer_lines(Turn(TURN, started_at=2000.0), 0, Look(80, False, ""), Circumstances(now=1000.0))
    assert any("working · 0 s" in line.text for line in lines)


def test_a_path_is_cut_in_front_so_that_the_files_name_stays() -> None:
    far = "/home/me/conductor/workspaces/flask/lille/src/flask/app.py"
    (row,) = shown(a_patch(far), 50)
    assert row.startswith("   ▸ edited …/")
    assert row.endswith("/flask/app.py  +1 −1")
    assert cell_len(row) <= 50
    (near,) = shown(a_patch(far), 80, root="/home/me/conductor/workspaces/flask/lille")
    assert near == "        ▸ edited src/flask/app.py  +1 −1"


@given(st.text(st.sampled_from("ab/漢."), min_size=1, max_size=60), st.integers(2, 40))
def test_a_path_that_is_cut_fits_and_ends_as_it_did(path: str, cells: int) -> None:
    cut = cut_in_front(path, cells)
    assert cell_len(cut) <= max(cells, 2)
    assert path.endswith(cut.removeprefix("…"))


def test_an_approval_names_files_relative_to_the_sessions_folder() -> None:
    approval = FileChangeApproval(1, THREAD, TURN, None, "")
    lines = sheet(approval, Around(a_patch("/w/oslo/src/a.py"), root="/w/oslo")).lines
    assert lines[0][0] == "edit src/a.py"
    outside = sheet(approval, Around(a_patch("/home/me/.ssh/config"), root="/w/oslo", home="/home/me")).lines
    assert outside[0][0] == "edit ~/.ssh/config"


def test_a_message_on_its_way_is_no_warning_and_one_that_waits_or_failed_is() -> None:
    on_its_way = OutgoingMessage("1", "go on")
    for message, style in (
        (on_its_way, "muted"),
        (replace(on_its_way, turn_id=TURN, is_steer=True), "muted"),
        (replace(on_its_way, waits="for the server"), "warn"),
        (replace(on_its_way, error="refused"), "warn"),
    ):
        assert outgoing_remark(message)[1] == style
