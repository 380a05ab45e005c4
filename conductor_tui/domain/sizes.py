"""Sizes in bytes as people read them, in the units of `du -h`."""

from __future__ import annotations

import math

_UNITS = "KMGT"


def size_text(count: int) -> str:
    """`9 B`, `1.5K`, `12M`, `1.0G`: powers of 1024, rounded up, two digits at least."""
    if count < 1024:
        return f"{count} B"
    size, power = count / 1024, 0
    while math.ceil(size) >= 1024 and power < len(_UNITS) - 1:
        size, power = size / 1024, power + 1
    digits = f"{math.ceil(size * 10) / 10:.1f}" if size <= 9.9 else str(math.ceil(size))
    return f"{digits}{_UNITS[power]}"
