from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from conductor_tui.domain.errors import AgentDraining, AgentGone, AgentOverloaded, AgentRefused, AgentTimedOut
from conductor_tui.protocol.rpc import IN_FLIGHT, RpcClient, clean
from conductor_tui.protocol.transport import MemoryTransport
from tests.builders import until


class Peer:
    """The other end of a connection."""

    def __init__(self, end: MemoryTransport) -> None:
        self.end = end
        self.seen: list[dict[str, Any]] = []
        self._task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for message in self.end.messages():
            self.seen.append(json.loads(message))

    async def say(self, message: object) -> None:
        await self.end.send(json.dumps(message).encode())

    async def close(self) -> None:
        await self.end.close()
        await self._task


@pytest.fixture
async def wire() -> AsyncIterator[tuple[RpcClient, Peer]]:
    ours, theirs = MemoryTransport.pair()
    client, peer = RpcClient(ours), Peer(theirs)
    yield client, peer
    await client.close()
    await peer.close()


async def test_an_answer_finds_its_request(wire: tuple[RpcClient, Peer]) -> None:
    client, peer = wire
    first = asyncio.create_task(client.request("a"))
    second = asyncio.create_task(client.request("b", {"x": 1}))
    await until(lambda: len(peer.seen) == 2)
    await peer.say({"id": peer.seen[1]["id"], "result": "two"})
    await peer.say({"id": peer.seen[0]["id"], "result": "one"})
    assert (bytes(await first), bytes(await second)) == (b'"one"', b'"two"')


async def test_pitfall_01_strings_are_made_fit_for_json(wire: tuple[RpcClient, Peer]) -> None:
    client, peer = wire
    task = asyncio.create_task(client.request("a", {"path": "bad\udc80name", "list": ["\ud800"]}, timeout=5))
    await until(lambda: peer.seen)
    assert peer.seen[0]["params"] == {"path": "bad?name", "list": ["?"]}
    await peer.say({"id": peer.seen[0]["id"], "result": None})
    await task
    assert clean({"a": ("x", 1)}) == {"a": ["x", 1]}


async def test_pitfall_01_garbage_is_skipped_and_the_connection_goes_on(wire: tuple[RpcClient, Peer]) -> None:
    client, peer = wire
    task = asyncio.create_task(client.request("a"))
    await until(lambda: peer.seen)
    for garbage in (b"{oops", b"[]", b"\xff\xfe", b"42"):
        await peer.end.send(garbage)
    await peer.say({"id": peer.seen[0]["id"], "result": 1})
    assert bytes(await task) == b"1"


async def test_a_peer_that_only_talks_garbage_is_given_up(wire: tuple[RpcClient, Peer]) -> None:
    client, peer = wire
    task = asyncio.create_task(client.request("initialize"))
    for _ in range(30):
        await peer.end.send(b"hello, this is not JSON")
    with pytest.raises(AgentGone, match="does not speak its protocol"):
        await task


async def test_pitfall_02_at_most_32_requests_are_under_way(wire: tuple[RpcClient, Peer]) -> None:
    client, peer = wire
    tasks = [asyncio.create_task(client.request("a")) for _ in range(IN_FLIGHT + 8)]
    await until(lambda: len(peer.seen) >= IN_FLIGHT)
    for _ in range(20):
        await asyncio.sleep(0)
    assert len(peer.seen) == IN_FLIGHT
    await peer.say({"id": peer.seen[0]["id"], "result": 1})
    await until(lambda: len(peer.seen) == IN_FLIGHT + 1)
    await client.close()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_pitfall_03_a_request_that_is_never_answered_times_out(wire: tuple[RpcClient, Peer]) -> None:
    client, peer = wire
    with pytest.raises(AgentTimedOut, match="turn/interrupt"):
        await client.request("turn/interrupt", timeout=0.01)
    await peer.say({"id": peer.seen[0]["id"], "result": "late"})
    task = asyncio.create_task(client.request("b"))
    await until(lambda: len(peer.seen) == 2)
    await peer.say({"id": peer.seen[1]["id"], "result": 2})
    assert bytes(await task) == b"2"


async def test_an_error_becomes_a_refusal_with_its_method(wire: tuple[RpcClient, Peer]) -> None:
    client, peer = wire
    task = asyncio.create_task(client.request("thread/start"))
    await until(lambda: peer.seen)
    await peer.say({"id": peer.seen[0]["id"], "error": {"code": -32600, "message": "no"}})
    with pytest.raises(AgentRefused) as refused:
        await task
    assert (refused.value.method, refused.value.code, str(refused.value)) == ("thread/start", -32600, "no")


async def test_overload_is_tried_again_only_where_that_is_safe(wire: tuple[RpcClient, Peer]) -> None:
    client, peer = wire
    busy = {"code": -32001, "message": "Server overloaded; retry later."}
    once = asyncio.create_task(client.request("turn/start"))
    await until(lambda: peer.seen)
    await peer.say({"id": peer.seen[0]["id"], "error": busy})
    with pytest.raises(AgentOverloaded):
        await once
    again = asyncio.create_task(client.request("model/list", repeatable=True))
    await until(lambda: len(peer.seen) == 2)
    await peer.say({"id": peer.seen[1]["id"], "error": busy})
    await until(lambda: len(peer.seen) == 3)
    await peer.say({"id": peer.seen[2]["id"], "result": 3})
    assert bytes(await again) == b"3"


async def test_all_waiting_requests_fail_when_the_connection_is_lost(wire: tuple[RpcClient, Peer]) -> None:
    client, peer = wire
    tasks = [asyncio.create_task(client.request("a")) for _ in range(3)]
    await until(lambda: len(peer.seen) == 3)
    await peer.close()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(outcome, AgentGone) for outcome in outcomes)
    with pytest.raises(AgentGone):
        await client.request("after")


async def test_what_the_server_says_by_itself_keeps_its_order(wire: tuple[RpcClient, Peer]) -> None:
    client, peer = wire
    for number in range(200):
        await peer.say({"method": "note", "params": number} if number % 3 else {"method": "ask", "id": number})
    await peer.close()
    seen = [m.method async for m in client.incoming()]
    assert seen == ["note" if n % 3 else "ask" for n in range(200)]


async def test_a_duplicate_answer_is_ignored(wire: tuple[RpcClient, Peer]) -> None:
    client, peer = wire
    task = asyncio.create_task(client.request("a"))
    await until(lambda: peer.seen)
    for result in (1, 2):
        await peer.say({"id": peer.seen[0]["id"], "result": result})
    assert bytes(await task) == b"1"


async def test_a_connection_that_worked_survives_any_amount_of_garbage(wire: tuple[RpcClient, Peer]) -> None:
    client, peer = wire
    for number in range(3):
        task = asyncio.create_task(client.request("a"))
        await until(lambda: len(peer.seen) == number + 1)
        await peer.say({"id": peer.seen[-1]["id"], "result": number})
        assert bytes(await task) == str(number).encode()
        for _ in range(40):
            await peer.end.send(b"{ nonsense")


async def test_a_server_that_ends_is_told_from_one_that_refuses(wire: tuple[RpcClient, Peer]) -> None:
    client, peer = wire
    task = asyncio.create_task(client.request("a", repeatable=True))
    await until(lambda: peer.seen)
    error = {"code": -32600, "message": "Server is draining", "data": {"reason": "serverShuttingDown"}}
    await peer.say({"id": peer.seen[0]["id"], "error": error})
    with pytest.raises(AgentDraining):
        await task
    assert len(peer.seen) == 1


async def test_a_peer_that_reads_nothing_costs_the_time_out_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = MemoryTransport.pair()
    client = RpcClient(ours)

    async def stuck(message: bytes) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(ours, "send", stuck)
    with pytest.raises(AgentTimedOut):
        await asyncio.wait_for(client.request("a", timeout=0.05), 5)
    await client.close()
    await theirs.close()
