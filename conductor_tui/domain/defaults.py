"""What new sessions begin with, as the user's config.toml has it, and what would make them begin like a session."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from conductor_tui.domain.controls import SANDBOX_MODES, SandboxKind, SessionSettings


class Defaults(Struct, frozen=True):
    """The values of the file; None: it says nothing."""

    model: str | None = None
    effort: str | None = None
    service_tier: str | None = None
    sandbox_mode: str | None = None
    network_access: bool | None = None
    writable_roots: tuple[str, ...] | None = None
    exclude_tmpdir: bool | None = None
    exclude_slash_tmp: bool | None = None
    permission_profile: str | None = None
    """Where it is set, Codex ignores the sandbox mode."""
    approval_policy: str | None = None
    """`granular` where the file has rules of its own."""
    file: str = ""
    version: str = ""
    """Changes with the file; a write names the version it was read from."""


KEYS: Mapping[str, tuple[str, ...]] = {
    "model": ("model",),
    "effort": ("model_reasoning_effort",),
    "service_tier": ("service_tier",),
    "sandbox_mode": ("sandbox_mode",),
    "network_access": ("sandbox_workspace_write", "network_access"),
    "writable_roots": ("sandbox_workspace_write", "writable_roots"),
    "exclude_tmpdir": ("sandbox_workspace_write", "exclude_tmpdir_env_var"),
    "exclude_slash_tmp": ("sandbox_workspace_write", "exclude_slash_tmp"),
    "permission_profile": ("default_permissions",),
    "approval_policy": ("approval_policy",),
}
"""What of `Defaults` stands under which key of config.toml."""


def differing(before: Defaults, wanted: Defaults) -> Iterator[str]:
    """The fields that a write must change."""
    return (field for field in KEYS if getattr(before, field) != getattr(wanted, field))


def with_model_of(before: Defaults, settings: SessionSettings) -> Defaults:
    """The defaults with a session's model, effort and service tier."""
    return replace(before, model=settings.model, effort=settings.effort, service_tier=settings.service_tier)


def with_permissions_of(before: Defaults, settings: SessionSettings) -> Defaults:
    """The defaults with a session's sandbox or permission profile and its approval policy.

    Keys that mean the same without being written stay as they are.
    """
    wanted = replace(before, approval_policy=settings.approval_policy or before.approval_policy)
    if settings.permission_profile:
        return replace(wanted, permission_profile=settings.permission_profile)
    sandbox = settings.sandbox
    if sandbox is None:
        return wanted
    mode = next((mode for mode, kind in SANDBOX_MODES.items() if kind is sandbox.kind), None)
    wanted = replace(wanted, permission_profile=None, sandbox_mode=mode)
    if sandbox.kind is not SandboxKind.WORKSPACE_WRITE:
        return wanted
    roots = sandbox.writable_roots
    return replace(
        wanted,
        network_access=_said(before.network_access, sandbox.network_access),
        writable_roots=before.writable_roots if (before.writable_roots or ()) == roots else roots,
        exclude_tmpdir=_said(before.exclude_tmpdir, sandbox.exclude_tmpdir),
        exclude_slash_tmp=_said(before.exclude_slash_tmp, sandbox.exclude_slash_tmp),
    )


def _said(before: bool | None, wanted: bool) -> bool | None:
    return before if bool(before) is wanted else wanted
