"""The rows of the controls sidebar: what is in force, what comes next, and why a control is off. Pure functions."""

from __future__ import annotations

from msgspec import Struct

from conductor_tui.domain.controls import (
    LimitWindow,
    ModelOption,
    RateLimits,
    SandboxKind,
    SandboxPolicy,
    ServerInfo,
    SessionSettings,
    WayBack,
    plan_gaps,
    version_numbers,
)
from conductor_tui.domain.projection import SessionProjection
from conductor_tui.domain.text import visible_line
from conductor_tui.domain.toolbox import McpState, Skills
from conductor_tui.services.sessions.codex_setup import Catalogue
from conductor_tui.ui.presentation.numbers import count
from conductor_tui.ui.presentation.toolbox import goal_text, servers_text

FIRST_WITHOUT_PERSONALITY = (0, 163, 0)
FAST_TIERS = frozenset({"priority", "fast"})

SANDBOX_WORDS = {
    SandboxKind.READ_ONLY: "read-only",
    SandboxKind.WORKSPACE_WRITE: "workspace",
    SandboxKind.FULL_ACCESS: "full access",
    SandboxKind.EXTERNAL: "external sandbox",
    SandboxKind.UNKNOWN: "unknown",
}
POLICY_WORDS = {"untrusted": "untrusted", "on-request": "on request", "never": "never", "granular": "by rule"}
FULL_ACCESS = "No sandbox: full access to your account."


class ControlRow(Struct, frozen=True):
    """One control. `command` is what Enter does; without it the row only tells."""

    label: str
    value: str
    next: str = ""
    """The value from the next turn on, where it differs."""
    reason: str = ""
    """Why the control does not apply; the row is dim, and says it while it is highlighted, or alarming."""
    command: str = ""
    is_alarming: bool = False
    key: str = ""
    """The letter that runs the command while the pane has the focus."""


def model_name(catalogue: Catalogue, model: str) -> str:
    """The model's display name, else its id."""
    option = catalogue.model(model)
    return visible_line(option.name if option else model)


def _is_missing(catalogue: Catalogue, model: str) -> bool:
    """Whether Codex lists models, and this one is not among them."""
    return bool(catalogue.models) and catalogue.model(model) is None


def _model(catalogue: Catalogue, model: str) -> str:
    name = model_name(catalogue, model)
    return f"{name} (not listed)" if _is_missing(catalogue, model) else name


def permissions_text(sandbox: SandboxPolicy | None) -> str:
    """What commands may touch, in plain words."""
    if sandbox is None:
        return "not reported"
    words = SANDBOX_WORDS[sandbox.kind]
    return f"{words} + network" if sandbox.network_access and sandbox.kind is not SandboxKind.FULL_ACCESS else words


def is_fast(settings: SessionSettings) -> bool:
    """Whether Fast Mode is on."""
    return settings.service_tier in FAST_TIERS


def rows(
    projection: SessionProjection, catalogue: Catalogue, info: ServerInfo | None, way_back: WayBack | None
) -> list[ControlRow]:
    """The session's controls: values in force, and next to them what the next turn uses.

    `way_back`: what the session returns to after the next turn, where changes are for one turn only.
    """
    if not projection.settings.model:
        waiting = "…" if projection.is_connected else "not connected"
        return [ControlRow(label, waiting) for label in ("Model", "Effort", "Plan", "Fast", "Sandbox")]
    after = projection.settings
    now = projection.turn_settings or after
    option = catalogue.model(after.model)
    fast_reason = "" if option is None or option.fast_tier else "this model has none"
    effort_reason = "" if option is None or option.efforts else "this model has none"
    return [
        _row(
            "Model",
            _model(catalogue, now.model),
            _model(catalogue, after.model),
            "control.model",
            is_alarming=_is_missing(catalogue, after.model),
        ),
        _row("Effort", _effort(now, catalogue), _effort(after, catalogue), "control.effort", effort_reason),
        _row(
            "Plan",
            _plan(now),
            _plan(after),
            "control.plan",
            is_alarming=after.is_plan_mode and bool(plan_gaps(after)),
        ),
        _row("Fast", _on(is_fast(now)), _on(is_fast(after)), "control.fast", fast_reason),
        _row(
            "Sandbox",
            permissions_text(now.sandbox),
            permissions_text(after.sandbox),
            "control.permissions",
            is_alarming=after.sandbox is not None and after.sandbox.kind is SandboxKind.FULL_ACCESS,
        ),
        _row(
            "Approvals",
            _policy(now),
            _policy(after),
            "control.permissions",
            "a model decides for you" if is_reviewed_by_model(after) else "",
            is_alarming=is_reviewed_by_model(after),
        ),
        ControlRow(
            "Personality",
            visible_line(after.personality or "none"),
            reason=personality_reason(option, info) or "",
            command="control.personality",
        ),
        ControlRow(
            "Scope",
            _scope(way_back, catalogue),
            command="control.once",
            is_alarming=way_back is not None and bool(way_back.error),
        ),
    ]


def is_reviewed_by_model(settings: SessionSettings) -> bool:
    """Whether what needs approval is decided without the user."""
    return settings.approvals_reviewer not in ("", "user")


def personality_reason(option: ModelOption | None, info: ServerInfo | None) -> str | None:
    """Why a personality would change nothing; None when it works."""
    if info is not None and (numbers := version_numbers(info.version)) and numbers >= FIRST_WITHOUT_PERSONALITY:
        return "no effect since 0.163"
    return None if option is not None and option.supports_personality else "this model has none"


def _plan(settings: SessionSettings) -> str:
    gaps = plan_gaps(settings) if settings.is_plan_mode else ()
    return "on, can write" if gaps else _on(settings.is_plan_mode)


def _policy(settings: SessionSettings) -> str:
    policy = settings.approval_policy
    return POLICY_WORDS.get(policy, visible_line(policy) or "not reported")


def _scope(way_back: WayBack | None, catalogue: Catalogue) -> str:
    """How long changes apply."""
    if way_back is None:
        return "this session"
    settings = way_back.settings
    if way_back.error:
        return "not restored yet"
    then = " ".join(filter(None, (model_name(catalogue, settings.model), visible_line(settings.effort or ""))))
    when = "this turn" if way_back.has_begun else "next turn"
    return f"{when}, then {then}"


def toolbox_rows(projection: SessionProjection, skills: Skills | None) -> list[ControlRow]:
    """What Codex works with, and what it works towards."""
    goal, servers = projection.goal, projection.mcp_servers
    return [
        ControlRow("Skills", _skills(skills), command="control.skills"),
        ControlRow(
            "MCP",
            servers_text(servers) or "–",
            command="control.mcp",
            is_alarming=any(s.state is McpState.FAILED for s in servers.values()),
        ),
        ControlRow("Goal", goal_text(goal) if goal else "none", command="control.goal"),
    ]


def _skills(skills: Skills | None) -> str:
    if skills is None:
        return "…"
    off = len(skills.found) - skills.enabled
    broken = f", {len(skills.troubles)} unreadable" if skills.troubles else ""
    return f"{skills.enabled} on{f', {off} off' if off else ''}{broken}"


def _row(label: str, now: str, after: str, command: str, reason: str = "", *, is_alarming: bool = False) -> ControlRow:
    return ControlRow(label, now, "" if after == now else after, reason, command, is_alarming)


def _on(value: bool) -> str:
    return "on" if value else "off"


def _effort(settings: SessionSettings, catalogue: Catalogue) -> str:
    if settings.effort:
        return visible_line(settings.effort)
    option = catalogue.model(settings.model)
    return f"{option.default_effort} (default)" if option and option.default_effort else "default"


def usage_rows(projection: SessionProjection, limits: RateLimits, now: float) -> list[ControlRow]:
    """Context window, tokens and the account's limits, as Codex reports them. `now`: Unix seconds."""
    fraction = projection.usage.context_fraction
    result = [
        ControlRow("Context", "–" if fraction is None else f"{fraction:.0%} used"),
        ControlRow("Tokens", count(projection.usage.total) if projection.usage.total else "–"),
    ]
    for window in (limits.primary, limits.secondary):
        if window:
            result.append(ControlRow(_window_name(window), f"{window.used_percent} % used{_resets(window, now)}"))
    if limits.credits and (limits.credits.has_any or limits.credits.is_unlimited):
        left = "unlimited" if limits.credits.is_unlimited else visible_line(limits.credits.balance) or "credits left"
        result.append(ControlRow("Credits", left))
    return result


def _window_name(window: LimitWindow) -> str:
    minutes = window.window_minutes or 0
    if minutes >= 1440:
        return f"Limit {minutes // 1440}d"
    return f"Limit {minutes // 60}h" if minutes >= 60 else "Limit"


def _resets(window: LimitWindow, now: float) -> str:
    if window.resets_at is None:
        return ""
    minutes = max(0, int(window.resets_at - now) // 60)
    if minutes >= 1440:
        return f", resets in {minutes // 1440} d"
    return f", resets in {minutes // 60} h" if minutes >= 60 else f", resets in {minutes} min"


def server_rows(info: ServerInfo | None) -> list[ControlRow]:
    """Which Codex this is, and whether its turns outlive the window."""
    if info is None:
        return []
    version = info.version or "unknown version"
    origin = {"--codex": "given", "setting": "configured", "bundled": "bundled", "PATH": "from PATH"}.get(
        info.source, ""
    )
    server = "shared" if info.transport == "socket" else "this window’s"
    rows_ = [ControlRow("Codex", f"{version} {origin}".strip()), ControlRow("Server", server)]
    return rows_
