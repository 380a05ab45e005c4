"""The part of a fake Codex that is about skills, MCP servers, goals and providers."""

from __future__ import annotations

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

SKILLS = Skills(
    (
        Skill("release", "/repo/.agents/skills/release/SKILL.md", "Make a release.", SkillScope.REPOSITORY),
        Skill("review", "/home/ada/.codex/skills/review/SKILL.md", "Read a change.", SkillScope.USER, False),
    ),
    (SkillTrouble("/home/ada/.codex/skills/broken/SKILL.md", "missing YAML frontmatter"),),
)
MCP_SERVERS = (
    McpServer("files", McpState.READY, tools=(("read", "Reads a file."), ("write", "Writes a file."))),
    McpServer("issues", McpState.NEEDS_SIGN_IN),
    McpServer("bad", McpState.FAILED, "No such file or directory"),
)
PROVIDERS = Providers(
    (
        Provider("openai", "OpenAI", requires_openai_auth=True, is_built_in=True),
        Provider("scripted", "Scripted model", "http://127.0.0.1:1/v1"),
    ),
    "scripted",
    "/home/ada/.codex/config.toml",
    "v1",
)


class FakeToolbox:
    """Meets `sessions.ports.Toolbox`."""

    skills = SKILLS
    mcp_servers = MCP_SERVERS
    providers = PROVIDERS

    def _call(self, *call: object) -> None:
        raise NotImplementedError

    async def list_skills(self, folder: str) -> Skills:
        self._call("list_skills", folder)
        return self.skills

    async def switch_skill(self, skill: Skill, is_on: bool) -> None:
        self._call("switch_skill", skill.name, is_on)

    async def list_mcp_servers(self, thread_id: ThreadId | None) -> tuple[McpServer, ...]:
        self._call("list_mcp_servers", thread_id)
        return self.mcp_servers

    async def sign_in_to_mcp(self, name: str) -> str:
        self._call("sign_in_to_mcp", name)
        return "https://example.org/oauth"

    async def switch_mcp_server(self, name: str, is_on: bool) -> None:
        self._call("switch_mcp_server", name, is_on)

    async def reload_mcp_servers(self) -> None:
        self._call("reload_mcp_servers")

    async def set_goal(self, thread_id: ThreadId, objective: str, token_budget: int | None) -> None:
        self._call("set_goal", thread_id, objective, token_budget)

    async def set_goal_status(self, thread_id: ThreadId, status: GoalStatus) -> None:
        self._call("set_goal_status", thread_id, status)

    async def clear_goal(self, thread_id: ThreadId) -> None:
        self._call("clear_goal", thread_id)

    async def read_providers(self, folder: str) -> Providers:
        self._call("read_providers", folder)
        return self.providers

    async def add_provider(self, provider: Provider, version: str) -> None:
        self._call("add_provider", provider, version)

    async def make_provider_default(self, provider_id: str, version: str) -> None:
        self._call("make_provider_default", provider_id, version)
