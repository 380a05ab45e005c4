"""Controls for one turn only: what is changed holds for the next turn, then the session is as it was.

Codex keeps every change for all later turns, so the way back is ours. It is written down before anything changes, so
that a window that is closed meanwhile does not leave the session with settings that were meant for one turn, and it is
forgotten only when Codex has taken it: until then no other turn begins.
"""

from __future__ import annotations

from msgspec.structs import replace

from conductor_tui.domain import events as ev
from conductor_tui.domain.controls import SessionSettings, SettingsUpdate, WayBack, applied
from conductor_tui.domain.projection import SessionProjection
from conductor_tui.storage.database import Store


class TurnScope:
    """The scope of changes in one session."""

    def __init__(self, projection: SessionProjection, store: Store) -> None:
        self._projection = projection
        self._store = store
        self.way_back: WayBack | None = None
        """None while changes hold for the session."""
        self._forgotten: WayBack | None = None
        """The store writes behind: what was forgotten last may still be read from it."""
        self._is_accepted = False
        """Whether Codex has answered that it goes back; its new settings tell what came of it."""

    @property
    def must_go_back(self) -> bool:
        """Whether the turn is over that the changes were meant for, and Codex has not taken the way back yet."""
        way_back = self.way_back
        is_over = way_back is not None and way_back.has_begun and self._projection.running_turn is None
        return is_over and not self._is_accepted

    def begin(self, effort: str | None) -> None:
        """What is changed from now on holds for the next turn. `effort`: the one in force where Codex names none."""
        settings = self._projection.settings
        self._keep(WayBack(replace(settings, effort=settings.effort or effort), last_turn=self._newest_turn()))

    def stay(self) -> None:
        """What was changed stays for the session after all."""
        self._keep(None)

    def leave_plan_mode(self, before: SettingsUpdate) -> None:
        """Plan Mode was left for good: what is gone back to is not in it. `before`: what left it."""
        if self.way_back is not None and self.way_back.settings.is_plan_mode:
            self._keep(replace(self.way_back, settings=applied(self.way_back.settings, before)))

    def changed(self, update: SettingsUpdate) -> None:
        """The user changes settings: after the turn that is over, this is what is gone back to."""
        if self._is_accepted:
            self._keep(None)
        elif self.way_back is not None and self.must_go_back:
            self._keep(replace(self.way_back, settings=applied(self.way_back.settings, update)))

    def opened(self) -> None:
        """The thread is open, perhaps in another window than the one that began, or after turns that nobody saw."""
        self._is_accepted = False
        self._look()
        if self.way_back is not None and not self.way_back.has_begun and self._is_newer_turn_there():
            self._keep(replace(self.way_back, has_begun=True))

    def apply(self, event: ev.Event) -> None:
        """Follows the turns and what Codex says of its settings."""
        if isinstance(event, ev.TurnStarted | ev.TurnCompleted):
            self._look()  # another window may have begun, and be gone
        if self.way_back is None:
            return
        if isinstance(event, ev.SettingsChanged) and self._is_accepted:
            if self.update() is None:
                self._keep(None)
        elif isinstance(event, ev.TurnStarted):
            self._keep(None if self._is_accepted else replace(self.way_back, has_begun=True))

    def update(self) -> SettingsUpdate | None:
        """What goes back; None when nothing must be changed."""
        return changes(self._projection.settings, self.way_back.settings) if self.way_back else None

    def accepted(self) -> None:
        """Codex takes the way back."""
        if self.way_back is not None:
            self.way_back = replace(self.way_back, error="")
            self._is_accepted = True
            if self.update() is None:
                self._keep(None)

    def failed(self, error: str) -> None:
        """Codex did not take the way back; it is tried again before the next message."""
        if self.way_back is not None:
            self.way_back = replace(self.way_back, error=error)

    def _look(self) -> None:
        thread_id = self._projection.thread_id
        if self.way_back is None and thread_id is not None:
            found = self._store.way_back(thread_id)
            self.way_back = found if found != self._forgotten else None

    def _newest_turn(self) -> str:
        return next((turn_id for turn_id in reversed(self._projection.turns) if turn_id), "")

    def _is_newer_turn_there(self) -> bool:
        assert self.way_back is not None
        return self._newest_turn() != self.way_back.last_turn

    def _keep(self, way_back: WayBack | None) -> None:
        if way_back is None:
            self._forgotten = self.way_back and replace(self.way_back, error="")
        self.way_back = way_back
        self._is_accepted = False
        if self._projection.thread_id:
            self._store.keep_way_back(self._projection.thread_id, way_back)


def changes(now: SessionSettings, wanted: SessionSettings) -> SettingsUpdate | None:
    """What must be changed to get from one to the other; None when nothing must."""
    is_policy_other = (wanted.approval_policy, wanted.approval_rules) != (now.approval_policy, now.approval_rules)
    is_access_other = (wanted.permission_profile, wanted.sandbox) != (now.permission_profile, now.sandbox)
    update = SettingsUpdate(
        model=wanted.model if wanted.model != now.model else None,
        effort=wanted.effort if wanted.effort != now.effort else None,
        is_plan_mode=wanted.is_plan_mode if wanted.is_plan_mode != now.is_plan_mode else None,
        service_tier=_or(wanted.service_tier, "default", now.service_tier),
        approval_policy=wanted.approval_policy if is_policy_other else None,
        approval_rules=wanted.approval_rules if is_policy_other else "",
        sandbox=wanted.sandbox if is_access_other else None,
        permission_profile=wanted.permission_profile if is_access_other else None,
        personality=_or(wanted.personality, "none", now.personality),
    )
    return update if update != SettingsUpdate() else None


def _or(wanted: str | None, nothing: str, now: str | None) -> str | None:
    """The value to send, where `nothing` is what stands for none."""
    return (wanted or nothing) if (wanted or nothing) != (now or nothing) else None
