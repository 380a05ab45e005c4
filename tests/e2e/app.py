"""conductor-tui as a person uses it: started in a terminal, driven by keys, judged by what stands on the screen."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.e2e.terminal import Terminal

READY = "Ask Codex"
_GRACE = 0.75
"""A panel that took the focus by itself takes no answer for 0.7 s."""
_GO = "ctrl+r to answer"
"""What the panel says while keys go elsewhere."""


class App(Terminal):
    """The app in a terminal."""

    def __init__(
        self,
        argv: Sequence[str | Path],
        *,
        cwd: Path,
        env: Mapping[str, str],
        cols: int = 140,
        rows: int = 40,
        rate: int | None = None,
    ) -> None:
        super().__init__(argv, cwd=cwd, env=env, cols=cols, rows=rows, rate=rate)

    def wait_ready(self) -> None:
        """Waits for a composer that takes keys and a session that is open."""
        self.wait_for(READY, 30)
        self.wait_for("GPT-", 30)

    def ask(self, text: str) -> None:
        """Types a prompt and sends it."""
        self.type(text)
        self.press("enter")

    def answer(self, *keys: str, title: str = "Run this command?") -> None:
        """Answers the approval that is asked, or will be, as a person does: after having read it."""
        self.wait_for(title, 30)
        self.wait_quiet(_GRACE)
        if _GO in self.text():
            self.press("ctrl+r")
            self.wait_for(_GO, absent=True)
        self.press(*keys)

    def confirm(self, key: str) -> None:
        """Agrees to what cannot be taken back, after having read it: later than a key that is held down repeats."""
        self.wait_quiet(1.1)
        self.press(key)

    def choose(self, key: str, title: str, filter_text: str) -> None:
        """Opens a list with its key, filters it and takes the first row."""
        self.press(key)
        self.wait_for(title)
        self.type(filter_text)
        self.wait_quiet(0.1)
        self.press("enter")
        self.wait_for(title, absent=True)

    def press_twice(self, key: str, hint: str) -> None:
        """Presses a key that must be pressed twice, the second time when the app says so."""
        self.press(key)
        self.wait_for(hint)
        self.press(key)

    def interrupt(self) -> None:
        """`esc` twice."""
        self.press_twice("esc", "Press Esc again")

    def leave(self) -> int:
        """`ctrl+c` twice; returns the exit code."""
        self.press_twice("ctrl+c", "Press ctrl+c again to quit")
        return self.exit_code()

    def control(self, name: str) -> str:
        """The value that the controls pane shows for a control, on its first line."""
        found = re.search(rf"│ {re.escape(name)} +(.+?) *│", self.text())
        return found[1] if found else ""
