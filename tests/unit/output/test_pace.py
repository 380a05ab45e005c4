"""When the next frame may be drawn."""

from __future__ import annotations

import pytest

from conductor_tui.ui.output.pace import ALLOWANCE, BURST, LONGEST_PAUSE, PATIENCE, QUESTION, Pace


class Line:
    """A pace with a clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.pace = Pace(lambda: self.now)

    def trip(self, seconds: float, count: int = 500) -> None:
        """A frame and its answer."""
        assert self.pace.wrote(count) == QUESTION
        self.now += seconds
        self.pace.answered()


@pytest.fixture
def line() -> Line:
    line = Line()
    line.trip(0.1)
    line.now += 10
    return line


def test_nothing_is_held_while_the_line_keeps_up(line: Line) -> None:
    for _ in range(20):
        assert line.pace.delay() == 0
        line.trip(0.1)
        line.now += 0.05


def test_a_frame_waits_while_an_answer_is_later_than_the_lines_own_round_trip(line: Line) -> None:
    line.pace.wrote(500)
    line.now += 0.15
    assert line.pace.delay() == 0
    line.now += 0.1
    assert line.pace.delay() > 0
    line.pace.answered()
    assert line.pace.delay() == 0


def test_a_lost_answer_holds_nothing_for_ever(line: Line) -> None:
    line.pace.wrote(500)
    line.now += PATIENCE + 0.01
    assert line.pace.delay() == 0


def test_a_terminal_that_never_answers_is_asked_once_and_not_waited_for() -> None:
    line = Line()
    assert line.pace.wrote(500) == QUESTION
    line.now += 1
    assert line.pace.delay() == 0
    assert line.pace.wrote(500) == ""
    assert line.pace.round_trip is None


def test_small_frames_are_not_asked_about(line: Line) -> None:
    assert line.pace.wrote(40) == ""


def test_a_flood_is_held_to_what_any_line_bears(line: Line) -> None:
    written, began = 0, line.now
    while line.now - began < 10:
        line.now += max(line.pace.delay(), 0.03)
        line.trip(0.0, 2500)
        written += 2500
    assert written <= ALLOWANCE * 10 + BURST + 2 * 2500


def test_one_big_frame_does_not_hold_the_next_for_long(line: Line) -> None:
    line.trip(0.1, 100_000)
    assert 0 < line.pace.delay() <= LONGEST_PAUSE


def test_the_round_trip_is_the_best_of_late(line: Line) -> None:
    line.trip(0.5)
    assert line.pace.round_trip == pytest.approx(0.1)
    line.now += 60
    line.trip(0.5)
    assert line.pace.round_trip == pytest.approx(0.5)
