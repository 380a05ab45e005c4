"""Opening a session that another process may hold: Codex lets one process write a thread."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from conductor_tui.domain.errors import AgentRefused
from conductor_tui.domain.items import Severity
from conductor_tui.domain.opened_thread import OpenedThread
from conductor_tui.services.interfaces import Agent

if TYPE_CHECKING:
    from conductor_tui.services.sessions.session import Session

HELD = "Another process has this session open; this is sent when that process ends"
TRY_AGAIN_SECONDS = 3.0


async def open_when_free(session: Session, agent: Agent) -> OpenedThread:
    """Opens the session's thread; while another process holds it, says so and tries again.

    Raises:
        AgentError: anything else that keeps it from being opened.
    """
    has_turns, is_told = bool(session.projection.turns), False
    while True:
        try:
            opened = await session.folder.open_thread(agent, session.thread_id, has_turns, lambda: session.provider)
        except AgentRefused as refused:
            if "active writer" not in refused.message:
                raise
            if not is_told:
                is_told = True
                detail = f"It opens here when that process ends. Codex says: {refused.message}"
                session.note(Severity.WARNING, "Another process has this session open", detail)
            session.outbox.wait(HELD)
            await asyncio.sleep(TRY_AGAIN_SECONDS)
        else:
            return opened
