"""Changes of a session's settings: in order, for one turn only, and in Plan Mode."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from conductor_tui.domain import events as ev
from conductor_tui.domain.controls import (
    PLAN_MODE,
    PLAN_PROFILE,
    SandboxKind,
    SandboxPolicy,
    SessionSettings,
    SettingsUpdate,
    applied,
    plan_gaps,
)
from conductor_tui.domain.errors import AgentError, AgentOverloaded, AgentRefused, AgentTimedOut
from conductor_tui.domain.ids import TurnId
from conductor_tui.domain.items import Severity
from conductor_tui.domain.turns import Turn, TurnStatus
from conductor_tui.protocol.encode import settings_update
from conductor_tui.services.sessions.session import Session
from tests.builders import THREAD, a_recorded_turn, turn_completed, turn_started, until
from tests.fakes.agent import SETTINGS, FakeAgent
from tests.unit.services.desk import Desk

FULL = SandboxPolicy(SandboxKind.FULL_ACCESS)
OPEN = replace(SETTINGS, sandbox=FULL)
BACK = SettingsUpdate(sandbox=SETTINGS.sandbox)
FAILURES = [
    AgentRefused("thread/settings/update", "no"),
    AgentOverloaded("busy"),
    AgentTimedOut("thread/settings/update", 30),
]


def confirmed(settings: SessionSettings) -> ev.SettingsChanged:
    return ev.SettingsChanged(THREAD, settings)


def updates(desk: Desk) -> list[SettingsUpdate]:
    return [u for agent in desk.agents for _, u in agent.called("update_settings")]


async def written(desk: Desk) -> None:
    await asyncio.to_thread(desk.store._writer.submit(lambda: None).result)


def ended(agent: FakeAgent) -> None:
    """The turn has ended while nobody looked, and its settings are in force."""
    agent.settings = OPEN
    agent.histories[THREAD] = ev.HistoryLoaded(THREAD, (a_recorded_turn(),))


async def opened_for_one_turn(desk: Desk) -> Session:
    """Full access holds for the turn that runs now."""
    session = await desk.start()
    session.controls.scope.begin("medium")
    session.apply(confirmed(OPEN))
    session.apply(turn_started())
    return session


# In order


def test_what_is_changed_is_folded_into_what_comes_after() -> None:
    now = applied(SETTINGS, SettingsUpdate(model="small"))
    sent = settings_update(THREAD, SettingsUpdate(effort="low"), now)
    assert sent["collaborationMode"]["settings"]["model"] == "small"


async def test_two_quick_changes_both_hold(desk: Desk) -> None:
    seen: list[SessionSettings] = []

    def spied(agent: FakeAgent) -> None:
        original = agent.update_settings

        async def update_settings(thread_id: object, update: SettingsUpdate, current: SessionSettings) -> None:
            seen.append(current)
            await original(THREAD, update, current)

        agent.update_settings = update_settings  # type: ignore[method-assign]

    desk.prepare = spied
    session = await desk.start()
    session.update(SettingsUpdate(model="small"))
    session.update(SettingsUpdate(effort="low"))
    await until(lambda: len(seen) == 2)
    assert [s.model for s in seen] == ["big", "small"]
    session.apply(confirmed(replace(SETTINGS, model="small")))
    assert session.controls.expected.effort == "low"
    session.apply(confirmed(replace(SETTINGS, model="small", effort="low")))
    session.apply(confirmed(replace(SETTINGS, model="big", effort="low")))  # another window
    assert session.controls.expected.model == "big"


async def test_a_message_behind_a_change_waits_for_it(desk: Desk) -> None:
    session = await desk.start()
    session.controls.set_plan_mode(True)
    session.send("plan it")
    await until(lambda: desk.agent.called("start_turn"))
    methods = [c[0] for c in desk.agent.calls]
    assert methods.index("update_settings") < methods.index("start_turn")


@pytest.mark.parametrize("error", FAILURES)
async def test_a_message_behind_plan_mode_that_codex_did_not_take_is_not_sent(desk: Desk, error: AgentError) -> None:
    session = await desk.start()
    desk.agent.refuse["update_settings"] = error
    session.controls.set_plan_mode(True)
    session.send("plan it")
    await until(lambda: any(m.error for m in session.projection.outgoing))
    assert not desk.agent.called("start_turn")
    assert session.take_back() == "plan it"
    assert not session.controls.expected.is_plan_mode


# For one turn only


async def test_after_its_turn_the_session_goes_back(desk: Desk) -> None:
    session = await opened_for_one_turn(desk)
    session.apply(turn_completed())
    await until(lambda: updates(desk) == [BACK])
    session.apply(confirmed(SETTINGS))
    assert session.controls.scope.way_back is None
    await written(desk)
    assert desk.store.way_back(THREAD) is None


@pytest.mark.parametrize("error", FAILURES)
async def test_what_could_not_be_taken_back_is_said_and_no_other_turn_begins_before(
    desk: Desk, error: AgentError
) -> None:
    session = await opened_for_one_turn(desk)
    desk.agent.refuse["update_settings"] = error
    session.apply(turn_completed())
    await until(lambda: desk.notices(session))
    (notice,) = desk.notices(session)
    assert (notice.severity, "still in force" in notice.text) == (Severity.ERROR, True)
    assert session.controls.scope.way_back is not None
    assert session.controls.scope.way_back.error
    desk.agent.refuse["update_settings"] = error
    session.send("go on")
    await until(lambda: any(m.error for m in session.projection.outgoing))
    assert not desk.agent.called("start_turn")
    session.send("again")
    await until(lambda: desk.agent.called("start_turn"))
    methods = [c[0] for c in desk.agent.calls]
    assert methods.index("update_settings") < methods.index("start_turn")
    assert updates(desk) == [BACK] * 3


async def test_a_change_after_it_failed_is_kept_and_the_rest_goes_back(desk: Desk) -> None:
    session = await opened_for_one_turn(desk)
    desk.agent.refuse["update_settings"] = FAILURES[0]
    session.apply(turn_completed())
    await until(lambda: desk.notices(session))
    session.update(SettingsUpdate(effort="low"))
    await until(lambda: len(updates(desk)) == 2)
    session.apply(confirmed(replace(OPEN, effort="low")))
    assert session.controls.scope.way_back is not None
    session.send("go on")
    await until(lambda: desk.agent.called("start_turn"))
    assert updates(desk)[-1] == BACK


async def test_a_connection_lost_as_the_turn_ends_does_not_keep_it(desk: Desk) -> None:
    session = await opened_for_one_turn(desk)
    desk.prepare = ended
    desk.agent.hang_up()
    await until(lambda: len(desk.agents) == 2 and updates(desk) == [BACK])
    session.apply(confirmed(SETTINGS))
    assert session.controls.scope.way_back is None


async def test_an_answer_that_was_lost_on_the_way_is_asked_for_again(desk: Desk) -> None:
    session = await opened_for_one_turn(desk)
    session.apply(turn_completed())
    await until(lambda: updates(desk) == [BACK])
    desk.prepare = lambda agent: setattr(agent, "settings", OPEN)  # the server ended before it was in force
    desk.agent.hang_up()
    await until(lambda: updates(desk) == [BACK, BACK])
    assert session.controls.scope.way_back is not None


@pytest.mark.parametrize("has_seen_start", [True, False])
async def test_a_turn_that_ended_without_a_window_is_gone_back_from(
    desk: Desk, tmp_path: Path, has_seen_start: bool
) -> None:
    session = await desk.start()
    session.controls.scope.begin("medium")
    session.apply(confirmed(OPEN))
    if has_seen_start:
        session.apply(turn_started())
    await desk.close()
    again = Desk(tmp_path)
    again.prepare = ended
    again.reopen()
    await until(lambda: updates(again) == [BACK])
    await again.close()


async def test_before_its_turn_began_another_window_leaves_it_alone(desk: Desk, tmp_path: Path) -> None:
    session = await desk.start()
    session.controls.scope.begin("medium")
    session.apply(confirmed(OPEN))
    await desk.close()
    again = Desk(tmp_path)
    again.prepare = lambda agent: setattr(agent, "settings", OPEN)
    reopened = again.reopen()
    await until(lambda: not reopened.is_opening)
    assert reopened.controls.scope.way_back is not None
    assert not reopened.controls.scope.must_go_back
    await again.close()


async def test_it_waits_for_a_turn_that_still_runs(desk: Desk) -> None:
    session = await opened_for_one_turn(desk)
    session.apply(ev.TurnStarted(THREAD, Turn(TurnId("turn-2"))))
    session.apply(turn_completed("turn-1"))
    await written(desk)
    assert not updates(desk)
    session.apply(turn_completed("turn-2"))
    await until(lambda: updates(desk) == [BACK])


async def test_a_turn_that_never_began_leaves_it_for_the_next(desk: Desk) -> None:
    session = await desk.start()
    session.controls.scope.begin("medium")
    session.apply(confirmed(OPEN))
    desk.agent.refuse["start_turn"] = FAILURES[0]
    session.send("go")
    await until(lambda: any(m.error for m in session.projection.outgoing))
    assert session.controls.scope.way_back is not None
    assert not updates(desk)
    session.apply(turn_started())
    session.apply(turn_completed(status=TurnStatus.FAILED))
    await until(lambda: updates(desk) == [BACK])


async def test_what_was_forgotten_does_not_come_back_while_the_store_has_not_written_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await opened_for_one_turn(desk)
    await written(desk)
    monkeypatch.setattr(desk.store, "write", lambda *_: asyncio.Future())  # behind for the rest of the test
    session.apply(turn_completed())
    await until(lambda: updates(desk) == [BACK])
    session.apply(confirmed(SETTINGS))
    desk.prepare = lambda agent: setattr(agent, "settings", replace(SETTINGS, model="small"))
    desk.agent.hang_up()
    await until(lambda: len(desk.agents) == 2 and not session.is_opening)
    assert session.controls.scope.way_back is None
    assert updates(desk) == [BACK]


# Plan Mode


async def test_plan_mode_across_a_restart_of_the_server_is_made_safe_before_anything_is_sent(desk: Desk) -> None:
    session = await desk.start()
    session.controls.set_plan_mode(True)
    await until(lambda: updates(desk) == [PLAN_MODE])
    session.apply(confirmed(applied(SETTINGS, PLAN_MODE)))
    session.apply(turn_started())
    session.apply(turn_completed())
    # Codex keeps the mode and the policy, and not the profile.
    forgetful = replace(SETTINGS, is_plan_mode=True, approval_policy="never")
    desk.prepare = lambda agent: setattr(agent, "settings", forgetful)
    desk.agent.hang_up()
    session.send("go on")
    await until(lambda: len(desk.agents) == 2 and desk.agent.called("start_turn"))
    assert updates(desk)[-1] == replace(PLAN_MODE, approval_policy=None)
    methods = [c[0] for c in desk.agent.calls]
    assert methods.index("update_settings") < methods.index("start_turn")


async def test_plan_mode_that_cannot_be_made_safe_sends_nothing(desk: Desk) -> None:
    class Always(dict[str, AgentError]):
        def pop(self, key: str, default: object = None) -> AgentError | None:  # type: ignore[override]
            return self.get(key)

    def forgetful(agent: FakeAgent) -> None:
        agent.settings = replace(SETTINGS, is_plan_mode=True, approval_policy="never")
        agent.refuse = Always(update_settings=FAILURES[0])

    session = await desk.start()
    session.controls.set_plan_mode(True)
    await until(lambda: updates(desk))
    session.apply(confirmed(applied(SETTINGS, PLAN_MODE)))
    session.apply(turn_started())
    session.apply(turn_completed())
    desk.prepare = forgetful
    desk.agent.hang_up()
    session.send("go on")
    await until(lambda: any(m.error for m in session.projection.outgoing))
    assert "Plan Mode could not be kept from writing" in str(session.projection.outgoing)
    assert not desk.agent.called("start_turn")


async def test_a_codex_that_does_not_say_the_mode_is_told_again_what_was_chosen(desk: Desk) -> None:
    session = await desk.start()
    session.controls.set_plan_mode(True)
    await until(lambda: updates(desk))
    session.apply(confirmed(applied(SETTINGS, PLAN_MODE)))
    session.apply(turn_started())
    session.apply(turn_completed())
    desk.prepare = lambda agent: setattr(agent, "settings", replace(SETTINGS, is_mode_known=False))
    desk.agent.hang_up()
    await until(lambda: len(desk.agents) == 2 and not session.is_opening)
    assert session.projection.settings.is_plan_mode
    await until(lambda: updates(desk)[-1:] == [PLAN_MODE] and len(updates(desk)) == 2)


async def test_plan_mode_that_another_program_left_stays_left(desk: Desk) -> None:
    session = await desk.start()
    session.controls.set_plan_mode(True)
    await until(lambda: updates(desk))
    session.apply(confirmed(applied(SETTINGS, PLAN_MODE)))
    session.apply(turn_started())
    session.apply(turn_completed())
    desk.agent.hang_up()
    await until(lambda: len(desk.agents) == 2 and not session.is_opening)
    await written(desk)
    assert not session.projection.settings.is_plan_mode
    assert desk.store.before_plan(THREAD) is None
    assert len(updates(desk)) == 1


@pytest.mark.parametrize(
    ("settings", "gaps"),
    [
        (applied(SETTINGS, PLAN_MODE), ()),
        (replace(SETTINGS, is_plan_mode=True), ("every command", "what you approve or approved for the session")),
        (replace(applied(SETTINGS, PLAN_MODE), permission_profile=None), ("commands that rules allow",)),
        (
            replace(applied(SETTINGS, PLAN_MODE), approval_policy="on-request"),
            ("what you approve or approved for the session",),
        ),
    ],
)
def test_what_plan_mode_cannot_keep_from_writing_is_named(settings: SessionSettings, gaps: tuple[str, ...]) -> None:
    assert plan_gaps(settings) == gaps
    assert PLAN_PROFILE == "conductor-plan"


async def test_rules_for_when_codex_asks_come_back_after_plan_mode(desk: Desk) -> None:
    granular = replace(SETTINGS, approval_policy="granular", approval_rules='{"rules": true}')
    desk.prepare = lambda agent: setattr(agent, "settings", granular)
    session = await desk.start()
    session.controls.set_plan_mode(True)
    session.apply(confirmed(applied(granular, PLAN_MODE)))
    session.controls.set_plan_mode(False)
    await until(lambda: len(updates(desk)) == 2)
    sent = settings_update(THREAD, updates(desk)[-1], granular)
    assert sent["approvalPolicy"] == {"granular": {"rules": True}}


# Permissions


@pytest.mark.parametrize("profile", ["mine", None])
async def test_going_back_from_read_only_keeps_the_folders_and_the_profile(desk: Desk, profile: str | None) -> None:
    wide = SandboxPolicy(SandboxKind.WORKSPACE_WRITE, writable_roots=("/data",))
    mine = replace(SETTINGS, sandbox=wide, permission_profile=profile)
    reading = replace(SETTINGS, sandbox=SandboxPolicy(SandboxKind.READ_ONLY))
    desk.prepare = lambda agent: setattr(agent, "settings", mine)
    session = await desk.start()
    session.apply(confirmed(reading))
    session.controls.use_sandbox(SandboxPolicy(SandboxKind.WORKSPACE_WRITE))
    await until(lambda: updates(desk) == [SettingsUpdate(sandbox=wide, permission_profile=profile)])
    session.apply(confirmed(reading))
    session.controls.use_sandbox(SandboxPolicy(SandboxKind.WORKSPACE_WRITE, network_access=True))
    await until(lambda: updates(desk)[1:] == [SettingsUpdate(sandbox=replace(wide, network_access=True))])
