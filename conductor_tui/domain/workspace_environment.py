"""The environment variables of a workspace, for its scripts, terminals and sessions.

Names of Conductor's: conductor.build/docs/reference/environment-variables.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from msgspec import Struct

from conductor_tui.domain.repository_settings import Variables


class WorkspacePlace(Struct, frozen=True):
    """What a workspace's processes are told of it."""

    name: str
    """The name of its folder."""
    id: str
    path: Path
    root: Path
    """The repository's own checkout."""
    default_branch: str = ""
    """Empty: not known."""
    port: int | None = None
    """The first of its block; None: it has none."""


def workspace_environment(
    place: WorkspacePlace, variables: Variables | None = None, from_files: Iterable[Variables] = ()
) -> Variables:
    """What is set on top of the user's own environment; nothing in it is expanded.

    The later wins: environment files in their order, the settings' variables, Conductor's own, which nothing covers.
    """
    values: dict[str, str] = {}
    for file in from_files:
        values.update(file.values)
    values.update(variables.values if variables else {})
    values.update(
        CONDUCTOR_WORKSPACE_NAME=place.name,
        CONDUCTOR_WORKSPACE_ID=place.id,
        CONDUCTOR_WORKSPACE_PATH=str(place.path),
        CONDUCTOR_ROOT_PATH=str(place.root),
        CONDUCTOR_IS_LOCAL="1",
    )
    for name, value in (
        ("CONDUCTOR_DEFAULT_BRANCH", place.default_branch),
        ("CONDUCTOR_PORT", "" if place.port is None else str(place.port)),
    ):
        if value:
            values[name] = value
        else:
            values.pop(name, None)
    return Variables(values)


def session_config(environment: Variables) -> dict[str, Any]:
    """What gives a session's commands variables of their own: keys of config.toml, for its thread alone.

    The server's own environment is that of the login that started it, and all threads share it. Codex lays these over
    the user's own `shell_environment_policy.set`, writes them to no file, and forgets them when the thread is unloaded.
    """
    return {"shell_environment_policy": {"set": dict(environment.values)}} if environment.values else {}
