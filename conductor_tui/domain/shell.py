"""Commands that are handed to a shell as one text, as Codex does: `/bin/bash -lc 'make test'`."""

from __future__ import annotations

import shlex

_SHELLS = ("bash", "sh", "zsh")
_FLAGS = ("-lc", "-c")


def shell_and_script(command: str) -> tuple[str, str]:
    """The shell with its flag, and what it runs; an empty shell and the whole command where it has another form."""
    try:
        words = shlex.split(command)
    except ValueError:
        return "", command
    if len(words) == 3 and words[0].rsplit("/", 1)[-1] in _SHELLS and words[1] in _FLAGS:
        return f"{words[0]} {words[1]}", words[2]
    return "", command
