"""What was typed when: tells an answer from a key that was typed ahead, is part of a text, or is held down."""

from __future__ import annotations

import time
from collections.abc import Callable

GRACE_SECONDS = 0.3
"""Keys this soon after something was asked were meant for something else."""
QUIET_SECONDS = 1.0
"""Nobody is typing when there was no key for this long."""
OFFERED_SECONDS = 0.7
"""The grace of a question that took the focus by itself."""
HELD_SECONDS = 1.0
"""The same key again within this time may be one that is held down: terminals repeat it after up to 0.7 s."""


class KeyLog:
    """The newest key of this window. `clock`: monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.is_held = False
        """Whether the newest key may be one that is held down since before."""
        self._key = ""
        self._at = float("-inf")

    def note(self, key: str) -> None:
        """A key came; an empty name stands for a paste."""
        now = self.clock()
        self.is_held = key == self._key and now - self._at < HELD_SECONDS
        self._key, self._at = key, now

    @property
    def is_quiet(self) -> bool:
        """Whether nobody is typing."""
        return self.clock() - self._at > QUIET_SECONDS


class AnswerWait:
    """From when on a key answers what is asked, and not what was there before."""

    def __init__(self, log: KeyLog) -> None:
        self.is_wanted = False
        """Whether the user went to the question; else it took the focus by itself."""
        self._log = log
        self._is_answered = False
        self._asked_at = 0.0
        self._offered_at = 0.0

    def asked(self) -> None:
        """Something is asked, or what is asked has changed."""
        self._is_answered = False
        self._asked_at = self._log.clock()

    def came(self, *, by_user: bool) -> None:
        """The question has the focus from now on."""
        self.is_wanted = by_user
        self._offered_at = self._log.clock()

    def answered(self) -> None:
        """No key answers until something is asked again."""
        self._is_answered = True

    @property
    def is_answered(self) -> bool:
        """Whether what was asked last has its answer."""
        return self._is_answered

    @property
    def is_over(self) -> bool:
        """Whether what is asked has stood there long enough."""
        if self._is_answered:
            return False
        since = self._asked_at + GRACE_SECONDS
        if not self.is_wanted:
            since = max(since, max(self._asked_at, self._offered_at) + OFFERED_SECONDS)
        return self._log.clock() >= since

    @property
    def may_answer(self) -> bool:
        """Whether the newest key may be an answer."""
        return self.is_over and not self._log.is_held
