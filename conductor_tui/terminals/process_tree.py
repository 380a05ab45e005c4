"""Which processes belong to a terminal: by session, and by a mark in their environment when they left it.

Linux is asked through /proc, other systems through `ps`; both may be incomplete for processes of other users.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from conductor_tui.domain.scripts import LeftOver

_PROC = Path("/proc")


def session_members(session: int) -> list[int]:
    """Living processes of a session (its leader's pid); zombies do not count."""
    members = []
    for pid, is_zombie in _processes():
        try:
            if not is_zombie and os.getsid(pid) == session:
                members.append(pid)
        except OSError:  # it ended meanwhile
            continue
    return members


def marked(mark: bytes) -> list[int]:
    """Living processes whose environment holds the mark (`NAME=value`), where the system tells (Linux)."""
    found = []
    for pid, is_zombie in _processes():
        try:
            if not is_zombie and mark in (_PROC / str(pid) / "environ").read_bytes().split(b"\0"):
                found.append(pid)
        except OSError:
            continue
    return found


def described(pid: int) -> LeftOver:
    """A process in words."""
    try:
        words = (_PROC / str(pid) / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
        command = b" ".join(words).decode("utf-8", "replace")
    except OSError:
        command = _ask_ps("-o", "command=", "-p", str(pid)).strip()
    return LeftOver(pid, command[:200])


def _processes() -> Iterator[tuple[int, bool]]:
    """Process ids, and whether each is a zombie."""
    if (_PROC / "self" / "stat").exists():
        for entry in os.listdir(_PROC):  # noqa: PTH208 (a name each is enough)
            if entry.isdecimal():
                try:
                    status = (_PROC / entry / "stat").read_bytes()
                except OSError:
                    continue
                yield int(entry), status[status.rindex(b")") + 2 :][:1] in (b"Z", b"X")
        return
    for line in _ask_ps("-axo", "pid=,stat=").splitlines():
        pid, _, state = line.strip().partition(" ")
        if pid.isdecimal():
            yield int(pid), state.strip().startswith("Z")


def _ask_ps(*arguments: str) -> str:
    try:
        return subprocess.run(["ps", *arguments], capture_output=True, text=True, timeout=10, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
