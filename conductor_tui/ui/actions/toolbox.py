"""Commands on what Codex works with: skills and MCP servers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conductor_tui.domain.text import from_home, visible_line
from conductor_tui.domain.toolbox import McpServer, McpState, Skill, Skills
from conductor_tui.ui.actions import account
from conductor_tui.ui.actions.session import send_waiting
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.context import Handler
from conductor_tui.ui.presentation import toolbox as present

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conductor_tui.services.sessions.session import Session
    from conductor_tui.services.sessions.session_folder import Folder
    from conductor_tui.ui.context import UiContext
    from conductor_tui.ui.dialogs.picker import Choice, Picker

_SWITCH_KEY = "ctrl+t"
"""The key of the list of skills that turns one on or off."""


async def pick_skill(ctx: UiContext) -> None:
    """Lists the skills: Enter inserts `$name` into the prompt, another key turns one on or off."""
    from conductor_tui.ui.dialogs.picker import Also, Picker

    session, here = ctx.session, ctx.manager.here

    def switch(picker: Picker, path: str) -> None:
        if (skill := _skill(here, path)) is not None:
            ctx.run(f"Could not turn {skill.name} {_state(not skill.is_enabled)}", _switch(ctx, here, skill, picker))

    also = [Also(_SWITCH_KEY, "turn on or off in all sessions", switch)]
    empty = why_no_skills(ctx) or "No skills here. To add one, create a folder with a SKILL.md under .agents/skills"
    path = await ctx.ask(Picker("Insert a skill into the prompt", _skills(here.skills), also=also, empty=empty))
    skill = _skill(here, path or "")
    if skill is not None and ctx.session is session:
        ctx.panes.focus(Pane.COMPOSER)
        ctx.panes.composer.insert(f"${skill.name} ")


async def _switch(ctx: UiContext, here: Folder, skill: Skill, picker: Picker) -> None:
    agent = await ctx.manager.connection.agent()
    await agent.switch_skill(skill, not skill.is_enabled)
    await ctx.manager.read_skills(agent, here)
    picker.show_choices(_skills(here.skills))


def _skill(here: Folder, path: str) -> Skill | None:
    return next((s for s in (here.skills or Skills()).found if s.path == path), None)


def _state(is_on: bool) -> str:
    return "on" if is_on else "off"


def _skills(skills: Skills | None) -> list[Choice]:
    from conductor_tui.ui.dialogs.picker import Choice

    home = str(Path.home())
    listed = skills or Skills()
    choices = [
        Choice(
            s.path,
            f"${s.name}",
            note=present.skill_note(s),
            detail=present.one_line(s.description),
            is_current=False,
        )
        for s in listed.found
    ]
    choices += [
        Choice(f"!{t.path}", from_home(t.path, home), reason=f"Codex cannot read it: {t.message}")
        for t in listed.troubles
    ]
    return choices


def asks_first(ctx: UiContext, text: str) -> bool:
    """Whether a message names a skill that is off, which Codex would use; the message returns to the composer."""
    off = (ctx.manager.here.skills or Skills()).switched_off_in(text)
    if not off:
        return False
    ctx.panes.composer.put_back(text)
    ctx.manager.keep_draft(ctx.session, ctx.panes.composer.text)
    ctx.run("Could not send the message", _ask_about_skills(ctx, ctx.session, text, off))
    return True


async def _ask_about_skills(ctx: UiContext, session: Session, text: str, off: Sequence[str]) -> None:
    from conductor_tui.ui.dialogs.picker import Choice, Picker

    names = " and ".join(f"${visible_line(name)}" for name in off)
    choices = [
        Choice("back", "Edit the message", detail=f"Press {_SWITCH_KEY} in the list of skills to turn a skill on."),
        Choice("send", "Send anyway", detail="Codex uses a skill that a message names, on or off."),
    ]
    if await ctx.ask(Picker(f"{names} {'is' if len(off) == 1 else 'are'} off", choices)) == "send":
        send_waiting(ctx, session, text)


def why_no_skills(ctx: UiContext) -> str | None:
    return account.why_not_connected(ctx) or (
        "Codex has not listed them yet" if ctx.manager.here.skills is None else None
    )


# MCP servers


class _McpServers:
    """A session's MCP servers, and the list that shows them; it grows when Codex has asked each one."""

    def __init__(self, ctx: UiContext) -> None:
        from conductor_tui.ui.dialogs.picker import Also, Picker

        self._ctx = ctx
        self._session = ctx.session
        self._found = list(self._started.values())
        self.picker = Picker(
            "MCP servers",
            _servers(self._found),
            also=[Also("ctrl+r", "restart all", self._restart_all)],
            empty="Asking each server …",
        )

    @property
    def _started(self) -> dict[str, McpServer]:
        return self._session.projection.mcp_servers

    def named(self, name: str | None) -> McpServer | None:
        return next((s for s in self._found if s.name == name), None)

    async def read(self) -> None:
        agent = await self._ctx.manager.connection.agent()
        self._found = present.merged(await agent.list_mcp_servers(self._session.thread_id), self._started)
        empty = "No MCP servers in config.toml. Add one with `codex mcp add`"
        self.picker.show_choices(_servers(self._found), empty=empty)

    def _restart_all(self, picker: Picker, name: str) -> None:
        self._ctx.run("Could not restart the MCP servers", self._restart())

    async def _restart(self) -> None:
        await (await self._ctx.manager.connection.agent()).reload_mcp_servers()
        await self.read()


async def list_mcp(ctx: UiContext) -> None:
    """Lists the MCP servers with their states, then what can be done with one."""
    servers = _McpServers(ctx)
    ctx.run("Could not list the MCP servers", servers.read())
    server = servers.named(await ctx.ask(servers.picker))
    if server is not None:
        await _show_server(ctx, server)


def _servers(servers: list[McpServer]) -> list[Choice]:
    from conductor_tui.ui.dialogs.picker import Choice

    return [
        Choice(s.name, s.name, note=present.server_note(s), detail=present.one_line(s.error, present.ERROR))
        for s in servers
    ]


async def _show_server(ctx: UiContext, server: McpServer) -> None:
    """What can be done with one server."""
    from conductor_tui.ui.dialogs.picker import Choice, Picker
    from conductor_tui.ui.dialogs.text import ReadingScreen

    is_off = server.state is McpState.OFF
    locked = "Provided by a plug-in. Turn the plug-in on or off instead." if server.is_plugin else ""
    no_tools = "" if server.tools else "This server has no tools."
    signed_in = "" if server.state is McpState.NEEDS_SIGN_IN else "No sign-in needed."
    title = f"Turn {_state(is_off)}"
    choices = [
        Choice("tools", "Tools", note=str(len(server.tools)), reason=no_tools),
        Choice("sign_in", "Sign in", reason=signed_in),
        Choice("switch", title, detail="Written to config.toml.", reason=locked),
    ]
    match await ctx.ask(Picker(server.name, choices)):
        case "tools":
            ctx.show(ReadingScreen(f"Tools of {visible_line(server.name)}", present.tools(server)))
        case "sign_in":
            ctx.run(f"Could not sign in to {server.name}", _sign_in_to_mcp(ctx, server))
        case "switch":
            ctx.run(f"Could not turn {server.name} {_state(is_off)}", _switch_mcp(ctx, server, is_on=is_off))


async def _switch_mcp(ctx: UiContext, server: McpServer, *, is_on: bool) -> None:
    await (await ctx.manager.connection.agent()).switch_mcp_server(server.name, is_on)
    ctx.tell(f"Turned {server.name} {_state(is_on)} in config.toml")


async def _sign_in_to_mcp(ctx: UiContext, server: McpServer) -> None:
    from conductor_tui.ui.dialogs.picker import Choice, Picker

    url = await (await ctx.manager.connection.agent()).sign_in_to_mcp(server.name)
    note = "Codex waits for the browser on this machine. The list of servers shows when it worked."
    choices = [Choice("copy", "Copy the address", detail=f"{url}\n{note}")]
    if await ctx.ask(Picker(f"Open this page to sign in to {server.name}", choices)) == "copy":
        ctx.copy(url, "address")


HANDLERS = {
    "control.skills": Handler(pick_skill, why_no_skills),
    "control.mcp": Handler(list_mcp, account.why_not_connected),
}
