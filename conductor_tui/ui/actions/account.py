"""Commands on the account: everything about it is Codex's; a key passes through and is not kept."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from conductor_tui.ui.context import Handler

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext


async def sign_in(ctx: UiContext) -> None:
    """Asks how, then signs in."""
    from conductor_tui.ui.dialogs.picker import Choice, Picker

    choices = [
        Choice("code", "ChatGPT with a code", detail="Works over SSH: open a page on any device and enter the code."),
        Choice("browser", "ChatGPT in a browser", detail="On another machine: paste the final address back here."),
        Choice("key", "API key", detail="Billed per token. The key is stored by Codex only."),
    ]
    way = await ctx.ask(Picker("Sign in", choices))
    if way == "key":
        await _sign_in_with_key(ctx)
    elif way is not None:
        await _sign_in_on_page(ctx, by_code=way == "code")


async def _sign_in_on_page(ctx: UiContext, *, by_code: bool) -> None:
    """Shows the page that Codex names. Where the user goes back before that, its sign-in is cancelled as it comes."""
    from conductor_tui.ui.screens.sign_in import SignInScreen

    setup, agent = ctx.manager.setup, await ctx.manager.connection.agent()
    setup.sign_in, setup.sign_in_error = None, ""
    async with asyncio.TaskGroup() as group:
        group.create_task(setup.begin_sign_in(agent, by_code=by_code))
        is_signed_in = await ctx.ask(SignInScreen(ctx))
    if is_signed_in:
        ctx.tell("Signed in")
    else:
        await setup.end_sign_in(agent)


async def _sign_in_with_key(ctx: UiContext) -> None:
    from conductor_tui.ui.dialogs.input import Ask

    key = await ctx.ask(Ask("API key", is_secret=True))
    if key:
        setup = ctx.manager.setup
        await setup.sign_in_with_key(await ctx.manager.connection.agent(), key)
        if setup.sign_in_error:
            ctx.tell(f"Could not sign in: {setup.sign_in_error}", "warning")
        else:
            ctx.tell("Signed in with an API key")


async def sign_out(ctx: UiContext) -> None:
    """Signs out of Codex, for every program that uses the same CODEX_HOME, when the user confirms."""
    from textual.content import Content

    from conductor_tui.ui.dialogs.confirm import ConfirmScreen

    text = Content("Signs out every program that uses the same CODEX_HOME.")
    if await ctx.ask(ConfirmScreen(ctx, "Sign out?", text, [("y", "sign out")])):
        await (await ctx.manager.connection.agent()).sign_out()
        ctx.tell("Signed out")


def why_not_connected(ctx: UiContext) -> str | None:
    return None if ctx.manager.connection.is_open else "not connected to Codex"


def why_not_signed_in(ctx: UiContext) -> str | None:
    account = ctx.manager.setup.account
    return why_not_connected(ctx) or (None if account and (account.kind or account.doubt) else "you're not signed in")


HANDLERS = {
    "account.sign_in": Handler(sign_in, why_not_connected, failed="Could not sign in"),
    "account.sign_out": Handler(sign_out, why_not_signed_in, failed="Could not sign out"),
}
