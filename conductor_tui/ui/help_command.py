"""`conductor-tui help`: the guides of docs/, drawn by Rich on a terminal. Part of ui, the only importer of Rich."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import conductor_tui

FOLDER = Path(conductor_tui.__file__).parent / "docs"
WIDTH = 100
"""Columns of a guide at most: longer lines are hard to read."""
_GENERATED = re.compile(r"^<!-- .* -->\n", re.MULTILINE)
_GUIDE_LINK = re.compile(r"\[[^\]]+\]\((\w+)\.md\)")


def topics() -> dict[str, str]:
    """The name of each guide, and the sentence below its title."""
    return {path.stem: path.read_text(encoding="utf-8").split("\n", 3)[2] for path in sorted(FOLDER.glob("*.md"))}


def text(topic: str) -> str:
    """A guide's Markdown, without the marks around generated tables."""
    return _GENERATED.sub("", (FOLDER / f"{topic}.md").read_text(encoding="utf-8"))


def show(markdown: str, environ: Mapping[str, str]) -> None:
    """Prints Markdown: drawn, and in a pager if it is longer than the screen; as it is where stdout is not a TTY."""
    if not sys.stdout.isatty():
        _write(markdown)
        return
    from rich.console import Console
    from rich.markdown import Markdown
    from rich.theme import Theme

    theme = Theme({"markdown.code": "bold cyan", "markdown.h1": "bold", "markdown.h2": "bold"})
    console = Console(theme=theme)
    linked = _GUIDE_LINK.sub(r"`conductor-tui help \1`", markdown)
    with console.capture() as drawn:
        console.print(Markdown(linked, code_theme="ansi_dark"), width=min(WIDTH, console.width))
    lines = "".join(f"{line.rstrip()}\n" for line in drawn.get().splitlines())
    if lines.count("\n") < console.height or not _page(lines, environ.get("PAGER", "less -R"), environ):
        _write(lines)


def _page(lines: str, pager: str, environ: Mapping[str, str]) -> bool:
    """Shows lines in a pager, with git's defaults for less and lv; False when there is none."""
    if pager in ("", "cat"):
        return False
    before = signal.signal(signal.SIGINT, lambda *_: None)  # ctrl+c is the pager's
    try:
        defaults = {"LESS": "FRX", "LV": "-c"}
        done = subprocess.run(pager, shell=True, input=lines, text=True, env={**defaults, **environ}, check=False)
    finally:
        signal.signal(signal.SIGINT, before)
    return done.returncode not in (126, 127)  # the shell found no such program


def _write(lines: str) -> None:
    try:
        sys.stdout.write(lines)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough, such as head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
