"""What `conductor-tui config list` prints, as text and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conductor_tui.domain.text import visible_line
from conductor_tui.settings.origins import Fact, SettingValue, value_text

AT_START = "at the next start"


def listing(standings: Sequence[SettingValue], keys: Mapping[str, Sequence[str]], facts: Sequence[Fact]) -> str:
    """All settings for people: name, value, origin, and notes. `keys`: those that the user's file changes."""
    rows = [(s.setting.id, value_text(s), s.origin.value, s.note) for s in standings]
    rows += [(f"keys.{name}", " ".join(given) or "no key", "yours", "") for name, given in keys.items()]
    rows += [(fact.name, fact.value, fact.origin, "") for fact in facts]
    first, second = (max(len(visible_line(row[at])) for row in rows) for at in (0, 1))
    lines = []
    for name, value, origin, note in rows:
        lines.append(f"{visible_line(name):{first}}  {visible_line(value):{second}}  {origin}".rstrip())
        if note:
            lines.append(f"    {visible_line(note)}")
    return "\n".join(lines)


def objects(
    standings: Sequence[SettingValue], keys: Mapping[str, Sequence[str]], facts: Sequence[Fact]
) -> list[dict[str, Any]]:
    """The listing as JSON objects, for scripts."""
    made: list[dict[str, Any]] = [
        {
            "name": s.setting.id,
            "value": s.value,
            "origin": s.origin.value,
            "default": s.setting.default,
            "takes": s.setting.takes,
            "meaning": s.setting.meaning,
            "note": s.note,
        }
        for s in standings
    ]
    made += [{"name": f"keys.{name}", "value": list(given), "origin": "yours"} for name, given in keys.items()]
    return made + [{"name": f.name, "value": f.value, "origin": f.origin, "is_fact": True} for f in facts]
