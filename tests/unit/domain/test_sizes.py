"""Sizes are told in one way everywhere."""

from __future__ import annotations

import pytest

from conductor_tui.domain.sizes import size_text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"), (9, "9 B"), (1023, "1023 B"), (1024, "1.0K"), (1025, "1.1K"), (10_137, "9.9K"), (10_138, "10K"),
        (1 << 20, "1.0M"), ((1 << 20) - 1, "1.0M"), (1 << 30, "1.0G"), (5 << 40, "5.0T"), (5 << 50, "5120T"),
    ],
)  # fmt: skip
def test_sizes_are_as_du_prints_them(count: int, text: str) -> None:
    assert size_text(count) == text
