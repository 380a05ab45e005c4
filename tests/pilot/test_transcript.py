"""The transcript shows exactly what a full layout shows, keeps its place, folds and copies."""

from __future__ import annotations

import contextlib
import random
from collections.abc import AsyncIterator, Iterable

import pytest
from textual.app import ComposeResult
from textual.pilot import Pilot

from conductor_tui.domain import events as ev
from conductor_tui.domain import items as it
from conductor_tui.domain.ids import TurnId
from conductor_tui.domain.projection import SessionProjection
from conductor_tui.domain.threads import QueuedMessage
from conductor_tui.domain.turns import RecordedTurn, Turn, TurnError, TurnStatus
from conductor_tui.ui.messages import CopyRequested
from conductor_tui.ui.presentation.lines import BLANK
from conductor_tui.ui.styles import FILES
from conductor_tui.ui.themes import ThemedApp
from conductor_tui.ui.widgets.transcript.entries import CACHED_LINES, Entries
from conductor_tui.ui.widgets.transcript.view import TranscriptView
from tests.builders import (
    THREAD,
    TURN,
    a_command,
    a_message,
    a_patch,
    a_projection,
    a_prompt,
    a_recorded_turn,
    delta,
    item_completed,
    item_started,
    turn_completed,
    turn_started,
)


class Page(ThemedApp[None]):
    CSS_PATH = [str(path) for path in FILES]

    def __init__(self) -> None:
        super().__init__()
        self.copied: list[str] = []
        self.asked_older = 0

    def compose(self) -> ComposeResult:
        yield TranscriptView()

    @property
    def view(self) -> TranscriptView:
        return self.query_one(TranscriptView)

    def on_copy_requested(self, message: CopyRequested) -> None:
        self.copied.append(message.text)

    def on_following_view_older_requested(self) -> None:
        self.asked_older += 1


def a_long_session(turns: int = 30, duration_ms: int | None = None) -> SessionProjection:
    """With a duration, each turn has a line under it that says so."""
    recorded = []
    for n in range(turns):
        items: list[it.Item] = [
            a_prompt(f"prompt {n}", turn_id=f"t{n}"),
            a_message(f"answer {n}\n\n- x\n- y", turn_id=f"t{n}"),
        ]
        turn = Turn(TurnId(f"t{n}"), TurnStatus.COMPLETED, duration_ms=duration_ms)
        recorded.append(RecordedTurn(turn, (*items, a_command(turn_id=f"t{n}"))))
    return a_projection(ev.HistoryLoaded(THREAD, tuple(recorded)))


@contextlib.asynccontextmanager
async def a_page(duration_ms: int | None = None) -> AsyncIterator[tuple[Page, Pilot[None], SessionProjection]]:
    """A long session in a focused view."""
    app = Page()
    async with app.run_test(size=(80, 20)) as pilot:
        projection = a_long_session(duration_ms=duration_ms)
        app.view.show(projection, empty=lambda _: "", root="/repo")
        app.view.focus()
        await pilot.pause()
        yield app, pilot, projection


async def test_the_scrollbar_stands_where_the_view_is() -> None:
    async with a_page() as (app, pilot, _):
        await pilot.pause()
        assert app.view.scroll_y > 0
        assert app.view.vertical_scrollbar.position == app.view.scroll_y
        await pilot.press("pageup")
        assert app.view.vertical_scrollbar.position == app.view.scroll_y


async def test_what_an_empty_session_says_is_put_together_once_for_all_its_rows() -> None:
    asked: list[int] = []

    def empty(width: int) -> str:
        asked.append(width)
        return f"round {len(asked)}\nof {width}"

    app = Page()
    async with app.run_test(size=(80, 20)) as pilot:
        app.view.show(a_projection(), empty=empty)
        await pilot.pause()
        assert len(asked) <= 2  # as it is shown, and as its pane has its size
        app.view.welcome_again()
        await pilot.pause()
        rows = [row.strip() for row in in_view(app.view)]
        assert rows.count(f"round {len(asked)}") == 1
        assert len(asked) <= 3
        await pilot.resize_terminal(60, 20)
        rows = [row.strip() for row in in_view(app.view)]
        assert f"of {asked[-1]}" in rows
        assert asked[-1] < asked[0]


def in_view(view: TranscriptView) -> list[str]:
    height = view.scrollable_content_region.height
    return ["".join(s.text for s in view.render_line(y)).rstrip() for y in range(height)]


def everything(entries: Entries) -> list[str]:
    """A full layout, made anew."""
    fresh = Entries(entries.projection, lambda: 1000.0, "/repo")
    fresh.expanded, fresh.is_all_expanded = set(entries.expanded), entries.is_all_expanded
    fresh.resize(entries.width)
    return [line.text.rstrip() for at in range(len(fresh)) for line in fresh.lines(at)]


def drawn(entries: Entries) -> list[str]:
    """The same, as the view finds it row by row."""
    entries.measure(0, len(entries))
    rows = []
    for y in range(entries.height):
        at = entries.at_row(y)
        lines = entries.lines(at)
        row = y - entries.top(at)
        rows.append((lines[row] if row < len(lines) else BLANK).text.rstrip())
    return rows


@pytest.mark.parametrize("seed", range(12))
def test_the_virtual_view_shows_exactly_what_a_full_layout_shows(seed: int) -> None:
    chance = random.Random(seed)
    projection = a_projection()
    entries = Entries(projection, lambda: 1000.0, "/repo")
    known: list[str] = []
    for step in range(80):
        changes = list(projection.apply(chance.choice(list(_possible(step, known)))))
        entries.apply(changes)
        if chance.random() < 0.1:
            entries.resize(chance.choice([30, 60, 80, 120]))
        if len(entries) and chance.random() < 0.2:
            entries.toggle(chance.randrange(len(entries)))
        if chance.random() < 0.05:
            entries.expand_all(not entries.is_all_expanded)
        if len(entries):
            entries.measure(len(entries) - 3, len(entries) - 1)
    assert drawn(entries) == everything(entries)


def _possible(step: int, known: list[str]) -> Iterable[ev.Event]:
    turn = f"t{step // 8}"
    new = f"i{step}"
    yield turn_started(turn)
    yield item_completed(a_prompt("hello there", id=new, turn_id=turn))
    known.append(new)
    yield item_started(a_message(id=new, is_open=True, turn_id=turn))
    for old in known[-3:]:
        yield delta(old, "some **text** ", turn_id=turn)
        yield delta(old, "\n\n- a list\n", turn_id=turn)
        yield item_completed(a_message("# done\n\nall of it", id=old, turn_id=turn))
    yield item_completed(a_command(id=f"c{step}", output="a\nb", turn_id=turn))
    yield item_started(a_command(id=f"c{step}", status=it.ItemStatus.IN_PROGRESS, exit_code=None, turn_id=turn))
    yield turn_completed(turn)
    yield ev.MessageQueued(THREAD, f"m{step}", "outgoing")
    yield ev.MessageFailed(THREAD, f"m{step - 1}", "no")
    yield ev.QueueListed(THREAD, tuple(QueuedMessage("q", "q", f"queued {n}") for n in range(step % 3)))
    yield ev.HistoryLoaded(THREAD, (a_recorded_turn(a_prompt(turn_id="old"), turn_id="old"),), is_older=True)


async def test_it_follows_what_is_written() -> None:
    app = Page()
    async with app.run_test(size=(80, 20)) as pilot:
        projection = a_long_session()
        app.view.show(projection, empty=lambda _: "", root="/repo")
        await pilot.pause()
        assert in_view(app.view)[-1].endswith("exit 0 · 1.2 s")
        app.view.apply(projection.apply(turn_started("new")))
        app.view.apply(projection.apply(item_completed(a_message("the end", turn_id="new"))))
        await pilot.pause()
        assert any("the end" in row for row in in_view(app.view))
        assert app.view.is_following


async def test_scrolled_up_it_keeps_its_place_and_says_what_is_new() -> None:
    async with a_page() as (app, pilot, projection):
        await pilot.press("pageup", "pageup")
        before = in_view(app.view)
        assert not app.view.is_following
        app.view.apply(projection.apply(turn_started("new")))
        app.view.apply(projection.apply(item_completed(a_message("\n\n".join("abcdef"), turn_id="new"))))
        await pilot.pause()
        assert in_view(app.view) == before
        assert "new lines" in str(app.view.border_subtitle)
        await pilot.press("G")
        await pilot.pause()
        assert app.view.is_following
        assert any("f" in row for row in in_view(app.view))


async def test_older_turns_above_do_not_move_what_is_read() -> None:
    app = Page()
    async with app.run_test(size=(80, 20)) as pilot:
        projection = a_long_session()
        projection.has_older = True
        app.view.show(projection, empty=lambda _: "", root="/repo")
        app.view.focus()
        await pilot.pause()
        await pilot.press("g")
        await pilot.pause()
        assert app.asked_older
        before = in_view(app.view)
        older = a_recorded_turn(a_prompt("very old", turn_id="old"), turn_id="old")
        app.view.apply(projection.apply(ev.HistoryLoaded(THREAD, (older,), is_older=True)))
        await pilot.pause()
        assert in_view(app.view) == before


async def test_each_session_keeps_its_place() -> None:
    app = Page()
    async with app.run_test(size=(80, 20)) as pilot:
        one, two = a_long_session(), a_long_session(5)
        app.view.show(one, empty=lambda _: "", root="/repo")
        app.view.focus()
        await pilot.pause()
        await pilot.press("pageup")
        before = in_view(app.view)
        app.view.show(two, empty=lambda _: "", root="/repo")
        await pilot.pause()
        assert in_view(app.view) != before
        app.view.show(one, empty=lambda _: "", root="/repo")
        await pilot.pause()
        assert in_view(app.view) == before


async def test_an_item_opens_and_is_copied_with_keys() -> None:
    app = Page()
    async with app.run_test(size=(80, 20)) as pilot:
        projection = a_projection(
            turn_started(), item_completed(a_prompt()), item_completed(a_patch()), turn_completed()
        )
        app.view.show(projection, empty=lambda _: "", root="/repo")
        app.view.focus()
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert any("+ zwei" in row for row in in_view(app.view))
        await pilot.press("y")
        await pilot.pause()
        assert "/repo/a.py" in app.copied[0]
        await pilot.press("enter")
        await pilot.pause()
        assert not any("+ zwei" in row for row in in_view(app.view))


async def test_the_cursor_stops_at_what_can_be_read_or_copied() -> None:
    """The line under a turn says how long it took, and is no stop: not at the end, not on the way, not by pages."""
    async with a_page(duration_ms=2500) as (app, pilot, _):
        assert sum("╴ 2.5 s" in row for row in in_view(app.view)) >= 2
        await pilot.press("y", "j", "y", *["k", "y"] * 5)
        await pilot.pause()
        begins = [text.partition("\n")[0] for text in app.copied]
        assert begins == ["$ pytest -q"] * 2 + ["answer 29", "prompt 29", "$ pytest -q", "answer 28", "prompt 28"]
        await pilot.press("G", *["pageup", "y"] * 4, "pagedown", "y")
        await pilot.pause()
        assert not [text for text in app.copied if text.startswith("╴")]


async def test_a_failed_turn_is_a_stop_for_its_words_can_be_copied() -> None:
    app = Page()
    async with app.run_test(size=(80, 20)) as pilot:
        failed = Turn(TurnId(TURN), TurnStatus.FAILED, error=TurnError("the model is gone"))
        projection = a_projection(turn_started(), item_completed(a_prompt()), ev.TurnCompleted(THREAD, failed))
        app.view.show(projection, empty=lambda _: "", root="/repo")
        app.view.focus()
        await pilot.pause()
        await pilot.press("y")
        await pilot.pause()
        assert "the model is gone" in app.copied[0]


async def test_without_a_code_block_there_is_none_to_copy() -> None:
    async with a_page() as (app, pilot, _):
        await pilot.press("k", "c")
        await pilot.pause()
        assert app.copied == [""]


async def test_a_click_on_a_folded_line_opens_it() -> None:
    app = Page()
    async with app.run_test(size=(80, 20)) as pilot:
        app.view.show(
            a_projection(turn_started(), item_completed(a_patch()), turn_completed()), empty=lambda _: "", root="/repo"
        )
        await pilot.pause()
        await pilot.click(TranscriptView, offset=(12, 1))
        await pilot.pause()
        assert any("+ zwei" in row for row in in_view(app.view))


async def test_an_empty_session_says_what_to_do() -> None:
    app = Page()
    async with app.run_test(size=(80, 20)) as pilot:
        app.view.show(a_projection(), empty=lambda _: "Write something.")
        await pilot.pause()
        assert any("Write something." in row for row in in_view(app.view))


async def test_ten_thousand_items_cost_a_frame_no_more_than_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, not timed: how many items are laid out."""
    laid_out = 0
    real = Entries._lay_out

    def counted(self: Entries, at: int) -> object:
        nonlocal laid_out
        laid_out += 1
        return real(self, at)

    monkeypatch.setattr(Entries, "_lay_out", counted)
    app = Page()
    async with app.run_test(size=(80, 20)) as pilot:
        projection = a_long_session(3400)
        app.view.show(projection, empty=lambda _: "", root="/repo")
        await pilot.pause()
        assert laid_out < 60
        projection.apply(turn_started("new"))
        app.view.apply(projection.apply(item_started(a_message(is_open=True, turn_id="new"))))
        await pilot.pause()
        laid_out = 0
        for _ in range(10):
            app.view.apply(projection.apply(delta("m1", "x ", turn_id="new")))
            await pilot.pause()
        assert laid_out <= 10 * 3
        assert TurnId("t3399") in projection.turns


async def test_another_width_lays_out_only_what_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Page()
    async with app.run_test(size=(80, 20)) as pilot:
        app.view.show(a_long_session(2000), empty=lambda _: "", root="/repo")
        await pilot.pause()
        laid_out = 0
        real = Entries._lay_out

        def counted(self: Entries, at: int) -> object:
            nonlocal laid_out
            laid_out += 1
            return real(self, at)

        monkeypatch.setattr(Entries, "_lay_out", counted)
        await pilot.resize_terminal(60, 20)
        await pilot.pause()
        assert 0 < laid_out < 120
        assert app.view.is_following


async def test_words_are_found_marked_and_gone_through() -> None:
    async with a_page() as (app, pilot, _):
        assert app.view.search("Answer 2")
        await pilot.pause()
        assert any("answer 29" in row for row in in_view(app.view))
        for _ in range(9):
            await pilot.press("n")
        await pilot.pause()
        assert any("answer 20" in row for row in in_view(app.view))
        await pilot.press("N")
        await pilot.pause()
        assert any("answer 21" in row for row in in_view(app.view))
        assert not app.view.search("nowhere to be found")


async def test_what_is_found_in_folded_output_is_opened() -> None:
    app = Page()
    async with app.run_test(size=(80, 20)) as pilot:
        output = "\n".join(f"row {n}" for n in range(10))
        projection = a_projection(turn_started(), item_completed(a_command(output=output)), turn_completed())
        app.view.show(projection, empty=lambda _: "", root="/repo")
        await pilot.pause()
        assert not any("row 2" in row for row in in_view(app.view))
        assert app.view.search("ROW 2")
        await pilot.pause()
        assert any("row 2" in row for row in in_view(app.view))


def test_only_so_many_lines_are_kept_laid_out() -> None:
    told = [item_completed(a_message("x\n\n" * 1000, id=f"m{n}")) for n in range(12)]
    entries = Entries(a_projection(turn_started(), *told), lambda: 1000.0, "/repo")
    whole = [list(entries.lines(at)) for at in range(len(entries))]
    assert sum(map(len, entries._lines.values())) <= CACHED_LINES
    assert [list(entries.lines(at)) for at in range(len(entries))] == whole


async def test_following_scrolls_in_steps_and_settles_when_nothing_streams() -> None:
    app = Page()
    async with app.run_test(size=(80, 24)) as pilot:
        projection = a_long_session(4)
        app.view.show(projection, empty=lambda _: "", root="/repo")
        app.view.apply(projection.apply(turn_started("now")))
        app.view.apply(projection.apply(item_started(a_message("", id="now", is_open=True, turn_id="now"))))
        places = []
        for n in range(12):
            app.view.apply(projection.apply(delta("now", f"line {n}\n\n", turn_id="now")))
            await pilot.pause()
            places.append(app.view.scroll_offset.y)
            assert any(f"line {n}" in row for row in in_view(app.view))
        assert len(set(places)) < 8
        app.view.apply(projection.apply(turn_completed("now")))
        await pilot.pause()
        assert in_view(app.view)[-1]
        assert app.view.is_following
