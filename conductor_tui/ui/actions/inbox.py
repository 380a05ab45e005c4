"""The inbox: everything that waits for the user, in every workspace, with answers that need no opening."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from conductor_tui.domain.approvals import (
    Answer,
    Approval,
    CommandApproval,
    Decision,
    PermissionsApproval,
    asked_text,
    has_questions,
)
from conductor_tui.domain.ids import ThreadId
from conductor_tui.ui.actions.session import open_session
from conductor_tui.ui.changes import Shown
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.context import Handler
from conductor_tui.ui.key_log import AnswerWait

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext
    from conductor_tui.ui.dialogs.picker import Choice, Picker


_BRIEF = 240
"""Characters of a question that the list shows."""


async def show(ctx: UiContext) -> None:
    """Lists what waits, then what failed, finished unread, or is running."""
    from conductor_tui.ui.dialogs.picker import Also, Picker

    wait = AnswerWait(ctx.key_log)
    wait.came(by_user=True)
    wait.asked()

    def answer(decision: Decision, picker: Picker, id_: str) -> None:
        if not wait.may_answer:
            return  # typed before the list could be read, or held down
        session = ctx.manager.sessions.get(_session_id(id_))
        waiting = session.projection.waiting_approvals if session else ()
        approval = next((a for a in waiting if id_ == _id_of(_session_id(id_), a)), None)
        if session is None or approval is None:
            ctx.tell("No pending request. Press Enter to open the session", "warning")
        elif has_questions(approval):
            ctx.tell("This needs more than yes or no. Press Enter to open it", "warning")
        elif decision not in approval.offered:
            ctx.tell("Codex does not offer that answer here. Press Enter to open it", "warning")
        elif decision is not Decision.DECLINE and not _is_shown_whole(approval, session.folder.path, picker):
            picker.dismiss(id_)  # nothing runs whose end was not on screen
            ctx.tell("The request did not fit in the list. Read it here, then answer", "warning")
        elif not picker.shows_highlighted:
            ctx.tell("The list was scrolled. Read the request again, then answer", "warning")
        else:
            session.decide(approval, Answer(decision))
            picker.follow(_choices(ctx))  # the next question is chosen before it is answered

    also = [
        Also("ctrl+y", "yes", lambda picker, id_: answer(Decision.ONCE, picker, id_)),
        Also("ctrl+x", "no", lambda picker, id_: answer(Decision.DECLINE, picker, id_)),
    ]
    inbox = Picker("Inbox", _choices(ctx), also=also, empty="Nothing is waiting for you")
    ctx.changes.subscribe(inbox, Shown.LISTS, lambda: inbox.follow(_choices(ctx)))
    if chosen := await ctx.ask(inbox):
        open_session(ctx, _session_id(chosen))
        if ctx.panes.approval.approval is not None:
            ctx.panes.focus(Pane.APPROVAL)


def _choices(ctx: UiContext) -> list[Choice]:
    from conductor_tui.ui.dialogs.picker import Choice

    choices = []
    for entry in ctx.entries():
        if entry.thread_id is None or not (entry.needs_user or entry.word):
            continue
        session = ctx.manager.sessions.get(entry.thread_id)
        asked = next(iter(session.projection.waiting_approvals), None) if session else None
        where = Path(entry.folder).name if entry.folder else ""
        choices.append(
            Choice(
                _id_of(entry.thread_id, asked),
                f"{entry.sign[0]} {entry.title}",
                note=" · ".join(filter(None, (where, entry.word))),
                detail=_in_brief(asked) if asked else "",
            )
        )
    return choices


def _in_brief(approval: Approval) -> str:
    """The request, cut so that it does not push the others off the list; Enter leads to all of it."""
    text = asked_text(approval)
    first, *rest = text.split("\n")
    if len(first) > _BRIEF:
        return f"{first[:_BRIEF]}…\n… Enter to see all"
    return f"{first}\n… {len(rest)} more line{'' if len(rest) == 1 else 's'}, Enter to see all" if rest else text


def _is_shown_whole(approval: Approval, folder: Path | str, picker: Picker) -> bool:
    """Whether the entry shows everything that a yes would allow: a plain command, or permissions, in brief."""
    if isinstance(approval, CommandApproval):
        is_plain = approval.kind == "command" and not approval.network_host and not approval.extra_permissions
        if not is_plain or approval.cwd not in ("", str(folder)):
            return False
    elif not isinstance(approval, PermissionsApproval):
        return False
    return _in_brief(approval) == asked_text(approval) and picker.fits_highlighted


def _id_of(session: ThreadId, asked: Approval | None) -> str:
    """One choice is one request, so that an answer goes to the request that was shown."""
    return f"{session} {asked.request_id}" if asked else session


def _session_id(choice: str) -> ThreadId:
    return ThreadId(choice.partition(" ")[0])


HANDLERS = {
    "attention.show": Handler(show),
}
