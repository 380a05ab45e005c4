"""`make docs`: writes the generated parts of the guides, from the catalogue, the settings and the --help texts."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
from collections.abc import Sequence
from unittest import mock

from conductor_tui.cli import main
from conductor_tui.settings.reference import AT_START
from conductor_tui.settings.schema import SETTINGS, shown
from conductor_tui.ui.commands.catalogue import commands_of
from conductor_tui.ui.commands.keymap import shown_keys
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.help_command import FOLDER

_PART = re.compile(r"(<!-- generated: ([^\n]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def updated(guide: str) -> str:
    """A guide with its generated parts as they should be."""
    return _PART.sub(lambda found: f"{found[1]}\n{_generated(found[2])}\n\n{found[3]}", guide)


def _generated(what: str) -> str:
    match what:
        case "keys":
            return _keys()
        case "settings":
            return _settings()
    return f"```\n{_help(what.split()[1:])}\n```"


def _keys() -> str:
    """The commands with keys, pane by pane, then those of the palette that have none."""
    parts = []
    for pane in Pane:
        with_keys = [
            (" ".join(f"`{key}`" for key in shown_keys(c.keys).split()), f"{c.title}: {c.help}", f"`{c.id}`")
            for c in commands_of(pane)
            if c.keys
        ]
        parts.append(f"## {pane.value.capitalize()}\n\n{_table(('key', 'what it does', 'id'), with_keys)}")
    without = [(f"{c.title}: {c.help}", f"`{c.id}`") for c in commands_of(Pane.APP) if not c.keys]
    return "\n\n".join([*parts, f"## Without a key\n\n{_table(('what it does', 'id'), without)}"])


def _settings() -> str:
    rows = [
        (
            f"`{s.id}`",
            f"{s.takes}; default {f'`{shown(s.default)}`' if shown(s.default) else 'empty'}",
            f"{s.meaning} Takes effect {AT_START}." if s.is_for_start else s.meaning,
        )
        for s in SETTINGS.values()
    ]
    return _table(("setting", "value", "meaning"), rows)


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [" | ".join(cells) for cells in (head, *rows)]
    return "\n".join([f"| {lines[0]} |", "|---" * len(head) + "|", *(f"| {line} |" for line in lines[1:])])


def _help(arguments: list[str]) -> str:
    """What a command's --help says, without its first paragraph, which Python's versions wrap differently."""
    out = io.StringIO()
    with mock.patch.dict(os.environ, COLUMNS="80"), contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
        main(arguments)
    return out.getvalue().partition("\n\n")[2].strip()


if __name__ == "__main__":
    for path in sorted(FOLDER.glob("*.md")):
        before = path.read_text(encoding="utf-8")
        if (after := updated(before)) != before:
            path.write_text(after, encoding="utf-8")
            sys.stderr.write(f"{path.name}\n")
