"""Ends a race: keeps one workspace, and archives the others once the user has agreed to what that loses."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from conductor_tui.domain.errors import RepositoryError, WorkspaceError
from conductor_tui.domain.workspaces import WorkspaceRecord, display_name
from conductor_tui.domain.worktrees import Changed, Losses
from conductor_tui.ui.actions import workspace_endings
from conductor_tui.ui.dialogs.confirm import ConfirmScreen
from conductor_tui.ui.presentation import losses as present_losses
from conductor_tui.ui.presentation import race as present

if TYPE_CHECKING:
    from conductor_tui.domain.races import Member, Race
    from conductor_tui.services.workspaces.workspaces import Workspaces
    from conductor_tui.ui.context import UiContext

Listed = Sequence[tuple[WorkspaceRecord, Losses]]
"""Workspaces, each with what archiving it would lose."""


class OpenRace(Protocol):
    """A race on screen."""

    ctx: UiContext

    @property
    def race(self) -> Race: ...
    @property
    def standing(self) -> list[tuple[Member, WorkspaceRecord]]: ...
    @property
    def is_current(self) -> bool: ...
    def tell(self, text: str, severity: str = ...) -> None: ...
    def dismiss(self, result: None = ...) -> object: ...


async def keep(view: OpenRace, winner: WorkspaceRecord) -> None:
    """Lists what archiving the others would lose; nothing happens before the user has agreed to that list."""
    ctx, race = view.ctx, view.race
    workspaces = ctx.workspaces.workspaces
    assert workspaces is not None, "there is a race"
    view.tell("Checking what would be lost …")
    try:
        listed: Listed = [(r, await workspaces.losses(r)) for _, r in view.standing if r.id != winner.id]
    except (RepositoryError, WorkspaceError) as error:
        view.tell(f"Could not check what would be lost, so nothing was archived: {error.trouble.title}", "warning")
        return
    view.tell("")
    if not view.is_current or not await _is_agreed(ctx, winner, listed):
        return
    if view.is_current:
        view.dismiss()
    if ctx.manager.here.path in {record.path for record, _ in listed}:
        await ctx.workspaces.enter_now(winner)
    while listed := await _archive(ctx, workspaces, listed):
        if not await _is_agreed(ctx, winner, listed):
            return
    assert ctx.workspaces.races is not None, "there is a race"
    await ctx.workspaces.races.decide(race, winner)
    ctx.redraw()
    ctx.tell(f"Kept {display_name(winner)}. Restore workspace brings the others back")


async def _is_agreed(ctx: UiContext, winner: WorkspaceRecord, listed: Listed) -> bool:
    home = str(Path.home())
    sheets = [
        present_losses.sheet(record, losses, workspace_endings.busy_in(ctx, record), home, branch_goes=False)
        for record, losses in listed
    ]
    title = present.title(winner.name, [record.name for record, _ in listed])
    question = present.question(winner.name, sheets)
    label = "archive the others" if len(listed) > 1 else "archive the other" if listed else "keep it"
    return await ctx.ask(ConfirmScreen(ctx, title, question, [("y", label)])) is not None


async def _archive(ctx: UiContext, workspaces: Workspaces, listed: Listed) -> Listed:
    """Archives one after the other; returns those from the first on that has changed since it was listed."""
    desk = ctx.workspaces
    for at, (record, losses) in enumerate(listed):
        try:
            done = await workspaces.archive(
                record,
                losses.fingerprint,
                ask=workspace_endings.ask_go_on(ctx),
                on_progress=lambda line, id_=record.id: desk.step(id_, line),  # type: ignore[misc]
            )
        finally:
            desk.created(record)
        if isinstance(done, Changed):
            ctx.tell(f"{record.name} was not archived: it changed since you looked", "warning")
            return [(record, done.losses), *listed[at + 1 :]]
    return []
