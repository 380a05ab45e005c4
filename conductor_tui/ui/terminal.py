"""What must be known of the terminal before Textual is imported."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping


def is_remote(environ: Mapping[str, str]) -> bool:
    """Whether the terminal is at the other end of a link."""
    return any(environ.get(name) for name in ("SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT", "MOSH_IP"))


def frame_interval(environ: Mapping[str, str]) -> float:
    """Seconds between frames: 30 a second here, 12 over a link."""
    return 1 / 12 if is_remote(environ) else 1 / 30


def erasing_paints(environ: Mapping[str, str]) -> bool:
    """Whether erased cells take over the background in force: everywhere but in GNU screen."""
    return not environ.get("STY") and not (environ.get("TERM", "").startswith("screen") and not environ.get("TMUX"))


def has_italics(environ: Mapping[str, str]) -> bool:
    """Whether italics come out as such: where TERM is one of screen's, they are shown as inverse video."""
    return not environ.get("TERM", "").startswith("screen")


def prepare(environ: MutableMapping[str, str]) -> None:
    """Sets what Textual reads when it is imported. Values that the user has set stay."""
    environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    environ.setdefault("TEXTUAL_SMOOTH_SCROLL", "0")
