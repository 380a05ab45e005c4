"""Skills, MCP servers, goals and providers in words. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.content import Content

from conductor_tui.domain.goals import Goal, GoalStatus
from conductor_tui.domain.text import visible, visible_line
from conductor_tui.domain.toolbox import McpServer, McpState, Provider, Skill, SkillScope
from conductor_tui.ui.presentation.numbers import count

_SCOPES = {
    SkillScope.REPOSITORY: "this repository",
    SkillScope.USER: "yours",
    SkillScope.SYSTEM: "Codex's own",
    SkillScope.ADMIN: "your organisation's",
    SkillScope.UNKNOWN: "",
}
_STATES = {
    McpState.STARTING: "starting …",
    McpState.READY: "ready",
    McpState.FAILED: "failed",
    McpState.NEEDS_SIGN_IN: "needs sign-in",
    McpState.OFF: "off",
    McpState.UNKNOWN: "",
}
GOAL_WORDS = {
    GoalStatus.ACTIVE: "active",
    GoalStatus.PAUSED: "paused",
    GoalStatus.BLOCKED: "blocked",
    GoalStatus.USAGE_LIMITED: "stopped: account limit reached",
    GoalStatus.BUDGET_LIMITED: "stopped: token limit reached",
    GoalStatus.COMPLETE: "complete",
    GoalStatus.UNKNOWN: "",
}
_DETAIL, _SHORT, ERROR = 66, 40, 200
"""Characters of a text in a list, in a row of the sidebar, and of an error in a list."""


def one_line(text: str, limit: int = _DETAIL) -> str:
    """The first `limit` characters of a text, without line breaks."""
    line = visible_line(" ".join(text.split()))
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def skill_note(skill: Skill) -> str:
    """Where a skill comes from, and whether it is off."""
    return " · ".join(filter(None, (_SCOPES[skill.scope], "" if skill.is_enabled else "off")))


def server_note(server: McpServer) -> str:
    """The state of an MCP server, and how many tools it has."""
    tools = f"{len(server.tools)} tool{'' if len(server.tools) == 1 else 's'}" if server.tools else ""
    return " · ".join(filter(None, (_STATES[server.state], tools)))


def merged(listed: Sequence[McpServer], started: Mapping[str, McpServer]) -> list[McpServer]:
    """The listed servers; one whose state the list does not have gets that of the session's start."""
    result = []
    for server in listed:
        known = started.get(server.name)
        is_silent = server.state is McpState.UNKNOWN and known is not None
        result.append(McpServer(server.name, known.state, known.error, server.tools) if is_silent and known else server)
    return result


def servers_text(servers: Mapping[str, McpServer]) -> str:
    """All servers in a few words: `2 ready, 1 failed`."""
    states = [s.state for s in servers.values()]
    parts = [f"{states.count(state)} {_STATES[state]}" for state in _STATES if state in states and _STATES[state]]
    return ", ".join(parts)


def tools(server: McpServer) -> Content:
    """The tools of a server, each with what it does."""
    lines: list[Content] = []
    for name, description in server.tools:
        lines.append(Content.styled(visible_line(name), "bold"))
        if description:
            lines.append(Content.styled(f"  {visible(description.strip())}", "$text-muted"))
    return Content("\n").join(lines)


def goal_title(goal: Goal) -> str:
    """A goal, its state, and what it has used."""
    budget = f" of {count(goal.token_budget)}" if goal.token_budget else ""
    used = f"{count(goal.tokens_used)}{budget} tokens" if goal.tokens_used or budget else ""
    minutes = f"{goal.seconds_used // 60} min" if goal.seconds_used >= 60 else ""
    facts = ", ".join(filter(None, (GOAL_WORDS[goal.status], used, minutes)))
    return f"{one_line(goal.objective)}  ({facts})"


def goal_text(goal: Goal) -> str:
    """The state of a goal, and its first words."""
    return f"{GOAL_WORDS[goal.status]}: {one_line(goal.objective, _SHORT)}"


def provider_detail(provider: Provider) -> str:
    """The address of a provider, and how it authenticates."""
    if provider.is_built_in:
        return "Built into Codex · Codex sign-in"
    key = f"key in ${provider.env_key}" if provider.env_key else ""
    if not key:
        key = "OpenAI sign-in" if provider.requires_openai_auth else "no key"
    return " · ".join(filter(None, (one_line(provider.base_url), key)))
