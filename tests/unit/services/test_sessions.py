"""The session manager and its sessions, with a Codex that does what the test says."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from conductor_tui.domain import events as ev
from conductor_tui.domain import items as it
from conductor_tui.domain.approvals import Answer, CommandApproval, Decision, McpApproval, QuestionApproval
from conductor_tui.domain.controls import PLAN_MODE, SandboxKind, SandboxPolicy, SettingsUpdate, applied, permissions_of
from conductor_tui.domain.errors import AgentRefused, CodexUnavailable
from conductor_tui.domain.ids import ItemId, ThreadId, TurnId
from conductor_tui.domain.opened_thread import OpenedThread
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.threads import QueuedMessage, ThreadState, ThreadSummary
from conductor_tui.domain.turns import TurnStatus
from conductor_tui.services.sessions.connection import Link
from conductor_tui.services.sessions.plan_handoff import implement
from conductor_tui.storage.database import Store
from tests.builders import (
    THREAD,
    TURN,
    a_command_approval,
    a_message,
    a_prompt,
    a_recorded_turn,
    asked,
    item_completed,
    turn_completed,
    turn_started,
    until,
)
from tests.fakes.agent import SETTINGS, FakeAgent
from tests.unit.services.desk import ROOT, Desk


async def test_a_new_session_is_started_in_the_repository(desk: Desk) -> None:
    session = await desk.start()
    assert desk.agent.called("start_thread") == [("/repo",)]
    assert session.projection.settings == SETTINGS


async def test_a_prompt_typed_before_codex_is_there_is_sent_when_it_is(desk: Desk) -> None:
    session = desk.manager.new_session()
    session.send("early")
    assert [m.state for m in session.projection.outgoing] == ["sending"]
    await desk.start()
    await until(lambda: desk.agent.called("start_turn"))
    assert desk.agent.called("start_turn")[0][1] == "early"


async def test_pitfall_34_while_a_turn_runs_a_message_steers_it(desk: Desk) -> None:
    session = await desk.start()
    session.apply(turn_started())
    session.send("also this")
    await until(lambda: desk.agent.called("steer_turn"))
    assert desk.agent.called("steer_turn") == [(THREAD, "turn-1", "also this")]
    assert not desk.agent.called("start_turn")


async def test_a_message_whose_turn_just_ended_starts_the_next(desk: Desk) -> None:
    session = await desk.start()
    session.apply(turn_started())
    desk.agent.refuse["steer_turn"] = AgentRefused("turn/steer", "no active turn to steer")
    session.send("late")
    session.apply(turn_completed())
    await until(lambda: desk.agent.called("start_turn"))


async def test_a_message_that_is_refused_is_kept_and_can_be_taken_back(desk: Desk) -> None:
    session = await desk.start()
    desk.agent.refuse["start_turn"] = AgentRefused("turn/start", "input too large")
    session.send("precious")
    await until(lambda: any(m.error for m in session.projection.outgoing))
    assert session.take_back() == "precious"
    assert session.projection.outgoing == ()


async def test_pitfall_26_an_interrupt_ends_the_commands_that_codex_leaves(desk: Desk) -> None:
    session = await desk.start()
    session.apply(turn_started())
    session.interrupt()
    await until(lambda: desk.agent.called("end_background_commands"))
    methods = [c[0] for c in desk.agent.calls]
    assert methods.index("interrupt_turn") < methods.index("end_background_commands")


async def test_an_interrupt_before_the_turn_has_started_waits_for_it(desk: Desk) -> None:
    session = await desk.start()
    session.send("go")
    session.interrupt()
    assert not desk.agent.called("interrupt_turn")
    session.apply(turn_started())
    await until(lambda: desk.agent.called("interrupt_turn"))


async def test_pitfall_14_a_review_is_interrupted_by_its_other_id(desk: Desk) -> None:
    from conductor_tui.domain.turns import Turn

    session = await desk.start()
    session.apply(item_completed(it.ReviewMark(ItemId("r"), TurnId("R"), text="changes")))
    session.apply(ev.TurnStarted(THREAD, Turn(TurnId("S"))))
    session.interrupt()
    await until(lambda: desk.agent.called("interrupt_turn"))
    assert desk.agent.called("interrupt_turn") == [(THREAD, "S")]


async def test_an_approval_is_answered_once_and_words_follow(desk: Desk) -> None:
    session = await desk.start()
    approval = a_command_approval(3)
    session.apply(turn_started())
    session.apply(asked(approval))
    session.decide(approval, Answer(Decision.DECLINE), "use uv instead")
    assert session.projection.waiting_approvals == ()
    await until(lambda: desk.agent.called("steer_turn"))
    assert desk.agent.called("answer") == [(3, Answer(Decision.DECLINE))]
    assert desk.agent.called("steer_turn")[0][2] == "use uv instead"


async def test_pitfall_25_nothing_is_answered_that_the_user_did_not_answer(desk: Desk) -> None:
    session = await desk.start()
    desk.agent.say(turn_started(), asked(a_command_approval(3)))
    await until(lambda: session.projection.waiting_approvals)
    desk.agent.say(turn_completed())
    await until(lambda: not session.projection.waiting_approvals)
    assert not desk.agent.called("answer")


async def test_a_question_that_codex_wants_answered_in_time_is_answered_without_a_choice(desk: Desk) -> None:
    session = await desk.start()
    question = QuestionApproval(9, THREAD, auto_resolve_ms=1)
    desk.agent.say(ev.ApprovalRequested(THREAD, question))
    await until(lambda: desk.agent.called("answer"))
    assert desk.agent.called("answer") == [(9, Answer(Decision.DECLINE))]
    assert any(
        "without an answer" in i.text
        for t in session.projection.turns
        for i in session.projection.items_of(t)
        if isinstance(i, it.Notice)
    )


async def test_a_yes_goes_only_to_the_connection_that_asked(desk: Desk) -> None:
    session = await desk.start()
    approval = a_command_approval(0)
    desk.agent.say(turn_started(), asked(approval))
    await until(lambda: session.projection.waiting_approvals)
    first, is_closing = desk.agent, asyncio.Event()

    async def close() -> None:
        await is_closing.wait()

    first.close = close  # type: ignore[method-assign]
    first.hang_up()
    await until(lambda: desk.manager.connection.current is None)
    assert session.projection.waiting_approvals  # it is still on screen
    session.decide(approval, Answer(Decision.DECLINE), "use uv")
    is_closing.set()
    await until(lambda: len(desk.agents) == 2 and desk.manager.connection.is_open)
    await until(lambda: "The answer did not reach Codex" in str(desk.notices(session)))
    assert not first.called("answer")
    assert not desk.agent.called("answer")
    assert session.take_back() == "use uv"


async def test_no_and_stop_of_a_tool_of_a_server_stops_the_turn(desk: Desk) -> None:
    session = await desk.start()
    approval = McpApproval(4, THREAD, TURN, server="files", tool="write", is_tool_call=True)
    desk.agent.say(turn_started(), ev.ApprovalRequested(THREAD, approval))
    await until(lambda: session.projection.waiting_approvals)
    session.decide(approval, Answer(Decision.CANCEL))
    await until(lambda: desk.agent.called("interrupt_turn"))
    assert desk.agent.called("answer") == [(4, Answer(Decision.CANCEL))]
    assert desk.agent.called("interrupt_turn") == [(THREAD, TURN)]


async def test_an_answered_question_is_not_declined_when_its_time_is_over(desk: Desk) -> None:
    session = await desk.start()
    question = QuestionApproval(9, THREAD, auto_resolve_ms=1)
    session.apply(ev.ApprovalRequested(THREAD, question))
    session.decide(question, Answer(Decision.ONCE, (("colour", ("red",)),)))
    await session.answer_later(question, 0)
    await until(lambda: desk.agent.called("answer"))
    assert desk.agent.called("answer") == [(9, Answer(Decision.ONCE, (("colour", ("red",)),)))]
    assert "without an answer" not in str(desk.notices(session))


async def test_pitfall_28_plan_mode_is_read_only_and_leaving_it_restores_what_was(desk: Desk) -> None:
    session = await desk.start()
    session.controls.set_plan_mode(True)
    await until(lambda: desk.agent.called("update_settings"))
    assert desk.agent.called("update_settings")[0][1] == PLAN_MODE
    session.apply(ev.SettingsChanged(THREAD, applied(SETTINGS, PLAN_MODE)))
    session.controls.set_plan_mode(False)
    await until(lambda: len(desk.agent.called("update_settings")) == 2)
    before = replace(permissions_of(SETTINGS), is_plan_mode=False)
    assert desk.agent.called("update_settings")[1][1] == before
    assert (before.sandbox, before.approval_policy) == (SETTINGS.sandbox, "on-request")


async def test_leaving_a_plan_mode_of_another_window_says_what_it_cannot_know(desk: Desk) -> None:
    from msgspec.structs import replace

    session = await desk.start()
    session.apply(
        ev.SettingsChanged(THREAD, replace(SETTINGS, is_plan_mode=True, sandbox=SandboxPolicy(SandboxKind.READ_ONLY)))
    )
    session.controls.set_plan_mode(False)
    notices = [i for t in session.projection.turns for i in session.projection.items_of(t) if isinstance(i, it.Notice)]
    assert "read-only" in notices[0].text


async def test_pitfall_33_a_session_that_was_never_used_is_started_anew(desk: Desk) -> None:
    def unused(agent: FakeAgent) -> None:
        agent.refuse["resume_thread"] = AgentRefused("thread/resume", "no rollout found for thread id x")

    desk.prepare = unused
    session = desk.manager.open_session(ThreadId("old"))
    desk.manager.show(session)
    await desk.start()
    await until(lambda: session.thread_id != "old")
    assert session in desk.manager.sessions.values()


async def test_pitfall_30_a_session_another_process_holds_says_so_and_opens_when_that_ends(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conductor_tui.services.sessions.held.TRY_AGAIN_SECONDS", 0.01)
    is_held = True

    def held(agent: FakeAgent) -> None:
        resume = agent.resume_thread

        async def resume_thread(thread_id: ThreadId, *, config: Mapping[str, Any] | None = None) -> OpenedThread:
            if is_held:
                agent.refuse["resume_thread"] = AgentRefused("thread/resume", "thread x already has an active writer")
            return await resume(thread_id, config=config)

        agent.resume_thread = resume_thread  # type: ignore[method-assign]

    desk.prepare = held
    session = desk.manager.open_session(ThreadId("held"))
    await desk.start()
    await until(lambda: list(session.projection.item_keys()))
    session.send("go on")
    await until(lambda: session.projection.outgoing[0].waits)
    await until(lambda: len(desk.agent.called("resume_thread")) > 3)
    notices = [session.projection.item(key) for key in session.projection.item_keys()]
    assert [n.detail.count("active writer") for n in notices if isinstance(n, it.Notice)] == [1]
    assert not desk.agent.called("start_turn")
    is_held = False
    await until(lambda: desk.agent.called("start_turn"))
    assert not session.is_opening


async def test_pitfall_35_only_sessions_that_work_or_wait_are_loaded(desk: Desk) -> None:
    def listed(agent: FakeAgent) -> None:
        for name, state in (("a", ThreadState.NOT_LOADED), ("b", ThreadState.WORKING), ("c", ThreadState.IDLE)):
            agent.threads[ThreadId(name)] = ThreadSummary(ThreadId(name), state, preview=name, cwd="/repo")

    desk.prepare = listed
    await desk.start()
    await until(lambda: desk.agent.called("resume_thread"))
    assert desk.agent.called("resume_thread") == [("b",)]
    assert set(desk.manager.threads) == {"a", "b", "c"}


async def test_pitfall_38_an_account_that_cannot_be_read_is_not_signed_out(desk: Desk) -> None:
    def offline(agent: FakeAgent) -> None:
        agent.refuse["read_account"] = AgentRefused("account/read", "workspace routing discovery failed")

    desk.prepare = offline
    await desk.start()
    await until(lambda: desk.agent.called("read_rate_limits") or desk.agent.called("read_account"))
    assert desk.manager.setup.account is None


async def test_empty_rate_limits_do_not_overwrite_known_ones(desk: Desk) -> None:
    from conductor_tui.domain.controls import LimitWindow, RateLimits

    await desk.start()
    desk.agent.say(ev.RateLimitsChanged(None, RateLimits(primary=LimitWindow(40))))
    desk.agent.say(ev.RateLimitsChanged(None, RateLimits()))
    desk.agent.say(ev.NoticeReported(None, it.Severity.ERROR, "bad config", source="configWarning"))
    await until(lambda: desk.manager.setup.notices)
    assert desk.manager.setup.limits.primary == LimitWindow(40)


async def test_a_lost_connection_is_opened_again_and_sessions_are_resumed(desk: Desk) -> None:
    session = await desk.start()
    session.apply(turn_started())
    session.apply(item_completed(a_prompt()))
    desk.agent.hang_up()
    await until(lambda: len(desk.agents) == 2)
    await until(lambda: desk.agent.called("resume_thread"))
    await until(lambda: session.projection.is_connected)
    assert [i.id for i in session.projection.items_of(TurnId("turn-1"))] == ["u1"]


async def test_codex_that_cannot_be_used_is_a_state_and_can_be_tried_again(desk: Desk) -> None:
    desk.failures.append(CodexUnavailable(Trouble("Codex was not found", "", ("install it",), is_fatal=True)))
    session = desk.manager.new_session()
    session.send("kept")
    task = asyncio.create_task(desk.manager.run())
    await until(lambda: desk.manager.connection.link is Link.FAILED)
    assert desk.manager.connection.trouble is not None
    assert [m.text for m in session.projection.outgoing] == ["kept"]
    desk.manager.connection.retry()
    await until(lambda: desk.manager.connection.link is Link.CONNECTED)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_whatever_goes_wrong_while_connecting_is_said_and_can_be_tried_again(desk: Desk) -> None:
    desk.failures.append(RuntimeError("Could not determine home directory."))
    session = desk.connect()
    await until(lambda: desk.manager.connection.link is Link.FAILED)
    assert desk.manager.connection.trouble is not None
    assert "home directory" in desk.manager.connection.trouble.cause
    desk.manager.connection.retry()
    await until(lambda: session.thread_id or desk.manager.connection.link is Link.CONNECTED)


async def test_what_is_queued_elsewhere_is_read_with_the_session_and_whenever_it_changes(desk: Desk) -> None:
    def prepare(agent: FakeAgent) -> None:
        agent.queued = (QueuedMessage("q1", "c1", "one"),)

    desk.prepare = prepare
    session = desk.reopen()
    await until(lambda: [m.text for m in session.projection.queued] == ["one"])
    desk.agent.queued = (QueuedMessage("q1", "c1", "one, changed"),)
    desk.agent.say(ev.QueueChanged(THREAD))
    await until(lambda: [m.text for m in session.projection.queued] == ["one, changed"])
    desk.agent.refuse["list_queue"] = AgentRefused("thread/queue/list", "unknown variant")
    desk.agent.say(ev.QueueChanged(THREAD))
    await until(lambda: not desk.agent.refuse)
    desk.agent.queued = ()
    desk.agent.say(ev.QueueChanged(THREAD))
    await until(lambda: session.projection.queued == ())


async def test_an_answer_about_the_queue_that_a_newer_one_overtakes_is_dropped(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await desk.start()
    answers: list[asyncio.Future[tuple[QueuedMessage, ...]]] = [
        asyncio.get_running_loop().create_future() for _ in range(2)
    ]
    asked = iter(answers)
    monkeypatch.setattr(desk.agent, "list_queue", lambda thread_id: next(asked))
    first, second = asyncio.create_task(session.read_queue()), asyncio.create_task(session.read_queue())
    answers[1].set_result(())
    await second
    answers[0].set_result((QueuedMessage("q1", "c1", "taken long ago"),))
    await first
    assert session.projection.queued == ()


async def test_a_finished_turn_in_another_session_is_unread_until_it_is_shown(desk: Desk) -> None:
    session = await desk.start()
    other = desk.manager.open_session(ThreadId("other"))
    await until(lambda: desk.agent.called("resume_thread"))
    desk.agent.say(ev.TurnCompleted(ThreadId("other"), turn_completed().turn))
    await until(lambda: desk.manager.threads.unread == {"other"})
    desk.manager.show(other)
    assert desk.manager.threads.unread == set()
    assert session is not other


async def test_a_sub_agents_approval_reaches_its_parent(desk: Desk) -> None:
    from msgspec.structs import replace

    session = await desk.start()
    child = it.SubAgentActivity(ItemId("s"), TurnId("turn-1"), action="started", agent_thread_id=ThreadId("child"))
    desk.agent.say(turn_started(), item_completed(child))
    desk.agent.say(asked(replace(a_command_approval(4), thread_id=ThreadId("child"))))
    await until(lambda: session.projection.waiting_approvals)
    assert session.projection.waiting_approvals[0].thread_id == "child"


def from_a_child(request_id: int, thread_id: str) -> CommandApproval:
    return replace(a_command_approval(request_id), thread_id=ThreadId(thread_id), turn_id=TurnId("of-the-child"))


async def test_a_sub_agents_question_is_found_again_in_its_parent_and_ends_there(desk: Desk) -> None:
    activity = it.SubAgentActivity(ItemId("a"), TurnId("turn-1"), agent_thread_id=ThreadId("child"))
    history = ev.HistoryLoaded(ThreadId("parent"), (a_recorded_turn(activity),))
    desk.prepare = lambda agent: agent.histories.update({ThreadId("parent"): history})
    shown = await desk.start()
    parent = desk.manager.open_session(ThreadId("parent"))
    await until(lambda: parent.projection.turns)
    desk.agent.say(asked(from_a_child(4, "child")))
    await until(lambda: parent.projection.approvals)
    assert not shown.projection.approvals
    desk.manager.show(desk.manager.open_session(ThreadId("third")))
    desk.agent.say(ev.ApprovalResolved(ThreadId("child"), 4))
    await until(lambda: not parent.projection.approvals)


async def test_a_sub_agent_of_a_sub_agent_asks_in_the_session_of_both(desk: Desk) -> None:
    session = await desk.start()
    other = desk.manager.open_session(ThreadId("other"))
    desk.manager.show(other)
    child = it.SubAgentActivity(ItemId("a"), TurnId("turn-1"), agent_thread_id=ThreadId("child"))
    grandchild = it.SubAgentActivity(ItemId("b"), TurnId("t"), agent_thread_id=ThreadId("grandchild"))
    desk.agent.say(
        turn_started(),
        item_completed(child),
        ev.ItemCompleted(ThreadId("child"), grandchild),
        asked(from_a_child(5, "grandchild")),
    )
    await until(lambda: session.projection.approvals)
    assert not other.projection.approvals


async def test_codex_is_asked_whose_sub_agent_asks(desk: Desk) -> None:
    child = ThreadSummary(ThreadId("child"), parent_id=ThreadId("parent"))
    desk.prepare = lambda agent: agent.threads.update({child.id: child})
    shown = await desk.start()
    parent = desk.manager.open_session(ThreadId("parent"))
    await until(lambda: not parent.is_opening)
    desk.agent.say(asked(from_a_child(6, "child")))
    await until(lambda: parent.projection.approvals)
    desk.agent.say(asked(from_a_child(7, "nobodys")))
    await until(lambda: shown.projection.approvals)  # rather there than nowhere
    desk.agent.say(ev.ApprovalResolved(ThreadId("nobodys"), 7))
    await until(lambda: not shown.projection.approvals)


async def test_a_session_with_turns_is_never_replaced_by_a_new_one(desk: Desk) -> None:
    session = await desk.start()
    desk.agent.say(turn_started(), item_completed(a_prompt("hello")), turn_completed())
    await until(lambda: session.projection.turns)
    refusal = AgentRefused("thread/resume", "no rollout found for thread id thread-1")
    desk.prepare = lambda agent: agent.refuse.update(resume_thread=refusal)
    desk.agent.hang_up()
    await until(lambda: session.has_failed)
    assert session.thread_id == THREAD
    assert not desk.agent.called("start_thread")
    assert session.projection.turns


async def test_a_session_that_needs_the_user_is_opened_when_that_is_heard(desk: Desk) -> None:
    waits = ThreadSummary(ThreadId("waits"), ThreadState.IDLE, preview="p", cwd="/repo")
    desk.prepare = lambda agent: agent.threads.update({waits.id: waits})
    await desk.start()
    await until(lambda: waits.id in desk.manager.threads)
    assert waits.id not in desk.manager.sessions
    desk.agent.say(ev.ThreadStatusChanged(waits.id, ThreadState.NEEDS_APPROVAL))
    await until(lambda: waits.id in desk.manager.sessions)


async def test_reconnecting_again_and_again_takes_longer_each_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    real_sleep = asyncio.sleep

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await real_sleep(0)

    monkeypatch.setattr("conductor_tui.services.sessions.connection.random.uniform", lambda low, high: 1.0)
    monkeypatch.setattr("conductor_tui.services.sessions.connection.asyncio.sleep", sleep)
    await desk.start()
    for lost in range(8):
        await until(lambda: len(desk.agents) == lost + 1)
        desk.agent.hang_up()
    await until(lambda: len(pauses) >= 8)
    waits = [p for p in pauses if p >= 0.5]
    assert waits[:3] == [1.0, 2.0, 4.0]
    assert max(waits) == 20.0


async def test_a_steer_refused_in_other_words_starts_a_turn_when_the_turn_is_over(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await desk.start()
    session.apply(turn_started())

    async def too_late(*_: object) -> None:
        session.apply(turn_completed())
        raise AgentRefused("turn/steer", "words of a later version")

    monkeypatch.setattr(desk.agent, "steer_turn", too_late)
    session.send("late")
    await until(lambda: desk.agent.called("start_turn"))


async def test_a_steer_that_is_refused_while_its_turn_runs_is_not_sent(desk: Desk) -> None:
    session = await desk.start()
    session.apply(turn_started())
    desk.agent.refuse["steer_turn"] = AgentRefused("turn/steer", "cannot steer a review turn")
    session.send("not now")
    await until(lambda: any(m.error for m in session.projection.outgoing))
    assert not desk.agent.called("start_turn")


async def test_the_new_session_is_listed_once_it_is_used(desk: Desk) -> None:
    session = await desk.start()
    assert desk.manager.unused.of(desk.manager.here) is session
    desk.agent.say(turn_started(), item_completed(a_prompt("do it")))
    await until(lambda: desk.manager.unused.of(desk.manager.here) is None)
    assert desk.manager.threads[THREAD].title == "do it"
    assert desk.manager.new_session() is not session


async def test_the_last_session_and_its_draft_are_found_again(desk: Desk, tmp_path: Path) -> None:
    session = await desk.start()
    desk.agent.say(turn_started(), item_completed(a_prompt()), turn_completed(status=TurnStatus.COMPLETED))
    await until(lambda: desk.manager.unused.of(desk.manager.here) is None)
    desk.manager.keep_draft(session, "half a thought")
    await desk.close()
    again = Desk(tmp_path)
    assert again.store.last_session(ROOT) == THREAD
    again.manager.threads[THREAD] = ThreadSummary(THREAD)
    assert again.manager.open_session(THREAD).draft == "half a thought"
    await again.close()
    desk.store = Store(tmp_path / "store.sqlite3")
    desk._task = None


async def test_a_message_to_a_session_that_could_not_be_opened_tries_again(desk: Desk) -> None:
    desk.prepare = lambda agent: agent.refuse.update(start_thread=AgentRefused("thread/start", "bad config"))
    session = desk.connect()
    await until(lambda: session.has_failed)
    session.send("now?")
    await until(lambda: desk.agent.called("start_turn"))
    assert not session.has_failed


async def test_asking_for_a_new_session_again_tries_again(desk: Desk) -> None:
    desk.prepare = lambda agent: agent.refuse.update(start_thread=AgentRefused("thread/start", "bad config"))
    session = desk.connect()
    await until(lambda: session.has_failed)
    desk.agent.say(ev.NoticeReported(None, it.Severity.ERROR, "bad config", source="configWarning"))
    await until(lambda: desk.manager.setup.notices)
    assert desk.manager.new_session() is session
    await until(lambda: session.thread_id)
    assert not desk.manager.setup.notices


async def test_a_steer_that_comes_too_late_starts_a_turn_even_before_its_end_is_known(desk: Desk) -> None:
    session = await desk.start()
    session.apply(turn_started())
    desk.agent.refuse["steer_turn"] = AgentRefused("turn/steer", "no active turn to steer")
    session.send("and this")
    await until(lambda: desk.agent.called("start_turn"))
    assert not [m for m in session.projection.outgoing if m.error]


async def test_leaving_discards_the_new_session_that_nobody_used(desk: Desk) -> None:
    session = await desk.start()
    await desk.close()
    assert desk.agent.called("discard_unused_thread") == [(session.thread_id,)]


async def test_leaving_keeps_a_new_session_with_a_message_on_its_way(desk: Desk) -> None:
    session = await desk.start()
    session.send("hello")
    await desk.close()
    assert not desk.agent.called("discard_unused_thread")


async def test_a_steer_that_codex_took_and_did_not_answer_is_said(desk: Desk) -> None:
    session = await desk.start()
    session.apply(turn_started())
    session.apply(item_completed(a_prompt("first")))
    session.apply(item_completed(a_message("answer")))
    session.apply(item_completed(a_prompt("and this?", id="u2")))
    session.apply(turn_completed())
    last = [i for t in session.projection.turns for i in session.projection.items_of(t)][-1]
    assert isinstance(last, it.Notice)
    assert "without answering" in last.text


async def test_an_answered_turn_says_nothing(desk: Desk) -> None:
    session = await desk.start()
    session.apply(turn_started())
    session.apply(item_completed(a_prompt("first")))
    session.apply(turn_completed())
    items = [i for t in session.projection.turns for i in session.projection.items_of(t)]
    assert not [i for i in items if isinstance(i, it.Notice)]


async def test_a_turn_that_leaves_plan_mode_does_not_come_back_to_it_after_changes_for_one_turn(desk: Desk) -> None:
    session = await desk.start()
    before = SandboxPolicy(SandboxKind.WORKSPACE_WRITE)
    planning = replace(SETTINGS, is_plan_mode=True, sandbox=SandboxPolicy(SandboxKind.READ_ONLY))
    session.apply(ev.SettingsChanged(THREAD, planning))
    session.controls.scope.begin(None)
    desk.store.keep_before_plan(THREAD, SettingsUpdate(sandbox=before))
    await asyncio.to_thread(desk.store._writer.submit(lambda: None).result)
    session.apply(ev.SettingsChanged(THREAD, replace(planning, model="small")))
    await implement(session, ())
    session.apply(ev.SettingsChanged(THREAD, replace(SETTINGS, model="small", sandbox=before)))
    session.apply(turn_started())
    session.apply(turn_completed())
    await until(lambda: desk.agent.called("update_settings"))
    assert desk.agent.called("update_settings") == [(THREAD, SettingsUpdate(model=SETTINGS.model))]
