"""What is in force in a session, and what may be chosen: models, efforts, modes, permissions.

Values are what the server reported, never what we wished for. Source: `thread/settings/updated`, `thread/start`,
`model/list`, `permissionProfile/list`.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct, field
from msgspec.structs import replace


class SandboxKind(StrEnum):
    """What commands may touch."""

    READ_ONLY = "readOnly"
    WORKSPACE_WRITE = "workspaceWrite"
    FULL_ACCESS = "dangerFullAccess"
    EXTERNAL = "externalSandbox"
    UNKNOWN = "unknown"


SANDBOX_MODES = {
    "read-only": SandboxKind.READ_ONLY,
    "workspace-write": SandboxKind.WORKSPACE_WRITE,
    "danger-full-access": SandboxKind.FULL_ACCESS,
}
"""`sandbox_mode` of config.toml."""


class SandboxPolicy(Struct, frozen=True):
    """The sandbox in force. Absolute paths."""

    kind: SandboxKind
    network_access: bool = False
    writable_roots: tuple[str, ...] = ()
    exclude_tmpdir: bool = False
    exclude_slash_tmp: bool = False


class SessionSettings(Struct, frozen=True):
    """A session's settings as Codex reports them. Empty strings and None mean: not reported."""

    model: str = ""
    provider: str = ""
    effort: str | None = None
    is_plan_mode: bool = False
    service_tier: str | None = None
    approval_policy: str = ""
    """`untrusted`, `on-request`, `never` or `granular`."""
    approval_rules: str = ""
    """What `granular` says, as JSON."""
    approvals_reviewer: str = ""
    """`user`, or what answers for the user: `auto_review`, a model."""
    sandbox: SandboxPolicy | None = None
    permission_profile: str | None = None
    personality: str | None = None
    cwd: str = ""
    is_mode_known: bool = True
    """Whether Codex said if Plan Mode is on: 0.144 does not when it opens a thread."""


class SettingsUpdate(Struct, frozen=True):
    """Changes for the next turn (`thread/settings/update`); None leaves a value as it is."""

    model: str | None = None
    effort: str | None = None
    is_plan_mode: bool | None = None
    service_tier: str | None = None
    """`priority` for Fast Mode, `default` for none."""
    approval_policy: str | None = None
    approval_rules: str = ""
    """What `granular` says, as JSON."""
    sandbox: SandboxPolicy | None = None
    """Beside a permission profile: what is used where the thread was loaded without that profile."""
    permission_profile: str | None = None
    personality: str | None = None


PLAN_PROFILE = "conductor-plan"
"""The permission profile of Plan Mode, which every thread is started and resumed with: it reads, and keeps one path
from being read. Codex runs what a rule allows outside a sandbox, but not outside one that has to hide something."""

PLAN_PROFILE_TABLE = {
    "description": "Plan Mode of conductor-tui: commands read, and rules do not lift that.",
    "extends": ":read-only",
    "filesystem": {"/.conductor-plan": "deny"},
}

PLAN_MODE = SettingsUpdate(
    is_plan_mode=True,
    approval_policy="never",  # nobody is asked, and what was approved for the session does not count
    sandbox=SandboxPolicy(SandboxKind.READ_ONLY),
    permission_profile=PLAN_PROFILE,
)
"""Codex's own Plan Mode is only a prompt; with this, nothing that it runs can write."""


def plan_gaps(settings: SessionSettings) -> tuple[str, ...]:
    """What may still write in Plan Mode, in words; empty when nothing may."""
    kind = settings.sandbox.kind if settings.sandbox else SandboxKind.UNKNOWN
    gaps = []
    if settings.permission_profile != PLAN_PROFILE:
        gaps.append("commands that rules allow" if kind is SandboxKind.READ_ONLY else "every command")
    if settings.approval_policy != "never":
        gaps.append("what you approve or approved for the session")
    return tuple(gaps)


class WayBack(Struct, frozen=True):
    """What a session goes back to after changes that hold for one turn only."""

    settings: SessionSettings
    has_begun: bool = False
    """Whether that turn has started."""
    last_turn: str = ""
    """Id of the newest turn when the changes began to hold; a newer one is the turn they were meant for."""
    error: str = ""
    """Why the session could not go back after that turn; empty when that was not tried, or is on its way."""


def applied(settings: SessionSettings, update: SettingsUpdate) -> SessionSettings:
    """The settings after an update, as far as it says."""
    known = {n: v for n in update.__struct_fields__ if (v := getattr(update, n)) not in (None, "")}
    if update.sandbox is not None and update.permission_profile is None:
        known["permission_profile"] = None
    return replace(settings, **known)


def permissions_of(settings: SessionSettings) -> SettingsUpdate:
    """What brings the permissions of these settings back."""
    return SettingsUpdate(
        approval_policy=settings.approval_policy or None,
        approval_rules=settings.approval_rules,
        sandbox=settings.sandbox,
        permission_profile=settings.permission_profile,
    )


class EffortOption(Struct, frozen=True):
    """A reasoning effort the model supports."""

    id: str
    description: str = ""


class ServiceTier(Struct, frozen=True):
    """A service tier the model offers."""

    id: str
    name: str
    description: str = ""


class ModelOption(Struct, frozen=True):
    """A model of this Codex set-up (`model/list`)."""

    id: str
    model: str
    """The name settings carry."""
    name: str
    description: str = ""
    is_default: bool = False
    is_hidden: bool = False
    efforts: tuple[EffortOption, ...] = ()
    default_effort: str | None = None
    tiers: tuple[ServiceTier, ...] = ()
    modalities: tuple[str, ...] = ()
    supports_personality: bool = False
    upgrade: str | None = None

    @property
    def fast_tier(self) -> ServiceTier | None:
        """The tier behind Fast Mode; None when the model has none."""
        return next((t for t in self.tiers if t.name.lower() == "fast" or t.id in ("priority", "fast")), None)


class PermissionProfile(Struct, frozen=True):
    """A permission profile Codex offers."""

    id: str
    description: str = ""
    is_allowed: bool = True


class LimitWindow(Struct, frozen=True):
    """How much of a rate-limit window is used."""

    used_percent: int
    window_minutes: int | None = None
    resets_at: int | None = None
    """Unix seconds."""


class Credits(Struct, frozen=True):
    """Credits beyond the plan's windows."""

    has_any: bool = False
    is_unlimited: bool = False
    balance: str = ""
    """As Codex writes it; empty when it does not say."""


class RateLimits(Struct, frozen=True):
    """The account's limits; None means: not reported."""

    primary: LimitWindow | None = None
    secondary: LimitWindow | None = None
    credits: Credits | None = None
    plan: str | None = None

    @property
    def is_counting(self) -> bool:
        """Whether there is a time until which to count."""
        return any(w is not None and w.resets_at is not None for w in (self.primary, self.secondary))


class Account(Struct, frozen=True):
    """Who is signed in (`account/read`)."""

    kind: str = ""
    """`chatgpt`, `apiKey`, or empty when nobody is signed in."""
    email: str = ""
    plan: str = ""
    requires_openai_auth: bool = True
    doubt: str = ""
    """Why Codex could not say who it is, mostly because it is offline; empty when it could."""

    @property
    def is_signed_out(self) -> bool:
        """Whether a turn would fail for want of a sign-in."""
        return not self.kind and self.requires_openai_auth and not self.doubt


class SignIn(Struct, frozen=True):
    """A sign-in that waits for the user's browser (`account/login/start`)."""

    login_id: str
    url: str
    code: str = ""
    """What to type on that page; empty where the page needs none."""


class ServerInfo(Struct, frozen=True):
    """The app-server we talk to."""

    version: str
    """Such as `0.163.0`; empty when the server did not say."""
    user_agent: str = ""
    codex_home: str = ""
    transport: str = "socket"
    """`socket` (outlives this window) or `stdio` (ends with it)."""
    is_ours: bool = False
    """Whether conductor-tui started it."""
    binary: str = ""
    """Path of the Codex binary we would start; a joined server may run another."""
    source: str = ""
    """Where the binary came from: `--codex`, `setting`, `bundled`, `PATH`."""
    missing_methods: frozenset[str] = field(default_factory=frozenset)


def version_numbers(text: str) -> tuple[int, ...] | None:
    """`0.163.0` and `0.170.0-alpha.1` as numbers; None when it is no version."""
    parts = text.split("-", 1)[0].split(".")
    return tuple(map(int, parts)) if len(parts) >= 2 and all(p.isdigit() for p in parts) else None


class Checked(Struct, frozen=True):
    """A change of settings after a look at the list of models."""

    update: SettingsUpdate
    """What can be applied."""
    remarks: tuple[str, ...] = ()
    """What cannot, or is replaced, one sentence each."""


def checked(update: SettingsUpdate, current: SessionSettings, models: Sequence[ModelOption]) -> Checked:
    """What of a change the models allow: Codex itself takes any model, effort and tier, and sends them.

    Hidden models are models. Where nothing is listed, or the model in force is not, nothing can be checked and all
    passes. An effort or a fast tier that a new model lacks gives way to what the model has.
    """
    if not models:
        return Checked(update)
    remarks = []
    if update.model is not None and _listed(update.model, models) is None:
        remarks.append(f"This Codex lists no model {update.model}; the model stays {current.model}.")
        update = replace(update, model=None)
    option = _listed(update.model or current.model, models)
    if option is None:
        return Checked(update, tuple(remarks))
    is_other = update.model is not None and update.model != current.model
    for check in (_checked_effort, _checked_tier):
        update, remark = check(update, current, option, is_other)
        if remark:
            remarks.append(remark)
    return Checked(update, tuple(remarks))


def _listed(name: str, models: Sequence[ModelOption]) -> ModelOption | None:
    return next((m for m in models if name in (m.model, m.id)), None)


def _checked_effort(
    update: SettingsUpdate, current: SessionSettings, option: ModelOption, is_other: bool
) -> tuple[SettingsUpdate, str]:
    wanted = update.effort or (current.effort if is_other else None)
    known = [e.id for e in option.efforts]
    if wanted is None or wanted in known:
        return update, ""
    if not known:
        remark = f"{option.name} has no reasoning efforts." if update.effort else ""
        return replace(update, effort=None), remark
    if is_other and option.default_effort:
        remark = f"{option.name} has no effort {wanted}; its default is used: {option.default_effort}."
        return replace(update, effort=option.default_effort), remark
    return replace(update, effort=None), f"{option.name} has no effort {wanted}, only {', '.join(known)}."


def _checked_tier(
    update: SettingsUpdate, current: SessionSettings, option: ModelOption, is_other: bool
) -> tuple[SettingsUpdate, str]:
    wanted = update.service_tier or (current.service_tier if is_other else None)
    known = {t.id for t in option.tiers} | ({"fast", option.fast_tier.id} if option.fast_tier else set())
    if wanted is None or wanted == "default" or wanted in known:
        return update, ""
    stays = "default" if is_other else None
    return replace(update, service_tier=stays), f"{option.name} has no service tier {wanted}."
