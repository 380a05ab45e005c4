"""Commands on model providers. A provider belongs to a session from its start, so another one needs a new session."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from conductor_tui.domain.errors import AgentRefused
from conductor_tui.domain.text import visible_line
from conductor_tui.domain.toolbox import Provider, Providers
from conductor_tui.sessions.ports import Agent
from conductor_tui.ui.actions import account
from conductor_tui.ui.actions.background import ask_codex
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.context import Handler
from conductor_tui.ui.presentation import toolbox as present

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext

_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_KEPT_ID, _KEPT_URL = "provider", "provider's URL"
_ENV_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,80}")


def pick(ctx: UiContext) -> None:
    """Lists the providers that Codex knows here, and the way to add one."""

    async def work(agent: Agent) -> None:
        _list(ctx, await agent.read_providers(str(ctx.manager.here.path)))

    ask_codex(ctx, "Codex's providers cannot be read", work)


def _list(ctx: UiContext, providers: Providers) -> None:
    from conductor_tui.ui.screens.picker import Choice, Picker

    current = ctx.session.projection.settings.provider
    choices = [
        Choice(
            f"p:{p.id}",
            p.name or p.id,
            note=" · ".join(filter(None, (p.id, "for new sessions" if p.id == providers.default else ""))),
            detail=present.provider_detail(p),
            is_current=p.id == current,
        )
        for p in providers.known
    ]
    choices.append(Choice("add", "Add a provider …", detail="Anything that speaks the Responses API."))

    def taken(choice: str | None) -> None:
        if choice == "add":
            _ask_id(ctx, providers, ctx.not_taken.get(_KEPT_ID, ""))
        elif choice is not None:
            _use(ctx, next(p for p in providers.known if p.id == choice[2:]), providers)

    ctx.app.push_screen(Picker("Model provider", choices), taken)


def _use(ctx: UiContext, provider: Provider, providers: Providers) -> None:
    from conductor_tui.ui.screens.picker import Choice, Picker

    is_default = "new sessions have it already" if provider.id == providers.default else ""
    choices = [
        Choice("session", "Start a session with it", detail="This session keeps the provider it has."),
        Choice("default", "Use it for all new sessions", detail=f"Written to {providers.file}.", reason=is_default),
    ]

    async def make_default(agent: Agent) -> None:
        await agent.make_provider_default(provider.id, providers.version)
        ctx.tell(f"new sessions use {provider.id}; comments in the file are as they were")

    def taken(what: str | None) -> None:
        if what == "session":
            ctx.show_session(ctx.manager.start_anew(provider.id))
            ctx.panes.focus(Pane.COMPOSER)
        elif what == "default":
            ask_codex(ctx, "Nothing was written", make_default)

    ctx.app.push_screen(Picker(visible_line(provider.name or provider.id), choices), taken)


def _ask_id(ctx: UiContext, providers: Providers, before: str = "") -> None:
    """First of three questions; a wrong answer is asked again with the reason."""
    from conductor_tui.ui.screens.ask import Ask

    taken_ids = {p.id for p in providers.known}

    def wrong(text: str) -> str:
        if not _ID.fullmatch(text):
            return "letters, digits, - and _ only, 40 at most"
        return "this one exists already" if text in taken_ids else ""

    def named(name: str | None) -> None:
        if name:
            is_same = name == ctx.not_taken.get(_KEPT_ID)
            _ask_url(ctx, providers, name, ctx.not_taken.get(_KEPT_URL, "") if is_same else "")

    ctx.app.push_screen(Ask("Short name of the provider, such as proxy", before, wrong=wrong), named)


def _ask_url(ctx: UiContext, providers: Providers, name: str, before: str = "") -> None:
    from conductor_tui.ui.screens.ask import Ask

    def wrong(text: str) -> str:
        has_host = re.fullmatch(r"https?://[^\s/]+(/\S*)?", text)
        return "" if has_host else "an address such as https://host.example/v1"

    def given(url: str | None) -> None:
        if url is None:
            _ask_id(ctx, providers, name)
        elif url:
            _ask_env_key(ctx, providers, Provider(name, name, url))

    ctx.app.push_screen(Ask(f"Base URL of {name}, such as https://host.example/v1", before, wrong=wrong), given)


def _ask_env_key(ctx: UiContext, providers: Providers, provider: Provider) -> None:
    from conductor_tui.ui.screens.ask import Ask

    def wrong(text: str) -> str:
        return "" if not text or _ENV_KEY.fullmatch(text) else "the name of a variable, not the key itself"

    async def add(agent: Agent, env_key: str) -> None:
        made = Provider(provider.id, provider.name, provider.base_url, env_key)
        try:
            await agent.add_provider(made, providers.version)
        except AgentRefused as refused:
            is_stale = "modified since" in refused.message
            reason = "config.toml was changed meanwhile; try again" if is_stale else refused.message
            ctx.tell(f"{provider.id} was not added: {reason}", "warning")
            return
        for kept in (_KEPT_ID, _KEPT_URL):
            ctx.not_taken.pop(kept, None)
        fresh = await agent.read_providers(str(ctx.manager.here.path))
        _use(ctx, made, fresh)

    def given(env_key: str | None) -> None:
        if env_key is None:
            _ask_url(ctx, providers, provider.id, provider.base_url)
        else:
            ctx.not_taken |= {_KEPT_ID: provider.id, _KEPT_URL: provider.base_url}
            ask_codex(ctx, f"{provider.id} was not added", lambda agent: add(agent, env_key))

    title = f"Environment variable with the key for {provider.id} (empty: it needs none)"
    ctx.app.push_screen(Ask(title, wrong=wrong, is_optional=True), given)


HANDLERS = {
    "control.provider": Handler(pick, account.why_not_connected),
}
