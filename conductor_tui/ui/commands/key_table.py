"""The README's table of keys, from the command table. `python -m conductor_tui.ui.commands.key_table` prints it."""

from __future__ import annotations

import sys

from conductor_tui.ui.commands.catalogue import commands_of
from conductor_tui.ui.commands.keymap import shown_keys
from conductor_tui.ui.commands.pane import Pane


def key_table() -> str:
    """Markdown: where, key, what."""
    lines = ["| where | key | what it does |", "|---|---|---|"]
    for pane in Pane:
        for command in commands_of(pane):
            if command.keys:
                keys = " ".join(f"`{key}`" for key in shown_keys(command.keys).split())
                lines.append(f"| {pane.value} | {keys} | {command.title}: {command.help} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(key_table() + "\n")
