"""A preset applied to a session, in one change: Plan Mode brings its read-only sandbox, and gives back what was."""

from __future__ import annotations

from msgspec.structs import replace

from conductor_tui.domain.controls import SandboxKind, SandboxPolicy, SettingsUpdate
from conductor_tui.sessions.session import Session
from conductor_tui.sessions.store import Store


def use_preset(session: Session, store: Store, values: SettingsUpdate) -> None:
    """Sends what a preset holds. In Plan Mode a sandbox that can write waits until that mode is left."""
    settings, thread_id = session.projection.settings, session.thread_id
    if thread_id is None:
        return
    is_plan = settings.is_plan_mode if values.is_plan_mode is None else values.is_plan_mode
    update = values
    if is_plan:
        can_write = values.sandbox is not None and values.sandbox.kind is not SandboxKind.READ_ONLY
        after = values.sandbox if can_write else (None if settings.is_plan_mode else settings.sandbox)
        if after is not None:
            store.keep_sandbox(thread_id, after)
        update = replace(values, sandbox=SandboxPolicy(SandboxKind.READ_ONLY), permission_profile=None)
    elif settings.is_plan_mode and values.sandbox is None and values.permission_profile is None:
        update = replace(values, sandbox=store.sandbox(thread_id))
    session.update(update)
