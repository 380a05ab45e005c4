"""When the next frame may be drawn: not while the line is behind, and not more than it bears for long.

Two limits. A byte allowance keeps a flood of text to a rate that any link takes; below it nothing is held back.
Where the terminal answers questions (cursor position reports, ECMA-48 DSR 6), a frame waits while an answer is later
than this line's own round trip: a queue is growing somewhere, and a newer frame is worth more than the next. Keys
are not held: their echo is small and goes out at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

QUESTION = "\x1b[6n"
ALLOWANCE = 8_000
"""Bytes a second for frames, in the long run."""
BURST = 6_000
"""Bytes that may be written at once after silence."""
LONGEST_PAUSE = 0.4
"""Seconds that a big frame holds up the next at most."""
PATIENCE = 2.0
"""Seconds after which an unanswered question counts as lost."""
SLACK = 0.06
"""Seconds that an answer may be later than the line's round trip."""
ASK_AFTER = 400
"""Bytes after which it is worth asking again."""
_RTT_MEMORY = 30.0
"""Seconds for which the best round trip counts."""


class Pace:
    """One terminal's line."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock`: monotonic seconds."""
        self._clock = clock
        self._credit = float(BURST)
        self._credited = clock()
        self._asked: deque[float] = deque()
        self._unasked = ASK_AFTER
        self._best: deque[tuple[float, float]] = deque()
        """Round trips of the last half minute: when, seconds."""
        self.answers = False
        """Whether the terminal has ever answered."""

    def wrote(self, count: int) -> str:
        """Counts what was written; returns a question to write behind it, or nothing."""
        now = self._clock()
        self._earn(now)
        self._credit = max(self._credit - count, -LONGEST_PAUSE * ALLOWANCE)
        self._unasked += count
        if self._unasked < ASK_AFTER or (self._asked and not self.answers):
            return ""
        self._unasked = 0
        self._asked.append(now)
        return QUESTION

    def answered(self) -> None:
        """The terminal answered the oldest question."""
        if not self._asked:
            return
        now = self._clock()
        trip = now - self._asked.popleft()
        self.answers = True
        self._best.append((now, trip))
        while self._best and now - self._best[0][0] > _RTT_MEMORY:
            self._best.popleft()

    @property
    def round_trip(self) -> float | None:
        """Seconds that a question and its answer take on this line at best; None where that is not known."""
        return min((trip for _, trip in self._best), default=None)

    def delay(self) -> float:
        """Seconds until the next frame may be drawn; it may be sooner when an answer comes."""
        now = self._clock()
        self._earn(now)
        return max(self._behind(now), -self._credit / ALLOWANCE, 0.0)

    def _earn(self, now: float) -> None:
        self._credit = min(float(BURST), self._credit + (now - self._credited) * ALLOWANCE)
        self._credited = now

    def _behind(self, now: float) -> float:
        while self._asked and now - self._asked[0] > PATIENCE and self.answers:
            self._asked.popleft()
        if not self._asked or not self.answers:
            return 0.0
        age = now - self._asked[0]
        trip = self.round_trip or 0.0
        return PATIENCE - age if age > trip * 1.5 + SLACK else 0.0
