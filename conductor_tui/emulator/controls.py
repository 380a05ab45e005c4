"""What each control character and control sequence does to a screen: three tables."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from conductor_tui.emulator.styles import background

if TYPE_CHECKING:
    from conductor_tui.emulator.screen import TerminalScreen

_TAB = 8
_LARGEST = 32767


def _numbers(parameters: str, default: int, count: int = 1) -> list[int]:
    """The first `count` parameters; zero and nothing mean the default."""
    given = [min(int(p), _LARGEST) if p.isdecimal() and len(p) < 9 else 0 for p in parameters.split(";")]
    given += [0] * (count - len(given))
    return [n or default for n in given[:count]]


def _first(parameters: str, default: int = 1) -> int:
    return _numbers(parameters, default)[0]


def _selector(parameters: str) -> int:
    return int(parameters) if parameters.isdecimal() and len(parameters) < 3 else 0 if parameters == "" else -1


# Moving


def _step(screen: TerminalScreen, parameters: str, *, dx: int = 0, dy: int = 0, is_line: bool = False) -> None:
    count = _first(parameters)
    y = screen.y + dy * count
    if dy:  # the scroll region holds a cursor that is inside
        low = screen.top if screen.y >= screen.top else 0
        high = screen.bottom if screen.y <= screen.bottom else screen.rows - 1
        y = max(low, min(y, high))
    screen.move(x=0 if is_line else screen.x + dx * count, y=y)


def _position(screen: TerminalScreen, parameters: str) -> None:
    row, column = _numbers(parameters, 1, 2)
    if 6 in screen.modes:  # origin mode: counted from the scroll region's top
        screen.move(x=column - 1, y=min(screen.top + row - 1, screen.bottom))
    else:
        screen.move(x=column - 1, y=row - 1)


def _column(screen: TerminalScreen, parameters: str) -> None:
    screen.move(x=_first(parameters) - 1)


def _line(screen: TerminalScreen, parameters: str) -> None:
    screen.move(y=_first(parameters) - 1)


def _tab(screen: TerminalScreen, parameters: str = "", *, step: int = 1) -> None:
    for _ in range(min(_first(parameters), screen.columns)):
        at = screen.x // _TAB * _TAB + _TAB if step > 0 else (screen.x - 1) // _TAB * _TAB
        screen.move(x=at)


# Erasing and shifting


def _erase_display(screen: TerminalScreen, parameters: str) -> None:
    blank, which = background(screen.pen.style), _selector(parameters)
    if which == 3:
        screen.scrollback.clear()
        return
    rows = {0: range(screen.y + 1, screen.rows), 1: range(screen.y), 2: range(screen.rows)}.get(which, range(0))
    for y in rows:
        screen.row(y).erase(0, screen.columns, blank)
    if which in (0, 1):
        _erase_line(screen, parameters)


def _erase_line(screen: TerminalScreen, parameters: str) -> None:
    row, blank = screen.row(screen.y), background(screen.pen.style)
    start, end = {0: (screen.x, screen.columns), 1: (0, screen.x + 1), 2: (0, screen.columns)}.get(
        _selector(parameters), (0, 0)
    )
    row.erase(start, end, blank)


def _erase_characters(screen: TerminalScreen, parameters: str) -> None:
    screen.row(screen.y).erase(screen.x, screen.x + _first(parameters), background(screen.pen.style))


def _insert_characters(screen: TerminalScreen, parameters: str) -> None:
    screen.row(screen.y).insert(screen.x, _first(parameters), background(screen.pen.style))


def _delete_characters(screen: TerminalScreen, parameters: str) -> None:
    screen.row(screen.y).delete(screen.x, _first(parameters), background(screen.pen.style))


def _insert_lines(screen: TerminalScreen, parameters: str) -> None:
    if screen.top <= screen.y <= screen.bottom:
        screen.scroll_down(_first(parameters), screen.y)
        screen.move(x=0)


def _delete_lines(screen: TerminalScreen, parameters: str) -> None:
    if screen.top <= screen.y <= screen.bottom:
        screen.scroll_up(_first(parameters), screen.y, is_kept=False)
        screen.move(x=0)


def _scroll(screen: TerminalScreen, parameters: str, *, is_up: bool) -> None:
    (screen.scroll_up if is_up else screen.scroll_down)(_first(parameters))


# Modes and questions


def _select_style(screen: TerminalScreen, parameters: str) -> None:
    if not parameters.startswith((">", "?", "<", "=")):  # those are xterm's key modifiers, not colours
        screen.pen.select(parameters)


def _margins(screen: TerminalScreen, parameters: str) -> None:
    if parameters.startswith("?"):
        return
    top, bottom = _numbers(parameters, 0, 2)
    top, bottom = max(1, top), min(bottom or screen.rows, screen.rows)
    if top < bottom:
        screen.top, screen.bottom = top - 1, bottom - 1
        screen.move(x=0, y=screen.top if 6 in screen.modes else 0)


def _mode(screen: TerminalScreen, parameters: str, *, is_on: bool) -> None:
    is_private = parameters.startswith("?")
    for word in parameters.removeprefix("?").split(";"):
        if not word.isdecimal() or len(word) > 5:
            continue
        if is_private:
            screen.set_mode(int(word), is_on)
            if word == "6":
                screen.move(x=0, y=screen.top if is_on else 0)
        elif word == "4":
            screen.is_inserting = is_on


def _report(screen: TerminalScreen, parameters: str) -> None:
    if parameters == "5":
        screen.answer("\x1b[0n")
    elif parameters == "6":
        top = screen.top if 6 in screen.modes else 0
        screen.answer(f"\x1b[{screen.y - top + 1};{screen.x + 1}R")


def _attributes(screen: TerminalScreen, parameters: str) -> None:
    if parameters in ("", "0"):
        screen.answer("\x1b[?1;2c")


def _repeat(screen: TerminalScreen, parameters: str) -> None:
    screen.repeat(_first(parameters))


def _carriage_return(screen: TerminalScreen) -> None:
    screen.move(x=0)


def _backspace(screen: TerminalScreen) -> None:
    screen.move(x=screen.x - 1)


def _next_line(screen: TerminalScreen) -> None:
    screen.line_feed()
    screen.move(x=0)


def _feed(screen: TerminalScreen) -> None:
    screen.line_feed()


CONTROLS: dict[str, Callable[[TerminalScreen], None]] = {
    "\n": _feed,
    "\v": _feed,
    "\f": _feed,
    "\r": _carriage_return,
    "\b": _backspace,
    "\t": _tab,
    "\x0e": lambda screen: screen.draw_lines(True),
    "\x0f": lambda screen: screen.draw_lines(False),
}
"""By character; the others do nothing."""

ESCAPES: dict[str, Callable[[TerminalScreen], None]] = {
    "7": lambda screen: screen.save_cursor(),
    "8": lambda screen: screen.restore_cursor(),
    "D": _feed,
    "E": _next_line,
    "M": lambda screen: screen.reverse_line_feed(),
    "c": lambda screen: screen.reset(),
    "(0": lambda screen: screen.draw_lines(True),
    "(B": lambda screen: screen.draw_lines(False),
}
"""By intermediates and final of `ESC …`."""

SEQUENCES: dict[str, Callable[[TerminalScreen, str], None]] = {
    "@": _insert_characters,
    "A": partial(_step, dy=-1),
    "B": partial(_step, dy=1),
    "C": partial(_step, dx=1),
    "D": partial(_step, dx=-1),
    "E": partial(_step, dy=1, is_line=True),
    "F": partial(_step, dy=-1, is_line=True),
    "G": _column,
    "H": _position,
    "I": _tab,
    "J": _erase_display,
    "K": _erase_line,
    "L": _insert_lines,
    "M": _delete_lines,
    "P": _delete_characters,
    "S": partial(_scroll, is_up=True),
    "T": partial(_scroll, is_up=False),
    "X": _erase_characters,
    "Z": partial(_tab, step=-1),
    "`": _column,
    "a": partial(_step, dx=1),
    "b": _repeat,
    "c": _attributes,
    "d": _line,
    "e": partial(_step, dy=1),
    "f": _position,
    "h": partial(_mode, is_on=True),
    "l": partial(_mode, is_on=False),
    "m": _select_style,
    "n": _report,
    "r": _margins,
    "s": lambda screen, parameters: screen.save_cursor(),
    "u": lambda screen, parameters: screen.restore_cursor() if parameters == "" else None,
}
"""By intermediates and final of `CSI …`; the others do nothing."""
