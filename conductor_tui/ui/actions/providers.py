"""Commands on model providers. A provider belongs to a session from its start, so another one needs a new session."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from conductor_tui.domain.errors import AgentRefused
from conductor_tui.domain.text import visible_line
from conductor_tui.domain.toolbox import Provider, Providers
from conductor_tui.ui.actions import account
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.context import Handler
from conductor_tui.ui.presentation import toolbox as present

if TYPE_CHECKING:
    from collections.abc import Collection

    from conductor_tui.ui.context import UiContext

_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_URL = re.compile(r"https?://[^\s/]+(/\S*)?")
_ENV_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,80}")
_KEPT_ID, _KEPT_URL = "provider", "provider's URL"


async def pick(ctx: UiContext) -> None:
    """Lists the providers that Codex knows here, and the way to add one."""
    from conductor_tui.ui.dialogs.picker import Choice, Picker

    session, agent = ctx.session, await ctx.manager.connection.agent()
    providers = await agent.read_providers(str(session.folder.path))
    current = session.projection.settings.provider
    choices = [
        Choice(
            f"p:{p.id}",
            p.name or p.id,
            note=" · ".join(filter(None, (p.id, "default" if p.id == providers.default else ""))),
            detail=present.provider_detail(p),
            is_current=p.id == current,
        )
        for p in providers.known
    ]
    choices.append(Choice("add", "Add a provider …", detail="Any server that speaks the Responses API."))
    choice = await ctx.ask(Picker("Model provider", choices))
    if choice == "add":
        provider = await _new_provider(ctx, providers)
        if provider is not None:
            ctx.run(f"Could not add {provider.id}", _add(ctx, provider, providers))
    elif choice is not None:
        await _use(ctx, next(p for p in providers.known if p.id == choice[2:]), providers)


async def _use(ctx: UiContext, provider: Provider, providers: Providers) -> None:
    from conductor_tui.ui.dialogs.picker import Choice, Picker

    is_default = "New sessions already use it." if provider.id == providers.default else ""
    choices = [
        Choice("session", "Start a session with it", detail="This session keeps its provider."),
        Choice("default", "Use it for all new sessions", detail=f"Written to {providers.file}.", reason=is_default),
    ]
    what = await ctx.ask(Picker(visible_line(provider.name or provider.id), choices))
    if what == "session":
        ctx.show_session(ctx.manager.start_anew(provider.id))
        ctx.panes.focus(Pane.COMPOSER)
    elif what == "default":
        ctx.run("Could not save the default", _make_default(ctx, provider, providers))


async def _make_default(ctx: UiContext, provider: Provider, providers: Providers) -> None:
    agent = await ctx.manager.connection.agent()
    await agent.make_provider_default(provider.id, providers.version)
    ctx.tell(f"Saved {provider.id} as default for new sessions")


async def _new_provider(ctx: UiContext, providers: Providers) -> Provider | None:
    """Asks for name, URL and variable; going back leads to the question before."""
    from conductor_tui.ui.dialogs.input import Ask

    name, taken = ctx.not_taken.get(_KEPT_ID, ""), {p.id for p in providers.known}
    while typed := await ctx.ask(
        Ask("Short name of the provider, such as proxy", name, wrong=partial(_wrong_id, taken))
    ):
        name = typed
        url = ctx.not_taken.get(_KEPT_URL, "") if name == ctx.not_taken.get(_KEPT_ID) else ""
        title = f"Base URL of {name}, such as https://host.example/v1"
        while typed := await ctx.ask(Ask(title, url, wrong=_wrong_url)):
            url = typed
            question = f"Environment variable with the key for {name} (empty: no key needed)"
            env_key = await ctx.ask(Ask(question, wrong=_wrong_env_key, is_optional=True))
            if env_key is not None:
                ctx.not_taken |= {_KEPT_ID: name, _KEPT_URL: url}
                return Provider(name, name, url, env_key)
    return None


def _wrong_id(taken: Collection[str], text: str) -> str:
    if not _ID.fullmatch(text):
        return "Use letters, digits, - and _ only, at most 40"
    return f"{text} already exists" if text in taken else ""


def _wrong_url(text: str) -> str:
    return "" if _URL.fullmatch(text) else "Enter a URL such as https://host.example/v1"


def _wrong_env_key(text: str) -> str:
    return "" if not text or _ENV_KEY.fullmatch(text) else "Enter the name of a variable, not the key itself"


async def _add(ctx: UiContext, provider: Provider, providers: Providers) -> None:
    folder, agent = str(ctx.session.folder.path), await ctx.manager.connection.agent()
    try:
        await agent.add_provider(provider, providers.version)
    except AgentRefused as refused:
        if "modified since" not in refused.message:
            raise
        ctx.tell(f"Could not add {provider.id}: config.toml changed meanwhile. Try again", "warning")
        return
    for kept in (_KEPT_ID, _KEPT_URL):
        ctx.not_taken.pop(kept, None)
    await _use(ctx, provider, await agent.read_providers(folder))


HANDLERS = {
    "control.provider": Handler(pick, account.why_not_connected, failed="Could not read the model providers"),
}
