"""Threads, turns and settings."""

from __future__ import annotations

from typing import Any

import msgspec

from conductor_tui.protocol.wire.base import Wire


class ErrorBody(Wire):
    message: str | None = None
    codex_error_info: Any = None
    additional_details: str | None = None


class TurnBody(Wire):
    id: str = ""
    status: str | None = None
    items: list[msgspec.Raw] | None = None
    error: ErrorBody | None = None
    started_at: float | None = None
    duration_ms: int | None = None


class StatusBody(Wire):
    type: str = ""
    active_flags: list[str] | None = None


class GitBody(Wire):
    branch: str | None = None


class ThreadBody(Wire):
    id: str = ""
    name: str | None = None
    preview: str | None = None
    cwd: str | None = None
    model: str | None = None
    status: StatusBody | None = None
    git_info: GitBody | None = None
    updated_at: int | None = None
    recency_at: int | None = None
    parent_thread_id: str | None = None
    cli_version: str | None = None


class SandboxBody(Wire):
    type: str = ""
    network_access: bool | str | None = None
    writable_roots: list[str] | None = None
    exclude_tmpdir_env_var: bool | None = None
    exclude_slash_tmp: bool | None = None


class ModeBody(Wire):
    mode: str | None = None


class ProfileId(Wire):
    id: str | None = None


class SettingsBody(Wire):
    model: str | None = None
    model_provider: str | None = None
    effort: str | None = None
    service_tier: str | None = None
    approval_policy: Any = None
    approvals_reviewer: str | None = None
    sandbox_policy: SandboxBody | None = None
    active_permission_profile: ProfileId | None = None
    collaboration_mode: ModeBody | None = None
    personality: str | None = None
    cwd: str | None = None


class TurnsPage(Wire):
    data: list[TurnBody] | None = None
    next_cursor: str | None = None
    backwards_cursor: str | None = None


class OpenedBody(Wire):
    """Replies to `thread/start` and `thread/resume`."""

    thread: ThreadBody | None = None
    model: str | None = None
    model_provider: str | None = None
    reasoning_effort: str | None = None
    service_tier: str | None = None
    approval_policy: Any = None
    approvals_reviewer: str | None = None
    sandbox: SandboxBody | None = None
    active_permission_profile: ProfileId | None = None
    collaboration_mode: ModeBody | None = None
    cwd: str | None = None
    initial_turns_page: TurnsPage | None = None
    turns_backwards_cursor: str | None = None
