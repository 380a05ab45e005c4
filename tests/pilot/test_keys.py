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


PANES = ("#transcript", "#diff", "#controls", "#tree", "#dock")


async def in_pane(driver: Driver, pane: str) -> None:
    driver.main.panes.is_diff_open = driver.main.panes.is_dock_open = True
    await driver.settle()
    driver.main.panes.screen.set_focus(driver.main.panes.screen.query_one(pane))
    await driver.settle()


@pytest.mark.parametrize("pane", PANES)
async def test_what_means_nothing_in_a_pane_is_written_in_the_composer(start: Start, pane: str) -> None:
    async with start((200, 50)) as driver:
        await in_pane(driver, pane)
        await send(driver, "0Zebra, quite typical")
        assert driver.composer.text == "0Zebra, quite typical"
        assert driver.composer.has_focus


@pytest.mark.parametrize("pane", PANES)
async def test_what_is_pasted_into_a_pane_is_pasted_into_the_composer(start: Start, pane: str) -> None:
    async with start((200, 50)) as driver:
        await in_pane(driver, pane)
        await send(driver, "\x1b[200~two\nlines\x1b[201~!")
        assert driver.composer.text == "two\nlines!"


@pytest.mark.parametrize("pane", PANES)
async def test_keys_of_a_pane_and_keys_that_write_nothing_leave_the_focus_there(start: Start, pane: str) -> None:
    async with start((200, 50)) as driver:
        await in_pane(driver, pane)
        await send(driver, "\x1b[B\x1b[A\x1bx\x06\x1b[18~")
        assert not driver.composer.text
        assert driver.main.panes.screen.focused is driver.main.panes.screen.query_one(pane)


@pytest.mark.parametrize("focus", ["#composer", "#transcript"])
async def test_the_key_of_the_diff_hides_it_from_anywhere(start: Start, focus: str) -> None:
    async with start((200, 50)) as driver:
        await in_pane(driver, focus)
        assert driver.main.panes.diff.display
        await send(driver, "\x07")
        assert not driver.main.panes.diff.display
        assert driver.main.panes.screen.focused is driver.main.panes.screen.query_one(focus)
        await send(driver, "\x07")
        assert driver.main.panes.diff.has_focus
        await send(driver, "\x07")
        assert driver.composer.has_focus


async def test_the_key_of_a_diff_that_is_behind_another_pane_brings_it_forward(start: Start) -> None:
    async with start((80, 24)) as driver:
        await send(driver, "\x07\t\t\t\t")
        assert not driver.main.panes.diff.display
        await send(driver, "\x07")
        assert driver.main.panes.diff.has_focus


def test_an_escape_and_a_control_key_in_one_packet_are_two_keys() -> None:
    """`esc ctrl+c` over a slow link still leaves; nobody types alt+ctrl+c."""
    for character in "\x01\x03\x04\x0f\x10\x12\x15":
        names = [event.key for event in KeyParser()._sequence_to_key_events(f"\x1b{character}")]
        assert names == ["escape", f"ctrl+{chr(ord(character) + 96)}"]
