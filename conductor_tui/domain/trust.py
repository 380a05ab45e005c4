"""Whether Codex trusts a folder, as its config.toml says it. Source: `config/read`, table `projects`."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class TrustLevel(StrEnum):
    """What the user has decided."""

    TRUSTED = "trusted"
    """Codex writes here without asking, and reads the folder's own `.codex`."""
    UNTRUSTED = "untrusted"
    """Codex asks before commands and changes, and leaves `.codex` alone."""


class FolderTrust(Struct, frozen=True):
    """What holds for one folder: for a repository, also for its linked worktrees."""

    key: str
    """The folder that the entry names, or would name; absolute."""
    level: TrustLevel | None = None
    """None: nobody has decided. Codex then starts read-only, unless config.toml names a sandbox of its own."""
    file: str = ""
    """The user's config.toml."""
    version: str = ""
    """Changes with the file; a write names the version it was read from."""
    sandbox_mode: str = ""
    """What config.toml says for all folders, which wins over trust; empty when it is silent."""
    approval_policy: str = ""
    """The same for when Codex asks."""

    @property
    def entry(self) -> str:
        """The table of config.toml that decides, as it is written there."""
        escaped = self.key.replace("\\", "\\\\").replace('"', '\\"')
        return f'[projects."{escaped}"]'
