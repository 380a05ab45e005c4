"""Trust in words: the banner, the row of the controls pane, what each decision switches on. Pure functions."""

from __future__ import annotations

from pathlib import Path

from conductor_tui.domain.text import from_home, visible, visible_line
from conductor_tui.domain.troubles import Trouble
from conductor_tui.domain.trust import FolderTrust, TrustLevel
from conductor_tui.sessions.trust import RepositoryTrust
from conductor_tui.ui.presentation.controls import Row

_IN_FORCE = {
    TrustLevel.TRUSTED: "trusted",
    TrustLevel.UNTRUSTED: "asks first",
    None: "not given",
}


def in_force(trust: FolderTrust) -> str:
    """What holds, in few words."""
    return _IN_FORCE[trust.level]


def undecided(trust: RepositoryTrust, palette_key: str) -> Trouble:
    """The banner while nobody has decided."""
    if trust.now is None:
        cause = "Codex does not say what its configuration holds."
        return Trouble("Codex can only read here until its configuration can be read", cause)
    steps = (f"Asked at your first message, or now: {palette_key}, “Trust this repository”.",)
    return Trouble("Codex can only read here until you decide", steps=steps)


def rows(trust: RepositoryTrust) -> list[Row]:
    """One quiet line for the controls pane; nothing where the repository is trusted, or that is not known."""
    if trust.now is None or trust.now.level is TrustLevel.TRUSTED:
        return []
    return [Row("Trust", in_force(trust.now), command="session.trust")]


def written(trust: FolderTrust, level: TrustLevel) -> str:
    """The entry that will stand in config.toml, and where that is."""
    return f'{visible_line(trust.entry)} trust_level = "{level}" in {file_name(trust)}'


def file_name(trust: FolderTrust) -> str:
    """The user's config.toml, as people write it."""
    return visible(from_home(trust.file, str(Path.home()))) or "config.toml"


def trusted_means(trust: FolderTrust) -> str:
    """What trust switches on, as the real Codex does it."""
    writes = "Codex writes in this folder and in /tmp without asking"
    if trust.sandbox_mode:
        writes = f"config.toml says {visible_line(trust.sandbox_mode)} for all folders, which then holds here"
    return f"{writes}. Its .codex is used: settings, MCP servers, rules for commands (hooks ask by themselves)."


def untrusted_means() -> str:
    """What an entry that says `untrusted` does."""
    return "Codex asks before commands (0.144: not before plain reads) and changes. Its .codex is not used."
