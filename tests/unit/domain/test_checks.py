from __future__ import annotations

import pytest

from conductor_tui.domain.checks import Check, Outcome, report


@pytest.mark.parametrize(
    ("outcomes", "end"),
    [
        ([Outcome.OK], "All is well."),
        ([Outcome.OK, Outcome.NOTE], "No problems (1 warning)."),
        ([Outcome.NOTE, Outcome.NOTE], "No problems (2 warnings)."),
        ([Outcome.BAD, Outcome.OK], "1 of 2 checks failed."),
        ([Outcome.BAD, Outcome.NOTE], "1 of 2 checks failed, 1 warning."),
    ],
)
def test_the_last_line_says_how_it_is_and_hides_no_warning(outcomes: list[Outcome], end: str) -> None:
    assert report([Check("a", outcome, "found") for outcome in outcomes]).endswith(f"\n\n{end}")
