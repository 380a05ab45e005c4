"""The addresses of this machine that a program printed."""

from __future__ import annotations

from conductor_tui.domain.local_urls import LocalUrl, find_local_urls
from conductor_tui.emulator.reading import logical_lines, row_at, row_count
from conductor_tui.emulator.terminal import Terminal

_LOOK_BACK, _URLS = 2000, 50
"""Rows searched again at most, and addresses kept."""


class UrlWatch:
    """The addresses that a program printed, found as its output comes; what rushed past unseen is not searched."""

    def __init__(self) -> None:
        self.found: dict[LocalUrl, None] = {}
        """In the order in which they came."""
        self._seen = 0
        """Rows searched, counted from the very first."""

    def look(self, screen: Terminal) -> None:
        """Searches what came since the last look; the rows on the screen are searched again."""
        above = len(screen.scrollback)
        total = above + screen.scrollback.dropped
        first = above - min(above, max(0, total - self._seen), _LOOK_BACK)
        while first > 0 and row_at(screen, first - 1).is_wrapped:
            first -= 1
        self._seen = total
        for text, _ in logical_lines(screen, first, row_count(screen)):
            for url in find_local_urls(text):
                if len(self.found) < _URLS:
                    self.found[url] = None
