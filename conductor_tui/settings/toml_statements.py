"""Where each statement of a TOML text stands: tables' headers and `key = value` pairs, with their places in the text.

It reads text that a TOML parser has accepted already, so it needs to tell strings, comments and brackets apart and
nothing else. Source: TOML 1.0.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

from msgspec import Struct

from conductor_tui.settings.toml_read import Key

_FILLER = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_PART = re.compile(r"""(?P<quoted>"(?:[^"\\\n]|\\.)*"|'[^'\n]*')|[A-Za-z0-9_-]+""")
_STRING = r'"""(?:[^\\]|\\.)*?"{3,5}' + r"|'''.*?'{3,5}" + r'|"(?:[^"\\\n]|\\.)*"' + r"|'[^'\n]*'"
_ONE_STRING = re.compile(_STRING, re.DOTALL)
_TOKEN = re.compile(rf"(?:{_STRING})|\#[^\n]*|(?P<open>[\[{{])|(?P<close>[\]}}])", re.DOTALL)
_PLAIN = re.compile(r"[^#\r\n]*")
_PLAIN_INSIDE = re.compile(r"[^,#\r\n}]*")


class Statement(Struct, frozen=True):
    """A header or a pair. Places count characters from the beginning of the text."""

    key: Key
    """The whole key, that of its table included."""
    table: Key
    """The table whose header stands above it; of a header, the key itself."""
    start: int
    """Where its line, or in an inline table its key, begins."""
    value: int
    """Where its value begins; of a header, where the header ends."""
    stop: int
    """Where its value ends."""
    is_header: bool = False


def statements(text: str) -> Iterator[Statement]:
    """The statements of a text, in its order."""
    table: Key = ()
    at = _skip(_FILLER, text, 0)
    while at < len(text):
        start = text.rfind("\n", 0, at) + 1
        if text[at] == "[":
            brackets = 2 if text.startswith("[[", at) else 1
            table, at = _key(text, _skip(_SPACE, text, at + brackets))
            at = _skip(_SPACE, text, at) + brackets
            yield Statement(table, table, start, at, at, is_header=True)
        else:
            key, at = _key(text, at)
            value = _skip(_SPACE, text, text.index("=", at) + 1)
            at = _end_of_value(text, value, _PLAIN)
            yield Statement((*table, *key), table, start, value, at)
        at = _skip(_FILLER, text, at)


def inline_pairs(text: str) -> Iterator[Statement]:
    """The pairs of an inline table; `text` is the table with its braces."""
    at = _skip(_FILLER, text, 1)
    while text[at] != "}":
        start = at
        key, at = _key(text, at)
        value = _skip(_SPACE, text, text.index("=", at) + 1)
        at = _end_of_value(text, value, _PLAIN_INSIDE)
        yield Statement(key, (), start, value, at)
        at = _skip(_FILLER, text, at)
        if text[at] == ",":
            at = _skip(_FILLER, text, at + 1)


def end_of_line(text: str, at: int) -> int:
    """The beginning of the next line, or the end of the text."""
    return text.find("\n", at) + 1 or len(text)


def _skip(what: re.Pattern[str], text: str, at: int) -> int:
    found = what.match(text, at)
    return found.end() if found else at


def _key(text: str, at: int) -> tuple[Key, int]:
    """A key, dotted or not, and where it ends."""
    parts: list[str] = []
    while (found := _PART.match(text, at)) is not None:
        part = found.group()
        parts.append(str(tomllib.loads(f"x = {part}")["x"]) if found["quoted"] else part)
        at = _skip(_SPACE, text, found.end())
        if not text.startswith(".", at):
            break
        at = _skip(_SPACE, text, at + 1)
    return tuple(parts), at


def _end_of_value(text: str, at: int, plain: re.Pattern[str]) -> int:
    if text[at] in "[{":
        depth = 0
        for token in _TOKEN.finditer(text, at):
            depth += bool(token["open"]) - bool(token["close"])
            if depth == 0:
                return token.end()
    if (string := _ONE_STRING.match(text, at)) is not None:
        return string.end()
    return at + len(text[at : _skip(plain, text, at)].rstrip())
