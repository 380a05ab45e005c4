"""Random edits of a TOML file, and what each must leave alone."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from conductor_tui.settings.toml_read import Key

CONFIG = (Path(__file__).parent / "codex_config.toml").read_text(encoding="utf-8")
"""A config.toml as people have it: comments everywhere, arrays, inline tables, dotted keys, tables of tables."""


def leaves(data: dict[str, Any], before: Key = ()) -> Iterator[Key]:
    """The keys of all values that are no tables."""
    for name, value in data.items():
        if isinstance(value, dict):
            yield from leaves(value, (*before, name))
        else:
            yield (*before, name)


def tables(data: dict[str, Any], before: Key = ()) -> Iterator[Key]:
    """The keys of all tables, that of the whole file first."""
    yield before
    for name, value in data.items():
        if isinstance(value, dict):
            yield from tables(value, (*before, name))


def random_edit(source: random.Random, data: dict[str, Any], number: int) -> tuple[Key, Any]:
    """Another value, a new key, a new table, or a key taken out; never of a value that spans lines."""
    single = [k for k in leaves(data) if k[-1] not in ("project_doc_fallback_filenames", "developer_instructions")]
    single = [k for k in single if k[-1] not in ("enabled_tools",) and "skills" not in k]
    value = source.choice([f"value {number}", "it's", 'say "so"', number, True, False, ["a", "b c"], "C:\\x\ty", "ü"])
    match source.choice("sssnNr"):
        case "s":
            return source.choice(single), value
        case "n":
            return (*source.choice(list(tables(data))), f"new_{source.randrange(20)}"), value
        case "N":
            return (*source.choice(list(tables(data))), f"table {source.randrange(9)}", f"k{number}"), value
    return source.choice(single), None


def expected(data: dict[str, Any], key: Key, value: Any) -> dict[str, Any]:
    """The data after an edit, made without any TOML."""
    after = copy.deepcopy(data)
    at = after
    for part in key[:-1]:
        at = at.setdefault(part, {})
    if value is None:
        at.pop(key[-1], None)
    else:
        at[key[-1]] = value
    return after


def filled(data: dict[str, Any]) -> dict[str, Any]:
    """Without empty tables: whether the last key of a table takes the table with it is a matter of writing."""
    kept = {k: filled(v) if isinstance(v, dict) else v for k, v in data.items()}
    return {k: v for k, v in kept.items() if v != {}}


def difference(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that went and those that came, between the lines that are the same at both ends."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    most = min(len(old), len(new))
    start = next((i for i in range(most) if old[i] != new[i]), most)
    end = next((i for i in range(most - start) if old[-1 - i] != new[-1 - i]), most - start)
    return old[start : len(old) - end], new[start : len(new) - end]
