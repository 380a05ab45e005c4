"""What keys do where, from the bytes that a terminal sends."""

from __future__ import annotations

import contextlib

import pytest
from textual import events
from textual._parser import ParseError
from textual.widgets import Input

from conductor_tui.ui.key_parser import KeyParser
from tests.pilot.conftest import Driver, Start


async def send(driver: Driver, typed: str) -> None:
    """Bytes as they come from the terminal, all at once."""
    parser = KeyParser()
    found = list(parser.feed(typed))
    with contextlib.suppress(ParseError):
        found.extend(parser.feed(""))
    for event in found:
        assert isinstance(event, events.Event)
        event.set_sender(driver.app)
        driver.app.post_message(event)
    await driver.settle()


@pytest.mark.parametrize("new_line", ["\n", "\x1b\r", "\x1b[13;2u", "\x1b[13;3u"])
async def test_every_key_for_a_new_line_makes_one(start: Start, new_line: str) -> None:
    async with start() as driver:
        await send(driver, f"one{new_line}two")
        assert driver.composer.text == "one\ntwo"
        assert not driver.agent.called("start_turn")


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("one two\x1bb!", "one !two"),
        ("one two\x1bb\x1bb\x1bf\x1bf!", "one two!"),
        ("one two\x1b\x7fx", "one x"),
        ("one two\x1bb\x1bd", "one "),
        ("one two\x1bb\x1b[100;3u", "one "),
    ],
)
async def test_words_are_edited_as_in_a_shell(start: Start, typed: str, text: str) -> None:
    async with start() as driver:
        await send(driver, typed)
        assert driver.composer.text == text
        await send(driver, "\x0f")  # a picker
        field = driver.app.screen.query_one("#picker-filter", Input)
        await send(driver, typed)
        assert field.value == text


@pytest.mark.parametrize("unknown", ["\x1bx", "\x1b.", "\x1bZ", "\x1b1", "\x1b-", "\x1b[120;3u"])
async def test_a_key_with_alt_that_means_nothing_writes_nothing(start: Start, unknown: str) -> None:
    async with start() as driver:
        await send(driver, f"a{unknown}b")
        assert driver.composer.text == "ab"
