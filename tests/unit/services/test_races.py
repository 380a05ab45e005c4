"""Races in the store, and one answer about a script for all entrants."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from conductor_tui.domain.controls import SettingsUpdate
from conductor_tui.domain.errors import (
    AgentError,
    AgentGone,
    AgentOverloaded,
    AgentRefused,
    AgentTimedOut,
    WorkspaceError,
)
from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.races import Entrant, Member, Race
from conductor_tui.domain.scripts import Place, Script, ScriptKind
from conductor_tui.domain.threads import ThreadState
from conductor_tui.services.scripts.trust import ScriptTrust, TrustAnswer, TrustQuestion
from conductor_tui.services.sessions.manager import SessionManager
from conductor_tui.services.workspaces.races import OneAnswer, Races
from conductor_tui.storage.database import Store
from conductor_tui.storage.races import RaceStore
from tests.builders import until
from tests.fakes.agent import FakeAgent
from tests.unit.git.worlds import git
from tests.unit.services.workspace_world import Window, make_windows

RACE = Race("r", "why 漢?", "c0ffee", 5)
LIMA = Member("a", Entrant("big", "low"))
OSLO = Member("b", Entrant("plain"))
SETUP = Script("setup", ScriptKind.SETUP, "make")


async def test_a_race_outlives_the_store_and_members_keep_their_order(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.sqlite3")
    races = RaceStore(store)
    await races.add(RACE)
    for member in (OSLO, LIMA, replace(OSLO, thread_id="t")):
        await races.keep_member(RACE, member)
    store.close()
    again = Store(tmp_path / "s.sqlite3")
    races = RaceStore(again)
    assert await races.races() == (replace(RACE, members=(replace(OSLO, thread_id="t"), LIMA)),)
    await races.keep_winner(RACE, "a")
    ((kept,), window) = await races.races(), Store(tmp_path / "s.sqlite3")
    assert kept.winner == "a"
    assert await RaceStore(window).races() == (kept,)
    await races.remove(RACE)
    assert await RaceStore(window).races() == ()
    window.close()
    again.close()
    with pytest.raises(WorkspaceError):
        await races.add(RACE)


@pytest.mark.parametrize("answer", [TrustAnswer.TRUST, TrustAnswer.ONCE, TrustAnswer.NO])
async def test_entrants_are_asked_about_once_and_others_as_ever(tmp_path: Path, answer: TrustAnswer) -> None:
    store = Store(tmp_path / "s.sqlite3")
    trust = ScriptTrust(tmp_path, store, lambda: 1.0)
    asked: list[str] = []

    async def ask(question: TrustQuestion) -> TrustAnswer:
        asked.append(question.place.id)
        await asyncio.sleep(0)
        return answer if question.place.id in "ab" else TrustAnswer.NO

    trust.ask = ask
    once = OneAnswer(trust)
    once.ids |= {"a", "b"}
    other = replace(SETUP, text="make other")

    async def may(id_: str, script: Script = SETUP) -> bool:
        return await trust.may_run(script, Place(id_, str(tmp_path)), str(tmp_path))

    allowed = answer is not TrustAnswer.NO
    assert await asyncio.gather(may("a"), may("b"), may("elsewhere", other)) == [allowed, allowed, False]
    assert sorted(asked) in (["a", "elsewhere"], ["b", "elsewhere"])
    once.done()
    assert trust.ask is ask
    await may("b", replace(SETUP, text="make anew"))
    assert asked[-1] == "b"
    store.close()


# With real git


class Course:
    """Races in a repository that is behind its remote, with a Codex that does what the test says."""

    def __init__(self, window: Window, newest: str) -> None:
        self.window = window
        self.newest = newest
        self.agent = FakeAgent()
        self.manager = SessionManager(window.root, self._connect, window.store, lambda: 1000.0)
        self.races = Races(self.manager, window.workspaces)
        self.said: list[str] = []

    async def _connect(self) -> FakeAgent:
        return self.agent

    async def run(self, prompt: str, *entrants: Entrant) -> Race:
        race, trouble = await self.races.begin(self.window.root, prompt, self.said.append)
        assert trouble is None
        for entrant in entrants:
            record = await self.races.join(race, self.window.root, entrant, self.said.append)
            folder = self.manager.folder(record.path, record.repository)
            with contextlib.suppress(AgentRefused):
                await self.races.send(race, record, entrant, folder)
        await self.races.end_start(race)
        kept = self.races.get(race.id)
        assert kept is not None
        return kept


@pytest.fixture
async def course(tmp_path: Path) -> AsyncIterator[Course]:
    world, window = await make_windows(tmp_path)
    before = git(world.root, "rev-parse", "HEAD")
    world.commit(world.root, "newer.txt", "1\n")
    newest = git(world.root, "rev-parse", "HEAD")
    git(world.root, "push", "-q", "origin", "main")
    git(world.root, "update-ref", "refs/remotes/origin/main", before)
    git(world.root, "reset", "-q", "--hard", before)
    course = Course(window, newest)
    task = asyncio.create_task(course.manager.run())
    await until(lambda: course.manager.connection.is_open and course.manager.setup.catalogue.models)
    yield course
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    window.close()


async def test_all_begin_where_the_remote_is_now_each_with_its_own_settings(course: Course) -> None:
    race = await course.run("Mend it", Entrant("big", "high"), Entrant("small", "low"), Entrant("big", "high"))
    assert race.commit == course.newest
    assert course.said.count("Fetching the newest commits") == 1
    records = [record for _, record in race.standing(course.window.workspaces.records)]
    assert [git(r.path, "rev-parse", "HEAD") for r in records] == [course.newest] * 3
    assert [r.branch for r in records] == [f"mend-it-{r.name}" for r in records]
    turns = course.agent.called("start_turn")
    assert [(turn[1], *turn[3:]) for turn in turns] == [
        ("Mend it", SettingsUpdate(effort="high", model="big")),
        ("Mend it", SettingsUpdate(effort="low", model="small")),
        ("Mend it", SettingsUpdate(effort="high", model="big")),
    ]
    assert not course.agent.called("update_settings")
    assert [m.thread_id for m in race.members] == [turn[0] for turn in turns]
    assert [course.manager.store.last_session(r.path) for r in records] == [m.thread_id for m in race.members]
    assert {m.workspace_id for race in course.races.open for m in race.members} == {r.id for r in records}


async def test_one_that_codex_refuses_keeps_the_prompt_and_the_others_run(course: Course) -> None:
    course.agent.refuse["start_turn"] = AgentRefused("turn/start", "no such model")
    race = await course.run("Mend it", Entrant("big", "high"), Entrant("small", "low"))
    first, second = (record for _, record in race.standing(course.window.workspaces.records))
    assert [bool(m.thread_id) for m in race.members] == [False, True]
    drafts = [course.manager.store.draft(course.manager.folders[r.path].draft_owner) for r in (first, second)]
    await until(lambda: course.agent.called("discard_unused_thread"))
    assert drafts[1] == ""
    assert course.manager.new_session(course.manager.folders[first.path]).draft == "Mend it"


async def test_a_race_that_nobody_joined_is_forgotten_and_a_decided_one_is_over(course: Course) -> None:
    empty, _ = await course.races.begin(course.window.root, "nobody", course.said.append)
    await course.races.end_start(empty)
    race = await course.run("Mend it", Entrant("big", "low"), Entrant("big", "high"))
    again = Races(course.manager, course.window.workspaces)
    await again.read()
    assert again.open == [race]
    winner, loser = (record for _, record in race.standing(course.window.workspaces.records))
    assert again.of(loser.id) == race
    await again.decide(race, winner)
    await course.races.read()
    assert course.races.open == []
    assert course.races.open == []
    decided = course.races.get(race.id)
    assert decided is not None
    assert decided.winner == winner.id


@pytest.mark.parametrize(
    ("error", "is_discarded"),
    [
        (AgentRefused("turn/start", "no such model"), True),
        (AgentOverloaded("come back later"), True),
        (AgentTimedOut("turn/start", 30), False),
        (AgentGone("the connection to Codex is lost"), False),
    ],
)
async def test_a_session_whose_answer_was_lost_is_left_alone(
    course: Course, error: AgentError, is_discarded: bool
) -> None:
    course.agent.refuse["start_turn"] = error
    with contextlib.suppress(AgentError):
        await course.run("do it", Entrant("big", None))
    if is_discarded:
        await until(lambda: course.agent.called("discard_unused_thread"))
    else:
        await until(lambda: not course.manager._tasks)
        assert not course.agent.called("discard_unused_thread")


async def test_a_race_says_once_that_its_last_entrant_has_stopped(course: Course) -> None:
    race = await course.run("Fix it", Entrant("big", "high"), Entrant("small", "low"))
    first, second = (ThreadId(member.thread_id) for member in race.members)
    working, idle, failed = ThreadState.WORKING, ThreadState.IDLE, ThreadState.FAILED
    assert course.races.ended({first: idle, second: idle}) == [], "it never ran in this window"
    assert course.races.ended({first: working, second: working}) == []
    assert course.races.ended({first: idle, second: ThreadState.NEEDS_APPROVAL}) == []
    assert course.races.ended({first: idle, second: failed}) == [(race, [idle, failed])]
    assert course.races.ended({first: idle, second: failed}) == []
