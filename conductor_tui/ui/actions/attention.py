"""The list of all that waits for the user, in every workspace: what is asked, and answers without opening it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conductor_tui.domain.approvals import Answer, Approval, Decision, asked_text
from conductor_tui.domain.ids import ThreadId
from conductor_tui.sessions.session import Session
from conductor_tui.ui.actions.session import open_session

if TYPE_CHECKING:
    from conductor_tui.ui.screens.main import MainScreen
    from conductor_tui.ui.screens.picker import Choice, Picker


def show(main: MainScreen) -> None:
    """Lists what waits, then what failed, what finished unread, and what works."""
    from conductor_tui.ui.screens.picker import Also, Picker

    def taken(id_: str | None) -> None:
        if id_ is not None:
            open_session(main, ThreadId(id_[2:]))

    def answer(decision: Decision, picker: Picker, id_: str) -> None:
        found = _waiting(main, id_)
        if found is None:
            main.tell("that one is to be read first: Enter opens it", "warning")
            return
        session, approval = found
        if decision not in approval.offered:
            main.tell("Codex does not offer that here: Enter opens it", "warning")
            return
        session.decide(approval, Answer(decision))
        picker.show_choices(_choices(main), empty="Nothing waits for you")

    also = [
        Also("ctrl+y", "yes, once", lambda picker, id_: answer(Decision.ONCE, picker, id_)),
        Also("ctrl+x", "no", lambda picker, id_: answer(Decision.DECLINE, picker, id_)),
    ]
    main.app.push_screen(Picker("What needs you", _choices(main), also=also, empty="Nothing waits for you"), taken)


def _choices(main: MainScreen) -> list[Choice]:
    from conductor_tui.ui.screens.picker import Choice

    choices = []
    for entry in main.entries():
        if entry.thread_id is None or not (entry.needs_user or entry.word):
            continue
        session = main.manager.sessions.get(entry.thread_id)
        asked = session.projection.waiting_approvals[:1] if session else ()
        where = Path(entry.folder).name if entry.folder else ""
        choices.append(
            Choice(
                f"t:{entry.thread_id}",
                f"{entry.sign[0]} {entry.title}",
                note=" · ".join(filter(None, (where, entry.word))),
                detail=asked_text(asked[0]) if asked else "",
                is_current=False,
            )
        )
    return choices


def _waiting(main: MainScreen, id_: str) -> tuple[Session, Approval] | None:
    """The one question of a session; None where several or none wait, or where it is one with options."""
    session = main.manager.sessions.get(ThreadId(id_[2:]))
    waiting = session.projection.waiting_approvals if session else ()
    if session is None or len(waiting) != 1 or not waiting[0].offered:
        return None
    return session, waiting[0]
