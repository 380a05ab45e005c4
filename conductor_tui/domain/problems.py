"""A problem in the words a user needs: what happened, why, what to do next."""

from __future__ import annotations

from msgspec import Struct


class Trouble(Struct, frozen=True):
    """Shown on screen and by the command line; no traceback, nothing to look up."""

    title: str
    """What happened, in one line."""
    cause: str = ""
    """Why: a path, a line number, Codex's own words."""
    steps: tuple[str, ...] = ()
    """What to do, most likely first."""
    is_fatal: bool = False
    """Whether the app cannot talk to Codex until it is solved."""
