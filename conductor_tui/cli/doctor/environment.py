"""The machine around Codex: our folders, git, and what can be known of the terminal without asking the user."""

from __future__ import annotations

import locale
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from conductor_tui.cli.doctor.tty import TestAbandoned, opened
from conductor_tui.domain.checks import Check, Outcome
from conductor_tui.domain.text import from_home
from conductor_tui.git.discovery import find_root
from conductor_tui.settings import paths
from conductor_tui.ui.terminal import erasing_paints, is_remote


def folders() -> Iterator[Check]:
    """Where our own things are kept."""
    state = paths.state_dir()
    where = from_home(str(state), str(Path.home()))
    existing = next(folder for folder in (state, *state.parents) if folder.exists())
    if os.access(existing, os.W_OK):
        yield Check("state", Outcome.OK, f"drafts, decisions and the log are kept in {where}")
    else:
        yield Check("state", Outcome.BAD, f"{where} cannot be written", (f"See who owns {existing}.",))


def git() -> Iterator[Check]:
    """The git program, and the repository we are in."""
    try:
        said = subprocess.run(
            ["git", "--version"], capture_output=True, text=True, check=True, timeout=10
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        yield Check("git", Outcome.BAD, "git does not run", ("Install git, and see that it is on PATH.",))
        return
    yield Check("git", Outcome.OK, said)
    root = find_root(Path.cwd())
    if root is None:
        yield Check("repository", Outcome.NOTE, f"{Path.cwd()} is in none: Codex works there, without a diff")
    else:
        yield Check("repository", Outcome.OK, str(root))


def terminal(environ: Mapping[str, str]) -> Iterator[Check]:
    """What the environment says of the terminal."""
    term = environ.get("TERM", "")
    if term in ("", "dumb"):
        yield Check("terminal", Outcome.BAD, f"TERM={term or 'not set'}", ("Set TERM, for example to xterm-256color.",))
    else:
        within = [name for name, sign in (("tmux", "TMUX"), ("screen", "STY"), ("ssh", "SSH_TTY")) if environ.get(sign)]
        yield Check("terminal", Outcome.OK, " in ".join([term, *within]))
    colours = "16 million" if environ.get("COLORTERM") in ("truecolor", "24bit") else "256" if "256" in term else "16"
    plain = "NO_COLOR is set: none are used" if environ.get("NO_COLOR") else f"{colours} are used"
    yield Check("colours", Outcome.OK, plain if erasing_paints(environ) else f"{plain}; screen costs more bytes")
    if "utf" in locale.getpreferredencoding(do_setlocale=False).lower():
        yield Check("characters", Outcome.OK, "UTF-8")
    else:
        yield Check("characters", Outcome.BAD, "not UTF-8", ("Set LANG to a UTF-8 locale, for example C.UTF-8.",))
    way = (
        "tmux's buffer, then the terminal" if environ.get("TMUX") and shutil.which("tmux") else "the terminal (OSC 52)"
    )
    yield Check("clipboard", Outcome.OK, f"copied by {way}; long text goes to a file")


def link(environ: Mapping[str, str]) -> Iterator[Check]:
    """How long the terminal takes to answer."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        yield Check("link", Outcome.NOTE, "not measured: input or output is no terminal")
        return
    try:
        with opened() as tty:
            trips = [trip for _ in range(3) if (trip := tty.round_trip()) is not None]
    except (OSError, TestAbandoned):
        trips = []
    where = "over ssh" if is_remote(environ) else "on this machine"
    if trips:
        yield Check("link", Outcome.OK, f"{min(trips) * 1000:.0f} ms to the terminal and back, {where}")
    else:
        yield Check("link", Outcome.NOTE, "the terminal does not answer; frames come at a fixed low rate")
