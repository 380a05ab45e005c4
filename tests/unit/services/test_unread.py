"""What finished while nobody looked is new: live, between two looks, and at the next start."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from conductor_tui.domain import events as ev
from conductor_tui.domain.ids import ThreadId, TurnId
from conductor_tui.domain.threads import ThreadState, ThreadSummary
from conductor_tui.domain.turns import RecordedTurn, Turn, TurnStatus
from conductor_tui.services.sessions.startup import first_session
from conductor_tui.storage.database import Store
from conductor_tui.storage.seen_turns import SeenTurns
from tests.builders import turn_completed, turn_started, until
from tests.fakes.agent import FakeAgent
from tests.unit.services.desk import ROOT, Desk

BY_COMMAND = ThreadId("by-command")


def finished(agent: FakeAgent, thread_id: ThreadId, *turns: str, at: int = 10, running: bool = False) -> None:
    """What Codex has of a session."""
    recorded = [RecordedTurn(Turn(TurnId(turn), TurnStatus.COMPLETED)) for turn in turns]
    if running:
        recorded[-1] = RecordedTurn(Turn(TurnId(turns[-1])))
    agent.threads[thread_id] = ThreadSummary(
        thread_id, ThreadState.WORKING if running else ThreadState.IDLE, cwd="/repo", updated_at=at
    )
    agent.histories[thread_id] = ev.HistoryLoaded(thread_id, tuple(recorded))


@pytest.fixture
async def again(desk: Desk, tmp_path: Path) -> AsyncIterator[Desk]:
    """The next window on the same store."""
    again = Desk(tmp_path)
    again.prepare = lambda agent: setattr(agent, "_started", 5)  # its new session is another thread
    yield again
    await again.close()


def has(desk: Desk, *turns: str, thread_id: ThreadId = BY_COMMAND, at: int = 10) -> None:
    """Codex has this session when the window connects."""
    before = desk.prepare

    def prepare(agent: FakeAgent) -> None:
        before(agent)
        finished(agent, thread_id, *turns, at=at)

    desk.prepare = prepare


async def began(desk: Desk) -> None:
    """A command has begun the session."""
    SeenTurns(desk.store).began(BY_COMMAND)
    await until(lambda: desk.store.read("SELECT 1 FROM seen_turn"))


async def saw(desk: Desk, *turns: str) -> None:
    """A window has shown these turns."""
    SeenTurns(desk.store).saw(BY_COMMAND, [Turn(TurnId(turn), TurnStatus.COMPLETED) for turn in turns])
    await until(lambda: desk.store.read("SELECT 1 FROM seen_turn"))


async def test_what_a_command_began_without_a_window_is_new_at_the_next_start(desk: Desk) -> None:
    await began(desk)
    has(desk, "turn-1")
    has(desk, "turn-1", thread_id=ThreadId("plain codex's"))
    await desk.start()
    await until(lambda: desk.manager.threads.unread)
    assert desk.manager.threads.unread == {BY_COMMAND}
    desk.manager.show(desk.manager.open_session(BY_COMMAND))
    assert not desk.manager.threads.unread


async def test_a_turn_that_ends_after_the_window_has_closed_is_new_at_the_next_start(desk: Desk, again: Desk) -> None:
    session = await desk.start()
    session.send("go")
    desk.agent.say(turn_started(), turn_completed(), turn_started("turn-2"))
    await until(lambda: len(session.projection.turns) == 2)
    assert session.thread_id is not None
    await until(lambda: desk.store.read("SELECT 1 FROM seen_turn WHERE turn_id = 'turn-1'"))
    has(again, "turn-1", "turn-2", thread_id=session.thread_id)
    await again.start()
    await until(lambda: again.manager.threads.unread == {session.thread_id})


async def test_what_was_on_screen_is_not_new_at_the_next_start(desk: Desk, again: Desk) -> None:
    session = await desk.start()
    session.send("go")
    desk.agent.say(turn_started(), turn_completed())
    await until(lambda: session.projection.turns and not session.projection.running_turn)
    assert session.thread_id is not None
    await until(lambda: desk.store.read("SELECT 1 FROM seen_turn WHERE turn_id = 'turn-1'"))
    has(again, "turn-1", thread_id=session.thread_id)
    await again.start()
    await until(lambda: again.agent.called("newest_turn"))
    assert not again.manager.threads.unread


async def test_a_turn_that_is_over_before_it_is_looked_at_is_new(desk: Desk) -> None:
    """A turn shorter than a second, begun by a command beside this window."""
    await desk.start()
    await until(lambda: desk.agent.called("list_threads"))
    await began(desk)
    finished(desk.agent, BY_COMMAND, "turn-1", running=True)
    desk.agent.histories[BY_COMMAND] = ev.HistoryLoaded(
        BY_COMMAND, (RecordedTurn(Turn(TurnId("turn-1"), TurnStatus.COMPLETED)),)
    )  # over by the time it is opened
    desk.agent.say(ev.ThreadStatusChanged(BY_COMMAND, ThreadState.WORKING))
    await until(lambda: desk.manager.threads.unread == {BY_COMMAND})


async def test_a_turn_that_ends_while_the_list_is_on_its_way_is_new(desk: Desk) -> None:
    """The list says that it runs; its end is heard before the list has arrived, of a session that nobody knows yet."""
    await desk.start()
    await until(lambda: desk.agent.called("list_threads"))
    await began(desk)
    threads = desk.manager.threads

    async def list_threads(cwds: tuple[str, ...], limit: int = 100) -> tuple[ThreadSummary, ...]:
        finished(desk.agent, BY_COMMAND, "turn-1", running=True)
        listed = tuple(desk.agent.threads.values())
        finished(desk.agent, BY_COMMAND, "turn-1")
        desk.agent.say(ev.ThreadStatusChanged(BY_COMMAND, ThreadState.IDLE))
        await until(lambda: any(threads._readings))
        return listed

    desk.agent.list_threads = list_threads  # type: ignore[method-assign]
    desk.agent.say(ev.ThreadStatusChanged(BY_COMMAND, ThreadState.WORKING))
    await until(lambda: threads.unread == {BY_COMMAND}, 3)


async def test_a_known_session_that_another_client_worked_in_is_compared_when_it_is_idle(desk: Desk) -> None:
    await saw(desk, "turn-1")
    has(desk, "turn-1")
    await desk.start()
    await until(lambda: desk.agent.called("newest_turn"))
    assert not desk.manager.threads.unread
    finished(desk.agent, BY_COMMAND, "turn-1", "turn-2")
    desk.agent.say(ev.ThreadStatusChanged(BY_COMMAND, ThreadState.IDLE))
    await until(lambda: desk.manager.threads.unread == {BY_COMMAND})


async def test_what_another_window_showed_is_not_new_any_more(desk: Desk, again: Desk) -> None:
    await saw(desk, "turn-1")
    again.manager.threads.mark_unread(BY_COMMAND, True)
    has(again, "turn-1")
    await again.start()
    await until(lambda: not again.manager.threads.unread)


async def test_only_what_changed_is_asked_for_its_newest_turn(desk: Desk) -> None:
    await saw(desk, "turn-1")
    has(desk, "turn-1")
    await desk.start()
    await until(lambda: desk.agent.called("newest_turn"))
    for _ in range(3):
        desk.manager.folder(Path(f"/repo/{_}"), Path("/repo"))
    await until(lambda: len(desk.agent.called("list_threads")) >= 4)
    assert len(desk.agent.called("newest_turn")) == 1


async def test_the_next_start_opens_the_workspace_that_was_left(desk: Desk, again: Desk, tmp_path: Path) -> None:
    oslo = tmp_path / "oslo"
    (oslo / ".git").mkdir(parents=True)
    await desk.start()
    desk.manager.show(desk.manager.new_session(desk.manager.folder(oslo, ROOT)))
    desk.store.keep_last_session(oslo, "in-oslo")
    await until(lambda: desk.store.last_session(oslo))
    first = first_session(again.manager)
    assert (first.folder.path, first.thread_id) == (oslo, "in-oslo")
    assert first.folder.trust is again.manager.folder(ROOT, ROOT).trust


async def test_a_workspace_that_is_gone_is_not_gone_back_to(desk: Desk, again: Desk, tmp_path: Path) -> None:
    await desk.start()
    desk.manager.show(desk.manager.new_session(desk.manager.folder(tmp_path / "oslo", ROOT)))
    await until(lambda: desk.store.left_place(ROOT))
    assert first_session(again.manager).folder.path == ROOT


def test_other_windows_can_read_that_a_session_was_begun_before_its_turn_is(tmp_path: Path) -> None:
    by_command, window = Store(tmp_path / "s"), Store(tmp_path / "s")
    SeenTurns(by_command).began(BY_COMMAND).result(10)
    assert SeenTurns(window).is_news(BY_COMMAND, Turn(TurnId("1"), TurnStatus.COMPLETED))


def test_seen_turns_outlive_the_store(tmp_path: Path) -> None:
    store = Store(tmp_path / "s")
    seen = SeenTurns(store)
    seen.began(BY_COMMAND)
    ended, running = Turn(TurnId("1"), TurnStatus.FAILED), Turn(TurnId("2"))
    assert seen.is_news(ThreadId("unknown"), ended) is None
    seen.saw(ThreadId("seen"), [ended, running])
    store.close()
    again = SeenTurns(Store(tmp_path / "s"))
    assert again.is_news(BY_COMMAND, ended) is True
    assert again.is_news(BY_COMMAND, running) is False
    assert again.is_news(ThreadId("seen"), ended) is False
    assert again.is_news(ThreadId("seen"), replace(running, status=TurnStatus.COMPLETED)) is True
