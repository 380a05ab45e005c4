"""Races in the store, and one answer about a script for all entrants."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from conductor_tui.domain.errors import WorkspaceError
from conductor_tui.domain.races import Entrant, Member, Race
from conductor_tui.domain.scripts import Place, Script, ScriptKind
from conductor_tui.sessions.race_store import RaceStore
from conductor_tui.sessions.races import OneAnswer
from conductor_tui.sessions.script_trust import ScriptTrust, TrustAnswer, TrustQuestion
from conductor_tui.sessions.store import Store

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
