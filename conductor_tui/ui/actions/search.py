"""Searching the session on screen: what is loaded at once, then older turns page by page, until found or stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_tui.domain.changes import SessionChange
from conductor_tui.domain.text import visible_line

if TYPE_CHECKING:
    from conductor_tui.sessions.session import Session
    from conductor_tui.ui.screens.main import MainScreen
    from conductor_tui.ui.widgets.transcript.view import TranscriptView

GROUP = "search"
"""The workers of a search: a new one ends the one before."""


def ask(main: MainScreen, transcript: TranscriptView, before: str) -> None:
    """Asks for the words, and looks for them."""
    from conductor_tui.ui.screens.ask import Ask

    def asked(words: str | None) -> None:
        main.set_focus(transcript)
        if words and not transcript.search(words):
            go_on(main, transcript, words)

    main.app.push_screen(Ask("Search this session", before), asked)


def go_on(main: MainScreen, transcript: TranscriptView, words: str) -> None:
    """Looks in older turns, as far as there are any."""
    if main.session.projection.has_older:
        main.run_worker(_search(main, main.session, transcript, words), group=GROUP, exclusive=True)
    else:
        main.tell(f"“{visible_line(words)}” was not found", "warning")


def stop(main: MainScreen) -> bool:
    """Stops a search; False when none goes on."""
    if not any(worker.group == GROUP and worker.is_running for worker in main.workers):
        return False
    main.workers.cancel_group(main, GROUP)
    main.tell("Search stopped")
    return True


async def _search(main: MainScreen, session: Session, transcript: TranscriptView, words: str) -> None:
    from conductor_tui.ui.keymap import key_text
    from conductor_tui.ui.presentation.items import item_text

    projection = session.projection
    known = set(projection.turns)
    while main.session is session and projection.has_older:
        read = f"{len(projection.turns)} turns searched for “{visible_line(words)}”"
        main.tell(f"{read} … {key_text(main, 'session.interrupt')} stops", timeout=60.0)
        is_read = await session.read_older()
        fresh = [turn_id for turn_id in projection.turns if turn_id not in known]
        known |= {*fresh}
        if any(words.lower() in item_text(i).lower() for turn_id in fresh for i in projection.items_of(turn_id)):
            transcript.apply([SessionChange.TRANSCRIPT_RESET])
            transcript.find_older()
            main.tell(f"{len(projection.turns)} turns searched")
            return
        if not is_read or not fresh:
            break
    if main.session is session:
        main.tell(f"“{visible_line(words)}” was not found in {len(projection.turns)} turns", "warning")
