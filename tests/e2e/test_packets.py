"""Keys that arrive together, as they do on a slow link, act as if they came one by one: in a real terminal."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Sequence

import pytest

from tests.e2e.app import App
from tests.e2e.conftest import StartApp
from tests.e2e.terminal import key_bytes

SLOW = 4_000
"""Bytes a second."""
TYPED = [*"abc xyz.", "é", "漢"]
EDITING = [
    "backspace", "left", "right", "home", "end", "ctrl+a", "ctrl+e", "ctrl+u", "ctrl+w", "ctrl+k", "\x1b[3~",
    "\x1b[1;5D", "\x1b[1;5C", "\x1bb", "\x1bf", "\x1bd",
]  # fmt: skip
LINES = ["ctrl+j", "\x1b\r", "up", "down"]
LISTS = ["up", "down", "pageup", "pagedown", "ctrl+n"]
OPENERS = ["ctrl+o", "ctrl+p", "ctrl+s"]
LOOK_SECONDS = 0.15
END = "Z"
"""Shows where the cursor is."""


def runs(seed: int, count: int) -> list[list[str]]:
    """Keys for the composer, for a list that opens over it, and for the composer again."""
    choose = random.Random(seed)

    def some(*kinds: Sequence[str]) -> list[str]:
        return [choose.choice(choose.choice(kinds)) for _ in range(choose.randrange(4, 12))]

    made = []
    for _ in range(count):
        keys = ["x", *some(TYPED, TYPED, EDITING, LINES)]
        if choose.random() < 0.6:
            keys += [choose.choice(OPENERS), *some(TYPED, EDITING, LISTS), "ctrl+c", *some(TYPED, EDITING, LINES)]
        made.append([*keys, END])
    return made


def one_by_one(app: App, key: str) -> None:
    """Presses a key, and looks what it does before the next."""
    seen = len(app.output)
    app.press(key)
    with contextlib.suppress(TimeoutError):  # not every key does something
        app.wait_until(lambda _: len(app.output) > seen, LOOK_SECONDS)


def in_packets(app: App, keys: Sequence[str], choose: random.Random) -> None:
    """Sends keys several at once."""
    left = list(keys)
    while left:
        size = choose.choice((2, 5, len(left)))
        app.send(b"".join(key_bytes(key) for key in left[:size]))
        left = left[size:]


def clear(app: App, empty: str) -> None:
    """Selects all that is written, and takes it away."""
    app.send("\x1b[18~\x7f")
    app.wait_until(lambda text: text == empty, what="an empty composer")


@pytest.mark.parametrize(("rate", "count"), [(None, 6), (SLOW, 2)])
def test_any_packets_show_what_the_same_keys_show_one_by_one(start: StartApp, rate: int | None, count: int) -> None:
    app = start(cols=100, rows=30, rate=rate)
    app.wait_ready()
    app.wait_for("▾ shop")
    app.wait_quiet(1.0)
    empty = app.text()
    choose = random.Random(7)
    for keys in runs(count, count):
        for key in keys:
            one_by_one(app, key)
        alone = app.wait_until(lambda text: END in text, what=f"the end of {keys}")
        clear(app, empty)
        in_packets(app, keys, choose)
        app.wait_until(lambda text: text == alone, what=f"{keys} as one by one:\n{alone}\n")
        clear(app, empty)
    assert app.leave() == 0


def test_a_palette_that_is_paged_in_the_packet_that_opens_it_lives(app: App) -> None:
    for page in ("pagedown", "pageup"):
        app.send(key_bytes("ctrl+p") + key_bytes(page) + b"redraw")
        app.wait_for("Redraw")
        app.send(key_bytes("ctrl+c") + b"still here")
        app.wait_for("still here")
        app.send("\x15")
        app.wait_for("still here", absent=True)
    assert app.leave() == 0
