"""Text cut into what stands in cells, and how far terminals may disagree on each piece.

Layout and screen count cells as Rich does. Terminals count some pieces otherwise: emoji with variation selectors,
joined families, flags, marks that take room. Which way a terminal counts cannot be known for each.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from rich.cells import split_graphemes

_INDICATORS = ("\U0001f1e6", "\U0001f1ff")


def graphemes(text: str) -> Iterator[tuple[str, int]]:
    """The pieces of a text and their cells: 0 for what has nothing before it that it could belong to."""
    flag = ""
    for first, last, cells in split_graphemes(text)[0]:
        piece = text[first:last]
        if _is_indicator(piece[0]):
            if flag:
                yield flag + piece, 1 + cells
                flag = ""
            else:
                flag = piece
            continue
        if flag:
            yield flag, 1
            flag = ""
        yield piece, cells
    if flag:
        yield flag, 1


@lru_cache(8192)
def reach(piece: str) -> int:
    """Cells that a terminal may give a piece at most; 0 where all agree on it."""
    if len(piece) < 2:
        if not piece or piece.isascii():
            return 0
        return 2 if _is_indicator(piece) or unicodedata.category(piece) in ("Mc", "Lm", "Sk") else 0
    if all(map(unicodedata.combining, piece[1:])) and not _is_indicator(piece[0]):
        return 0
    return max(2, sum(_alone(char) for char in piece))


def _alone(char: str) -> int:
    if _is_indicator(char) or unicodedata.east_asian_width(char) in "WF":
        return 2
    return 1


def _is_indicator(char: str) -> bool:
    return _INDICATORS[0] <= char <= _INDICATORS[1]
