"""What the user trusts when they trust a repository's scripts: the same list is shown, hashed and run.

The hash covers what decides what runs: the texts, their arguments and folders, the environment that the settings set,
and which files more of it is read from. Formatting, comments, order, icons and prompts do not change it. What stands in
the environment files is not covered: they are the user's, and keys in them change often.
"""

from __future__ import annotations

import hashlib
import json
from enum import StrEnum

from msgspec import Struct

from conductor_tui.domain.repository_settings import Origin, RepositorySettings

_FORM = "conductor-tui scripts 1"


class ScriptKind(StrEnum):
    """When a script runs."""

    SETUP = "setup"
    """After a workspace was made."""
    RUN = "run"
    """When the user asks, or after setup."""
    ARCHIVE = "archive"
    """Before a workspace is removed."""


class ScriptToTrust(Struct, frozen=True):
    """One script as it will run."""

    kind: ScriptKind
    name: str
    """The id of a run script, else empty."""
    shell_text: str
    folder: str
    """Relative to the workspace; empty: the workspace itself."""
    origin: Origin | None


def scripts_to_trust(settings: RepositorySettings) -> tuple[ScriptToTrust, ...]:
    """All that may run on this machine, hidden run scripts included, in the order of its life: setup, run, archive."""
    scripts = settings.scripts
    found = []
    if scripts.setup.strip():
        found.append(ScriptToTrust(ScriptKind.SETUP, "", scripts.setup, "", settings.origin("scripts.setup")))
    for run in scripts.runs:
        if run.is_local:
            origin = settings.origin(f"scripts.run.{run.id}")
            found.append(ScriptToTrust(ScriptKind.RUN, run.id, run.shell_text, run.folder, origin))
    if scripts.archive.strip():
        found.append(ScriptToTrust(ScriptKind.ARCHIVE, "", scripts.archive, "", settings.origin("scripts.archive")))
    return tuple(found)


def scripts_digest(settings: RepositorySettings) -> str:
    """SHA-256 in hex over what would run; empty when nothing would: no script, no variable, no environment file."""
    scripts = sorted((s.kind, s.name, s.shell_text, s.folder) for s in scripts_to_trust(settings))
    variables = sorted(settings.variables.values.items())
    files = [file.path for file in settings.environment_files]
    if not (scripts or variables or files):
        return ""
    return hashlib.sha256(json.dumps([_FORM, scripts, variables, files]).encode()).hexdigest()
