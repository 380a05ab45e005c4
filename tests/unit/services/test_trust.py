"""Trust: read, decided, put off, agreed upon with others; and what was written before it was known."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from conductor_tui.domain.controls import PLAN_MODE, SandboxKind, SandboxPolicy, SettingsUpdate
from conductor_tui.domain.errors import AgentRefused
from conductor_tui.domain.ids import ItemId, TurnId
from conductor_tui.domain.items import PlanText
from conductor_tui.domain.opened_thread import OpenedThread
from conductor_tui.domain.trust import FolderTrust, TrustLevel
from conductor_tui.services.sessions.plan_handoff import implement_fresh
from conductor_tui.services.sessions.presets import use_preset
from conductor_tui.services.sessions.session_folder import Folder
from conductor_tui.services.sessions.trust import WAITS, RepositoryTrust
from conductor_tui.storage.database import Store
from tests.builders import until
from tests.fakes.agent import SETTINGS, FakeAgent
from tests.unit.services.desk import Desk

FOLDER, MAIN = Path("/lima"), Path("/repo")


@pytest.fixture
def agent() -> FakeAgent:
    agent = FakeAgent()
    agent.trust = FolderTrust("", None, "/home/ada/.codex/config.toml", "v1")
    return agent


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    await desk.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "store.sqlite3")
    yield store
    store.close()


@pytest.fixture
def trust(store: Store) -> RepositoryTrust:
    return RepositoryTrust(FOLDER, MAIN, store)


async def test_undecided_threads_start_read_only_decided_ones_do_not(trust: RepositoryTrust, agent: FakeAgent) -> None:
    folder = Folder(FOLDER, trust)
    await folder.start_thread(agent, str)
    assert trust.wants_decision
    assert await trust.decide(agent, TrustLevel.TRUSTED, None)
    await folder.start_thread(agent, lambda: "scripted")
    assert agent.called("start_thread") == [("/lima", "read-only"), ("/lima", "scripted")]
    assert agent.called("write_trust") == [("/repo", "v1", TrustLevel.TRUSTED)]
    assert not trust.wants_decision


async def test_a_file_changed_meanwhile_is_read_again(trust: RepositoryTrust, agent: FakeAgent) -> None:
    refusal = AgentRefused("config/batchWrite", "no", data={"config_write_error_code": "configVersionConflict"})
    agent.refuse["write_trust"] = refusal
    assert await trust.decide(agent, TrustLevel.UNTRUSTED, None)
    assert len(agent.called("write_trust")) == 2
    assert trust.now
    assert trust.now.level is TrustLevel.UNTRUSTED


async def test_what_somebody_else_decided_meanwhile_holds(trust: RepositoryTrust, agent: FakeAgent) -> None:
    await trust.read(agent)
    agent.trust = replace(agent.trust, level=TrustLevel.UNTRUSTED, version="v2")
    assert not await trust.decide(agent, TrustLevel.TRUSTED, None)
    assert not agent.called("write_trust")
    assert trust.now
    assert trust.now.level is TrustLevel.UNTRUSTED
    assert not trust.is_deciding


async def test_a_write_that_is_refused_leaves_all_as_it_was(trust: RepositoryTrust, agent: FakeAgent) -> None:
    agent.refuse["write_trust"] = AgentRefused("config/batchWrite", "read-only file system")
    with pytest.raises(AgentRefused):
        await trust.decide(agent, TrustLevel.TRUSTED, None)
    assert trust.wants_decision
    assert not trust.is_deciding


async def test_not_now_is_kept_for_the_repository_and_writes_nothing(
    trust: RepositoryTrust, store: Store, agent: FakeAgent
) -> None:
    assert await trust.decide(agent, None, None)
    assert trust.is_undecided
    assert not trust.wants_decision
    assert not agent.called("write_trust")
    await until(lambda: store.is_trust_put_off(MAIN))
    other_worktree = RepositoryTrust(Path("/oslo"), MAIN, store)
    await other_worktree.read(agent)
    assert not other_worktree.wants_decision
    assert await other_worktree.decide(agent, TrustLevel.TRUSTED, None)
    await until(lambda: not store.is_trust_put_off(MAIN))


async def test_what_codex_does_not_say_counts_as_undecided(trust: RepositoryTrust, agent: FakeAgent) -> None:
    assert trust.is_undecided
    assert not trust.wants_decision  # it was not asked for yet
    agent.refuse["read_trust"] = AgentRefused("config/read", "bad config")
    await Folder(FOLDER, trust).start_thread(agent, str)
    assert trust.now is None
    assert trust.wants_decision
    assert agent.called("start_thread") == [("/lima", "read-only")]
    trust.read_only_meanwhile()
    assert trust.is_undecided
    assert not trust.wants_decision
    await trust.read(agent)
    assert trust.wants_decision


async def test_a_message_waits_where_codex_does_not_say_what_is_decided(desk: Desk) -> None:
    desk.prepare = lambda agent: agent.refuse.update(read_trust=AgentRefused("config/read", "bad config"))
    session = desk.connect()
    session.send("hello")
    await until(lambda: [m.error for m in session.projection.outgoing] == [WAITS])
    assert not desk.agent.called("start_turn")


async def test_trust_decided_while_a_thread_starts_holds_for_it(trust: RepositoryTrust, agent: FakeAgent) -> None:
    agent.trust = replace(agent.trust, level=None)
    start = agent.start_thread

    async def decided_meanwhile(*args: Any, **options: Any) -> OpenedThread:
        opened = await start(*args, **options)
        if agent.trust.level is None:
            agent.trust = replace(agent.trust, level=TrustLevel.TRUSTED)
            await trust.read(agent)
        return opened

    agent.start_thread = decided_meanwhile  # type: ignore[method-assign]
    opened = await Folder(FOLDER, trust).start_thread(agent, str)
    assert agent.called("start_thread") == [("/lima", "read-only"), ("/lima",)]
    assert agent.called("discard_unused_thread") == [("thread-1",)]
    assert opened.thread.id == "thread-2"


@pytest.mark.parametrize(
    ("level", "policy", "asks"),
    [
        (TrustLevel.UNTRUSTED, "on-request", ("asks",)),
        (TrustLevel.UNTRUSTED, "", ()),
        (TrustLevel.TRUSTED, "never", ()),
    ],
)
async def test_ask_me_means_the_same_beside_an_approval_policy_in_the_configuration(
    trust: RepositoryTrust, agent: FakeAgent, level: TrustLevel, policy: str, asks: tuple[str, ...]
) -> None:
    agent.trust = replace(agent.trust, level=level, approval_policy=policy)
    await Folder(FOLDER, trust).start_thread(agent, str)
    assert agent.called("start_thread") == [("/lima", *asks)]


async def test_a_decision_renews_the_unused_thread_only(desk: Desk) -> None:
    desk.prepare = lambda agent: setattr(agent, "trust", FolderTrust("", None, "config.toml", "v1"))
    session = await desk.start()
    assert await desk.manager.here.trust.decide(desk.agent, TrustLevel.TRUSTED, None)
    await until(lambda: session.thread_id == "thread-2")
    await until(lambda: desk.agent.called("discard_unused_thread"))
    assert desk.agent.called("discard_unused_thread") == [("thread-1",)]
    assert desk.agent.called("start_thread") == [("/repo", "read-only"), ("/repo",)]
    assert desk.manager.unused.of(desk.manager.here) is session
    session.send("hello")
    assert await desk.manager.here.trust.decide(desk.agent, TrustLevel.UNTRUSTED, TrustLevel.TRUSTED)
    assert session.thread_id == "thread-2"


async def test_what_was_written_before_trust_was_known_waits_and_can_be_taken_back(desk: Desk) -> None:
    desk.prepare = lambda agent: setattr(agent, "trust", FolderTrust("", None, "config.toml", "v1"))
    session = desk.connect()
    session.send("hello")
    await until(lambda: [m.error for m in session.projection.outgoing] == [WAITS])
    assert not desk.agent.called("start_turn")
    assert session.take_back() == "hello"


async def test_a_change_that_the_model_does_not_allow_is_not_sent(desk: Desk) -> None:
    session = await desk.start()
    await until(lambda: desk.manager.setup.catalogue.models)
    session.update(SettingsUpdate(model="nonsense"))
    session.update(SettingsUpdate(effort="ultra"))
    session.update(SettingsUpdate(model="small"))
    await until(lambda: desk.agent.called("update_settings"))
    assert [u for _, u in desk.agent.called("update_settings")] == [SettingsUpdate(model="small", effort="low")]


READ_ONLY, WRITE = SandboxPolicy(SandboxKind.READ_ONLY), SandboxPolicy(SandboxKind.WORKSPACE_WRITE)
FULL = SandboxPolicy(SandboxKind.FULL_ACCESS)


def _sandbox_of(permissions: SettingsUpdate | None) -> SandboxPolicy | None:
    return permissions.sandbox if permissions else None


@pytest.mark.parametrize(
    ("is_plan", "values", "sent", "kept"),
    [
        (False, SettingsUpdate(sandbox=FULL), SettingsUpdate(sandbox=FULL), None),
        (False, SettingsUpdate(is_plan_mode=True), PLAN_MODE, WRITE),
        (True, SettingsUpdate(sandbox=FULL), replace(PLAN_MODE, is_plan_mode=None), FULL),
        (True, SettingsUpdate(is_plan_mode=False), SettingsUpdate(is_plan_mode=False, sandbox=WRITE), WRITE),
    ],
)
async def test_a_preset_and_plan_mode(
    desk: Desk, is_plan: bool, values: SettingsUpdate, sent: SettingsUpdate, kept: SandboxPolicy | None
) -> None:
    settings = replace(SETTINGS, is_plan_mode=is_plan, sandbox=READ_ONLY if is_plan else WRITE)
    desk.prepare = lambda agent: setattr(agent, "settings", settings)
    session = await desk.start()
    assert session.thread_id
    if is_plan:
        session.controls.after_plan(SettingsUpdate(sandbox=WRITE))
    use_preset(session, values)
    await until(lambda: desk.agent.called("update_settings"))
    assert [u for _, u in desk.agent.called("update_settings")] == [sent]
    await until(lambda: _sandbox_of(desk.store.before_plan(session.thread_id or "")) == kept)


async def test_pitfall_27_a_plan_in_a_fresh_session_starts_read_only_too(desk: Desk) -> None:
    desk.prepare = lambda agent: setattr(agent, "trust", FolderTrust("", None, "config.toml", "v1"))
    session = await desk.start()
    plan = PlanText(ItemId("p"), TurnId("t"), text="# Mend it\n\n1. Look")
    await implement_fresh(desk.manager, session, plan, ())
    assert desk.agent.called("start_thread")[-1] == ("/repo", "scripted", "read-only")
