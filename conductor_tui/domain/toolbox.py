"""What Codex can be given to work with: skills, MCP servers, model providers.

Source: `skills/list`; `mcpServerStatus/list`, `mcpServer/startupStatus/updated`; `config/read`.
"""

from __future__ import annotations

import re
from enum import StrEnum

from msgspec import Struct


class SkillScope(StrEnum):
    """Where a skill comes from, the nearest first."""

    REPOSITORY = "repo"
    USER = "user"
    SYSTEM = "system"
    ADMIN = "admin"
    UNKNOWN = "unknown"


class Skill(Struct, frozen=True):
    """A skill; `$name` in a prompt uses it."""

    name: str
    path: str
    """Absolute path of its SKILL.md."""
    description: str = ""
    scope: SkillScope = SkillScope.UNKNOWN
    is_enabled: bool = True


class SkillTrouble(Struct, frozen=True):
    """A skill that Codex could not read."""

    path: str
    message: str


class Skills(Struct, frozen=True):
    """The skills of one folder."""

    found: tuple[Skill, ...] = ()
    troubles: tuple[SkillTrouble, ...] = ()

    @property
    def enabled(self) -> int:
        """How many are switched on."""
        return sum(s.is_enabled for s in self.found)

    def switched_off_in(self, text: str) -> tuple[str, ...]:
        """The skills that a prompt names with `$` although they are switched off, and no other of that name is on."""
        on = {s.name for s in self.found if s.is_enabled}
        off = dict.fromkeys(s.name for s in self.found if s.name not in on)
        return tuple(name for name in off if re.search(rf"(?<![\w$\\])\${re.escape(name)}(?![\w:-])", text))


class McpState(StrEnum):
    """How it stands with an MCP server."""

    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"
    NEEDS_SIGN_IN = "needsSignIn"
    OFF = "off"
    UNKNOWN = "unknown"
    """Codex did not say."""


class McpServer(Struct, frozen=True):
    """An MCP server of config.toml or of a plug-in."""

    name: str
    state: McpState = McpState.UNKNOWN
    error: str = ""
    tools: tuple[tuple[str, str], ...] = ()
    """Name and description of each tool."""
    is_plugin: bool = False
    """A plug-in brought it: its switch is not in config.toml."""


class Provider(Struct, frozen=True):
    """A model provider that sessions can be started with."""

    id: str
    name: str = ""
    base_url: str = ""
    env_key: str = ""
    """Environment variable that holds its key; empty: none is needed, or Codex's own sign-in is used."""
    requires_openai_auth: bool = False
    is_built_in: bool = False


class Providers(Struct, frozen=True):
    """All providers, and which one new sessions have."""

    known: tuple[Provider, ...] = ()
    default: str = ""
    file: str = ""
    """The user's config.toml."""
    version: str = ""
    """Changes with the file; a write names the version it was read from."""
