"""Does each key arrive that the app uses? A key that a multiplexer, a shell or a window manager takes never does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from conductor_tui.cli.doctor.tty import Tty
from conductor_tui.domain.checks import Check, Outcome
from conductor_tui.ui.commands.catalogue import COMMANDS
from conductor_tui.ui.commands.keymap import keys_of, shown_keys
from conductor_tui.ui.commands.pane import Pane

_SENT: dict[str, tuple[bytes, ...]] = {
    "escape": (b"\x1b",),
    "enter": (b"\r",),
    "tab": (b"\t",),
    "shift+tab": (b"\x1b[Z",),
    "backspace": (b"\x7f", b"\x08"),
    "up": (b"\x1b[A", b"\x1bOA"),
    "down": (b"\x1b[B", b"\x1bOB"),
    "right": (b"\x1b[C", b"\x1bOC"),
    "left": (b"\x1b[D", b"\x1bOD"),
    "pageup": (b"\x1b[5~",),
    "pagedown": (b"\x1b[6~",),
    "home": (b"\x1b[H", b"\x1bOH", b"\x1b[1~", b"\x1b[7~"),
    "end": (b"\x1b[F", b"\x1bOF", b"\x1b[4~", b"\x1b[8~"),
    "delete": (b"\x1b[3~",),
}
"""What terminals send, xterm's form first."""
_SKIP, _SKIP_ALL = b" ", b"q"
_LEAVES = "ctrl+c"
"""It ends this test, so it is not asked for: whoever tried knows that it arrives."""


def test(tty: Tty, bound: Mapping[str, Sequence[str]]) -> Iterator[Check]:
    """Asks for every key that is no plain character; says which sequence arrived, and which did not."""
    wanted = used_keys(bound)
    tty.write("\nKeys. Press each as it is named; when nothing happens, press space. q skips the rest of them.\n")
    fine: list[str] = []
    skipped = 0
    for number, (key, title) in enumerate(wanted.items()):
        name = shown_keys([key])
        tty.write(f"  {name:<10} {title[:34]:<36} ")
        arrived = _pressed(tty, key)
        if arrived in (_SKIP, _SKIP_ALL):
            tty.write("skipped\n")
            if arrived == _SKIP_ALL:
                skipped += len(wanted) - number
                break
            step = f"If it never arrives, another program takes it: choose another key in the settings for “{title}”."
            yield Check("key", Outcome.NOTE, f"{name} did not arrive, or was skipped", (step,))
            continue
        tty.write(f"{shown(arrived)}\n")
        if arrived in sent_by(key):
            fine.append(name)
        else:
            step = f"The terminal or a multiplexer sends something else: choose another key for “{title}”."
            yield Check("key", Outcome.NOTE, f"{name} arrives as {shown(arrived)}", (step,))
    if fine:
        yield Check("keys", Outcome.OK, f"{len(fine)} arrive: {', '.join(fine)}")
    if skipped:
        yield Check("keys", Outcome.NOTE, f"{skipped} were not tested")


def _pressed(tty: Tty, key: str) -> bytes:
    """What arrives for a key. Something else may be a slip: it counts when it arrives a second time."""
    before = b""
    while True:
        arrived = tty.key()
        if arrived in (_SKIP, _SKIP_ALL, before) or arrived in sent_by(key):
            return arrived
        tty.write(f"{shown(arrived)}? once more: ")
        before = arrived


def used_keys(bound: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The keys that are no plain characters, each with the command that it is first used for."""
    found: dict[str, str] = {}
    for command in sorted(COMMANDS, key=lambda c: c.pane is not Pane.APP):
        for key in keys_of(command, bound):
            if sent_by(key) and key not in (_LEAVES, "space"):
                found.setdefault(key, command.title)
    return found


def sent_by(key: str) -> tuple[bytes, ...]:
    """What a terminal sends for a key; empty for a plain character."""
    if key in _SENT:
        return _SENT[key]
    if key.startswith("ctrl+") and len(key) == len("ctrl+x"):
        code = ord(key[-1])
        return bytes([code & 0x1F]), b"\x1b[%d;5u" % code, b"\x1b[27;5;%d~" % code
    return ()


def shown(sequence: bytes) -> str:
    """A sequence for people: `esc [ A`, `ctrl+p`, `é`."""
    names = {0x1B: "esc", 0x0D: "enter (13)", 0x09: "tab (9)", 0x7F: "backspace (127)", 0x20: "space"}
    parts = []
    for char in sequence.decode("utf-8", "replace"):
        code = ord(char)
        if code in names:
            parts.append(names[code])
        else:
            parts.append(f"ctrl+{chr(code + 0x60)}" if code < 0x20 else char)
    return " ".join(parts)
