"""The question which pull request a workspace starts from; GitHub answers while other questions are on screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.listing import age
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.pull_requests import OPEN_LIMIT, OpenRequest
from conductor_tui.domain.text import from_home
from conductor_tui.services.workspaces.workspaces import Workspaces
from conductor_tui.ui.dialogs.picker import Choice, Picker

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext

KIND = "request"
"""The id of the choice that leads to this question."""


class PullRequestQuestion:
    """The open pull requests of a repository, for the two lists that show them."""

    def __init__(self, ctx: UiContext, workspaces: Workspaces, repository: Path) -> None:
        self.on_answer: Callable[[], None] = lambda: None
        """Called when GitHub has answered: updates the list on screen."""
        self._ctx = ctx
        self._workspaces = workspaces
        self._repository = repository
        self._found: tuple[OpenRequest, ...] | None = None
        """None until GitHub has answered."""
        self._trouble: Trouble | None = None
        self._checked_out: dict[str, Path] = {}
        """By local branch: where it is checked out."""

    def load(self) -> None:
        """Asks GitHub in the background."""
        self._ctx.run("Could not list the pull requests", self._load())

    async def _load(self) -> None:
        try:
            branches = await (await self._workspaces.worktrees(self._repository)).branches()
            self._checked_out = {b.name: b.checked_out for b in branches if b.checked_out and not b.remote}
            self._found = await self._workspaces.requests.open_requests(self._repository)
        except RepositoryError as error:
            self._trouble = error.trouble
        self.on_answer()

    @property
    def reason(self) -> str:
        """Why there are none to choose from; empty as long as there may be."""
        if self._trouble is not None:
            return ". ".join((self._trouble.title, *self._trouble.steps[:1]))
        return "no open pull requests" if self._found == () else ""

    def choice(self) -> Choice:
        """The choice that leads to this question."""
        count = len(self._found or ())
        known = f"{count} newest" if count >= OPEN_LIMIT else f"{count} open"
        note = "asking GitHub …" if self._found is None else known
        return Choice(KIND, "Pull request …", note="" if self.reason else note, reason=self.reason)

    async def ask(self) -> OpenRequest | None:
        """Lists them as soon as they are known; None when the user went back."""
        picker = Picker("Pull request to start from", self._choices(), empty=self.reason or "Asking GitHub …")
        self.on_answer = lambda: picker.show_choices(self._choices(), empty=self.reason)
        id_ = await self._ctx.ask(picker)
        return next((r for r in self._found or () if str(r.number) == id_), None)

    def _choices(self) -> list[Choice]:
        now = self._ctx.manager.clock()
        return [
            Choice(
                str(request.number),
                f"#{request.number} {request.title}",
                note=" · ".join(
                    filter(None, ("draft" if request.is_draft else "", request.author, _age(request, now)))
                ),
                detail=_from(request),
                reason=self._why_taken(request),
            )
            for request in self._found or ()
        ]

    def _why_taken(self, request: OpenRequest) -> str:
        name = f"pr-{request.number}" if request.is_from_fork else request.branch
        where = self._checked_out.get(name)
        return f"checked out in {from_home(str(where), str(Path.home()))}" if where else ""


def _age(request: OpenRequest, now: float) -> str:
    return (age(now - request.updated_at) or "now") if request.updated_at else ""


def _from(request: OpenRequest) -> str:
    if not request.is_from_fork:
        return request.branch
    return f"{request.branch} of {request.head_repository or 'a deleted fork'}"
