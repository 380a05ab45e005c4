"""What Codex says behind an answer counts after that answer, however late either is looked at."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from conductor_tui.domain.controls import ServerInfo
from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.threads import ThreadState
from conductor_tui.domain.turns import TurnStatus
from conductor_tui.protocol.appserver import AppServer
from conductor_tui.protocol.transport import MemoryTransport
from conductor_tui.services.sessions.manager import SessionManager
from conductor_tui.storage.database import Store
from tests.builders import until

T = ThreadId("T")


def note(method: str, **params: Any) -> dict[str, Any]:
    return {"method": method, "params": {"threadId": T, **params}}


def a_thread(id: str = T, status: str = "idle") -> dict[str, Any]:
    flags: dict[str, list[str]] = {"activeFlags": []} if status == "active" else {}
    return {"id": id, "cwd": "/repo", "preview": "hello", "status": {"type": status, **flags}}


class Codex:
    """The other end: answers at once, and says more in the same breath."""

    def __init__(self, end: MemoryTransport) -> None:
        self.end = end
        self.answers: dict[str, Any] = {"thread/start": {"thread": a_thread("new")}}
        self.before: dict[str, list[Any]] = {}
        self.behind: dict[str, list[Any]] = {}
        self.asked: list[str] = []
        self.task = asyncio.create_task(self._run())

    async def say(self, *messages: Any) -> None:
        for message in messages:
            await self.end.send(json.dumps(message).encode())

    async def _run(self) -> None:
        async for raw in self.end.messages():
            message = json.loads(raw)
            method = message.get("method")
            if method and "id" in message:
                self.asked.append(method)
                await self.say(*self.before.get(method, ()))
                await self.say({"id": message["id"], "result": self.answers.get(method, {})})
                await self.say(*self.behind.get(method, ()))


Start = Callable[[], None]


@pytest.fixture
async def window(tmp_path: Path) -> AsyncIterator[tuple[SessionManager, Codex, Start]]:
    ours, theirs = MemoryTransport.pair()
    codex, store = Codex(theirs), Store(tmp_path / "store.sqlite3")

    async def connect() -> AppServer:
        return await AppServer.open(ours, ServerInfo("0.163.0"))

    manager = SessionManager(Path("/repo"), connect, store, lambda: 1000.0)
    tasks: list[asyncio.Task[None]] = []
    yield manager, codex, lambda: tasks.append(asyncio.create_task(manager.run()))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await theirs.close()
    await codex.task
    store.close()


RUNNING = {"data": [{"id": "u1", "status": "inProgress", "items": []}]}


async def test_a_turn_that_ends_as_its_session_opens_has_ended(window: tuple[SessionManager, Codex, Start]) -> None:
    manager, codex, start = window
    codex.answers["thread/resume"] = {"thread": a_thread(status="active"), "initialTurnsPage": RUNNING}
    codex.behind["thread/resume"] = [
        note("thread/status/changed", status={"type": "idle"}),
        note("turn/completed", turn={"id": "u1", "status": "completed"}),
    ]
    start()
    session = manager.open_session(T)
    await until(lambda: session.projection.turns and not session.projection.running_turn)
    assert session.state is ThreadState.IDLE
    assert [t.status for t in session.projection.turns.values()] == [TurnStatus.COMPLETED]


async def test_what_came_before_the_answer_does_not_take_it_back(window: tuple[SessionManager, Codex, Start]) -> None:
    manager, codex, start = window
    codex.answers["thread/resume"] = {"thread": a_thread(), "model": "new"}
    codex.before["thread/resume"] = [
        note("thread/settings/updated", threadSettings={"model": "old"}),
        note("thread/status/changed", status={"type": "active", "activeFlags": []}),
    ]
    codex.behind["thread/resume"] = [
        note("thread/settings/updated", threadSettings={"model": "newest"}),
        note("turn/started", turn={"id": "u2", "status": "inProgress"}),
    ]
    start()
    session = manager.open_session(T)
    await until(lambda: session.projection.turns)
    assert session.projection.settings.model == "newest"
    assert session.projection.state is ThreadState.IDLE
    assert list(session.projection.turns) == ["u2"]


async def test_a_new_thread_keeps_what_is_said_of_it_at_once_and_nothing_of_others(
    window: tuple[SessionManager, Codex, Start],
) -> None:
    manager, codex, start = window
    codex.before["thread/start"] = [note("turn/started", turn={"id": "foreign"})] * 50
    codex.behind["thread/start"] = [{"method": "thread/name/updated", "params": {"threadId": "new", "threadName": "n"}}]
    start()
    session = manager.new_session()
    await until(lambda: session.projection.name == "n")
    assert not session.projection.turns


async def test_the_list_does_not_take_back_what_happened_while_it_was_read(
    window: tuple[SessionManager, Codex, Start],
) -> None:
    manager, codex, start = window
    codex.answers["thread/list"] = {"data": [a_thread(status="active"), a_thread("gone")]}
    codex.before["thread/list"] = [
        note("thread/status/changed", status={"type": "idle"}),
        note("thread/name/updated", threadName="later"),
        {"method": "thread/deleted", "params": {"threadId": "gone"}},
    ]
    start()
    await until(lambda: T in manager.threads)
    assert (manager.threads[T].state, manager.threads[T].name) == (ThreadState.IDLE, "later")
    assert "gone" not in manager.threads
    assert T not in manager.sessions


async def test_a_session_whose_answer_makes_no_sense_says_so(window: tuple[SessionManager, Codex, Start]) -> None:
    manager, codex, start = window
    codex.answers["thread/resume"] = ["no", "object"]
    start()
    session = manager.open_session(T)
    session.send("kept")
    await until(lambda: session.has_failed)
    assert session.take_back() == "kept"
