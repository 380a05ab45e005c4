"""What the terminal answers, shows and passes on: cursor reports, widths, colours, clipboard, notifications."""

from __future__ import annotations

import base64
import re
import secrets
import select
import statistics
from collections.abc import Iterator, Mapping

from conductor_tui.cli.doctor.tty import Tty
from conductor_tui.domain.checks import Check, Outcome

TRIPS = 20
LATER_SECONDS = 3.0
"""Time to look at another window before a notification comes."""
_WIDTHS = (
    ("─│╭╯", 4, "lines of boxes"),
    ("▸●◆✓✕", 5, "signs of states"),
    ("数字", 4, "wide characters"),
    ("e\u0301a\u0308", 2, "combining marks"),
    ("👍", 2, "emoji"),
)
"""Text, the columns that the app counts for it, and what it is."""
_MODE = re.compile(rb"\x1b\[\?(\d+);(\d)\$y")
_YES, _NO, _SKIP = b"y", b"n", b" "


def answers(tty: Tty) -> Iterator[Check]:
    """All that is measured rather than asked: round trips, modes, widths."""
    tty.write("\nMeasuring …")
    trips = [first] if (first := tty.round_trip()) is not None else []
    if not trips:
        tty.write(" the terminal answers no questions.\n")
        found = "the terminal answers no questions: frames come at a fixed low rate, widths cannot be measured"
        yield Check("round trip", Outcome.NOTE, found)
        return
    trips += [trip for _ in range(TRIPS - 1) if (trip := tty.round_trip()) is not None]
    median, late = statistics.median(trips), sorted(trips)[int(len(trips) * 0.95) - 1]
    found = f"median {median * 1000:.0f} ms, p95 {late * 1000:.0f} ms of {len(trips)}"
    yield Check("round trip", Outcome.OK, found)
    yield _synchronized(tty)
    yield from _widths(tty)
    tty.write("\r\x1b[Kmeasured: round trip, synchronized output, widths.\n")


def _synchronized(tty: Tty) -> Check:
    """Mode 2026: whether the terminal can show a frame at once."""
    found = tty.ask("\x1b[?2026$p\x1b[6n", re.compile(rb"(?:\x1b\[\?2026;(\d)\$y)?\x1b\[\d+;\d+R"))
    known = found is not None and found[1] in (b"1", b"2", b"3")
    return Check("frames", Outcome.OK, "shown at once (mode 2026)" if known else "shown as they come (no mode 2026)")


def _widths(tty: Tty) -> Iterator[Check]:
    wrong = []
    for text, columns, what in _WIDTHS:
        tty.write(f"\r{text}")
        took = tty.column()
        tty.write("\r\x1b[K")
        if took is not None and took != columns:
            wrong.append(f"{what} {text} take {took} columns instead of {columns}")
    if not wrong:
        yield Check("widths", Outcome.OK, f"as wide as counted: {', '.join(what for _, _, what in _WIDTHS)}")
    for found in wrong:
        steps = ("Set the terminal to UTF-8, and ambiguous characters to narrow.",)
        yield Check("widths", Outcome.NOTE, found, steps)


def colours(tty: Tty, environ: Mapping[str, str]) -> Iterator[Check]:
    """Three ramps; only the user sees whether they are right."""
    tty.write("\nColours.\n")
    for name, ramp, question in _RAMPS:
        seen = _asked(tty, f"  {ramp}\x1b[m\n  {question}")
        if seen is None:
            yield Check(name, Outcome.NOTE, "not tested")
        elif name == _DEEP:
            yield _deep(is_seen=seen, is_used=environ.get("COLORTERM") in ("truecolor", "24bit"))
        elif seen:
            yield Check(name, Outcome.OK, "shown")
        else:
            step = "Set TERM to what the terminal is, for example xterm-256color."
            yield Check(name, Outcome.NOTE, "not shown", (step,))


_DEEP = "16 million colours"
_RAMPS = (
    (
        _DEEP,
        "".join(f"\x1b[48;2;{n * 4};{80 + n};{255 - n * 4}m " for n in range(64)),
        "Does one colour go over into another without steps?",
    ),
    (
        "256 colours",
        "".join(f"\x1b[48;5;{16 + 36 * red + 6 * green + 3}m " for red in range(6) for green in range(6)),
        "Are these six groups from dark to light?",
    ),
    (
        "16 colours",
        "".join(f"\x1b[{base + n}m  " for base in (40, 100) for n in range(8)),
        "Are these sixteen colours, the second half lighter?",
    ),
)


def _deep(*, is_seen: bool, is_used: bool) -> Check:
    if is_seen and is_used:
        return Check(_DEEP, Outcome.OK, "shown")
    if is_seen:
        step = "To have them: export COLORTERM=truecolor, where your shell starts."
        return Check(_DEEP, Outcome.NOTE, "shown, but not used: COLORTERM is not set", (step,))
    if is_used:
        steps = ("In tmux: set -as terminal-features ',*:RGB'.", "Else unset COLORTERM: then 256 are used.")
        return Check(_DEEP, Outcome.BAD, "used, but not shown", steps)
    return Check(_DEEP, Outcome.OK, "not shown, and not used")


def clipboard(tty: Tty, environ: Mapping[str, str]) -> Iterator[Check]:
    """Copies a word by OSC 52 and has it pasted: that shows whether copying works, and bracketed paste."""
    word = f"conductor-{secrets.token_hex(3)}"
    sequence = f"\x1b]52;c;{base64.b64encode(word.encode()).decode()}\x07"
    tty.write(f"\nClipboard. A word was copied; your own clipboard is replaced.{_wrapped(sequence, environ)}\n")
    tty.write("  Paste it here, and press Enter: \x1b[?2004h")
    pasted = b""
    while (key := tty.key()) not in (b"\r", b"\n") and not (key == _SKIP and not pasted):
        pasted += key
        tty.write(key.decode("utf-8", "replace") if len(key) == 1 and key.isascii() and key >= b" " else "")
    tty.write("\x1b[?2004l\n")
    text = pasted.replace(b"\x1b[200~", b"").replace(b"\x1b[201~", b"").strip()
    if not text:
        yield Check("copying", Outcome.NOTE, "not tested")
        return
    if text == word.encode():
        yield Check("copying", Outcome.OK, "the terminal copies (OSC 52)")
    else:
        yield Check("copying", Outcome.NOTE, "what was pasted is not what was copied", _CLIPBOARD_STEPS)
    if pasted.startswith(b"\x1b[200~"):
        yield Check("paste", Outcome.OK, "arrives in one piece (bracketed paste)")
    else:
        step = "Pasted lines are taken for typed ones: use a terminal with bracketed paste."
        yield Check("paste", Outcome.NOTE, "arrives as if it were typed", (step,))


_CLIPBOARD_STEPS = (
    "Allow OSC 52 in the terminal's settings; in tmux: set -g set-clipboard on, and allow-passthrough on.",
    "In tmux, what is copied is in tmux's own buffer too.",
)


def notification(tty: Tty, environ: Mapping[str, str]) -> Iterator[Check]:
    """Three ways to be noticed; only the user knows which was."""
    tty.write("\nNotifications. Enter sends one at once, l in three seconds: look at another window meanwhile.\n")
    ways = {
        "bell (BEL)": "\x07",
        "notification (OSC 9)": "\x1b]9;conductor-tui: this is a test\x07",
        "notification (OSC 777)": "\x1b]777;notify;conductor-tui;this is a test\x07",
    }
    noticed: list[str] = []
    tested = 0
    for name, sequence in ways.items():
        tty.write(f"  {name}: Enter, l or space ")
        while (key := tty.key()) not in (b"\r", b"l", _SKIP):
            pass
        if key == _SKIP:
            tty.write("skipped\n")
            continue
        if key == b"l":
            select.select([], [], [], LATER_SECONDS)
        tty.write(sequence if sequence == "\x07" else _wrapped(sequence, environ))
        tested += 1
        if _asked(tty, "sent. Did you notice it?"):
            noticed.append(name)
    if noticed:
        yield Check("notification", Outcome.OK, f"noticed: {', '.join(noticed)}")
    elif tested:
        steps = ("Switch on the bell or notifications in the terminal's settings; in tmux: allow-passthrough on.",)
        yield Check("notification", Outcome.NOTE, f"none of {tested} was noticed", steps)
    else:
        yield Check("notification", Outcome.NOTE, "not tested")


def _wrapped(sequence: str, environ: Mapping[str, str]) -> str:
    """A sequence for the outer terminal: tmux and screen pass on what is wrapped, tmux takes some itself, too."""
    if environ.get("TMUX"):
        doubled = sequence.replace("\x1b", "\x1b\x1b")
        return f"{sequence}\x1bPtmux;{doubled}\x1b\\"
    return f"\x1bP{sequence}\x1b\\" if environ.get("STY") else sequence


def _asked(tty: Tty, question: str) -> bool | None:
    """The user's yes or no; None when it was skipped."""
    tty.write(f"{question} y n ")
    while (key := tty.key().lower()) not in (_YES, _NO, _SKIP):
        pass
    tty.write({_YES: "yes\n", _NO: "no\n", _SKIP: "skipped\n"}[key])
    return None if key == _SKIP else key == _YES
