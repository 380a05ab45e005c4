"""Pull requests and workspaces: making one for a pull request, and what is known of those of the others.

What GitHub said is kept in memory only. It is asked for a workspace that somebody looks at, and no more where asking
is of no use until the user has done something.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from conductor_tui.domain.errors import GitHubError
from conductor_tui.domain.pull_requests import OpenRequest, PullRequest
from conductor_tui.domain.workspaces import WorkspaceRecord
from conductor_tui.services.interfaces import Progress
from conductor_tui.services.workspaces.creation import WorkspaceCreation
from conductor_tui.services.workspaces.dependencies import WorkspaceTools
from conductor_tui.services.workspaces.records import WorkspaceRecords

log = logging.getLogger(__name__)

ASK_AGAIN = 120.0
"""Seconds for which an answer holds."""


class _Known(Struct):
    """What was said of the branch of a workspace."""

    branch: str
    asked_at: float
    found: PullRequest | None = None


class WorkspaceRequests:
    """The pull requests of all workspaces."""

    def __init__(self, records: WorkspaceRecords, tools: WorkspaceTools, creation: WorkspaceCreation) -> None:
        self._records = records
        self._tools = tools
        self._creation = creation
        self._known: dict[str, _Known] = {}
        self._mute: set[Path] = set()
        """Repositories where asking again is of no use."""

    # A new workspace

    async def open_requests(self, repository: Path) -> tuple[OpenRequest, ...]:
        """Those that are open. Raises GitHubError."""
        found = await self._tools.pull_requests.open_requests(repository)
        self._mute.discard(repository)  # signed in meanwhile
        return found

    async def request(self, repository: Path, number: int) -> OpenRequest | None:
        """One, open or not; None when there is none of this number. Raises GitHubError."""
        return await self._tools.pull_requests.request(repository, number)

    async def create(
        self, repository: Path, request: OpenRequest, *, name: str = "", prompt: str = "", on_progress: Progress
    ) -> WorkspaceRecord:
        """A workspace on the commits of a pull request, under its title; see `Workspaces.create`.

        Raises:
            RepositoryError, WorkspaceError: its commits cannot be had, or no workspace can be made for them.
        """
        on_progress(f"Fetching pull request #{request.number}")
        worktrees = await self._records.worktrees(repository)
        start = await worktrees.fetch_request(request, on_progress=on_progress)
        return await self._creation.create(repository, start, name, prompt, on_progress, title=request.title.strip())

    # Those that there are

    def of(self, record: WorkspaceRecord, branch: str) -> PullRequest | None:
        """That of the branch of a workspace, as it was when it was last asked for."""
        known = self._known.get(record.id)
        return known.found if known and known.branch == branch else None

    def is_due(self, record: WorkspaceRecord, branch: str) -> bool:
        """Whether to ask for it, if somebody looks at it."""
        if not branch or not record.is_usable or record.repository in self._mute:
            return False
        known = self._known.get(record.id)
        age = self._tools.clock() - known.asked_at if known else 0.0
        return known is None or known.branch != branch or not 0 <= age < ASK_AGAIN

    async def ask(self, record: WorkspaceRecord, branch: str, on_change: Callable[[], None]) -> None:
        """Asks for it. Never raises: without an answer what is known stays, and nothing is shown that is not."""
        before = self._known.get(record.id)
        found = before.found if before and before.branch == branch else None
        asked = _Known(branch, self._tools.clock(), found)
        self._known[record.id] = asked
        try:
            asked.found = await self._tools.pull_requests.of_branch(record.path)
        except GitHubError as error:
            log.info("no pull request for %s: %s", record.name, error.trouble.cause or error)
            if error.is_lasting:
                self._mute.add(record.repository)
        if asked.found != found:
            on_change()
