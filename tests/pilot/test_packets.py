"""Keys that arrive together act as if they came one by one: on a slow link they always come together."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from textual import events
from textual.keys import _character_to_key
from textual.widgets import Input, OptionList

from tests.builders import a_message, a_prompt, item_completed, turn_completed, turn_started
from tests.pilot.conftest import Driver, Start

TYPED = [*"abc de.X-7", "é", "漢"]
EDITING = [
    "backspace", "delete", "left", "right", "up", "down", "home", "end",
    "ctrl+a", "ctrl+e", "ctrl+u", "ctrl+w", "ctrl+k", "ctrl+j", "ctrl+left", "ctrl+right",
]  # fmt: skip
MOVING = [
    "tab", "ctrl+o", "ctrl+s", "ctrl+g", "ctrl+p", "ctrl+y", "ctrl+d", "ctrl+r", "ctrl+l", "ctrl+t",
    "question_mark", "slash", "pagedown", "pageup", "enter", "escape", "j", "k", "n", "y",
]  # fmt: skip


def key(name: str) -> events.Key:
    """The event that Textual makes of a key."""
    if len(name) == 1:
        return events.Key(_character_to_key(name), name)
    characters = {"question_mark": "?", "slash": "/", "space": " ", "enter": "\r", "tab": "\t", "escape": "\x1b"}
    return events.Key(name, characters.get(name))


def post(driver: Driver, keys: Sequence[str]) -> None:
    """Keys as the terminal sends them in one packet: nothing is handled between them."""
    for name in keys:
        event = key(name)
        event.set_sender(driver.app)
        driver.app.post_message(event)


def state(driver: Driver) -> dict[str, object]:
    """What a person would see of what was typed, and where the next key would go."""
    app, composer = driver.app, driver.composer
    top = app.screen_stack[-1]
    return {
        "screens": [type(s).__name__ for s in app.screen_stack],
        "focus": (type(app.focused).__name__, app.focused.id) if app.focused else None,
        "composer": (composer.text, composer.cursor_location),
        "inputs": [(i.value, i.cursor_position) for i in top.query(Input)],
        "lists": [o.highlighted for o in top.query(OptionList)],
        "sent": [call[1] for agent in driver.agents for call in agent.called("start_turn")],
    }


def sequences(seed: int, kinds: Sequence[Sequence[str]], count: int, length: int) -> list[list[str]]:
    choose = random.Random(seed)
    return [[choose.choice(choose.choice(kinds)) for _ in range(length)] for _ in range(count)]


def packets(keys: Sequence[str], choose: random.Random) -> list[list[str]]:
    """The keys in packets of random sizes; mostly all at once."""
    made: list[list[str]] = []
    left = list(keys)
    while left:
        size = choose.choice((1, 2, 3, 7, len(left)))
        made.append(left[:size])
        left = left[size:]
    return made


async def compare(start: Start, folder: Path, runs: list[list[str]], seed: int) -> None:
    """Types each run twice, in two windows: key by key, and in packets; after each, both windows are the same."""
    choose = random.Random(seed)
    async with start() as alone:
        await fill(alone)
        expected = []
        for keys in runs:
            for name in keys:
                post(alone, [name])
                await alone.settle()
            expected.append(state(alone))
    for file in folder.glob("store.sqlite3*"):
        file.unlink()
    async with start() as together:
        await fill(together)
        for keys, wanted in zip(runs, expected, strict=True):
            parts = packets(keys, choose)
            for part in parts:
                post(together, part)
                await together.settle()
            assert state(together) == wanted, f"in packets: {parts}"


async def fill(driver: Driver) -> None:
    """Something in every pane."""
    await driver.say(
        turn_started(), item_completed(a_prompt()), item_completed(a_message("some words\n\n```\ncode\n```")),
        turn_completed(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ([*"abc", "backspace", "d"], "abd"),
        ([*"abc", "left", "x"], "abxc"),
        ([*"DRAFT", "ctrl+u", *"ask now"], "ask now"),
        ([*"one two", "ctrl+w", *"three"], "one three"),
        ([*"tail", "ctrl+a", *"ahead "], "ahead tail"),
    ],
)
async def test_editing_keys_in_one_packet_with_text(start: Start, keys: list[str], text: str) -> None:
    async with start() as driver:
        post(driver, keys)
        await driver.settle()
        assert driver.composer.text == text


@pytest.mark.parametrize("seed", range(3))
async def test_undo_and_redo_survive_everything(start: Start, seed: int) -> None:
    choose = random.Random(seed)
    async with start((60, 20)) as driver:
        composer = driver.composer
        for _ in range(12):
            paste = events.Paste("\n".join("long words " * choose.randrange(12) for _ in range(choose.randrange(40))))
            composer.history.checkpoint()
            driver.app.post_message(paste)
            post(driver, [choose.choice(EDITING) for _ in range(3)])
            await driver.settle()
        written = composer.text
        post(driver, ["ctrl+z"] * 80)
        await driver.settle()
        assert composer.text == ""
        for _ in range(80):
            composer.redo()
        await driver.settle()
        assert composer.text == written


@pytest.mark.parametrize("seed", range(2))
async def test_the_composer_gives_the_same_in_any_packets(start: Start, tmp_path: Path, seed: int) -> None:
    await compare(start, tmp_path, sequences(seed, [TYPED, TYPED, EDITING], 12, 14), seed)


@pytest.mark.parametrize("seed", range(3))
async def test_panes_pickers_and_fields_give_the_same_in_any_packets(start: Start, tmp_path: Path, seed: int) -> None:
    await compare(start, tmp_path, sequences(100 + seed, [TYPED, EDITING, MOVING], 10, 10), seed)
