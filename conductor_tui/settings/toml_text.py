"""One change to the text of a TOML file: all the rest stays byte for byte, comments, order and quotes included.

The change is cut into the text where the key stands or belongs; tomlkit writes the value. The result is proven, by
reading it, before anybody writes it to a file.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from conductor_tui.domain.errors import ConductorError
from conductor_tui.domain.text import visible_line
from conductor_tui.settings.toml_read import Key, TomlError, Value, parsed, value_at
from conductor_tui.settings.toml_statements import Statement, end_of_line, inline_pairs, statements

_BARE = re.compile(r"[A-Za-z0-9_-]+")


class NotEditable(ConductorError):
    """The change cannot be made without touching something else; the message says why."""


def dotted(key: Key) -> str:
    """A key as TOML writes it: `projects."/work/shop".trust_level`."""
    return ".".join(part if _BARE.fullmatch(part) else written(part) for part in key)


def split(name: str) -> Key:
    """A key from the form that TOML writes.

    Raises:
        TomlError: it is not a key.
    """
    inner: Any = parsed(f"{name} = 0") if "\n" not in name else 0
    key: list[str] = []
    while isinstance(inner, dict) and len(inner) == 1:
        ((part, inner),) = inner.items()
        key.append(part)
    if not key or inner != 0:
        raise TomlError(f"{visible_line(name)} is not a key")
    return tuple(key)


def written(value: Value, like: str = "") -> str:
    """A value as TOML writes it; text in the quotes of the value `like`, where they can hold it."""
    import tomlkit

    if value is None:
        raise NotEditable("several keys of an inline table cannot be removed as one")
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{dotted((k,))} = {written(v)}" for k, v in value.items()) + " }" if value else "{}"
    is_literal = like.startswith("'") and not like.startswith("'''")
    if isinstance(value, str) and is_literal and value.isprintable() and "'" not in value:
        return f"'{value}'"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(written(v) for v in value) + "]"
    return tomlkit.item(value).as_string()


def changed(text: str, key: Key, value: Value) -> str:
    """The text with another value for a key; None takes the key out, with the comment behind it on its line.

    Raises:
        TomlError: the text is invalid TOML.
        NotEditable: the key names a table, or is inside a list or a plain value.
    """
    before = parsed(text)
    old = value_at(before, key)
    if old == value and type(old) is type(value):
        return text
    wanted = _with_value(before, key, value)
    after = _cut_in(text, tuple(statements(text)), key, value)
    try:
        is_right = _without_empty(tomllib.loads(after)) == _without_empty(wanted)
    except tomllib.TOMLDecodeError:
        is_right = False
    if not is_right:
        raise NotEditable(f"{dotted(key)} cannot be changed without touching what is around it")
    return after


def _with_value(data: Mapping[str, Any], key: Key, value: Value) -> dict[str, Any]:
    """A copy of the data with another value: what the text must say after the change."""
    copy = dict(data)
    name, *rest = key
    old = copy.get(name)
    if rest and (old is None or isinstance(old, Mapping)):
        copy[name] = _with_value(old or {}, tuple(rest), value)
    elif rest:
        raise NotEditable(f"{dotted((name,))} is {'a list' if isinstance(old, list) else 'a plain value'}, not a table")
    elif value is None:
        copy.pop(name, None)
    else:
        copy[name] = value
    return copy


def _without_empty(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data without tables that hold nothing: with its last key, a table without a header goes too."""
    kept = {k: _without_empty(v) if isinstance(v, Mapping) else _equal_to_itself(v) for k, v in data.items()}
    return {k: v for k, v in kept.items() if v != {}}


def _equal_to_itself(value: Value) -> Value:
    """`nan` differs from every value, also from another `nan` of the same text."""
    if isinstance(value, list):
        return [_without_empty(v) if isinstance(v, Mapping) else _equal_to_itself(v) for v in value]
    return repr(value) if isinstance(value, float) and math.isnan(value) else value


def _cut_in(text: str, found: Sequence[Statement], key: Key, value: Value) -> str:
    holder = next((s for s in found if not s.is_header and s.key == key[: len(s.key)]), None)
    if holder is None:
        if value is None or any(s.key[: len(key)] == key for s in found):
            raise NotEditable(f"{dotted(key)} is a table")
        return _added(text, found, key, value)
    if holder.key == key and value is None:
        return text[: holder.start] + text[end_of_line(text, holder.stop) :]
    return text[: holder.value] + _new_value(text, holder, key, value) + text[holder.stop :]


def _new_value(text: str, holder: Statement, key: Key, value: Value) -> str:
    """The value of a pair after the change: the new one, or an inline table with the change in it."""
    old = text[holder.value : holder.stop]
    rest = key[len(holder.key) :]
    return _changed_inline(old, rest, value) if rest else written(value, old)


def _changed_inline(table: str, key: Key, value: Value) -> str:
    pairs = tuple(inline_pairs(table))
    holder = next((p for p in pairs if p.key == key[: len(p.key)]), None)
    if holder is None:
        pair = f"{dotted(key)} = {written(value)}"
        if not pairs:
            return f"{{ {pair} }}"
        return f"{table[: pairs[-1].stop]}, {pair}{table[pairs[-1].stop :]}"
    if holder.key != key or value is not None:
        return table[: holder.value] + _new_value(table, holder, key, value) + table[holder.stop :]
    at = pairs.index(holder)
    if at:
        return table[: pairs[at - 1].stop] + table[holder.stop :]
    return table[: holder.start] + table[pairs[1].start :] if len(pairs) > 1 else "{}"


def _added(text: str, found: Sequence[Statement], key: Key, value: Value) -> str:
    """A key that was not there: at the end of its table, of the dotted keys that make its table, or in a new table."""
    eol = "\r\n" if text[: text.find("\n") + 1].endswith("\r\n") else "\n"
    table, name = key[:-1], key[-1]
    headers = [s for s in found if s.is_header]
    kin = next((group for n in range(len(table), 0, -1) if (group := _dotted_kin(found, table[:n]))), [])
    if not table or any(h.key == table for h in headers) or kin:
        section = kin or [s for s in found if s.table == table]
        if not section:
            return _at_the_top(text, headers, f"{dotted(key)} = {written(value)}{eol}", eol)
        last = section[-1]
        indent = text[last.start : last.start + _indentation(text, last)]
        return _behind(text, last, f"{indent}{dotted(key[len(last.table) :])} = {written(value)}{eol}", eol)
    lines = f"{eol if text else ''}[{dotted(table)}]{eol}{dotted((name,))} = {written(value)}{eol}"
    relatives = [s for s in found if s.table and s.table[0] == table[0]]
    if not relatives:
        return text + ("" if text.endswith("\n") or not text else eol) + lines
    follows = end_of_line(text, relatives[-1].stop)
    is_close = text[follows : follows + 1] not in ("", "\n", "\r")
    return _behind(text, relatives[-1], lines + (eol if is_close else ""), eol)


def _dotted_kin(found: Sequence[Statement], table: Key) -> list[Statement]:
    """The pairs whose dotted keys make this table: TOML lets no header open it again."""
    return [s for s in found if not s.is_header and len(s.table) < len(table) and s.key[: len(table)] == table]


def _indentation(text: str, of: Statement) -> int:
    line = text[of.start : of.stop]
    return len(line) - len(line.lstrip(" \t"))


def _behind(text: str, last: Statement, lines: str, eol: str) -> str:
    at = end_of_line(text, last.stop)
    missing = "" if text[:at].endswith("\n") else eol
    return text[:at] + missing + lines + text[at:]


def _at_the_top(text: str, headers: Sequence[Statement], line: str, eol: str) -> str:
    """The first key outside of all tables: before the first table and the comment that leads to it."""
    if not headers:
        return text + ("" if text.endswith("\n") or not text else eol) + line
    at = headers[0].start
    while at and text[text.rfind("\n", 0, at - 1) + 1 : at].lstrip().startswith("#"):
        at = text.rfind("\n", 0, at - 1) + 1
    return text[:at] + line + eol + text[at:]
