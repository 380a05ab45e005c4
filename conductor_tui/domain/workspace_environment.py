"""The environment variables of a workspace, for its scripts, terminals and sessions.

Names of Conductor's: conductor.build/docs/reference/environment-variables.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

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
