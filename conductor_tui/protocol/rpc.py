"""JSON-RPC as the app-server speaks it: requests with answers, and everything the server says by itself, in order.

One reader, strict order; it never waits for a person. Every request has a time-out, because some are never
answered; at most 32 are under way, because floods are dropped without a word; all fail at once when the connection
is lost.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
from collections.abc import AsyncIterator, Mapping
from typing import Any

import msgspec

from conductor_tui.domain.errors import (
    AgentDraining,
    AgentError,
    AgentGone,
    AgentOverloaded,
    AgentRefused,
    AgentTimedOut,
)
from conductor_tui.domain.ids import RequestId
from conductor_tui.protocol.transport import Transport

log = logging.getLogger(__name__)

IN_FLIGHT = 32
TIMEOUT = 30.0
"""Seconds a request waits for its answer unless it says otherwise."""
_OVERLOADED = -32001
_ATTEMPTS = 4
_GARBAGE_LIMIT = 20


ANSWERED = "conductor-tui/answered"
"""Stands in the stream of messages where an answer with a place was read; no server sends it."""


class RpcFailure(msgspec.Struct):
    """A JSON-RPC error."""

    message: str = ""
    code: int = 0
    data: Any = None


class RpcMessage(msgspec.Struct):
    """Any message of the server. Requests have a method and an id, notifications a method, answers an id."""

    method: str | None = None
    id: int | str | None = None
    params: msgspec.Raw = msgspec.Raw(b"null")
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: RpcFailure | None = None


_decoder = msgspec.json.Decoder(RpcMessage)


def clean(value: Any) -> Any:
    """The value with strings that JSON can carry: a lone surrogate (from a file name) would never be answered."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {clean(k): clean(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(v) for v in value]
    return value


class RpcClient:
    """One connection. `run` reads until it ends; `incoming` hands on what the server says by itself."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._ids = itertools.count(1)
        self._pending: dict[int | str, asyncio.Future[msgspec.Raw]] = {}
        self._placed: set[int | str] = set()
        """Requests whose answers are handed out in their place."""
        self._is_followed = False
        self._slots = asyncio.Semaphore(IN_FLIGHT)
        # Unbounded on purpose: a full queue would stop the reader, and with it the answers others wait for.
        self._incoming: asyncio.Queue[RpcMessage | None] = asyncio.Queue()
        self._reader = asyncio.create_task(self._read(), name="codex reader")
        self._lost: AgentGone | None = None

    # Out

    async def request(
        self,
        method: str,
        params: Mapping[str, Any] | None = None,
        *,
        timeout: float = TIMEOUT,
        repeatable: bool = False,
        has_place: bool = False,
    ) -> msgspec.Raw:
        """Sends a request and returns the raw result.

        A `repeatable` request is tried again, with growing pauses, while the server is overloaded. With `has_place`
        the answer is handed out when `incoming` gets to where it stands: what came before it has been seen by then,
        and an `ANSWERED` message tells that what follows is newer.

        Raises:
            AgentRefused, AgentTimedOut, AgentOverloaded, AgentGone
        """
        for attempt in itertools.count(1):
            try:
                return await self._request_once(method, params, timeout, has_place)
            except AgentOverloaded as overloaded:
                if not repeatable or attempt >= _ATTEMPTS or isinstance(overloaded, AgentDraining):
                    raise
                await asyncio.sleep(0.1 * 2**attempt * random.uniform(0.5, 1.0))
        raise AssertionError

    async def _request_once(
        self, method: str, params: Mapping[str, Any] | None, timeout: float, has_place: bool
    ) -> msgspec.Raw:
        async with self._slots:
            if self._lost:
                raise self._lost
            request_id = next(self._ids)
            future: asyncio.Future[msgspec.Raw] = asyncio.get_running_loop().create_future()
            self._pending[request_id] = future
            if has_place:
                self._placed.add(request_id)
            message: dict[str, Any] = {"id": request_id, "method": method}
            if params is not None:
                message["params"] = clean(params)
            try:
                async with asyncio.timeout(timeout):
                    await self._transport.send(msgspec.json.encode(message))
                    return await future
            except TimeoutError:
                raise AgentTimedOut(method, timeout) from None
            except AgentRefused as refused:
                refused.method = method
                raise
            finally:
                self._pending.pop(request_id, None)
                self._placed.discard(request_id)

    async def notify(self, method: str) -> None:
        """Sends a notification."""
        await self._say({"method": method})

    async def respond(self, request_id: RequestId, result: Mapping[str, Any]) -> None:
        """Answers a request of the server."""
        await self._say({"id": request_id, "result": clean(result)})

    async def reject(self, request_id: RequestId, message: str, code: int = -32601) -> None:
        """Refuses a request of the server."""
        error = {"code": code, "message": message}
        await self._say({"id": request_id, "error": error})

    async def _say(self, message: Mapping[str, Any]) -> None:
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._transport.send(msgspec.json.encode(message))
        except TimeoutError:
            raise AgentTimedOut(str(message.get("method", "an answer")), TIMEOUT) from None

    # In

    async def incoming(self) -> AsyncIterator[RpcMessage]:
        """Notifications and requests of the server, in order; ends with the connection."""
        self._is_followed = True
        while (message := await self._incoming.get()) is not None:
            if message.method is not None:
                yield message
            else:
                yield RpcMessage(method=ANSWERED, params=message.result)
                self._settle(message)

    async def _read(self) -> None:
        garbage, understood = 0, 0
        try:
            async for data in self._transport.messages():
                try:
                    message = _decoder.decode(data)
                except (msgspec.DecodeError, UnicodeDecodeError) as error:
                    garbage += 1
                    log.warning("not a message of the app-server (%s): %.200r", error, data)
                    if garbage >= _GARBAGE_LIMIT and not understood:
                        break
                    continue
                understood += 1
                self._take(message)
        except Exception:  # the decode border: whatever happens here must fail the waiting requests
            log.exception("reader")
        self._fail(garbage if not understood else 0)

    def _take(self, message: RpcMessage) -> None:
        is_placed = message.id in self._placed and self._is_followed and message.error is None
        if message.method is not None or is_placed:
            self._incoming.put_nowait(message)
        else:
            self._settle(message)

    def _settle(self, message: RpcMessage) -> None:
        future = self._pending.pop(message.id, None) if message.id is not None else None
        if future is None or future.done():
            log.info("an answer nobody waits for: id %r", message.id)
        elif message.error is not None:
            future.set_exception(_refusal(message.error))
        else:
            future.set_result(message.result)

    def _fail(self, garbage: int) -> None:
        text = "what was started as Codex does not speak its protocol" if garbage else "the connection to Codex is lost"
        self._lost = AgentGone(text, self._transport.last_words)
        for future in self._pending.values():
            if not future.done():
                future.set_exception(self._lost)
                future.exception()  # a waiter that was cancelled must not leave a warning behind
        self._pending.clear()
        self._incoming.put_nowait(None)

    async def close(self) -> None:
        """Ends the connection; waiting requests fail."""
        self._reader.cancel()
        await asyncio.gather(self._reader, return_exceptions=True)
        self._fail(0)
        await self._transport.close()


def _refusal(failure: RpcFailure) -> AgentError:
    reason = failure.data.get("reason") if isinstance(failure.data, dict) else None
    if reason == "serverShuttingDown":
        return AgentDraining(failure.message)
    if failure.code == _OVERLOADED:
        return AgentOverloaded(failure.message)
    return AgentRefused("", failure.message, failure.code, failure.data)
