"""The user's config.toml, read and written by Codex: comments and order stay, a write names what it read."""

from __future__ import annotations

from conductor_tui.domain.controls import Defaults
from conductor_tui.protocol import wire
from conductor_tui.protocol.asking import Asking


class ConfigRequests(Asking):
    """The `config/` methods."""

    async def read_defaults(self) -> Defaults:
        """`config/read`, the user's own layer only: what other layers say is not the user's to keep."""
        reply = await self._ask("config/read", wire.ConfigReply, {"includeLayers": True})
        for layer in reply.layers or []:
            if layer.name is not None and layer.name.type == "user":
                said = layer.config or wire.ConfigBody()
                return Defaults(
                    said.model,
                    said.model_reasoning_effort,
                    said.service_tier,
                    file=layer.name.file or "",
                    version=layer.version or "",
                )
        return Defaults()

    async def write_defaults(self, defaults: Defaults) -> None:
        """`config/batchWrite`. Refused when the file is no longer the one that `defaults.version` names."""
        values = {
            "model": defaults.model,
            "model_reasoning_effort": defaults.effort,
            "service_tier": defaults.service_tier,
        }
        edits = [{"keyPath": key, "value": value, "mergeStrategy": "replace"} for key, value in values.items()]
        params = {"edits": edits} | ({"expectedVersion": defaults.version} if defaults.version else {})
        await self._send("config/batchWrite", params)
