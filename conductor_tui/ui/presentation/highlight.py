"""Syntax highlighting: code to styled spans, by pygments, which is imported at the first use."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from conductor_tui.domain.text import visible
from conductor_tui.ui.presentation.lines import Span

if TYPE_CHECKING:
    from pygments.lexer import Lexer

LIMIT = 200_000
"""Characters; longer code stays plain."""

_STYLES = {
    "Keyword": "kw",
    "Literal.String": "str",
    "Literal.Number": "num",
    "Comment": "com",
    "Name.Function": "fn",
    "Name.Class": "cls",
    "Name.Decorator": "fn",
    "Name.Builtin": "cls",
    "Name.Tag": "kw",
    "Name.Attribute": "fn",
    "Operator.Word": "kw",
    "Generic.Inserted": "added",
    "Generic.Deleted": "deleted",
}


def highlighted(code: str, language: str, style: str = "code") -> list[list[Span]]:
    """The lines of `code` as spans. `language` is a name as in a Markdown fence; unknown ones stay plain."""
    lexer = lexer_named(language) if len(code) <= LIMIT else None
    return _lines(code, lexer, style)


def highlighted_file(code: str, path: str, style: str = "") -> list[list[Span]]:
    """Like `highlighted`, with the language taken from a file name."""
    lexer = lexer_for(path.rsplit("/", 1)[-1]) if len(code) <= LIMIT else None
    return _lines(code, lexer, style)


def _lines(code: str, lexer: Lexer | None, style: str) -> list[list[Span]]:
    if lexer is None:
        return [[(row, style)] for row in visible(code).split("\n")]
    rows: list[list[Span]] = [[]]
    for kind, value in lexer.get_tokens(visible(code)):
        own = _style(kind)
        first, *rest = value.split("\n")
        look = f"{style} {own}".strip()
        if first:
            rows[-1].append((first, look))
        for part in rest:
            rows.append([(part, look)] if part else [])
    expected = code.count("\n") + 1
    del rows[expected:]
    rows.extend([] for _ in range(expected - len(rows)))
    return rows


@cache
def _style(kind: Any) -> str:
    name = str(kind).removeprefix("Token.")
    while name:
        if name in _STYLES:
            return _STYLES[name]
        name = name.rpartition(".")[0]
    return ""


@lru_cache(maxsize=64)
def lexer_named(language: str) -> Lexer | None:
    """The lexer of a language's name; None when there is none."""
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    name = language.strip().split()[0].lower() if language.strip() else ""
    try:
        return get_lexer_by_name(name, stripnl=False, ensurenl=False) if name else None
    except ClassNotFound:
        return None


@lru_cache(maxsize=256)
def lexer_for(name: str) -> Lexer | None:
    """The lexer of a file name; None when there is none."""
    from pygments.lexers import get_lexer_for_filename
    from pygments.util import ClassNotFound

    try:
        return get_lexer_for_filename(name, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None
