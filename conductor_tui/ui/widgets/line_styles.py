"""How kinds of text look: names of line styles to theme tokens.

A table and not style sheet classes, because Textual resolves every component class of every widget at the start and
on each change of style (a tenth of the time to the first frame), and a line view needs one only when it is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.color import Color as RichColor
from rich.style import Style
from textual.color import Color

_KINDS: dict[str, tuple[str, str, str]] = {
    "muted": ("text-muted", "", ""),
    "accent": ("text-accent", "", ""),
    "good": ("text-success", "", ""),
    "bad": ("text-error", "", ""),
    "warn": ("text-warning", "", ""),
    "run": ("text-primary", "", ""),
    "you": ("text-accent", "", ""),
    "codex": ("text-primary", "", ""),
    "user": ("foreground", "", ""),
    "userfill": ("", "surface", ""),
    "plan": ("text-secondary", "", ""),
    "quote": ("text-muted", "", ""),
    "mark": ("text-primary", "", ""),
    "h1": ("text-primary", "", "bold underline"),
    "h2": ("text-primary", "", "bold"),
    "h3": ("", "", "bold"),
    "code": ("", "surface", ""),
    "icode": ("text-accent", "surface", ""),
    "link": ("text-primary", "", "underline"),
    "cmd": ("foreground", "", ""),
    "out": ("text-muted", "", ""),
    "kw": ("text-secondary", "", ""),
    "str": ("text-success", "", ""),
    "num": ("text-accent", "", ""),
    "com": ("text-muted", "", "italic"),
    "fn": ("text-primary", "", ""),
    "cls": ("text-warning", "", ""),
    "added": ("text-success", "", ""),
    "deleted": ("text-error", "", ""),
    "addedfill": ("", "fill-added", ""),
    "deletedfill": ("", "fill-deleted", ""),
    "headfill": ("", "surface", ""),
    "cursor": ("primary", "", ""),
    "found": ("", "fill-selected", "bold"),
    "selection": ("", "fill-selected", ""),
}
"""Name to token of the text, token of the background, attributes; empty: as it is."""
_ATTRIBUTES = frozenset({"bold", "italic", "underline", "strike", "dim", "reverse"})


def resolve(style: str, base: Style, tokens: Mapping[str, str]) -> Style:
    """The terminal style of a line style (see presentation/lines.py) over a widget's own.

    Raises:
        KeyError: a name that is none.
    """
    found = base
    for word in style.split():
        if word in _ATTRIBUTES:
            found += Style.parse(word)
        elif word.startswith(("fg:", "bg:")):
            found += _of_a_program(word)
        elif word.startswith("link:"):
            found += Style(link=word.removeprefix("link:"))
        else:
            text, background, attributes = _KINDS[word]
            found += Style.parse(attributes) if attributes else Style.null()
            found += Style(color=_color(text, tokens), bgcolor=_color(background, tokens))
    return found


def _color(token: str, tokens: Mapping[str, str]) -> RichColor | None:
    color = Color.parse(tokens[token]) if token else None
    return color.rich_color if color is not None and color.a > 0 else None


def _of_a_program(word: str) -> Style:
    """A colour that a program's output has: `fg:` or `bg:`, and a number of the terminal's palette or `#rrggbb`."""
    name = word[3:]
    color = RichColor.from_ansi(int(name)) if name.isdecimal() else RichColor.parse(name)
    return Style(color=color) if word.startswith("fg:") else Style(bgcolor=color)
