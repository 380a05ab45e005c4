"""What becomes of messages: whatever happens on the way, the text is sent or stands there as not sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from conductor_tui.domain import events as ev
from conductor_tui.domain.errors import AgentDraining, AgentGone, AgentRefused
from conductor_tui.domain.ids import ThreadId, TurnId
from conductor_tui.domain.items import AgentMessage, ItemStatus, Severity
from conductor_tui.domain.threads import ThreadState, ThreadSummary
from conductor_tui.domain.turns import TurnStatus
from conductor_tui.services.sessions.outbox import DRAINS
from conductor_tui.services.sessions.session import Session
from tests.builders import (
    THREAD,
    a_prompt,
    a_recorded_turn,
    delta,
    item_completed,
    turn_completed,
    turn_started,
    until,
    usage,
)
from tests.fakes.agent import FakeAgent
from tests.unit.services.desk import Desk


def states(session: Session) -> list[str]:
    return [m.state for m in session.projection.outgoing]


async def steered(desk: Desk, text: str = "and this") -> Session:
    """A session whose running turn has taken a message that Codex has not read."""
    session = await desk.start()
    session.apply(turn_started())
    session.send(text)
    await until(lambda: states(session) == ["taken"])
    return session


async def test_a_steer_that_an_interrupt_came_before_is_sent_after_it(desk: Desk) -> None:
    session = await steered(desk)
    session.interrupt()
    session.apply(turn_completed(status=TurnStatus.INTERRUPTED))
    await until(lambda: desk.agent.called("start_turn"))
    (((_, text, client_id),)) = desk.agent.called("start_turn")
    assert text == "and this"
    session.apply(turn_started("turn-2"))
    session.apply(item_completed(a_prompt("and this", client_id=str(client_id), turn_id="turn-2")))
    assert states(session) == []


async def test_a_steer_whose_turn_failed_stands_there_as_not_sent(desk: Desk) -> None:
    session = await steered(desk)
    session.apply(turn_completed(status=TurnStatus.FAILED))
    assert states(session) == ["failed"]
    assert not desk.agent.called("start_turn")
    assert session.take_back() == "and this"


async def test_a_steer_that_codex_has_read_is_sent_once(desk: Desk) -> None:
    session = await steered(desk)
    (message,) = session.projection.outgoing
    session.apply(item_completed(a_prompt("and this", client_id=message.client_id)))
    session.apply(turn_completed(status=TurnStatus.INTERRUPTED))
    assert states(session) == []
    assert not desk.agent.called("start_turn")


async def test_a_prompt_whose_own_turn_was_interrupted_first_is_not_sent_again(desk: Desk) -> None:
    session = await desk.start()
    session.send("go")
    await until(lambda: session.projection.outgoing[0].turn_id)
    session.apply(turn_started("t"))
    session.apply(turn_completed("t", TurnStatus.INTERRUPTED))
    assert states(session) == ["failed"]
    assert len(desk.agent.called("start_turn")) == 1


async def test_an_interrupt_meant_for_a_message_that_failed_leaves_the_next_alone(desk: Desk) -> None:
    session = await desk.start()
    desk.agent.refuse["start_turn"] = AgentRefused("turn/start", "input too large")
    session.send("first")
    session.interrupt()
    await until(lambda: states(session) == ["failed"])
    session.send("second")
    await until(lambda: len(desk.agent.called("start_turn")) == 2)
    session.apply(turn_started())
    assert not desk.agent.called("interrupt_turn")


async def test_a_message_to_a_server_that_ends_goes_to_the_next_one(desk: Desk) -> None:
    session = await desk.start()
    desk.agent.refuse["start_turn"] = AgentDraining("Server is draining; retry after reconnecting")
    session.send("wait for it")
    await until(lambda: states(session) == ["waiting"])
    assert session.projection.outgoing[0].waits == DRAINS
    desk.agent.hang_up()
    await until(lambda: len(desk.agents) == 2 and desk.agent.called("start_turn"))
    assert desk.agent.called("start_turn")[0][1] == "wait for it"


async def test_a_message_that_waits_for_the_next_server_can_be_taken_back(desk: Desk) -> None:
    session = await desk.start()
    desk.agent.refuse["start_turn"] = AgentDraining("Server is draining")
    session.send("or not")
    await until(lambda: states(session) == ["waiting"])
    assert session.take_back() == "or not"
    desk.agent.hang_up()
    await until(lambda: len(desk.agents) == 2 and not session.is_opening)
    assert not desk.agent.called("start_turn")


async def test_a_message_sent_into_a_lost_connection_goes_out_on_the_next(desk: Desk) -> None:
    session = await desk.start()
    desk.agent.refuse["start_turn"] = AgentGone("the connection to Codex is lost")
    session.send("still there?")
    await until(lambda: desk.agent.called("start_turn"))
    desk.agent.hang_up()
    await until(lambda: len(desk.agents) == 2 and desk.agent.called("start_turn"))
    methods = [c[0] for c in desk.agent.calls]
    assert methods.index("resume_thread") < methods.index("start_turn")


async def test_a_steer_of_which_nobody_knows_whether_it_arrived_is_not_sent_twice(desk: Desk) -> None:
    session = await desk.start()
    running = ev.HistoryLoaded(THREAD, (a_recorded_turn(status=TurnStatus.IN_PROGRESS),))
    desk.prepare = lambda agent: agent.histories.update({THREAD: running})
    session.apply(turn_started())
    desk.agent.refuse["steer_turn"] = AgentGone("the connection to Codex is lost")
    session.send("and this")
    await until(lambda: desk.agent.called("steer_turn"))
    desk.agent.hang_up()
    await until(lambda: states(session) == ["taken"])
    assert not desk.agent.called("steer_turn")
    session.apply(turn_completed(status=TurnStatus.INTERRUPTED))
    await until(lambda: desk.agent.called("start_turn"))


async def test_a_steer_that_a_killed_server_took_goes_to_the_next_one(desk: Desk) -> None:
    session = await steered(desk)
    ended = ev.HistoryLoaded(THREAD, (a_recorded_turn(status=TurnStatus.INTERRUPTED),))
    desk.prepare = lambda agent: agent.histories.update({THREAD: ended})
    desk.agent.hang_up()
    await until(lambda: len(desk.agents) == 2 and desk.agent.called("start_turn"))
    assert desk.agent.called("start_turn")[0][1] == "and this"
    assert session.projection.outgoing[0].state == "sending"


# After the window


@pytest.fixture
async def later(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The next window on the same store; the process of the one before counts as gone."""
    monkeypatch.setattr("conductor_tui.storage.outgoing._is_gone", lambda window: True)
    return Desk(tmp_path)


async def test_a_steer_of_a_closed_window_is_there_in_the_next(desk: Desk, later: Desk) -> None:
    session = await desk.start()
    desk.agent.say(turn_started(), item_completed(a_prompt("first")))
    await until(lambda: not session.is_unstarted)
    session.send("and this")
    await until(lambda: states(session) == ["taken"])
    await desk.close()
    ended = ev.HistoryLoaded(THREAD, (a_recorded_turn(a_prompt("first"), status=TurnStatus.INTERRUPTED),))
    later.prepare = lambda agent: agent.histories.update({THREAD: ended})
    later.connect()
    found = later.manager.open_session(THREAD)
    await until(lambda: states(found) == ["failed"])
    assert found.take_back() == "and this"
    await later.close()


async def test_a_steer_of_a_closed_window_waits_on_in_the_next_while_its_turn_runs(desk: Desk, later: Desk) -> None:
    session = await desk.start()
    desk.agent.say(turn_started(), item_completed(a_prompt("first")))
    await until(lambda: not session.is_unstarted)
    session.send("and this")
    await until(lambda: states(session) == ["taken"])
    await desk.close()
    running = ev.HistoryLoaded(THREAD, (a_recorded_turn(a_prompt("first"), status=TurnStatus.IN_PROGRESS),))
    later.prepare = lambda agent: agent.histories.update({THREAD: running})
    later.connect()
    found = later.manager.open_session(THREAD)
    await until(lambda: states(found) == ["taken"])
    found.apply(turn_completed(status=TurnStatus.INTERRUPTED))
    await until(lambda: later.agent.called("start_turn"))
    await later.close()


async def test_a_prompt_that_never_arrived_is_in_the_next_windows_new_session(desk: Desk, later: Desk) -> None:
    session = desk.manager.new_session()
    session.send("precious")
    await desk.close()
    again = await later.start()
    await until(lambda: states(again) == ["failed"])
    assert again.take_back() == "precious"
    await later.close()


async def test_a_prompt_that_began_a_session_is_not_offered_again(desk: Desk, later: Desk) -> None:
    session = await desk.start()
    session.send("begin")
    await until(lambda: session.projection.outgoing[0].turn_id)
    client_id = session.projection.outgoing[0].client_id
    await desk.close()
    begun = ThreadSummary(ThreadId("old"), ThreadState.IDLE, preview="begin", cwd="/repo")
    history = ev.HistoryLoaded(begun.id, (a_recorded_turn(a_prompt("begin", client_id=client_id)),))
    later.store.write("UPDATE outgoing SET thread_id = 'old'")

    def prepare(agent: FakeAgent) -> None:
        agent.threads[begun.id] = begun
        agent.histories[begun.id] = history

    later.prepare = prepare
    again = await later.start()
    opened = later.manager.open_session(begun.id)
    await until(lambda: opened.projection.turns)
    assert states(again) == []
    assert states(opened) == []
    await later.close()


async def test_another_open_window_keeps_its_own_messages(desk: Desk, tmp_path: Path) -> None:
    session = await steered(desk)
    other = Desk(tmp_path)
    await other.start()
    watched = other.manager.open_session(THREAD)
    await until(lambda: not watched.is_opening)
    watched.apply(turn_started())
    assert states(watched) == []
    assert states(session) == ["taken"]
    await other.close()


def test_a_message_for_a_turn_that_codex_took_twice_keeps_its_place() -> None:
    from tests.builders import a_projection

    projection = a_projection(
        ev.MessageQueued(THREAD, "a", "one"),
        ev.MessageQueued(THREAD, "b", "two"),
        ev.MessageFailed(THREAD, "a", "no"),
        ev.MessageTaken(THREAD, "b", TurnId("t"), True),
    )
    assert [(m.text, m.state) for m in projection.outgoing] == [("one", "failed"), ("two", "taken")]


async def test_tokens_and_cut_answers_are_there_after_a_restart(desk: Desk, later: Desk) -> None:
    await desk.start()
    desk.agent.say(
        turn_started(),
        item_completed(a_prompt("write")),
        delta("m9", "It began well"),
        usage(500),
        turn_completed(status=TurnStatus.INTERRUPTED),
    )
    await until(lambda: desk.manager.sessions[THREAD].projection.usage.total == 500)
    await until(lambda: not desk.manager.sessions[THREAD].projection.running_turn)
    await desk.close()
    ended = ev.HistoryLoaded(THREAD, (a_recorded_turn(a_prompt("write"), status=TurnStatus.INTERRUPTED),))
    later.prepare = lambda agent: agent.histories.update({THREAD: ended})
    later.connect()
    found = later.manager.open_session(THREAD).projection
    await until(lambda: found.turns)
    (turn,) = found.turns.values()
    assert (turn.tokens_before, turn.tokens_after) == (0, 500)
    assert (found.usage.total, found.usage.context_window) == (500, 1000)
    texts = [(i.text, i.status) for i in found.items_of(turn.id) if isinstance(i, AgentMessage)]
    assert texts == [("It began well", ItemStatus.INTERRUPTED)]
    await later.close()


async def test_a_message_to_a_session_that_cannot_be_opened_says_why_it_was_not_sent(desk: Desk) -> None:
    refused = AgentRefused("thread/resume", "the rollout is damaged")
    desk.prepare = lambda agent: agent.refuse.update(resume_thread=refused)
    await desk.start()
    session = desk.manager.open_session(ThreadId("T"))
    await until(lambda: session.has_failed)
    desk.agent.refuse["resume_thread"] = refused
    session.send("hello?")
    await until(lambda: states(session) == ["failed"])
    assert "damaged" in session.projection.outgoing[0].error
    session.send("and now?")  # it was repaired
    await until(lambda: desk.agent.called("start_turn"))


async def test_who_is_signed_in_is_read_again_once_the_configuration_is_mended(desk: Desk) -> None:
    desk.prepare = lambda agent: agent.refuse.update(start_thread=AgentRefused("thread/start", "bad config"))
    session = desk.connect()
    await until(lambda: session.has_failed and desk.agent.called("read_account"))
    desk.agent.say(ev.NoticeReported(None, Severity.ERROR, "bad config", source="configWarning"))
    await until(lambda: desk.manager.setup.notices)
    before = len(desk.agent.called("read_account"))
    desk.manager.new_session()
    await until(lambda: len(desk.agent.called("read_account")) > before)
