"""Beginning a workspace at a pull request: the open ones are asked for while the list of beginnings is open already."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from conductor_tui.domain.errors import RepositoryError
from conductor_tui.domain.listing import age
from conductor_tui.domain.pull_requests import OPEN_LIMIT, OpenRequest
from conductor_tui.domain.text import from_home
from conductor_tui.domain.troubles import Trouble
from conductor_tui.sessions.workspaces import Workspaces
from conductor_tui.ui.screens.picker import Choice, Picker

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext

CHOICE = "request"
"""The id of the entry in the list of beginnings."""


class RequestOffer:
    """The open pull requests of a repository, for the two lists that show them."""

    def __init__(self, ctx: UiContext, workspaces: Workspaces, repository: Path) -> None:
        self._ctx = ctx
        self._workspaces = workspaces
        self._repository = repository
        self._found: tuple[OpenRequest, ...] | None = None
        """None until GitHub has answered."""
        self._trouble: Trouble | None = None
        self._checked_out: dict[str, Path] = {}
        """By local branch: where it is checked out."""
        self._on_answer: Callable[[], None] = lambda: None

    def ask(self, on_answer: Callable[[], None]) -> None:
        """Asks GitHub in the background; `on_answer` has the list of beginnings drawn."""
        self._on_answer = on_answer
        self._ctx.manager.spawn(self._ask())

    async def _ask(self) -> None:
        try:
            branches = await (await self._workspaces.worktrees(self._repository)).branches()
            self._checked_out = {b.name: b.checked_out for b in branches if b.checked_out and not b.remote}
            self._found = await self._workspaces.requests.open_requests(self._repository)
        except RepositoryError as error:
            self._trouble = error.trouble
        self._on_answer()

    @property
    def reason(self) -> str:
        """Why there are none to choose from; empty as long as there may be."""
        if self._trouble is not None:
            return ". ".join((self._trouble.title, *self._trouble.steps[:1]))
        return "none is open" if self._found == () else ""

    def choice(self) -> Choice:
        """The entry in the list of beginnings."""
        count = len(self._found or ())
        known = f"the {count} newest" if count >= OPEN_LIMIT else f"{count} open"
        note = "asking GitHub …" if self._found is None else known
        return Choice(CHOICE, "From a pull request …", note="" if self.reason else note, reason=self.reason)

    def pick(self, then: Callable[[OpenRequest], None], back: Callable[[], None]) -> None:
        """Lists them, as soon as they are known; `back` is called when the user chose none."""
        picker = Picker("Begin at this pull request", self._choices(), empty=self.reason or "Asking GitHub …")

        def answered() -> None:
            if picker.is_attached:
                picker.show_choices(self._choices(), empty=self.reason)

        def taken(id_: str | None) -> None:
            self._on_answer = lambda: None
            request = next((r for r in self._found or () if str(r.number) == id_), None)
            if request is not None:
                then(request)
            else:
                back()

        self._on_answer = answered
        self._ctx.app.push_screen(picker, taken)

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
        return f"it is checked out in {from_home(str(where), str(Path.home()))}" if where else ""


def _age(request: OpenRequest, now: float) -> str:
    return (age(now - request.updated_at) or "now") if request.updated_at else ""


def _from(request: OpenRequest) -> str:
    if not request.is_from_fork:
        return request.branch
    return f"{request.branch} of {request.head_repository or 'a fork that is gone'}"
