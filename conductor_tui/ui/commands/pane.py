"""The places that have keys of their own."""

from __future__ import annotations

from enum import StrEnum


class Pane(StrEnum):
    """The places that take the focus: those of the main screen, for which APP stands, plan view, races."""

    APP = "everywhere"
    COMPOSER = "composer"
    TRANSCRIPT = "transcript"
    DIFF = "diff"
    APPROVAL = "approval"
    CONTROLS = "controls"
    TREE = "workspaces"
    PLAN = "plan"
    DOCK = "dock"
    RACE = "race"
