"""The user's config.toml, read and written by Codex: comments and order stay, a write names what it read."""

from __future__ import annotations

from conductor_tui.domain.defaults import KEYS, Defaults, differing
from conductor_tui.domain.trust import FolderTrust, TrustLevel
from conductor_tui.protocol import wire
from conductor_tui.protocol.toolbox import quoted
from conductor_tui.protocol.typed_client import Asking

_LEVELS = frozenset(level.value for level in TrustLevel)


class ConfigRequests(Asking):
    """The `config/` methods."""

    async def read_defaults(self) -> Defaults:
        """`config/read`, the user's own layer only: what other layers say is not the user's to keep."""
        file, version, said = _user_layer(await self._ask("config/read", wire.ConfigReply, {"includeLayers": True}))
        table = said.sandbox_workspace_write or wire.WorkspaceWriteBody()
        return Defaults(
            model=said.model,
            effort=said.model_reasoning_effort,
            service_tier=said.service_tier,
            sandbox_mode=_word(said.sandbox_mode) or None,
            network_access=table.network_access,
            writable_roots=table.writable_roots,
            exclude_tmpdir=table.exclude_tmpdir_env_var,
            exclude_slash_tmp=table.exclude_slash_tmp,
            permission_profile=_word(said.default_permissions) or None,
            approval_policy=_word(said.approval_policy) or None,
            file=file,
            version=version,
        )

    async def write_defaults(self, before: Defaults, wanted: Defaults) -> None:
        """`config/batchWrite` of what differs. Refused when the file is no longer the one that was read before."""
        values = {".".join(KEYS[field]): getattr(wanted, field) for field in differing(before, wanted)}
        await self._write_config(values, before.version)

    async def read_trust(self, folder: str, main_folder: str) -> FolderTrust:
        """`config/read`. An entry for the folder itself wins over the one for the repository's main folder."""
        params = {"cwd": folder, "includeLayers": True}
        reply = await self._ask("config/read", wire.ConfigReply, params, repeatable=True)
        file, version, _ = _user_layer(reply)
        whole = reply.config or wire.ConfigBody()
        levels = {key: body.trust_level for key, body in (whole.projects or {}).items()}
        key = next((k for k in (folder, main_folder) if levels.get(k) in _LEVELS), main_folder)
        level = levels.get(key)
        return FolderTrust(
            key,
            TrustLevel(level) if level in _LEVELS else None,
            file,
            version,
            _word(whole.default_permissions) or _word(whole.sandbox_mode),
            _word(whole.approval_policy),
        )

    async def write_trust(self, found: FolderTrust, level: TrustLevel | None) -> None:
        """`config/batchWrite` of one entry; None takes it back. Refused when the file is no longer `found.version`."""
        await self._write_config({f"projects.{quoted(found.key)}.trust_level": level}, found.version)


def _user_layer(reply: wire.ConfigReply) -> tuple[str, str, wire.ConfigBody]:
    """File, version and content of the user's own layer."""
    for layer in reply.layers or []:
        if layer.name is not None and layer.name.type == "user":
            return layer.name.file or "", layer.version or "", layer.config or wire.ConfigBody()
    return "", "", wire.ConfigBody()


def _word(value: object) -> str:
    """A setting that is a word, or a table of its own."""
    return value if isinstance(value, str) else ("granular" if value else "")
