"""Commands on what Codex works with: skills and MCP servers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conductor_tui.domain.text import from_home, visible_line
from conductor_tui.domain.toolbox import McpServer, McpState, Skills
from conductor_tui.sessions.ports import Agent
from conductor_tui.ui.actions import account
from conductor_tui.ui.actions.background import ask_codex
from conductor_tui.ui.actions.session import send_waiting
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.context import Handler
from conductor_tui.ui.presentation import toolbox as present

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext
    from conductor_tui.ui.screens.picker import Choice, Picker


def pick_skill(ctx: UiContext) -> None:
    """Lists the skills: Enter writes `$name` into the prompt, another key switches one on or off."""
    from conductor_tui.ui.screens.picker import Also, Picker

    here = ctx.manager.here

    def taken(path: str | None) -> None:
        skill = next((s for s in (here.skills or Skills()).found if s.path == path), None)
        if skill is not None:
            ctx.panes.focus(Pane.COMPOSER)
            ctx.panes.composer.insert(f"${skill.name} ")

    def switch(picker: Picker, path: str) -> None:
        skill = next((s for s in (here.skills or Skills()).found if s.path == path), None)
        if skill is None:
            return

        async def work(agent: Agent) -> None:
            await agent.switch_skill(skill, not skill.is_enabled)
            await ctx.manager.read_skills(agent, here)
            picker.show_choices(_skills(here.skills))

        ask_codex(ctx, f"{skill.name} was not switched", work)

    also = [Also("ctrl+t", "on or off, for every session", switch)]
    ctx.app.push_screen(
        Picker("Skills: Enter writes one into the prompt", _skills(here.skills), also=also, empty=_no_skills(ctx)),
        taken,
    )


def _skills(skills: Skills | None) -> list[Choice]:
    from conductor_tui.ui.screens.picker import Choice

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


def _no_skills(ctx: UiContext) -> str:
    return why_no_skills(ctx) or "No skills here. A folder with a SKILL.md under .agents/skills makes one."


def asks_first(ctx: UiContext, text: str) -> bool:
    """Whether a message names a skill that is switched off, which Codex would use; it goes back to the composer."""
    from conductor_tui.ui.screens.picker import Choice, Picker

    off = (ctx.manager.here.skills or Skills()).switched_off_in(text)
    if not off:
        return False
    session = ctx.session
    ctx.panes.composer.put_back(text)
    ctx.manager.keep_draft(session, ctx.panes.composer.text)
    names = " and ".join(f"${visible_line(name)}" for name in off)
    choices = [
        Choice("back", "Back to the message", detail="ctrl+t in the list of skills switches one on."),
        Choice("send", "Send it all the same", detail="Codex uses a skill that a message names, on or off."),
    ]

    def taken(choice: str | None) -> None:
        if choice == "send":
            send_waiting(ctx, session, text)

    title = f"{names} {'is' if len(off) == 1 else 'are'} switched off"
    ctx.app.push_screen(Picker(title, choices), taken)
    return True


def why_no_skills(ctx: UiContext) -> str | None:
    if not ctx.manager.connection.is_open:
        return "Codex is not connected"
    return "Codex has not listed them yet" if ctx.manager.here.skills is None else None


# MCP servers


def list_mcp(ctx: UiContext) -> None:
    """Lists the MCP servers with what became of them; the list grows when Codex has asked each one."""
    from conductor_tui.ui.screens.picker import Also, Picker

    started = ctx.session.projection.mcp_servers
    found = list(started.values())

    def taken(name: str | None) -> None:
        server = next((s for s in found if s.name == name), None)
        if server is not None:
            _show_server(ctx, server)

    async def ask(agent: Agent) -> None:
        found[:] = present.merged(await agent.list_mcp_servers(ctx.session.thread_id), started)
        picker.show_choices(_servers(found), empty="No MCP servers in config.toml. `codex mcp add` makes one.")

    def start_anew(picker: Picker, name: str) -> None:
        async def work(agent: Agent) -> None:
            await agent.reload_mcp_servers()
            await ask(agent)

        ask_codex(ctx, "The servers were not started anew", work)

    also = [Also("ctrl+r", "start all anew", start_anew)]
    picker = Picker("MCP servers", _servers(found), also=also, empty="Asking each server …")
    ctx.app.push_screen(picker, taken)
    ask_codex(ctx, "The MCP servers could not be listed", ask)


def _servers(servers: list[McpServer]) -> list[Choice]:
    from conductor_tui.ui.screens.picker import Choice

    return [
        Choice(s.name, s.name, note=present.server_note(s), detail=present.one_line(s.error, present.ERROR))
        for s in servers
    ]


def _show_server(ctx: UiContext, server: McpServer) -> None:
    """What can be done with one server."""
    from conductor_tui.ui.screens.picker import Choice, Picker
    from conductor_tui.ui.screens.reading import ReadingScreen

    is_off = server.state is McpState.OFF
    locked = "a plug-in brought it: switch the plug-in" if server.is_plugin else ""
    no_tools = "" if server.tools else "it offered none"
    choices = [
        Choice("tools", "Tools", note=str(len(server.tools)), reason=no_tools),
        Choice("sign_in", "Sign in", reason="" if server.state is McpState.NEEDS_SIGN_IN else "it needs none now"),
        Choice("switch", "Switch it on" if is_off else "Switch it off", detail="In config.toml.", reason=locked),
    ]

    def taken(what: str | None) -> None:
        match what:
            case "tools":
                ctx.app.push_screen(ReadingScreen(f"Tools of {visible_line(server.name)}", present.tools(server)))
            case "sign_in":
                _sign_in_to_mcp(ctx, server)
            case "switch":
                _switch_mcp(ctx, server, is_on=is_off)

    ctx.app.push_screen(Picker(server.name, choices), taken)


def _switch_mcp(ctx: UiContext, server: McpServer, *, is_on: bool) -> None:
    async def work(agent: Agent) -> None:
        await agent.switch_mcp_server(server.name, is_on)
        ctx.tell(f"{server.name} is {'on' if is_on else 'off'}, in config.toml too")

    ask_codex(ctx, f"{server.name} was not switched", work)


def _sign_in_to_mcp(ctx: UiContext, server: McpServer) -> None:
    from conductor_tui.ui.screens.picker import Choice, Picker

    async def work(agent: Agent) -> None:
        url = await agent.sign_in_to_mcp(server.name)
        note = "Codex waits on this machine for the browser's answer; the list of servers says when it worked."
        choices = [Choice("copy", "Copy the address", detail=f"{url}\n{note}")]

        def taken(what: str | None) -> None:
            if what == "copy":
                ctx.copy(url, "address")

        ctx.app.push_screen(Picker(f"Open this page to sign in to {server.name}", choices), taken)

    ask_codex(ctx, f"Signing in to {server.name} did not begin", work)


HANDLERS = {
    "control.skills": Handler(pick_skill, why_no_skills),
    "control.mcp": Handler(list_mcp, account.why_not_connected),
}
