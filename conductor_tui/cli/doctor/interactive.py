"""The test of this terminal that needs the user: one part after the other, each can be skipped, ctrl+c ends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from conductor_tui.cli.doctor import keys, terminal_probe
from conductor_tui.cli.doctor.tty import TestAbandoned, Tty, opened
from conductor_tui.domain.checks import Check, Outcome

_WELCOME = """
conductor-tui tests this terminal. It replaces your clipboard, nothing else. space skips, ctrl+c ends the test.
"""


def test(environ: Mapping[str, str], bound: Mapping[str, Sequence[str]]) -> list[Check]:
    """Every part's checks; those from before the user left are kept. `bound`: the user's own keys, by command."""
    checks: list[Check] = []
    parts: tuple[Callable[[Tty], Iterator[Check]], ...] = (
        terminal_probe.answers,
        lambda tty: keys.test(tty, bound),
        lambda tty: terminal_probe.colours(tty, environ),
        lambda tty: terminal_probe.clipboard(tty, environ),
        lambda tty: terminal_probe.notification(tty, environ),
    )
    try:
        with opened() as tty:
            tty.write(_WELCOME)
            for part in parts:
                checks.extend(part(tty))
            tty.write("\n")
    except TestAbandoned:
        checks.append(Check("live test", Outcome.NOTE, "ended before it was complete; the rest was not tested"))
    except OSError as error:
        found = f"not done: there is no terminal ({error.strerror or error})"
        steps = ("Run it in a terminal; over ssh use `ssh -t host conductor-tui doctor --live`.",)
        checks.append(Check("live test", Outcome.NOTE, found, steps))
    return checks
