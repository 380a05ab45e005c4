"""Trust in the repository: the question before the first message, and the command to change one's mind."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from conductor_tui.domain.errors import AgentError
from conductor_tui.domain.items import Severity
from conductor_tui.domain.text import visible_line
from conductor_tui.domain.trust import TrustLevel
from conductor_tui.sessions.trust import WAITS
from conductor_tui.ui.actions.session import send_waiting
from conductor_tui.ui.context import Handler
from conductor_tui.ui.presentation import trust as words

if TYPE_CHECKING:
    from conductor_tui.sessions.session import Session
    from conductor_tui.ui.context import UiContext

log = logging.getLogger(__name__)

_TOLD = {
    TrustLevel.TRUSTED: "this repository is trusted",
    TrustLevel.UNTRUSTED: "Codex asks before commands here",
    None: "Codex only reads here",
}


def asks_first(ctx: UiContext, text: str) -> bool:
    """Whether a message must wait for the user's decision; it stands in the composer until then."""
    trust = ctx.manager.here.trust
    if not trust.wants_decision and not trust.is_deciding:
        return False
    ctx.panes.composer.put_back(text)
    ctx.manager.keep_draft(ctx.session, ctx.panes.composer.text)
    if trust.is_deciding:
        ctx.tell("your decision is being written; your message is still in the composer")
    else:
        _ask(ctx, text)
    return True


def ask_for_waiting(ctx: UiContext) -> None:
    """Asks for messages that were written before it was known that nobody has decided."""
    waiting = [m for m in ctx.session.projection.outgoing if m.error == WAITS]
    if waiting:
        text = ctx.session.take_back()
        if not asks_first(ctx, text):  # decided meanwhile
            ctx.send(text)


def decide(ctx: UiContext) -> None:
    """Shows what holds now, and lets the user change it."""

    async def look() -> None:
        try:
            await ctx.manager.here.trust.read(await ctx.manager.connection.agent())
        except AgentError as error:
            ctx.tell(f"Codex's configuration cannot be read: {error}", "warning")
            return
        _ask(ctx, "")

    ctx.manager.spawn(look())


def why_unknown(ctx: UiContext) -> str | None:
    if not ctx.manager.connection.is_open:
        return "Codex is not connected"
    return None if ctx.manager.here.trust.now else "Codex does not say what its configuration holds"


def look_again(ctx: UiContext) -> None:
    """Reads what holds, where that is still open: another window may have decided."""
    agent = ctx.manager.connection.current
    if agent is not None and ctx.manager.here.trust.is_undecided:
        ctx.manager.spawn(_read(ctx))


async def _read(ctx: UiContext) -> None:
    try:
        await ctx.manager.here.trust.read(await ctx.manager.connection.agent())
    except AgentError as error:
        log.info("trust is not known: %s", error)


def _ask(ctx: UiContext, text: str) -> None:
    """`text`: the message that waits; empty when there is none."""
    from conductor_tui.ui.screens.picker import Choice, Picker

    trust, session = ctx.manager.here.trust, ctx.session
    now = trust.now
    if now is None:
        _ask_unknown(ctx, text)
        return
    is_open = now.level is None
    later = "Codex only reads. Nothing is written; you are not asked again."
    if not is_open:
        later = f"Takes {visible_line(now.entry)} out of {words.file_name(now)}; Codex only reads here."
    choices = [
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
            "Not now" if is_open else "Take the entry back",
            detail=later,
            is_current=is_open,  # an Enter too many must not give trust
        ),
    ]

    def taken(choice: str | None) -> None:
        if choice is None:
            return  # a message that waits stays in the composer
        level = TrustLevel(choice) if choice in ("trusted", "untrusted") else None
        ctx.manager.spawn(_settle(ctx, session, level, now.level, text))

    place = visible_line(now.key.rstrip("/").rpartition("/")[2] or now.key)
    title = f"Do you trust {place}?" if is_open else f"{place}: {words.in_force(now)}"
    back = "esc back, your message stays in the composer" if text else "esc back"
    ctx.app.push_screen(Picker(title, choices, help=f"↑ ↓ move   Enter takes   {back}"), taken)


def _ask_unknown(ctx: UiContext, text: str) -> None:
    """Codex does not say what is decided: nothing can be written, and it may only read."""
    from conductor_tui.ui.screens.picker import Choice, Picker

    session, trust = ctx.session, ctx.manager.here.trust

    async def again() -> None:
        await _read(ctx)
        if trust.now is None:
            ctx.tell("Codex still does not say what its configuration holds", "warning")
        elif trust.wants_decision:
            _ask(ctx, text)
        elif text:
            send_waiting(ctx, session, text)

    def taken(choice: str | None) -> None:
        if choice == "again":
            ctx.manager.spawn(again())
        elif choice == "later":
            trust.read_only_meanwhile()
            if text:
                send_waiting(ctx, session, text)

    choices = [
        Choice("again", "Read the configuration again", detail="After you fixed Codex's config.toml."),
        Choice("later", "Codex may only read", detail="Until the configuration can be read. Nothing is written."),
    ]
    back = "esc back, your message stays in the composer" if text else "esc back"
    title = "Codex cannot say whether you trust this repository"
    ctx.app.push_screen(Picker(title, choices, help=f"↑ ↓ move   Enter takes   {back}"), taken)


async def _settle(
    ctx: UiContext, session: Session, level: TrustLevel | None, before: TrustLevel | None, text: str
) -> None:
    """`before`: what was in force when the user was asked."""
    trust = ctx.manager.here.trust
    try:
        is_ours = await trust.decide(await ctx.manager.connection.agent(), level, before)
    except AgentError as error:
        kept = "; your message is still in the composer" if text else ""
        ctx.tell(f"nothing was written: {error}{kept}", "warning", timeout=8)
        return
    now = trust.now.level if trust.now else None
    if not is_ours:
        ctx.tell(f"decided elsewhere meanwhile: {_TOLD[now]}", "warning")
    elif now is not before:
        ctx.tell(_TOLD[now])
    if now is not before and session.projection.turns:
        session.note(
            Severity.INFO,
            f"{_TOLD[now]}; this session keeps what it may do".capitalize(),
            "New sessions begin under the decision. “Permissions” in the palette changes this one.",
        )
    if text:
        send_waiting(ctx, session, text)


HANDLERS = {
    "session.trust": Handler(decide, why_unknown),
}
