"""What requests carry, and what they never do."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from typing import Any, cast

import msgspec
import pytest

from conductor_tui.domain.controls import PLAN_MODE, PLAN_PROFILE, PLAN_PROFILE_TABLE, ServerInfo
from conductor_tui.domain.errors import AgentRefused
from conductor_tui.domain.ids import ThreadId, TurnId
from conductor_tui.domain.threads import QueuedMessage
from conductor_tui.domain.trust import FolderTrust, TrustLevel
from conductor_tui.protocol.appserver import AppServer
from conductor_tui.protocol.rpc import RpcClient
from tests.fakes.agent import SETTINGS

PROFILE = {f"permissions.{PLAN_PROFILE}": PLAN_PROFILE_TABLE}


class Wire:
    """The other end: keeps what is sent, and says what the test wants."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Mapping[str, Any]]] = []
        self.reply: dict[str, Any] = {}
        self.refusals: list[AgentRefused] = []

    async def request(self, method: str, params: Mapping[str, Any], **_: object) -> msgspec.Raw:
        self.sent.append((method, dict(params)))
        if self.refusals:
            raise self.refusals.pop(0)
        return msgspec.Raw(json.dumps(self.reply).encode())


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def server(wire: Wire) -> AppServer:
    return AppServer(cast(RpcClient, wire), ServerInfo("0.163.0"))


async def test_pitfall_27_a_thread_is_never_started_with_a_sandbox(server: AppServer, wire: Wire) -> None:
    wire.reply = {"thread": {"id": "T"}}
    await server.start_thread("/repo")
    await server.start_thread("/repo", "scripted")
    await server.start_thread("/repo", is_read_only=True)
    assert [params for _, params in wire.sent] == [
        {"cwd": "/repo", "config": PROFILE},
        {"cwd": "/repo", "modelProvider": "scripted", "config": PROFILE},
        {"cwd": "/repo", "config": {**PROFILE, "sandbox_mode": "read-only"}},
    ]


async def test_pitfall_31_resuming_a_thread_overrides_nothing(server: AppServer, wire: Wire) -> None:
    await server.resume_thread(ThreadId("T"))
    ((method, params),) = wire.sent
    assert method == "thread/resume"
    assert set(params) == {"threadId", "excludeTurns", "initialTurnsPage", "config"}
    assert params["config"] == PROFILE  # only names what Plan Mode may choose


NO_DEFAULT = AgentRefused("x", "failed to load configuration: config … does not set `default_permissions`")


async def test_a_config_that_names_no_sandbox_gets_the_one_that_it_would_have(server: AppServer, wire: Wire) -> None:
    wire.reply = {"thread": {"id": "T"}}
    wire.refusals = [NO_DEFAULT]
    await server.start_thread("/repo")
    assert wire.sent[-1][1]["config"] == {**PROFILE, "sandbox_mode": "workspace-write"}
    wire.refusals = [NO_DEFAULT]
    with pytest.raises(AgentRefused):  # nobody has decided on trust, and Codex must not
        await server.start_thread("/repo", is_read_only=True)
    wire.refusals = [NO_DEFAULT]
    await server.resume_thread(ThreadId("T"))
    assert wire.sent[-1][1]["config"] == {}


async def test_plan_mode_falls_back_to_the_sandbox_where_codex_does_not_know_its_profile(
    server: AppServer, wire: Wire
) -> None:
    wire.refusals = [AgentRefused("x", "failed to load configuration: default_permissions requires a table")]
    await server.update_settings(ThreadId("T"), PLAN_MODE, SETTINGS)
    first, second = (params for _, params in wire.sent)
    assert (first["permissions"], "sandboxPolicy" in first) == (PLAN_PROFILE, False)
    assert (second["sandboxPolicy"]["type"], "permissions" in second) == ("readOnly", False)
    assert second["approvalPolicy"] == "never"
    wire.refusals = [AgentRefused("x", "thread not found")]
    with pytest.raises(AgentRefused):
        await server.update_settings(ThreadId("T"), PLAN_MODE, SETTINGS)


async def test_an_old_codex_is_not_told_of_a_profile_that_it_cannot_use(wire: Wire) -> None:
    wire.reply = {"thread": {"id": "T"}}
    await AppServer(cast(RpcClient, wire), ServerInfo("0.144.4")).start_thread("/repo")
    assert wire.sent[0][1]["config"] == {}


USER = {"name": {"type": "user", "file": "/home/ada/.codex/config.toml"}, "version": "v7", "config": {}}


@pytest.mark.parametrize(
    ("projects", "key", "level"),
    [
        ({}, "/repo", None),
        ({"/repo": {"trust_level": "trusted"}}, "/repo", TrustLevel.TRUSTED),
        ({"/lima": {"trust_level": "untrusted"}, "/repo": {"trust_level": "trusted"}}, "/lima", TrustLevel.UNTRUSTED),
        ({"/repo": {}}, "/repo", None),
        ({"/": {"trust_level": "trusted"}}, "/repo", None),
    ],
)
async def test_the_entry_that_decides_is_the_folders_or_the_repositorys(
    server: AppServer, wire: Wire, projects: dict[str, Any], key: str, level: TrustLevel | None
) -> None:
    wire.reply = {"config": {"projects": projects, "approval_policy": {"granular": {}}}, "layers": [USER]}
    found = await server.read_trust("/lima", "/repo")
    assert found == FolderTrust(key, level, "/home/ada/.codex/config.toml", "v7", "", "granular")


async def test_a_decision_is_one_edit_that_names_the_version_it_was_read_from(server: AppServer, wire: Wire) -> None:
    await server.write_trust(FolderTrust('/a b/"c"\\d', version="v7"), TrustLevel.TRUSTED)
    edit = {
        "keyPath": 'projects."/a b/\\"c\\"\\\\d".trust_level',
        "value": "trusted",
        "mergeStrategy": "replace",
    }
    assert wire.sent == [("config/batchWrite", {"edits": [edit], "expectedVersion": "v7"})]


async def test_the_queue_is_read_page_by_page(server: AppServer, wire: Wire) -> None:
    wire.reply = {
        "data": [
            {"id": "q1", "clientUserMessageId": "c1", "input": [{"type": "text", "text": "one"}]},
            {"id": "q2", "clientUserMessageId": "c2", "input": [{"type": "localImage", "path": "/a.png"}]},
        ]
    }
    queued = (QueuedMessage("q1", "c1", "one"), QueuedMessage("q2", "c2", "", ("localImage: /a.png",)))
    assert await server.list_queue(ThreadId("T")) == queued
    assert wire.sent == [("thread/queue/list", {"threadId": "T"})]
    pages = iter([{"data": wire.reply["data"][:1], "nextCursor": "more"}, {"data": wire.reply["data"][1:]}])

    async def request(method: str, params: Mapping[str, Any], **_: object) -> msgspec.Raw:
        wire.sent.append((method, dict(params)))
        return msgspec.Raw(json.dumps(next(pages)).encode())

    wire.request = request  # type: ignore[method-assign]
    assert await server.list_queue(ThreadId("T")) == queued
    assert wire.sent[-1] == ("thread/queue/list", {"threadId": "T", "cursor": "more"})


class Refusing(Wire):
    """Refuses some methods, in the words it is given for each."""

    def __init__(self, words: dict[str, str], reply: dict[str, Any] | None = None) -> None:
        super().__init__()
        self.words = words
        self.reply = reply or {}

    async def request(self, method: str, params: Mapping[str, Any], **_: object) -> msgspec.Raw:
        self.sent.append((method, params))
        if method in self.words:
            raise AgentRefused(method, self.words[method])
        return msgspec.Raw(json.dumps(self.reply).encode())


def methods_of(wire: Wire) -> list[str]:
    return [method for method, _ in wire.sent]


@pytest.mark.parametrize(
    ("words", "goes"),
    [
        ("no rollout found for thread id T", True),
        ("thread T is not materialized yet; thread/turns/list is unavailable before first user message", True),
        ("thread T already has an active writer", False),
        ("the answer to thread/turns/list could not be understood", False),
        ("internal error", False),
    ],
)
async def test_a_thread_is_deleted_only_where_codex_says_that_it_has_no_turns(words: str, goes: bool) -> None:
    wire = Refusing({"thread/turns/list": words})
    server = AppServer(cast(RpcClient, wire), ServerInfo("0.163.0"))
    with contextlib.nullcontext() if goes else pytest.raises(AgentRefused):
        await server.discard_unused_thread(ThreadId("T"))
    assert ("thread/delete" in methods_of(wire)) == goes


async def test_a_thread_with_turns_is_never_deleted(server: AppServer, wire: Wire) -> None:
    wire.reply = {"data": [{"id": "u1", "status": "completed"}]}
    await server.discard_unused_thread(ThreadId("T"))
    assert methods_of(wire) == ["thread/turns/list"]


async def test_an_interrupt_that_is_refused_for_good_is_told() -> None:
    wire = Refusing({"turn/interrupt": "the thread is not loaded"})
    server = AppServer(cast(RpcClient, wire), ServerInfo("0.163.0"))
    with pytest.raises(AgentRefused):
        await server.interrupt_turn(ThreadId("T"), TurnId("u1"))
    wire.words["turn/interrupt"] = "no active turn to interrupt"
    await server.interrupt_turn(ThreadId("T"), TurnId("u1"))


async def test_sessions_of_codex_exec_are_listed_and_a_version_with_other_words_lists_its_own_choice() -> None:
    wire = Refusing({}, {"data": [{"id": "T"}]})
    server = AppServer(cast(RpcClient, wire), ServerInfo("0.163.0"))
    assert [t.id for t in await server.list_threads(("/repo",))] == ["T"]
    assert "exec" in wire.sent[0][1]["sourceKinds"]
    assert not [kind for kind in wire.sent[0][1]["sourceKinds"] if "subAgent" in kind]
    older = OtherWords({"data": [{"id": "T"}]})
    server = AppServer(cast(RpcClient, older), ServerInfo("0.144.4"))
    assert [t.id for t in await server.list_threads(("/repo",))] == ["T"]


class OtherWords(Refusing):
    """Knows no kinds of sources."""

    def __init__(self, reply: dict[str, Any]) -> None:
        super().__init__({}, reply)

    async def request(self, method: str, params: Mapping[str, Any], **_: object) -> msgspec.Raw:
        if "sourceKinds" in params:
            raise AgentRefused(method, "Invalid request: unknown variant `exec`, expected one of `tui`")
        return await super().request(method, params)


async def test_threads_that_nobody_follows_are_let_go_soon_where_codex_can(wire: Wire) -> None:
    wire.reply = {"thread": {"id": "T"}}
    server = AppServer(cast(RpcClient, wire), ServerInfo("0.169.0"))
    await server.start_thread("/repo")
    await server.resume_thread(ThreadId("T"))
    assert [params["config"]["thread_unload_delay_secs"] for _, params in wire.sent] == [300, 300]
