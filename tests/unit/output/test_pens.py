"""From one look to another by the shortest way."""

from __future__ import annotations

import pytest
from rich.color import ColorSystem
from rich.style import Style

from conductor_tui.ui.output.style_table import PLAIN, Pens


def change(before: str, after: str, system: ColorSystem = ColorSystem.STANDARD) -> str:
    pens = Pens(system)
    return pens.change(*(pens.number(Style.parse(s)) if s else PLAIN for s in (before, after)))


@pytest.mark.parametrize(
    ("before", "after", "sequence"),
    [
        ("", "", ""),
        ("", "bold", "\x1b[1m"),
        ("bold red on blue", "bold green on blue", "\x1b[32m"),
        ("bold red on blue", "", "\x1b[m"),
        ("bold dim", "dim", "\x1b[;2m"),
        ("underline", "italic", "\x1b[;3m"),
        ("red on blue", "red", "\x1b[49m"),
    ],
)
def test_a_change(before: str, after: str, sequence: str) -> None:
    assert change(before, after) == sequence


def test_a_link_is_opened_and_closed() -> None:
    assert change("", "link https://example.org/").endswith(";https://example.org/\x1b\\")
    assert change("link https://example.org/", "") == "\x1b]8;;\x1b\\"


def test_colours_are_those_the_terminal_has() -> None:
    assert "38;2;16;32;48" in change("", "#102030", ColorSystem.TRUECOLOR)
    assert "38;5;" in change("", "#102030", ColorSystem.EIGHT_BIT)


def test_what_a_style_means_beyond_its_look_plays_no_part() -> None:
    pens = Pens(ColorSystem.TRUECOLOR)
    assert pens.number(Style(bold=True, meta={"offset": (1, 2)})) == pens.number(Style(bold=True))
