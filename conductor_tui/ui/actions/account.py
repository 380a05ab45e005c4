"""Commands on the account: everything about it is Codex's; a key passes through and is not kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_tui.ui.context import Handler

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext


def sign_in(ctx: UiContext) -> None:
    """Asks how, then signs in."""
    from conductor_tui.ui.screens.picker import Choice, Picker

    choices = [
        Choice("code", "ChatGPT, with a code", detail="Works over SSH: open a page on any device and type the code."),
        Choice("browser", "ChatGPT, in a browser", detail="On this machine, or elsewhere and paste where it ended."),
        Choice("key", "API key", detail="Use is billed by tokens. Codex keeps the key; conductor-tui does not."),
    ]

    def taken(way: str | None) -> None:
        if way == "key":
            _ask_key(ctx)
        elif way is not None:
            _open_page(ctx, by_code=way == "code")

    ctx.app.push_screen(Picker("Sign in", choices), taken)


def _open_page(ctx: UiContext, *, by_code: bool) -> None:
    from conductor_tui.ui.screens.sign_in import SignInScreen

    setup = ctx.manager.setup
    is_open = True

    async def begin() -> None:
        agent = await ctx.manager.connection.agent()
        await setup.begin_sign_in(agent, by_code=by_code)
        if not is_open:  # the user went back before Codex had named the page
            await setup.end_sign_in(agent)

    async def give_up() -> None:
        await setup.end_sign_in(await ctx.manager.connection.agent())

    async def hand_over(pasted: str) -> None:
        screen.handed_over(await setup.hand_over(await ctx.manager.connection.agent(), pasted))

    def closed(is_signed_in: bool | None) -> None:
        nonlocal is_open
        is_open = False
        if is_signed_in:
            ctx.tell("signed in")
        else:
            ctx.manager.spawn(give_up())

    setup.sign_in, setup.sign_in_error = None, ""
    ctx.manager.spawn(begin())
    screen = SignInScreen(setup, ctx.copy, lambda pasted: ctx.manager.spawn(hand_over(pasted)))
    ctx.app.push_screen(screen, closed)


def _ask_key(ctx: UiContext) -> None:
    from conductor_tui.ui.screens.ask import Ask

    async def send(key: str) -> None:
        await ctx.manager.setup.sign_in_with_key(await ctx.manager.connection.agent(), key)
        error = ctx.manager.setup.sign_in_error
        ctx.tell(f"not signed in: {error}" if error else "signed in with an API key", "warning" if error else "")

    def typed(key: str | None) -> None:
        if key:
            ctx.manager.spawn(send(key))

    ctx.app.push_screen(Ask("API key", is_secret=True), typed)


def sign_out(ctx: UiContext) -> None:
    """Signs out of Codex, for every program that shares its home, when the user says so twice."""
    from textual.content import Content

    from conductor_tui.ui.screens.confirm import ConfirmScreen

    def answered(key: str | None) -> None:
        if key is not None:
            ctx.manager.spawn(work())

    async def work() -> None:
        await (await ctx.manager.connection.agent()).sign_out()
        ctx.tell("signed out")

    text = Content("Codex forgets the sign-in or the key, in every program that shares its home.")
    ctx.app.push_screen(ConfirmScreen(ctx, "Sign out?", text, [("y", "sign out")]), answered)


def why_not_connected(ctx: UiContext) -> str | None:
    return None if ctx.manager.connection.is_open else "Codex is not connected"


def why_not_signed_in(ctx: UiContext) -> str | None:
    account = ctx.manager.setup.account
    return why_not_connected(ctx) or (None if account and (account.kind or account.doubt) else "nobody is signed in")


HANDLERS = {
    "account.sign_in": Handler(sign_in, why_not_connected),
    "account.sign_out": Handler(sign_out, why_not_signed_in),
}
