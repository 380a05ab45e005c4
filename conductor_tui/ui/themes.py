"""The colours. Widgets use tokens only; every theme gives the tokens a value."""

from __future__ import annotations

from typing import TypeVar, get_args

from rich.color import ColorSystem, ColorType
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.color import Color
from textual.filter import LineFilter, Monochrome, NoColor, monochrome_style
from textual.theme import Theme

from conductor_tui.settings import model

T = TypeVar("T")

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

_DEFAULT = Style(color="default", bgcolor="default")
_INVERSE = _DEFAULT + Style(reverse=True)

DEFAULT_THEME = CONDUCTOR_DARK.name
CHOICES: tuple[str, ...] = get_args(model.Theme)
"""What the theme picker offers; the `ansi` ones use the terminal's own 16 colours."""

_ANSI = {
    "text-muted": "ansi_bright_black",
    "text-disabled": "ansi_bright_black",
    "frame": "ansi_bright_black",
    "frame-strong": "ansi_bright_black",
    "fill-added": "ansi_default",
    "fill-deleted": "ansi_default",
    "fill-selected": "ansi_blue",
}


def completed(colours: dict[str, str], system: ColorSystem = ColorSystem.TRUECOLOR) -> dict[str, str]:
    """A theme's tokens and those of ours, each a plain colour: line styles are resolved without what is behind them.

    `system`: the colours that the terminal has; a faint green is a grey in 256, and gone in 16.

    Raises:
        textual.color.ColorParseError: a colour that is none.
    """
    if colours["background"].startswith("ansi"):
        return colours | _ANSI | _scroll_bars(_ANSI["frame-strong"], colours["background"])
    back, fore = Color.parse(colours["background"]), Color.parse(colours["foreground"])

    def mixed(token: str, amount: float) -> str:
        return back.blend(Color.parse(colours[token]), amount).hex

    if system is ColorSystem.TRUECOLOR:
        added, deleted = mixed("success", 0.16), mixed("error", 0.16)
    elif system is ColorSystem.EIGHT_BIT:
        added, deleted = ("#005f00", "#5f0000") if back.brightness < 0.5 else ("#d7ffd7", "#ffd7d7")
    else:
        added = deleted = back.hex
    strong = back.blend(fore, 0.3).hex
    bars = _scroll_bars(strong, back.hex)
    return (
        colours
        | bars
        | {
            "text-muted": back.blend(fore, 0.62).hex,
            "text-disabled": back.blend(fore, 0.42).hex,
            "frame": back.blend(fore, 0.18).hex,
            "frame-strong": strong,
            "fill-added": added,
            "fill-deleted": deleted,
            "fill-selected": mixed("primary", 0.4),
        }
    )


def _scroll_bars(bar: str, track: str) -> dict[str, str]:
    """The same for every scroll bar; Textual's own track is black or white, whatever is beside it."""
    states = ("", "-hover", "-active")
    tracks = {f"scrollbar-background{state}": track for state in states} | {"scrollbar-corner-color": track}
    return {f"scrollbar{state}": bar for state in states} | tracks


class Colourless(LineFilter):
    """NO_COLOR: a theme's colours become greys; of the terminal's own, nobody knows the brightness, so they go."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments without colour; what stood out by a background of the terminal's is inverse."""
        return [Segment(text, style and _grey(style), control) for text, style, control in segments]


def _grey(style: Style) -> Style:
    colors = [color for color in (style.color, style.bgcolor) if color is not None]
    if all(color.type is ColorType.TRUECOLOR for color in colors):
        return monochrome_style(style)
    stands_out = style.bgcolor is not None and style.bgcolor.type is not ColorType.DEFAULT
    return style + (_INVERSE if stands_out else _DEFAULT)


class ThemedApp(App[T]):
    """An app that knows our themes, and our tokens in every theme."""

    def __init__(self, theme: str = DEFAULT_THEME) -> None:
        """`theme`: the one to begin with; the default where there is none of that name."""
        super().__init__()
        self.register_theme(CONDUCTOR_DARK)
        self.register_theme(CONDUCTOR_LIGHT)
        # Without its watcher, which would parse all styles a second time before the first frame.
        self.set_reactive(ThemedApp.theme, theme if theme in self.available_themes else DEFAULT_THEME)
        self.stylesheet.set_variables(self.get_css_variables())
        is_dark = self.current_theme.dark
        classes = {f"-theme-{self.theme}": True, "-dark-mode": is_dark, "-light-mode": not is_dark}
        self.update_classes(classes, update=False)
        self._refresh_truecolor_filter(self.ansi_theme)
        self._filters = [Colourless() if isinstance(f, (Monochrome, NoColor)) else f for f in self._filters]

    def get_css_variables(self) -> dict[str, str]:
        """The theme's tokens, completed."""
        self.theme_variables = completed(
            super().get_css_variables(), self.console._color_system or ColorSystem.TRUECOLOR
        )
        return self.theme_variables
