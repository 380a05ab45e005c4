"""The colours. Widgets use tokens only; every theme gives the tokens a value."""

from __future__ import annotations

from textual.theme import Theme

_SHARED = {
    "block-cursor-text-style": "none",
    "footer-key-foreground": "#88c0d0",
    "input-cursor-text-style": "none",
}

CONDUCTOR_DARK = Theme(
    name="conductor-dark",
    primary="#7aa2c9",
    secondary="#9a8fc7",
    accent="#d6a25e",
    success="#86b574",
    warning="#d9b45b",
    error="#d9706f",
    foreground="#d5d8de",
    background="#14171c",
    surface="#1a1e25",
    panel="#232833",
    dark=True,
    variables=_SHARED,
)

CONDUCTOR_LIGHT = Theme(
    name="conductor-light",
    primary="#2f6597",
    secondary="#6a5aa8",
    accent="#9a6412",
    success="#3f7d33",
    warning="#8d6708",
    error="#b13a3a",
    foreground="#22262c",
    background="#fbfaf7",
    surface="#f2f0ea",
    panel="#e6e3da",
    dark=False,
    variables=_SHARED,
)

THEMES = (CONDUCTOR_DARK, CONDUCTOR_LIGHT)
DEFAULT_THEME = CONDUCTOR_DARK.name
CHOICES = ("conductor-dark", "conductor-light", "ansi-dark", "ansi-light", "textual-dark", "textual-light", "nord")
"""What the theme picker offers; the `ansi` ones use the terminal's own 16 colours."""
