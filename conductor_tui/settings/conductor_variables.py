"""Reads `[environment_variables]` of a repository's files: all of a file, then what it has only for this machine.

Values may be secrets: nothing here says one.
"""

from __future__ import annotations

import re
from typing import Any

from conductor_tui.domain.repository_settings import Layer, SettingFile
from conductor_tui.settings.conductor_values import Reader, is_text, kind_of

TABLE = "environment_variables"
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def read_variables(reader: Reader) -> dict[str, str]:
    """Names and values; a higher file covers a lower one, and origins stand under `environment_variables.<name>`.

    Only the repository's files have variables, in Conductor's schema; the cloud's are left out.
    """
    found: dict[str, str] = {}
    for layer in reversed(reader.layers):
        if layer.origin.layer not in (Layer.LOCAL, Layer.SHARED):
            continue
        table = layer.data.get(TABLE, {})
        general = {name: value for name, value in table.items() if not _is_place(name, value)}
        local = table.get("local", {})
        own = _right(general, TABLE, layer.origin, reader)
        if isinstance(local, dict):
            own |= _right(local, f"{TABLE}.local", layer.origin, reader)
        found |= own
        reader.origins.update({f"{TABLE}.{name}": layer.origin for name in own})
    return found


def _is_place(name: str, value: Any) -> bool:
    return name in ("local", "cloud") and isinstance(value, dict)


def _right(table: dict[str, Any], key: str, origin: SettingFile, reader: Reader) -> dict[str, str]:
    found = {}
    for name, value in table.items():
        if not NAME.fullmatch(name):
            reader.say(f"{key}.{name} is not a valid name of an environment variable", origin, "it is ignored")
        elif not is_text(value):
            what = "text with a zero byte" if isinstance(value, str) else kind_of(value)
            reader.say(f"{key}.{name} must be text, not {what}", origin, "it is ignored")
        else:
            found[name] = value
    return found
