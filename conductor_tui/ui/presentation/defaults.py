"""What new sessions start with, in words: what would change, and why a session's permissions cannot be the default."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from conductor_tui.domain.controls import PLAN_PROFILE, SANDBOX_MODES, SandboxKind, SessionSettings
from conductor_tui.domain.defaults import Defaults, differing
from conductor_tui.domain.text import visible_line
from conductor_tui.ui.presentation.controls import POLICY_WORDS, SANDBOX_WORDS

EVERYWHERE = "Applies in every folder. Other Codex clients apply it in untrusted folders too."
_NAMES = {
    "model": "model",
    "effort": "reasoning effort",
    "service_tier": "service tier",
    "sandbox_mode": "sandbox",
    "network_access": "network",
    "writable_roots": "writable folders",
    "exclude_tmpdir": "read-only $TMPDIR",
    "exclude_slash_tmp": "read-only /tmp",
    "permission_profile": "permission profile",
    "approval_policy": "approvals",
}
_UNSAID = "Codex's default"


def changes(before: Defaults, wanted: Defaults, seen: Defaults | None) -> Sequence[str]:
    """What would change, a line each, with what `seen` had where another program changed it since."""
    lines = []
    for field in differing(before, wanted):
        theirs, ours = _word(before, field), _word(wanted, field)
        was = theirs if seen is None else _word(seen, field)
        line = f"{_NAMES[field]}: {theirs} → {ours}"
        lines.append(line if was == theirs else f"{line}  (was {was}, changed by another program)")
    return lines


def _word(defaults: Defaults, field: str) -> str:
    match getattr(defaults, field):
        case None:
            return "none" if field == "permission_profile" else _UNSAID
        case bool() as is_on:
            return "on" if is_on else "off"
        case tuple() as folders:
            return visible_line(", ".join(folders)) or "none"
        case value if field == "sandbox_mode" and value in SANDBOX_MODES:
            return SANDBOX_WORDS[SANDBOX_MODES[value]]
        case value if field == "approval_policy":
            return POLICY_WORDS.get(value, visible_line(value))
        case value:
            return visible_line(value)


def why_not_permissions(
    settings: SessionSettings, before: Defaults, profiles: Collection[str], *, is_trust_undecided: bool
) -> str:
    """Why a session's permissions cannot be the default of new sessions; empty when they can.

    `profiles`: those that are known without the folder's own configuration.
    """
    kind = settings.sandbox.kind if settings.sandbox else SandboxKind.UNKNOWN
    profile, policy = settings.permission_profile, settings.approval_policy
    if settings.is_plan_mode or profile == PLAN_PROFILE:
        return "Plan Mode sets these. Leave Plan Mode first."
    if is_trust_undecided and kind is SandboxKind.READ_ONLY:
        return "Read-only because you have not decided on trust yet."
    if policy != before.approval_policy and policy == "untrusted":
        return f"Codex 0.163 and later accept “{POLICY_WORDS[policy]}” for a session only."
    if policy != before.approval_policy and policy == "granular":
        return "conductor-tui does not write approval rules. Edit config.toml."
    if profile and not profile.startswith(":") and profile not in profiles:
        return f"Your config.toml has no profile {visible_line(profile)}."
    if not profile and kind not in SANDBOX_MODES.values():
        return "config.toml has no name for this sandbox."
    return ""
