"""What each command of the app does: joined here from the features, which do not know each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from conductor_tui.ui.actions import (
    account,
    context_folder,
    controls,
    goal,
    inbox,
    new_workspace,
    plan,
    presets,
    providers,
    race,
    scripts,
    session,
    settings,
    toolbox,
    trust,
    variables,
    view,
    workspace_endings,
    workspaces,
)
from conductor_tui.ui.context import Handler, UiContext

HANDLERS: Mapping[str, Handler] = {
    **account.HANDLERS,
    **inbox.HANDLERS,
    **context_folder.HANDLERS,
    **controls.HANDLERS,
    **goal.HANDLERS,
    **new_workspace.HANDLERS,
    **plan.HANDLERS,
    **presets.HANDLERS,
    **providers.HANDLERS,
    **race.HANDLERS,
    **scripts.HANDLERS,
    **session.HANDLERS,
    **settings.HANDLERS,
    **toolbox.HANDLERS,
    **trust.HANDLERS,
    **variables.HANDLERS,
    **view.HANDLERS,
    **workspace_endings.HANDLERS,
    **workspaces.HANDLERS,
}

FOLLOWERS: Sequence[Callable[[UiContext], None]] = (race.tell_when_over,)
"""Called after each change of a session's or workspace's state."""
