"""Reads the run scripts: `[scripts.run.<id>]` of all layers together, or the legacy `scripts.run`.

A table with a command replaces the one of the same id below it; without a command it amends that one, so that a local
file can hide a shared script or make it the default. The legacy text is a layer's whole list: it covers what is below
and is covered by tables above.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from conductor_tui.domain.repository_settings import RunScript, SettingFile
from conductor_tui.settings.conductor_values import LayerValues, Reader, is_text, kind_of, lines_of

LEGACY_ID = "run"
DEFAULT_ICON = RunScript("", "").icon


class _Entry(Struct):
    """A run script that is being put together."""

    fields: dict[str, Any]
    origin: SettingFile
    """The file with the command."""
    rank: int = 0
    """How high the layer is that made it the default."""


def read_runs(reader: Reader) -> tuple[RunScript, ...]:
    """The run scripts in the files' order, at most one of them the default; origins under `scripts.run.<id>`."""
    entries: dict[str, _Entry] = {}
    is_legacy = False
    for rank, layer in enumerate(reversed(reader.layers), 1):
        value = layer.get("scripts.run")
        if isinstance(value, str) and is_text(value):
            entries, is_legacy = {}, True
            if value.strip():
                entries[LEGACY_ID] = _Entry({"command": value, "is_default": True}, layer.origin, rank)
        elif isinstance(value, dict):
            if is_legacy:
                entries, is_legacy = {}, False
            _add_tables(entries, value, rank, layer, reader)
        elif value is not None:
            reader.say(f"scripts.run must be tables or text, not {kind_of(value)}", layer.origin, "it is ignored")
    return _finished(entries, reader)


def _add_tables(entries: dict[str, _Entry], tables: dict[str, Any], rank: int, layer: LayerValues, r: Reader) -> None:
    for id, table in tables.items():
        if not isinstance(table, dict):
            r.say(f"scripts.run.{id} must be a table, not {kind_of(table)}", layer.origin, "it is ignored")
            continue
        fields = _fields(f"scripts.run.{id}", table, layer.origin, r)
        if id not in entries or "command" in fields:
            entries[id] = _Entry(fields, layer.origin)
        else:
            entries[id].fields.update(fields)
        if "is_default" in fields:
            entries[id].rank = rank


def _fields(key: str, table: dict[str, Any], origin: SettingFile, reader: Reader) -> dict[str, Any]:
    """What is right in one table, under the names of `RunScript`."""
    options = table.get("options", {})
    if not isinstance(options, dict):
        reader.say(
            f"{key}.options must be a table, not {kind_of(options)}", origin, "it runs in the workspace's folder"
        )
        options = {}
    found: dict[str, Any] = {}
    for name, field, value, wanted, instead in (
        ("command", "command", table.get("command"), "text", "the script is ignored"),
        ("args", "args", table.get("args"), "a list of texts", "it runs without arguments"),
        ("options.cwd", "folder", options.get("cwd"), "text", "it runs in the workspace's folder"),
        ("default", "is_default", table.get("default"), "true or false", "it is not the default"),
        ("icon", "icon", table.get("icon"), "text", f"the icon is {DEFAULT_ICON}"),
        ("hide", "is_hidden", table.get("hide"), "true or false", "it is shown"),
        ("available_in", "available_in", table.get("available_in"), "a list of texts", "it is available everywhere"),
    ):
        if value is None:
            continue
        right = _accepted(field, value)
        if right is None:
            reader.say(f"{key}.{name} must be {wanted}, not {kind_of(value)}", origin, instead)
        else:
            found[field] = right
    return found


def _accepted(field: str, value: Any) -> Any:
    match field:
        case "is_default" | "is_hidden":
            return value if isinstance(value, bool) else None
        case "args":
            return tuple(value) if isinstance(value, list) and all(is_text(part) for part in value) else None
        case "available_in":
            return lines_of(value)
        case _:
            return value if is_text(value) else None


def _finished(entries: dict[str, _Entry], reader: Reader) -> tuple[RunScript, ...]:
    runs = []
    for id, entry in entries.items():
        if not entry.fields.get("command", "").strip():
            reader.say(f"scripts.run.{id} has no command", entry.origin, "it is ignored")
            continue
        reader.origins[f"scripts.run.{id}"] = entry.origin
        runs.append(RunScript(id, **entry.fields))
    defaults = [run for run in runs if run.is_default]
    if len(defaults) < 2:
        return tuple(runs)
    kept = max(defaults, key=lambda run: entries[run.id].rank)  # the first of the highest
    return tuple(_only_default(run, kept, entries, reader) for run in runs)


def _only_default(run: RunScript, kept: RunScript, entries: dict[str, _Entry], reader: Reader) -> RunScript:
    from msgspec.structs import replace

    if run is kept or not run.is_default:
        return run
    if entries[run.id].rank == entries[kept.id].rank:
        title = f"Both scripts.run.{kept.id} and scripts.run.{run.id} are the default"
        reader.say(title, entries[run.id].origin, f"{kept.id} is the default")
    return replace(run, is_default=False)
