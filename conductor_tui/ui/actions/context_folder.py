"""Commands on `.context`, the files that the user and agents share in a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_tui.ui.actions.workspaces import why_not_here

if TYPE_CHECKING:
    from conductor_tui.ui.screens.main import MainScreen


def notes(main: MainScreen) -> None:
    """Opens the notes in the user's editor."""
    _edit(main, "notes")


def todos(main: MainScreen) -> None:
    """Opens the todos in the user's editor."""
    _edit(main, "todos")


def _edit(main: MainScreen, name: str) -> None:
    workspaces, here, dock = main.workspaces.workspaces, main.workspaces.here, main.desk
    assert workspaces is not None and here is not None and dock is not None, "why_not says so"

    async def work() -> None:
        folder = await workspaces.tools.prepare_context(here.path)
        dock.edit(name, folder / f"{name}.md")

    main.workspaces.do(None, f"The {name} are not opened", work)


def why_not(main: MainScreen) -> str | None:
    """Why there are no notes and todos."""
    return why_not_here(main) or (None if main.desk is not None else "there is no dock to open the editor in")
