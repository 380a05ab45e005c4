"""Output in slices: what waits, what is held back, what goes back to the program."""

from __future__ import annotations

from conductor_tui.emulator.reading import whole_text
from conductor_tui.services.scripts.live_output import LiveOutput
from tests.builders import until


class Source:
    """The program's end of the terminal."""

    def __init__(self) -> None:
        self.typed = bytearray()
        self.calls: list[str] = []

    def write(self, data: bytes) -> None:
        self.typed += data

    def resize(self, columns: int, rows: int) -> None:
        self.calls.append(f"{columns}x{rows}")

    def pause(self) -> None:
        self.calls.append("pause")

    def resume(self) -> None:
        self.calls.append("resume")


async def test_reading_stops_while_much_waits_and_goes_on_after() -> None:
    source = Source()
    output = LiveOutput(80, 24, lambda: None)
    output.attach(source)  # type: ignore[arg-type]
    output.take((b"x" * 70 + b"\r\n") * 10_000)
    assert source.calls == ["pause"]
    await until(lambda: not output.is_behind)
    assert source.calls == ["pause", "resume"]


async def test_changes_are_told_once_a_slice_and_answers_go_back() -> None:
    changes: list[int] = []
    source = Source()
    output = LiveOutput(80, 24, lambda: changes.append(1))
    output.attach(source)  # type: ignore[arg-type]
    for _ in range(50):
        output.take(b"a")
    output.take(b"\x1b[6n")
    await until(lambda: not output.is_behind)
    assert len(changes) == 1
    assert whole_text(output.screen) == "a" * 50
    assert bytes(source.typed) == b"\x1b[1;51R"


async def test_a_program_is_told_of_another_size_once() -> None:
    source = Source()
    output = LiveOutput(80, 24, lambda: None)
    output.attach(source)  # type: ignore[arg-type]
    output.resize(60, 10)
    output.resize(60, 10)
    assert source.calls == ["60x10"]
