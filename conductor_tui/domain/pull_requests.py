"""Pull requests as GitHub has them: those that wait, and how the one of a branch stands."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

OPEN_LIMIT = 100
"""Open pull requests that are listed: the newest."""


class RequestState(StrEnum):
    """Where a pull request stands, in the word that is shown."""

    OPEN = "open"
    DRAFT = "draft"
    MERGED = "merged"
    CLOSED = "closed"

    @property
    def is_over(self) -> bool:
        return self in (RequestState.MERGED, RequestState.CLOSED)


class CheckCounts(Struct, frozen=True):
    """How many checks of its newest commit came to what; a check that was run again counts once."""

    passing: int = 0
    failing: int = 0
    pending: int = 0

    @property
    def label(self) -> str:
        """A sign and a word; empty when there are no checks."""
        if self.failing:
            return f"✗ {self.failing} failing"
        if self.pending:
            return "… running"
        return "✓ passing" if self.passing else ""


class OpenRequest(Struct, frozen=True):
    """A pull request that a workspace may begin at."""

    number: int
    title: str
    branch: str
    """Its head, in `head_repository`."""
    author: str = ""
    head_repository: str = ""
    """`owner/name`; empty where it is gone."""
    repository: str = ""
    """`owner/name` of the one that it is to go into."""
    is_from_fork: bool = False
    is_draft: bool = False
    updated_at: int = 0
    """Unix seconds; 0: not known."""


class PullRequest(Struct, frozen=True):
    """The pull request of a branch."""

    number: int
    title: str
    state: RequestState = RequestState.OPEN
    checks: CheckCounts = CheckCounts()
    url: str = ""

    @property
    def label(self) -> str:
        """As `#12 ✗ 2 failing`: its number, its state unless that is open, its checks while they matter."""
        checks = "" if self.state.is_over else self.checks.label
        state = "" if self.state is RequestState.OPEN and checks else self.state.value
        return " ".join(filter(None, (f"#{self.number}", state, checks)))
