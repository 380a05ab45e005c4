"""What a feature gets instead of a screen, and how it registers what its commands do."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

from conductor_tui.ui.host import Host

if TYPE_CHECKING:
    from conductor_tui.ui.dock_controller import DockController
    from conductor_tui.ui.workspace_controller import WorkspaceController


class UiContext(Host, Protocol):
    """The window as features see it."""

    workspaces: WorkspaceController
    dock: DockController | None
    """Scripts and terminals; None where nothing can be run."""


def _always(_: UiContext) -> str | None:
    return None


class Handler(Struct, frozen=True):
    """What a command of the app does."""

    run: Callable[[UiContext], Coroutine[Any, Any, None] | None]
    """At once, or as a flow that asks and waits."""
    reason: Callable[[UiContext], str | None] = _always
    """Why the command does not apply now; None when it does."""
    failed: str = ""
    """Begins what is said when the flow does not succeed: `Could not rename the session`."""
