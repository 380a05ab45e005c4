"""Trust in words: the banner, the row of the controls pane, what each decision switches on. Pure functions."""

from __future__ import annotations

from pathlib import Path

from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.text import from_home, visible, visible_line
from conductor_tui.domain.trust import FolderTrust, TrustLevel
from conductor_tui.services.sessions.trust import RepositoryTrust
from conductor_tui.ui.presentation.controls import ControlRow

_IN_FORCE = {
    TrustLevel.TRUSTED: "trusted",
    TrustLevel.UNTRUSTED: "asks first",
    None: "undecided",
}


def in_force(trust: FolderTrust) -> str:
    """What is in force, in few words."""
    return _IN_FORCE[trust.level]


def undecided(trust: RepositoryTrust, palette_key: str) -> Trouble:
    """The banner while nobody has decided."""
    if trust.now is None:
        return Trouble("Read-only until Codex can read its configuration")
    return Trouble(f"Read-only until you trust this repository: {palette_key} → Trust this repository")


def rows(trust: RepositoryTrust) -> list[ControlRow]:
    """One quiet line for the controls pane; nothing where the repository is trusted, or nobody knows."""
    if trust.now is None or trust.now.level is TrustLevel.TRUSTED:
        return []
    return [ControlRow("Trust", in_force(trust.now), command="session.trust")]


def written(trust: FolderTrust, level: TrustLevel) -> str:
    """The entry that will be written to config.toml, and where that is."""
    return f'Writes {visible_line(trust.entry)} trust_level = "{level}" to {file_name(trust)}'


def file_name(trust: FolderTrust) -> str:
    """The user's config.toml, as people write it."""
    return visible(from_home(trust.file, str(Path.home()))) or "config.toml"


def trusted_means(trust: FolderTrust) -> str:
    """What trust switches on, as the real Codex does it."""
    writes = "Codex edits files in this folder and in /tmp without asking."
    if trust.sandbox_mode:
        writes = f"Codex works here with the sandbox of config.toml: {visible_line(trust.sandbox_mode)}."
    return f"{writes} Loads .codex/ (settings, MCP servers, command rules). Hooks still ask first."


def untrusted_means() -> str:
    """What an entry that says `untrusted` does."""
    return "Codex asks before every command and edit. .codex/ is ignored."
