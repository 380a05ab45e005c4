"""A preset applied to a session, in one change: Plan Mode brings its own permissions, and gives back what was."""

from __future__ import annotations

from msgspec.structs import replace

from conductor_tui.domain.controls import SettingsUpdate
from conductor_tui.services.sessions.session import Session


def use_preset(session: Session, values: SettingsUpdate) -> None:
    """Sends what a preset holds. In Plan Mode, permissions that can write wait until that mode is left."""
    controls = session.controls
    if session.thread_id is None:
        return
    was_plan = controls.expected.is_plan_mode
    update = values
    if was_plan if values.is_plan_mode is None else values.is_plan_mode:
        plan = controls.entering_plan()
        controls.after_plan(values)
        update = replace(plan, model=values.model, effort=values.effort, service_tier=values.service_tier)
        update = replace(update, personality=values.personality, is_plan_mode=values.is_plan_mode)
    elif was_plan:
        before = controls.leaving_plan()
        if values.sandbox is None and values.permission_profile is None:
            update = replace(update, sandbox=before.sandbox, permission_profile=before.permission_profile)
        if values.approval_policy is None:
            update = replace(update, approval_policy=before.approval_policy, approval_rules=before.approval_rules)
    session.update(update)
