"""Requests with typed answers: what every group of methods of the app-server has in common."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Mapping
from types import UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin

import msgspec
from msgspec.structs import replace

from conductor_tui.domain.controls import ServerInfo
from conductor_tui.domain.errors import AgentRefused
from conductor_tui.protocol import wire
from conductor_tui.protocol.rpc import RpcClient

log = logging.getLogger(__name__)

T = TypeVar("T", bound=wire.Wire)


class Asking:
    """An initialized connection, and what is known of the server behind it."""

    def __init__(self, rpc: RpcClient, info: ServerInfo) -> None:
        self._rpc = rpc
        self._info = info
        self.keep_config: Callable[[], contextlib.AbstractAsyncContextManager[None]] = contextlib.nullcontext
        """Entered while Codex writes the user's config.toml: keeps of it what Codex would change beside the keys."""

    @property
    def info(self) -> ServerInfo:
        """The server, and the methods found missing in it."""
        return self._info

    async def _ask(
        self, method: str, shape: type[T], params: Mapping[str, Any], *, timeout: float = 30, repeatable: bool = False
    ) -> T:
        raw = await self._send(method, params, timeout=timeout, repeatable=repeatable)
        try:
            return msgspec.json.decode(raw, type=shape)
        except msgspec.DecodeError as error:
            log.warning("answer to %s: %s: %.500s", method, error, bytes(raw))
            raise AgentRefused(method, f"the answer to {method} could not be understood ({error})") from error

    async def _ask_gladly(
        self,
        method: str,
        shape: type[T],
        params: Mapping[str, Any],
        *,
        timeout: float = 30,
        repeatable: bool = False,
        has_place: bool = False,
    ) -> T:
        """The same for what is only shown: a value that does not fit costs that value, not the whole answer."""
        raw = await self._send(method, params, timeout=timeout, repeatable=repeatable, has_place=has_place)
        try:
            return cast(T, fitted(raw, shape))
        except msgspec.DecodeError as error:
            log.warning("answer to %s: %s: %.500s", method, error, bytes(raw))
            raise AgentRefused(method, f"the answer to {method} could not be understood ({error})") from error

    async def _send(
        self,
        method: str,
        params: Mapping[str, Any],
        *,
        timeout: float = 30,
        repeatable: bool = False,
        has_place: bool = False,
    ) -> msgspec.Raw:
        if method in self._info.missing_methods:
            raise AgentRefused(method, f"this Codex ({self._info.version}) has no {method} (unknown variant)")
        try:
            return await self._rpc.request(method, params, timeout=timeout, repeatable=repeatable, has_place=has_place)
        except AgentRefused as refused:
            if refused.is_unknown_method and f"`{method}`" in refused.message.split("expected", 1)[0]:
                self._info = replace(self._info, missing_methods=self._info.missing_methods | {method})
            raise

    async def _write_config(self, values: Mapping[str, object], version: str = "") -> None:
        """`config/batchWrite` of values by `keyPath`; None takes a key out.

        With a `version`, refused when the file is no longer that one.
        """
        edits = [{"keyPath": key, "value": value, "mergeStrategy": "replace"} for key, value in values.items()]
        expected = {"expectedVersion": version} if version else {}
        await self._send_writing("config/batchWrite", {"edits": edits} | expected)

    async def _send_writing(self, method: str, params: Mapping[str, Any]) -> None:
        """Sends a request for which Codex writes the user's config.toml."""
        async with self.keep_config():
            await self._send(method, params)


def fitted(raw: msgspec.Raw, shape: Any) -> Any:
    """What of a value fits into a shape: fields and rows that do not are left out.

    Raises:
        msgspec.DecodeError: nothing does.
    """
    try:
        return msgspec.json.decode(raw, type=shape)
    except msgspec.DecodeError as error:
        log.warning("a value of an answer does not fit: %s", error)
        found = [
            part
            for part in (get_args(shape) if get_origin(shape) in (Union, UnionType) else (shape,))
            if _has_parts(part)
        ]
        if not found:
            raise
    if get_origin(found[0]) is list:
        rows = (_or_none(row, get_args(found[0])[0]) for row in msgspec.json.decode(raw, type=list[msgspec.Raw]))
        return [row for row in rows if row is not None]
    parts = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    fields = [f for f in msgspec.structs.fields(found[0]) if f.encode_name in parts]
    values = {f.name: _or_none(parts[f.encode_name], f.type) for f in fields}
    return found[0](**{name: value for name, value in values.items() if value is not None})


def _has_parts(shape: Any) -> bool:
    return get_origin(shape) is list or (isinstance(shape, type) and issubclass(shape, wire.Wire))


def _or_none(raw: msgspec.Raw, shape: Any) -> Any:
    try:
        return fitted(raw, shape)
    except msgspec.DecodeError:
        return None
