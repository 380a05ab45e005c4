"""Looks of cells as numbers, and the shortest escape sequence from one look to another.

Codes are those of ECMA-48 SGR; links are OSC 8.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from rich.color import Color, ColorSystem
from rich.style import Style

_ON = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "21", "51", "52", "53")
"""SGR codes in the order of Rich's attribute bits."""
_OFF = {
    "1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "6": "25", "7": "27", "8": "28", "9": "29", "21": "24",
    "51": "54", "52": "54", "53": "55",
}  # fmt: skip
_ITALIC = "3"
_SHOWS_ON_BLANKS = frozenset({"4", "7", "9", "21", "51", "52", "53"})
"""Attributes that make a space look other than erased."""


class Pen(Struct, frozen=True):
    """How a cell looks: SGR codes for both colours, the attributes that are on, and a link's address."""

    foreground: str = "39"
    background: str = "49"
    attributes: frozenset[str] = frozenset()
    link: str = ""


PLAIN = 0
"""The number of the terminal's own look."""


class Pens:
    """All looks seen so far, numbered."""

    def __init__(self, color_system: ColorSystem, *, has_italics: bool = True) -> None:
        self._color_system = color_system
        self._lacks = frozenset() if has_italics else frozenset({_ITALIC})
        self._pens: list[Pen] = [Pen()]
        self._numbers: dict[Pen, int] = {Pen(): PLAIN}
        self._styles: dict[tuple[Color | None, Color | None, int, str | None], int] = {}
        self._changes: dict[tuple[int, int], str] = {}
        self._codes: dict[tuple[Color, bool], str] = {}

    def __len__(self) -> int:
        return len(self._pens)

    def keep(self, used: Iterable[int]) -> dict[int, int]:
        """Forgets all looks but these, and says which number each has now."""
        kept = [PLAIN, *sorted({*used} - {PLAIN})]
        self._pens = [self._pens[number] for number in kept]
        self._numbers = {pen: number for number, pen in enumerate(self._pens)}
        for cache in (self._styles, self._changes, self._codes):
            cache.clear()
        return {before: now for now, before in enumerate(kept)}

    def number(self, style: Style | None) -> int:
        """The number of a style's look; what a style means beyond its look plays no part."""
        if style is None:
            return PLAIN
        key = (style._color, style._bgcolor, style._attributes & style._set_attributes, style._link)
        found = self._styles.get(key)
        if found is None:
            pen = Pen(
                self._foreground(style._color, style._bgcolor),
                self._code(style._bgcolor, is_foreground=False),
                frozenset(code for bit, code in enumerate(_ON) if key[2] >> bit & 1) - self._lacks,
                style._link or "",
            )
            found = self._numbers.setdefault(pen, len(self._pens))
            if found == len(self._pens):
                self._pens.append(pen)
            self._styles[key] = found
        return found

    def _foreground(self, color: Color | None, background: Color | None) -> str:
        """The code of a text's colour; where few colours make two of a theme's the same, the text stays readable."""
        code = self._code(color, is_foreground=True)
        if color is None or background is None or color == background:
            return code
        if self._code(color, is_foreground=False) == self._code(background, is_foreground=False):
            red, green, blue = background.get_truecolor()
            return "97" if red * 299 + green * 587 + blue * 114 < 128_000 else "30"
        return code

    def _code(self, color: Color | None, *, is_foreground: bool) -> str:
        if color is None:
            return "39" if is_foreground else "49"
        found = self._codes.get((color, is_foreground))
        if found is None:
            found = ";".join(color.downgrade(self._color_system).get_ansi_codes(foreground=is_foreground))
            self._codes[(color, is_foreground)] = found
        return found

    def erases(self, number: int) -> bool:
        """Whether an erased cell looks like a space in this look, where erasing takes over the background."""
        pen = self._pens[number]
        return not pen.link and not pen.attributes & _SHOWS_ON_BLANKS

    def change(self, before: int, after: int) -> str:
        """The shortest sequence that turns one look into another."""
        if before == after:
            return ""
        found = self._changes.get((before, after))
        if found is None:
            found = self._changes[(before, after)] = _change(self._pens[before], self._pens[after])
        return found


def _change(old: Pen, new: Pen) -> str:
    link = ""
    if old.link != new.link:
        address = f"id={hash(new.link) & 0xFFFF:x};{new.link}" if new.link else ";"
        link = f"\x1b]8;{address}\x1b\\"
    steps = _steps(old, new)
    fresh = ["", *_steps(Pen(), new)]
    codes = min(";".join(steps), ";".join(fresh), key=len) if steps else None
    return link if codes is None else f"{link}\x1b[{codes}m"


def _steps(old: Pen, new: Pen) -> list[str]:
    codes: list[str] = []
    added = set(new.attributes - old.attributes)
    for off in sorted({_OFF[code] for code in old.attributes - new.attributes}):
        codes.append(off)
        added |= {code for code in new.attributes if _OFF[code] == off}
    codes.extend(sorted(added, key=int))
    if old.foreground != new.foreground:
        codes.append(new.foreground)
    if old.background != new.background:
        codes.append(new.background)
    return codes
