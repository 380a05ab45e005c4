"""Trust in the repository: the question before the first message, and the command that changes the answer."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from conductor_tui.domain.errors import AgentError
from conductor_tui.domain.items import Severity
from conductor_tui.domain.text import visible_line
from conductor_tui.domain.trust import TrustLevel
from conductor_tui.services.sessions.trust import WAITS
from conductor_tui.ui.actions.session import send_waiting
from conductor_tui.ui.context import Handler
from conductor_tui.ui.presentation import trust as words

if TYPE_CHECKING:
    from conductor_tui.domain.trust import FolderTrust
    from conductor_tui.services.sessions.session import Session
    from conductor_tui.services.sessions.trust import RepositoryTrust
    from conductor_tui.ui.context import UiContext
    from conductor_tui.ui.dialogs.picker import Choice, Picker

log = logging.getLogger(__name__)

_TOLD = {
    TrustLevel.TRUSTED: "This repository is trusted",
    TrustLevel.UNTRUSTED: "Codex asks before every command and edit here",
    None: "Codex is read-only here",
}
_UNREAD = "Could not read Codex's configuration"


def asks_first(ctx: UiContext, text: str) -> bool:
    """Whether a message must wait for the user's decision; it stays in the composer until then."""
    trust = ctx.manager.here.trust
    if not trust.wants_decision and not trust.is_deciding:
        return False
    ctx.panes.composer.put_back(text)
    ctx.manager.keep_draft(ctx.session, ctx.panes.composer.text)
    if trust.is_deciding:
        ctx.tell("Still saving your decision. The message is in the composer")
    else:
        ctx.run("Could not save your decision", _ask(ctx, ctx.session, trust, text))
    return True


def ask_for_waiting(ctx: UiContext) -> None:
    """Asks for messages that were written before it was known that nobody has decided."""
    waiting = [m for m in ctx.session.projection.outgoing if m.error == WAITS]
    if waiting:
        text = ctx.session.take_back()
        if not asks_first(ctx, text):  # decided meanwhile
            ctx.send(text)


async def decide(ctx: UiContext) -> None:
    """Shows what is in force, and lets the user change it."""
    session, trust = ctx.session, ctx.manager.here.trust
    await trust.read(await ctx.manager.connection.agent())
    await _ask(ctx, session, trust, "")


def why_unknown(ctx: UiContext) -> str | None:
    if not ctx.manager.connection.is_open:
        return "not connected to Codex"
    return None if ctx.manager.here.trust.now else "Codex cannot read its configuration"


def look_again(ctx: UiContext) -> None:
    """Reads the decision where that is still open: another window may have decided."""
    trust = ctx.manager.here.trust
    if ctx.manager.connection.current is not None and trust.is_undecided:
        ctx.run(_UNREAD, _read(ctx, trust))


async def _read(ctx: UiContext, trust: RepositoryTrust) -> None:
    try:
        await trust.read(await ctx.manager.connection.agent())
    except AgentError as error:
        log.info("trust is not known: %s", error)


async def _ask(ctx: UiContext, session: Session, trust: RepositoryTrust, text: str) -> None:
    """`text`: the message that waits; empty when there is none. It stays in the composer when the user goes back."""
    now = trust.now
    if now is None:
        await _ask_unknown(ctx, session, trust, text)
        return
    title = "Do you trust this repository?" if now.level is None else f"Trust: {words.in_force(now)} ·"
    choice = await ctx.ask(_picker(f"{title} {visible_line(now.key)}", _choices(now), text))
    if choice is not None:
        level = TrustLevel(choice) if choice in ("trusted", "untrusted") else None
        await _settle(ctx, session, trust, level, now.level, text)


def _picker(title: str, choices: list[Choice], text: str) -> Picker:
    from conductor_tui.ui.dialogs.picker import HELP, Picker

    return Picker(title, choices, help=f"{HELP} (keeps your message)" if text else HELP)


def _choices(now: FolderTrust) -> list[Choice]:
    from conductor_tui.ui.dialogs.picker import Choice

    is_open = now.level is None
    later = "Codex stays read-only here. You won't be asked again."
    if not is_open:
        later = f"Removes {visible_line(now.entry)} from {words.file_name(now)}. Codex becomes read-only here."
    return [
        Choice(
            "trusted",
            "Trust it",
            detail=f"{words.trusted_means(now)}\n{words.written(now, TrustLevel.TRUSTED)}",
            is_current=now.level is TrustLevel.TRUSTED,
        ),
        Choice(
            "untrusted",
            "Ask me before every command",
            detail=f"{words.untrusted_means()}\n{words.written(now, TrustLevel.UNTRUSTED)}",
            is_current=now.level is TrustLevel.UNTRUSTED,
        ),
        Choice(
            "later",
            "Not now" if is_open else "Remove the trust entry",
            detail=later,
            is_current=is_open,  # an Enter too many must not give trust
        ),
    ]


async def _ask_unknown(ctx: UiContext, session: Session, trust: RepositoryTrust, text: str) -> None:
    """Codex does not say what is decided: nothing can be written, and it may only read."""
    from conductor_tui.ui.dialogs.picker import Choice

    choices = [
        Choice("again", "Read the configuration again", detail="After fixing Codex's config.toml."),
        Choice("later", "Continue read-only", detail="Until Codex can read its configuration. Nothing is written."),
    ]
    choice = await ctx.ask(_picker("Codex cannot tell whether you trust this repository", choices, text))
    if choice is None:
        return
    if choice == "later":
        trust.read_only_meanwhile()
    else:
        await _read(ctx, trust)
        if trust.now is None:
            ctx.tell("Codex still cannot read its configuration", "warning")
            return
        if trust.wants_decision:
            await _ask(ctx, session, trust, text)
            return
    if text:
        send_waiting(ctx, session, text)


async def _settle(
    ctx: UiContext,
    session: Session,
    trust: RepositoryTrust,
    level: TrustLevel | None,
    before: TrustLevel | None,
    text: str,
) -> None:
    """`before`: what was in force when the user was asked."""
    try:
        is_ours = await trust.decide(await ctx.manager.connection.agent(), level, before)
    except AgentError as error:
        kept = ". The message is still in the composer" if text else ""
        ctx.tell(f"Nothing was written: {error}{kept}", "warning", timeout=8)
        return
    now = trust.now.level if trust.now else None
    if not is_ours:
        ctx.tell(f"Already decided elsewhere. {_TOLD[now]}", "warning")
    elif now is not before:
        ctx.tell(_TOLD[now])
    if now is not before and session.projection.turns:
        session.note(
            Severity.INFO,
            f"{_TOLD[now]}. This session keeps its permissions",
            "New sessions follow your decision. Permissions in the command palette changes this session.",
        )
    if text:
        send_waiting(ctx, session, text)


HANDLERS = {
    "session.trust": Handler(decide, why_unknown, failed=_UNREAD),
}
