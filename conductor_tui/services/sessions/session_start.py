"""Starting a session with its first prompt: one way for windows, races, plans and the command line.

The settings are checked against the models that Codex lists and go out with the prompt, in one request. The session
counts as ours before the prompt goes out. A prompt that is not sent becomes the draft of the next session there, and
a thread that Codex refused to start a turn in is dropped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from conductor_tui.domain.controls import Checked, ModelOption, SettingsUpdate, checked
from conductor_tui.domain.errors import AgentError, AgentOverloaded, AgentRefused
from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.items import Severity
from conductor_tui.domain.opened_thread import OpenedThread
from conductor_tui.services.interfaces import Agent
from conductor_tui.services.sessions.session import Session
from conductor_tui.services.sessions.session_folder import Folder, discard_unused, draft_owner
from conductor_tui.storage.database import Store
from conductor_tui.storage.seen_turns import SeenTurns

if TYPE_CHECKING:
    from conductor_tui.services.sessions.manager import SessionManager

Compose = Callable[[OpenedThread], Awaitable[tuple[str, SettingsUpdate]]]
"""The first message and the settings that go with it, where they depend on the thread that Codex opened."""


class FirstPrompt(Struct, frozen=True):
    """What a session starts with."""

    text: str
    """Empty where it is composed for the thread."""
    wanted: SettingsUpdate = SettingsUpdate()
    provider: str = ""
    """Id of the model provider; empty: the default one."""


async def start_session(
    agent: Agent,
    store: Store,
    folder: Folder,
    first: FirstPrompt,
    models: Sequence[ModelOption],
    send: Callable[[OpenedThread, Checked], Awaitable[None]],
) -> ThreadId:
    """Starts a thread in a folder and has `send` send its first prompt with what the models allow.

    Raises:
        AgentError: the prompt is the draft of the next session there, unless that has one already.
    """
    try:
        opened = await folder.start_thread(agent, lambda: first.provider)
        thread_id = opened.thread.id
        await asyncio.wrap_future(SeenTurns(store).began(thread_id))  # a window may hear of the turn's end at once
        try:
            await send(opened, checked(first.wanted, opened.settings, models))
        except (AgentRefused, AgentOverloaded):  # after any other error Codex may have got it
            await discard_unused(agent, thread_id)
            raise
    except AgentError:
        keep_unsent(store, folder.path, first.text)
        raise
    store.keep_last_session(folder.path, thread_id)
    if first.text:
        store.keep_prompt(folder.path, first.text)
    return thread_id


def keep_unsent(store: Store, path: Path, text: str) -> None:
    """Keeps a prompt as the draft of the next session in a folder, unless that has one."""
    owner = draft_owner(path)
    if text and not store.draft(owner):
        store.keep_draft(owner, text)


async def start_session_in_window(
    manager: SessionManager, folder: Folder, first: FirstPrompt, compose: Compose | None = None
) -> Session:
    """Starts a session that this window follows from its first event on; it need not be on screen.

    Raises:
        AgentError: as `start_session`; this window has no such session then.
    """
    session = manager.make(None, "", folder, first.provider)

    async def send(opened: OpenedThread, allowed: Checked) -> None:
        manager.opened(session, opened)
        for remark in allowed.remarks:
            session.note(Severity.WARNING, remark)
        try:
            text, update = await compose(opened) if compose else (first.text, allowed.update)
            await session.start(text, update)
        except AgentError:
            manager.sessions.pop(opened.thread.id, None)
            raise
        manager.used(session, preview=text)

    agent = await manager.connection.agent()
    await start_session(agent, manager.store, folder, first, manager.setup.catalogue.models, send)
    return session
