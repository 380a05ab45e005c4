"""What is written to the terminal arrives, whatever the terminal does with a write."""

from __future__ import annotations

import os
import pty
import threading
import tty
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.drivers._writer_thread import WriterThread

from conductor_tui.ui.output.writing import TerminalFile


def never() -> None:
    raise AssertionError("nothing was lost")


def read_slowly(descriptor: int, end: bytes, took: bytearray) -> None:
    while not took.endswith(end):
        took += os.read(descriptor, 700)


@pytest.mark.parametrize("is_blocking", [True, False])
def test_a_slow_terminal_gets_every_byte_in_order(is_blocking: bool) -> None:
    master, slave = pty.openpty()
    tty.setraw(slave)
    os.set_blocking(slave, is_blocking)
    took = bytearray()
    reader = threading.Thread(target=read_slowly, args=(master, b"END", took), daemon=True)
    reader.start()
    thread = WriterThread(TerminalFile(slave, never))  # type: ignore[arg-type]
    thread.start()
    texts = [f"\x1b[{n};1H{'漢⚠️x' * (n % 97)}" for n in range(1500)]
    for text in texts:
        thread.write(text)
    thread.write("END")
    thread.stop()
    reader.join(20)
    assert bytes(took) == ("".join(texts) + "END").encode()
    os.close(master)
    os.close(slave)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.integers(1, 9), st.just(BlockingIOError), st.just(0)), max_size=30), st.text(max_size=200))
def test_short_and_refused_writes_are_gone_on_with(answers: list[int | type[OSError]], text: str) -> None:
    reading, writing = os.pipe()
    real, left = os.write, list(answers)

    def write(descriptor: int, data: memoryview) -> int:
        answer = left.pop(0) if left else len(data)
        if isinstance(answer, int):
            return real(descriptor, data[:answer]) if answer else 0
        raise answer(11, "not now")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "write", write)
        file = TerminalFile(writing, never)
        file.write(text)
        file.flush()
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read() == text.encode("utf-8", "replace")


def test_what_a_terminal_refused_for_good_is_said_once_it_takes_text_again(monkeypatch: pytest.MonkeyPatch) -> None:
    lost: list[str] = []
    reading, writing = os.pipe()
    real: Callable[..., int] = os.write

    def refuse(descriptor: int, data: memoryview) -> int:
        raise OSError(5, "Input/output error")

    file = TerminalFile(writing, lambda: lost.append("lost"))
    monkeypatch.setattr(os, "write", refuse)
    for _ in range(3):
        file.write("a frame")
        file.flush()
    assert not lost
    monkeypatch.setattr(os, "write", real)
    file.write("next")
    file.flush()
    file.write("and next")
    file.flush()
    assert lost == ["lost"]
    assert os.read(reading, 100) == b"nextand next"
    os.close(reading)
    os.close(writing)
