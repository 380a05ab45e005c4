"""Numbers as people read them."""

from __future__ import annotations


def count(number: int) -> str:
    """A number of tokens for people: 950, 1.2k, 34k, 1.2M."""
    if number < 1000:
        return str(number)
    for unit, size in (("k", 1_000), ("M", 1_000_000)):
        value = number / size
        if value < 999.5 or unit == "M":
            return f"{value:.1f}{unit}" if value < 9.95 else f"{value:.0f}{unit}"
    raise AssertionError
