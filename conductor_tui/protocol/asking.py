"""Requests with typed answers: what every group of methods of the app-server has in common."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, TypeVar

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

    async def _send(
        self, method: str, params: Mapping[str, Any], *, timeout: float = 30, repeatable: bool = False
    ) -> msgspec.Raw:
        if method in self._info.missing_methods:
            raise AgentRefused(method, f"this Codex ({self._info.version}) has no {method} (unknown variant)")
        try:
            return await self._rpc.request(method, params, timeout=timeout, repeatable=repeatable)
        except AgentRefused as refused:
            if refused.is_unknown_method and f"`{method}`" in refused.message.split("expected", 1)[0]:
                self._info = replace(self._info, missing_methods=self._info.missing_methods | {method})
            raise
