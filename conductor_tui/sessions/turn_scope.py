"""Controls for one turn only: what is changed holds for the next turn, then the session is as it was.

Codex keeps every change for all later turns, so the way back is ours. It is written down before anything changes, so
that a window that is closed meanwhile does not leave the session with settings that were meant for one turn.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from conductor_tui.domain import events as ev
from conductor_tui.domain.controls import SandboxPolicy, SessionSettings, SettingsUpdate, WayBack
from conductor_tui.domain.projection import SessionProjection
from conductor_tui.sessions.store import Store


class TurnScope:
    """The scope of changes in one session."""

    def __init__(self, projection: SessionProjection, store: Store, update: Callable[[SettingsUpdate], None]) -> None:
        self._projection = projection
        self._store = store
        self._update = update
        self.way_back: WayBack | None = None
        """None while changes hold for the session."""
        self._is_going_back = False

    def begin(self, effort: str | None) -> None:
        """What is changed from now on holds for the next turn. `effort`: the one in force where Codex names none."""
        settings = self._projection.settings
        self._keep(WayBack(replace(settings, effort=settings.effort or effort)))

    def stay(self) -> None:
        """What was changed stays for the session after all."""
        self._keep(None)

    def leave_plan_mode(self, sandbox: SandboxPolicy | None) -> None:
        """Plan Mode was left for good: what is gone back to is not in it. `sandbox`: the one before, if known."""
        if self.way_back is not None and self.way_back.settings.is_plan_mode:
            before = self.way_back.settings
            settings = replace(before, is_plan_mode=False, sandbox=sandbox or before.sandbox)
            self._keep(replace(self.way_back, settings=settings))

    def opened(self) -> None:
        """The thread is open, perhaps in another window than the one that began."""
        thread_id = self._projection.thread_id
        self.way_back = self._store.way_back(thread_id) if thread_id else None
        if self.way_back and self.way_back.has_begun and self._projection.running_turn is None:
            self._go_back()

    def apply(self, event: ev.Event) -> None:
        """Follows the turns; the way back is forgotten only when Codex has confirmed it."""
        if self.way_back is None:
            return
        if isinstance(event, ev.SettingsChanged) and self._is_going_back:
            self._keep(None)
        elif isinstance(event, ev.TurnStarted) and not self.way_back.has_begun:
            self._keep(replace(self.way_back, has_begun=True))
        elif isinstance(event, ev.TurnCompleted) and self.way_back.has_begun and not self._projection.running_turn:
            self._go_back()

    def _go_back(self) -> None:
        assert self.way_back is not None
        update = changes(self._projection.settings, self.way_back.settings)
        if update is None:
            self._keep(None)
        else:
            self._is_going_back = True
            self._update(update)

    def _keep(self, way_back: WayBack | None) -> None:
        self.way_back = way_back
        self._is_going_back = False
        if self._projection.thread_id:
            self._store.keep_way_back(self._projection.thread_id, way_back)


def changes(now: SessionSettings, wanted: SessionSettings) -> SettingsUpdate | None:
    """What must be changed to get from one to the other; None when nothing must."""
    update = SettingsUpdate(
        model=wanted.model if wanted.model != now.model else None,
        effort=wanted.effort if wanted.effort != now.effort else None,
        is_plan_mode=wanted.is_plan_mode if wanted.is_plan_mode != now.is_plan_mode else None,
        service_tier=(wanted.service_tier or "default") if wanted.service_tier != now.service_tier else None,
        approval_policy=wanted.approval_policy if wanted.approval_policy != now.approval_policy else None,
        sandbox=wanted.sandbox if wanted.sandbox != now.sandbox and not wanted.permission_profile else None,
        permission_profile=wanted.permission_profile if wanted.permission_profile != now.permission_profile else None,
        personality=wanted.personality if wanted.personality != now.personality else None,
    )
    return update if update != SettingsUpdate() else None
