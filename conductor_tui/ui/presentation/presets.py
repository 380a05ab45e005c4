"""Presets in words. Pure functions."""

from __future__ import annotations

from conductor_tui.domain.controls import ModelOption, SandboxKind, SessionSettings, SettingsUpdate
from conductor_tui.domain.text import visible_line
from conductor_tui.services.sessions.codex_setup import Catalogue
from conductor_tui.ui.presentation.controls import FAST_TIERS, POLICY_WORDS, model_name, permissions_text

_PARTS = ("model", "effort", "mode", "speed", "sandbox", "approvals")


def parts(values: SettingsUpdate, catalogue: Catalogue) -> dict[str, str]:
    """What a preset sets, each part in few words, without parts that it does not set."""
    found: dict[str, str] = {}
    if values.model:
        found["model"] = model_name(catalogue, values.model)
    if values.effort:
        found["effort"] = visible_line(values.effort)
    if values.is_plan_mode is not None:
        found["mode"] = "Plan Mode" if values.is_plan_mode else "no Plan Mode"
    if values.service_tier:
        tier = values.service_tier
        found["speed"] = "fast" if tier in FAST_TIERS else ("not fast" if tier == "default" else visible_line(tier))
    if values.permission_profile:
        found["sandbox"] = visible_line(values.permission_profile)
    elif values.sandbox:
        found["sandbox"] = permissions_text(values.sandbox)
    if values.approval_policy:
        found["approvals"] = POLICY_WORDS.get(values.approval_policy, visible_line(values.approval_policy))
    return found


def summary(values: SettingsUpdate, catalogue: Catalogue) -> str:
    """All parts on one line, without what is off."""
    found = parts(values, catalogue)
    if "approvals" in found:
        found["approvals"] = f"approvals {found['approvals']}"
    return " · ".join(v for v in found.values() if v not in ("no Plan Mode", "not fast")) or "sets nothing"


def differences(before: SettingsUpdate, after: SettingsUpdate, catalogue: Catalogue) -> list[str]:
    """What saving would change, one line each."""
    old, new = parts(before, catalogue), parts(after, catalogue)
    return [
        f"{name}: {old.get(name, 'not set')} → {new.get(name, 'not set')}"
        for name in _PARTS
        if old.get(name) != new.get(name)
    ]


def of_session(settings: SessionSettings, option: ModelOption | None) -> SettingsUpdate:
    """The settings in force in a session, as a preset. A custom permission profile is kept by its name."""
    profile = settings.permission_profile or ""
    is_custom = bool(profile) and not profile.startswith(":") and not settings.is_plan_mode
    sandbox = settings.sandbox
    return SettingsUpdate(
        model=settings.model,
        effort=settings.effort or (option.default_effort if option else None),
        is_plan_mode=settings.is_plan_mode,
        service_tier=settings.service_tier or "default",
        approval_policy=settings.approval_policy if settings.approval_policy != "granular" else None,
        sandbox=sandbox if not is_custom and sandbox and sandbox.kind in _KEPT else None,
        permission_profile=profile if is_custom else None,
    )


_KEPT = (SandboxKind.READ_ONLY, SandboxKind.WORKSPACE_WRITE, SandboxKind.FULL_ACCESS)


def unsaid(settings: SessionSettings) -> str:
    """What of a session a preset cannot contain; empty when nothing."""
    if settings.approval_policy == "granular":
        return " without its approval rules"
    if settings.sandbox and settings.sandbox.kind not in _KEPT:
        return " without its sandbox"
    return ""


def is_in_force(values: SettingsUpdate, now: SettingsUpdate) -> bool:
    """Whether a session has all that a preset sets; `now` is `of_session`."""
    fast = {"fast": "priority"}
    return (
        all(
            wanted is None or fast.get(str(wanted), wanted) == fast.get(str(has), has)
            for name in values.__struct_fields__
            for wanted, has in [(getattr(values, name), getattr(now, name))]
        )
        and values != SettingsUpdate()
    )
