"""Results of requests."""

from __future__ import annotations

from typing import Any

from conductor_tui.protocol.wire.base import Wire
from conductor_tui.protocol.wire.items import UserInput
from conductor_tui.protocol.wire.threads import ThreadBody, TurnBody


class TurnReply(Wire):
    turn: TurnBody | None = None


class PromptReply(Wire):
    prompt: str | None = None


class ThreadPage(Wire):
    data: list[ThreadBody] | None = None
    next_cursor: str | None = None


class EffortBody(Wire):
    reasoning_effort: str = ""
    description: str | None = None


class TierBody(Wire):
    id: str = ""
    name: str | None = None
    description: str | None = None


class ModelBody(Wire):
    id: str = ""
    model: str | None = None
    display_name: str | None = None
    description: str | None = None
    is_default: bool | None = None
    hidden: bool | None = None
    supported_reasoning_efforts: list[EffortBody] | None = None
    default_reasoning_effort: str | None = None
    service_tiers: list[TierBody] | None = None
    input_modalities: list[str] | None = None
    supports_personality: bool | None = None
    upgrade: str | None = None


class ModelPage(Wire):
    data: list[ModelBody] | None = None
    next_cursor: str | None = None


class ProfileBody(Wire):
    id: str = ""
    description: str | None = None
    allowed: bool | None = None


class ProfilePage(Wire):
    data: list[ProfileBody] | None = None
    next_cursor: str | None = None


class AccountBody(Wire):
    type: str | None = None
    email: str | None = None
    plan_type: str | None = None


class AccountReply(Wire):
    account: AccountBody | None = None
    requires_openai_auth: bool | None = None


class ExecReply(Wire):
    exit_code: int | None = None
    stdout: str | None = None
    stderr: str | None = None


class LayerName(Wire):
    type: str | None = None
    file: str | None = None


class ProviderBody(Wire, rename=None):
    """A table of `model_providers`."""

    name: str | None = None
    base_url: str | None = None
    env_key: str | None = None
    requires_openai_auth: bool | None = None


class ProjectBody(Wire, rename=None):
    trust_level: str | None = None


class WorkspaceWriteBody(Wire, rename=None):
    network_access: bool | None = None
    writable_roots: tuple[str, ...] | None = None
    exclude_tmpdir_env_var: bool | None = None
    exclude_slash_tmp: bool | None = None


class ConfigBody(Wire, rename=None):
    """Of config.toml, what is read; its keys are in snake case."""

    model: str | None = None
    model_reasoning_effort: str | None = None
    service_tier: str | None = None
    model_provider: str | None = None
    sandbox_mode: Any = None
    sandbox_workspace_write: WorkspaceWriteBody | None = None
    default_permissions: Any = None
    approval_policy: Any = None
    projects: dict[str, ProjectBody] | None = None
    model_providers: dict[str, ProviderBody] | None = None


class LayerBody(Wire):
    name: LayerName | None = None
    version: str | None = None
    config: ConfigBody | None = None


class ConfigReply(Wire):
    config: ConfigBody | None = None
    layers: list[LayerBody] | None = None


class SkillBody(Wire):
    name: str = ""
    path: str = ""
    description: str | None = None
    scope: str | None = None
    enabled: bool | None = None


class SkillErrorBody(Wire):
    path: str | None = None
    message: str | None = None


class SkillsBody(Wire):
    """The skills of one folder."""

    skills: list[SkillBody] | None = None
    errors: list[SkillErrorBody] | None = None


class SkillsReply(Wire):
    data: list[SkillsBody] | None = None


class ToolBody(Wire):
    description: str | None = None


class McpServerBody(Wire):
    name: str = ""
    runtime_status: str | None = None
    plugin_id: str | None = None
    tools: dict[str, ToolBody] | None = None
    tools_error: str | None = None
    auth_status: str | None = None


class McpServerPage(Wire):
    data: list[McpServerBody] | None = None
    next_cursor: str | None = None


class McpLoginReply(Wire):
    authorization_url: str | None = None


class LoginReply(Wire):
    login_id: str | None = None
    auth_url: str | None = None
    verification_url: str | None = None
    user_code: str | None = None


class QueuedBody(Wire):
    id: str = ""
    input: list[UserInput] | None = None
    client_user_message_id: str | None = None


class QueuePage(Wire):
    data: list[QueuedBody] | None = None
    next_cursor: str | None = None


class TerminalBody(Wire):
    process_id: str | None = None


class TerminalPage(Wire):
    data: list[TerminalBody] | None = None


class InitializeReply(Wire):
    user_agent: str | None = None
    codex_home: str | None = None
