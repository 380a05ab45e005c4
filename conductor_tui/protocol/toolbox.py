"""What Codex can be given to work with: skills, MCP servers, goals, model providers."""

from __future__ import annotations

import asyncio

from conductor_tui.domain.goals import GoalStatus
from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.toolbox import (
    McpServer,
    McpState,
    Provider,
    Providers,
    Skill,
    Skills,
    SkillScope,
    SkillTrouble,
)
from conductor_tui.protocol import wire
from conductor_tui.protocol.typed_client import Asking

_BUILT_IN = Provider("openai", "OpenAI", requires_openai_auth=True, is_built_in=True)
"""Known to every Codex without an entry in config.toml."""
_SCOPES = frozenset(SkillScope)
_RUNTIME = {
    "starting": McpState.STARTING,
    "connected": McpState.READY,
    "failed": McpState.FAILED,
    "disabled": McpState.OFF,
    "authenticationRequired": McpState.NEEDS_SIGN_IN,
}


class ToolboxRequests(Asking):
    """The methods `skills/`, `mcpServer/`, `thread/goal/`, and `config/` as far as it is about providers."""

    async def list_skills(self, folder: str) -> Skills:
        """`skills/list` of one folder, read anew from the disk."""
        reply = await self._ask("skills/list", wire.SkillsReply, {"cwds": [folder], "forceReload": True})
        found = [_skill(s) for body in reply.data or [] for s in body.skills or []]
        troubles = [SkillTrouble(e.path or "", e.message or "") for body in reply.data or [] for e in body.errors or []]
        return Skills(tuple(found), tuple(troubles))

    async def switch_skill(self, skill: Skill, is_on: bool) -> None:
        """`skills/config/write`: for every session of this CODEX_HOME, from its next start on."""
        await self._send_writing("skills/config/write", {"path": skill.path, "enabled": is_on})

    async def list_mcp_servers(self, thread_id: ThreadId | None) -> tuple[McpServer, ...]:
        """`mcpServerStatus/list`. Older versions start every server for it and wait for the slowest."""
        found: list[McpServer] = []
        cursor: str | None = None
        while True:
            params: dict[str, object] = {"detail": "toolsAndAuthOnly"}
            if thread_id:
                params["threadId"] = thread_id
            if cursor:
                params["cursor"] = cursor
            page = await self._ask("mcpServerStatus/list", wire.McpServerPage, params, timeout=90, repeatable=True)
            found.extend(_mcp_server(s) for s in page.data or [])
            cursor = page.next_cursor
            if not cursor or not page.data:
                return tuple(found)

    async def sign_in_to_mcp(self, name: str) -> str:
        """`mcpServer/oauth/login`: the page to open in a browser; its end comes as an event."""
        reply = await self._ask("mcpServer/oauth/login", wire.McpLoginReply, {"name": name})
        return reply.authorization_url or ""

    async def switch_mcp_server(self, name: str, is_on: bool) -> None:
        """`enabled` of a server in the user's config.toml, then `config/mcpServer/reload` for loaded threads."""
        await self._write_config({f"mcp_servers.{quoted(name)}.enabled": is_on})
        await self._send("config/mcpServer/reload", {})

    async def reload_mcp_servers(self) -> None:
        """`config/mcpServer/reload`: all loaded threads read config.toml again and start their servers anew."""
        await self._send("config/mcpServer/reload", {})

    async def set_goal(self, thread_id: ThreadId, objective: str, token_budget: int | None) -> None:
        """`thread/goal/set`: Codex begins at once, and goes on turn after turn."""
        params = {"threadId": thread_id, "objective": objective, "status": "active", "tokenBudget": token_budget}
        await self._send("thread/goal/set", params)

    async def set_goal_status(self, thread_id: ThreadId, status: GoalStatus) -> None:
        """`thread/goal/set` with a status alone: pauses the goal, or goes on with it."""
        await self._send("thread/goal/set", {"threadId": thread_id, "status": status.value})

    async def clear_goal(self, thread_id: ThreadId) -> None:
        """`thread/goal/clear`."""
        await self._send("thread/goal/clear", {"threadId": thread_id})

    async def read_providers(self, folder: str) -> Providers:
        """`config/read`: providers of all layers that hold in a folder, and the built-in one."""
        whole, user = await asyncio.gather(
            self._ask("config/read", wire.ConfigReply, {"cwd": folder}),
            self._ask("config/read", wire.ConfigReply, {"includeLayers": True}),
        )
        config = whole.config or wire.ConfigBody()
        known = [_BUILT_IN] + [_provider(i, body) for i, body in (config.model_providers or {}).items()]
        layer = next((ly for ly in user.layers or [] if ly.name and ly.name.type == "user"), wire.LayerBody())
        file = (layer.name.file if layer.name else None) or ""
        return Providers(tuple(known), config.model_provider or _BUILT_IN.id, file, layer.version or "")

    async def add_provider(self, provider: Provider, version: str) -> None:
        """`config/batchWrite` of a table in `model_providers`. Refused when the file is no longer `version`."""
        table = {"name": provider.name, "base_url": provider.base_url, "wire_api": "responses"}
        if provider.env_key:
            table["env_key"] = provider.env_key
        await self._write_config({f"model_providers.{quoted(provider.id)}": table}, version)

    async def make_provider_default(self, provider_id: str, version: str) -> None:
        """`config/batchWrite` of `model_provider`: new sessions are started with it."""
        await self._write_config({"model_provider": provider_id}, version)


def quoted(name: str) -> str:
    """One segment of a `keyPath`: names with dots, spaces or quotes are written as a TOML string."""
    if name and all(c.isascii() and (c.isalnum() or c in "-_") for c in name):
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _skill(body: wire.SkillBody) -> Skill:
    scope = SkillScope(body.scope) if body.scope in _SCOPES else SkillScope.UNKNOWN
    return Skill(body.name, body.path, body.description or "", scope, body.enabled is not False)


def _mcp_server(body: wire.McpServerBody) -> McpServer:
    state = _RUNTIME.get(body.runtime_status or "", McpState.UNKNOWN)
    if body.auth_status == "notLoggedIn" and state in (McpState.UNKNOWN, McpState.FAILED):
        state = McpState.NEEDS_SIGN_IN
    if state is McpState.UNKNOWN and body.tools:
        state = McpState.READY
    tools = tuple((name, tool.description or "") for name, tool in (body.tools or {}).items())
    return McpServer(body.name, state, body.tools_error or "", tools, is_plugin=bool(body.plugin_id))


def _provider(provider_id: str, body: wire.ProviderBody) -> Provider:
    return Provider(
        provider_id, body.name or "", body.base_url or "", body.env_key or "", body.requires_openai_auth is True
    )
