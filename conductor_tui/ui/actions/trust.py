"""Trust in the repository: the question before the first message, and the command to change one's mind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_tui.domain.errors import AgentError
from conductor_tui.domain.items import Severity
from conductor_tui.domain.text import visible_line
from conductor_tui.domain.trust import TrustLevel
from conductor_tui.sessions.trust import WAITS
from conductor_tui.ui.actions.session import send_waiting
from conductor_tui.ui.presentation import trust as words

if TYPE_CHECKING:
    from conductor_tui.sessions.session import Session
    from conductor_tui.ui.screens.main import MainScreen

_TOLD = {
    TrustLevel.TRUSTED: "this repository is trusted",
    TrustLevel.UNTRUSTED: "Codex asks before commands here",
    None: "Codex only reads here",
}


def asks_first(main: MainScreen, text: str) -> bool:
    """Whether a message must wait for the user's decision; it stands in the composer until then."""
    trust = main.manager.here.trust
    if not trust.wants_decision and not trust.is_deciding:
        return False
    main.composer.put_back(text)
    main.manager.keep_draft(main.session, main.composer.text)
    if trust.is_deciding:
        main.tell("your decision is being written; your message is still in the composer")
    else:
        _ask(main, text)
    return True


def ask_for_waiting(main: MainScreen) -> None:
    """Asks for messages that were written before it was known that nobody has decided."""
    waiting = [m for m in main.session.projection.outgoing if m.error == WAITS]
    if waiting:
        text = main.session.take_back()
        if not asks_first(main, text):  # decided meanwhile
            main.send_text(text)


def decide(main: MainScreen) -> None:
    """Shows what holds now, and lets the user change it."""

    async def look() -> None:
        try:
            await main.manager.here.trust.read(await main.manager.connection.agent())
        except AgentError as error:
            main.tell(f"Codex's configuration cannot be read: {error}", "warning")
            return
        _ask(main, "")

    main.manager.spawn(look())


def why_unknown(main: MainScreen) -> str | None:
    if not main.manager.connection.is_open:
        return "Codex is not connected"
    return None if main.manager.here.trust.now else "Codex does not say what its configuration holds"


def look_again(main: MainScreen) -> None:
    """Reads what holds, where that is still open: another window may have decided."""
    agent = main.manager.connection.current
    if agent is not None and main.manager.here.trust.is_undecided:
        main.manager.spawn(_read(main))


async def _read(main: MainScreen) -> None:
    try:
        await main.manager.here.trust.read(await main.manager.connection.agent())
    except AgentError as error:
        main.log.info(f"trust is not known: {error}")


def _ask(main: MainScreen, text: str) -> None:
    """`text`: the message that waits; empty when there is none."""
    from conductor_tui.ui.screens.picker import Choice, Picker

    trust, session = main.manager.here.trust, main.session
    now = trust.now
    if now is None:
        _ask_unknown(main, text)
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
        main.manager.spawn(_settle(main, session, level, now.level, text))

    place = visible_line(now.key.rstrip("/").rpartition("/")[2] or now.key)
    title = f"Do you trust {place}?" if is_open else f"{place}: {words.in_force(now)}"
    back = "esc back, your message stays in the composer" if text else "esc back"
    main.app.push_screen(Picker(title, choices, help=f"↑ ↓ move   Enter takes   {back}"), taken)


def _ask_unknown(main: MainScreen, text: str) -> None:
    """Codex does not say what is decided: nothing can be written, and it may only read."""
    from conductor_tui.ui.screens.picker import Choice, Picker

    session, trust = main.session, main.manager.here.trust

    async def again() -> None:
        await _read(main)
        if trust.now is None:
            main.tell("Codex still does not say what its configuration holds", "warning")
        elif trust.wants_decision:
            _ask(main, text)
        elif text:
            send_waiting(main, session, text)

    def taken(choice: str | None) -> None:
        if choice == "again":
            main.manager.spawn(again())
        elif choice == "later":
            trust.read_only_meanwhile()
            if text:
                send_waiting(main, session, text)

    choices = [
        Choice("again", "Read the configuration again", detail="After you fixed Codex's config.toml."),
        Choice("later", "Codex may only read", detail="Until the configuration can be read. Nothing is written."),
    ]
    back = "esc back, your message stays in the composer" if text else "esc back"
    title = "Codex cannot say whether you trust this repository"
    main.app.push_screen(Picker(title, choices, help=f"↑ ↓ move   Enter takes   {back}"), taken)


async def _settle(
    main: MainScreen, session: Session, level: TrustLevel | None, before: TrustLevel | None, text: str
) -> None:
    """`before`: what was in force when the user was asked."""
    trust = main.manager.here.trust
    try:
        is_ours = await trust.decide(await main.manager.connection.agent(), level, before)
    except AgentError as error:
        kept = "; your message is still in the composer" if text else ""
        main.tell(f"nothing was written: {error}{kept}", "warning", timeout=8)
        return
    now = trust.now.level if trust.now else None
    if not is_ours:
        main.tell(f"decided elsewhere meanwhile: {_TOLD[now]}", "warning")
    elif now is not before:
        main.tell(_TOLD[now])
    if now is not before and session.projection.turns:
        session.note(
            Severity.INFO,
            f"{_TOLD[now]}; this session keeps what it may do".capitalize(),
            "New sessions begin under the decision. “Permissions” in the palette changes this one.",
        )
    if text:
        send_waiting(main, session, text)
