"""Lines that scrolled off the top of a screen: the newest are kept, within bounds of number and size."""

from __future__ import annotations

from conductor_tui.emulator.rows import ScreenLine

LINES, CHARACTERS = 20_000, 10_000_000
_SLACK = 1000
"""Lines that are dropped at once, so that dropping costs next to nothing."""


class Scrollback:
    """A list that forgets its begin."""

    def __init__(self, lines: int = LINES, characters: int = CHARACTERS) -> None:
        self._limit, self._characters_limit = lines, characters
        self._lines: list[ScreenLine] = []
        self._characters = 0
        self.dropped = 0
        """How many lines are forgotten."""

    def add(self, line: ScreenLine) -> None:
        """Adds the newest."""
        self._lines.append(line)
        for text, _ in line.spans:
            self._characters += len(text)
        if len(self._lines) >= self._limit + _SLACK:
            self._drop(len(self._lines) - self._limit)
        while self._characters > self._characters_limit:
            self._drop(max(1, len(self._lines) // 10))

    def _drop(self, count: int) -> None:
        for line in self._lines[:count]:
            for text, _ in line.spans:
                self._characters -= len(text)
        del self._lines[:count]
        self.dropped += count

    def clear(self) -> None:
        """Forgets all, as a program asked (ED 3); that is no dropping."""
        self._lines.clear()
        self._characters = 0

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, number: int) -> ScreenLine:
        return self._lines[number]
