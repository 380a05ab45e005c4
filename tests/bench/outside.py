"""What a person sees and feels, measured from outside in a real pty: start, key echo, bytes, a slow link, memory.

The same scripted answer goes to conductor-tui and to Codex's own TUI. Letters typed for the echo are ones that no
answer contains. A slow link behaves as OpenSSH does: it reads eagerly into a 2 MB window and shows
`RATE` bytes a second.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from conductor_tui.demo.model import ScriptedModel
from conductor_tui.demo.scripts import ByWord
from conductor_tui.demo.steps import Message
from conductor_tui.demo.world import make_repository
from tests.e2e.place import Place
from tests.e2e.terminal import Terminal

SIZE = (140, 40)
RATE = 16_000
"""Bytes a second on the slow link."""
_SECTION = (
    "## Part {i}\n\nSome *text* with `code` and a list:\n\n- one {i}\n- two {i}\n\n"
    "```python\ndef f{i}(x):\n    return x+{i}\n```\n\n"
)
ANSWER = "".join(_SECTION.format(i=i) for i in range(120)) + "ENDMARK"
STREAM_SECONDS = 5.5
"""How long the answer takes to stream: 12 characters every 4 ms, and what the pipe adds."""
_SLOW = "x " * 45 + "SLOWEND"
_LETTERS = "ZQJXVWBHGYUTFOLIC"
_BARE = (
    "from textual.app import App\nfrom textual.widgets import Input\n"
    "class A(App):\n    def compose(self):\n        yield Input(placeholder='Ask Codex')\nA().run()\n"
)
FILES = {f"f{n}.txt": f"line {n}\n" for n in range(50)}


class Subject:
    """A program that talks to Codex in a terminal; `ready` matches its screen when it takes keys."""

    def __init__(self, name: str, argv: Sequence[str | Path], ready: str) -> None:
        self.name = name
        self.argv = argv
        self.ready = re.compile(ready, re.MULTILINE)


def conductor(codex: Path) -> Subject:
    return Subject("conductor-tui", [sys.executable, "-m", "conductor_tui", "--codex", codex], r"Ask Codex")


def codex_tui(codex: Path) -> Subject:
    return Subject("codex", [codex, "--no-daemon"], r"^\s*›")


def bare() -> Subject:
    """A Textual app that shows one input."""
    return Subject("bare", [sys.executable, "-c", _BARE], r"Ask Codex")


@contextmanager
def running(subject: Subject, *, rate: int | None = None) -> Iterator[Terminal]:
    """The program in a world of its own, ready for keys."""
    place = Place()
    make_repository(place.repository, FILES)
    script = ByWord({"playlong": [Message(ANSWER, chunk=12, delay=0.004)], "playslow": [Message(_SLOW, 4, 0.4)]}, [])
    with ScriptedModel(script) as model:
        place.configure_codex(model, extra={"model": "gpt-6.1-sol"})
        terminal = Terminal(subject.argv, cwd=place.repository, env=place.env, cols=SIZE[0], rows=SIZE[1], rate=rate)
        try:
            terminal.wait_for(subject.ready, 120)
            yield terminal
        finally:
            terminal.close()
            place.end_server()
            place.check_nobody_left()
            place.remove()


def start_seconds(subject: Subject) -> float:
    """From the start of the process to a screen that takes keys."""
    with running(subject) as terminal:
        return time.perf_counter() - terminal.started


def submit(terminal: Terminal, text: str) -> None:
    """Types a prompt as a person does, and sends it."""
    for letter in text:
        terminal.send(letter)
        time.sleep(0.02)
    time.sleep(0.7)
    terminal.send("\r")


def echoes(terminal: Terminal, count: int, gap: float) -> list[float]:
    """Milliseconds from each key to its letter on the screen; 2000 stands for not in time."""
    waits = []
    for number in range(count):
        letter = _LETTERS[number % len(_LETTERS)]
        before = terminal.text().count(letter)
        began = time.perf_counter()
        terminal.send(letter)
        try:
            terminal.wait_until(_more(letter, before), 2.0)
            waits.append((time.perf_counter() - began) * 1000)
        except TimeoutError:
            waits.append(2000.0)
        time.sleep(gap)
    return waits


def _more(letter: str, before: int) -> Callable[[str], bool]:
    return lambda text: text.count(letter) > before


def at(share: float, values: Sequence[float]) -> float:
    """A percentile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def ui_memory(terminal: Terminal) -> int:
    """Bytes that the program itself holds, without its children."""
    return int(psutil.Process(terminal.process.pid).memory_info().rss)


def cpu_seconds(terminal: Terminal) -> float:
    """CPU time of the program itself, without its children."""
    times = psutil.Process(terminal.process.pid).cpu_times()
    return float(times.user + times.system)


def quick_link(subject: Subject) -> dict[str, float]:
    """Everything on a terminal that takes all at once."""
    found: dict[str, float] = {}
    with running(subject) as terminal:
        terminal.wait_quiet(1.5, 30)
        found["first screen, bytes"] = len(terminal.output)
        found["memory after start, MB"] = ui_memory(terminal) / 1e6
        seen, cpu = len(terminal.output), cpu_seconds(terminal)
        time.sleep(5)
        found["idle, B/s"] = (len(terminal.output) - seen) / 5
        found["idle, % CPU"] = (cpu_seconds(terminal) - cpu) * 20
        found["echo idle p95, ms"] = at(0.95, echoes(terminal, 30, 0.12))
        terminal.send("\x7f" * 40)
        time.sleep(0.5)
        seen, cpu = len(terminal.output), cpu_seconds(terminal)
        submit(terminal, "playlong")
        terminal.wait_for("ENDMARK", 400)
        terminal.wait_quiet(0.7, 10)
        found["answer, kB"] = (len(terminal.output) - seen) / 1000
        found["answer, CPU s"] = cpu_seconds(terminal) - cpu
        submit(terminal, "playslow")
        time.sleep(1.5)
        seen = len(terminal.output)
        time.sleep(5)
        found["working, B/s"] = (len(terminal.output) - seen) / 5
        terminal.wait_for("SLOWEND", 60)
        time.sleep(1)
        submit(terminal, "playlong")
        time.sleep(1)
        found["echo streaming p95, ms"] = at(0.95, echoes(terminal, 20, 0.15))
    return found


def slow_link(subject: Subject) -> dict[str, float]:
    """A streamed answer and keys over `RATE` bytes a second."""
    with running(subject, rate=RATE) as terminal:
        terminal.wait_quiet(1.5, 60)
        submit(terminal, "playlong")
        began = time.perf_counter()
        time.sleep(1.5)
        waits = echoes(terminal, 10, 0.3)
        terminal.wait_for("ENDMARK", 400)
        late = time.perf_counter() - began - STREAM_SECONDS
        return {"slow link: echo p95, ms": at(0.95, waits), "slow link: answer late, s": max(0.0, late)}
