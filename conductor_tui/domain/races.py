"""Races: one prompt in several workspaces that begin at the same commit, each with a model and effort of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from conductor_tui.domain.branch_names import SLUG_LIMIT, branch_slug
from conductor_tui.domain.controls import ModelOption
from conductor_tui.domain.workspaces import WorkspaceRecord

LEAST, MOST = 2, 6
"""Entrants of a race."""


class Entrant(Struct, frozen=True):
    """What one workspace of a race is to work with."""

    model: str
    """As settings name it."""
    effort: str | None = None
    """None: the model has none."""


class Member(Struct, frozen=True):
    """A workspace of a race."""

    workspace_id: str
    entrant: Entrant
    thread_id: str = ""
    """Its session; empty: the prompt was not sent."""


class Race(Struct, frozen=True):
    """One race as it is remembered."""

    id: str
    prompt: str
    commit: str
    """Where all workspaces began; its id in hex."""
    made_at: int = 0
    """Unix seconds."""
    members: tuple[Member, ...] = ()
    winner: str = ""
    """Id of the workspace that was kept; empty while that is open."""

    def standing(self, records: Sequence[WorkspaceRecord]) -> list[tuple[Member, WorkspaceRecord]]:
        """The members whose workspaces are there and not archived, in the order of the start."""
        alive: Mapping[str, WorkspaceRecord] = {r.id: r for r in records if not r.is_archived}
        return [(m, alive[m.workspace_id]) for m in self.members if m.workspace_id in alive]


def open_races(races: Sequence[Race], records: Sequence[WorkspaceRecord]) -> list[Race]:
    """The races without a winner of which a workspace is left, the newest first."""
    found = [race for race in races if not race.winner and race.standing(records)]
    return sorted(found, key=lambda race: -race.made_at)


def branch_words(prompt: str, city: str) -> str:
    """What the branch of a member is named after: the prompt's first words and the city, which keeps them apart."""
    words = branch_slug(prompt).split("-")
    while words and len("-".join([*words, city])) > SLUG_LIMIT:
        words.pop()
    return " ".join([*filter(None, words), city])


class Field(Struct, frozen=True):
    """Who is to take part: how many with each model and effort, in the order of the list of models."""

    models: tuple[ModelOption, ...]
    efforts: tuple[int, ...]
    """For each model the place of the effort that is chosen now."""
    counts: Mapping[Entrant, int]

    @property
    def entrants(self) -> list[Entrant]:
        """One for each workspace."""
        return [e for m in self.models for e in entrants_of(m) for _ in range(self.counts.get(e, 0))]

    @property
    def reason(self) -> str:
        """Why it cannot start; empty when it can."""
        number = len(self.entrants)
        return "" if LEAST <= number <= MOST else f"choose {LEAST}–{MOST} agents"

    def chosen(self, at: int) -> Entrant:
        """What one more of a model would be."""
        options = entrants_of(self.models[at])
        return options[self.efforts[at] % len(options)]

    def turned(self, at: int, step: int) -> Field:
        """Another effort for those of a model that are added from now on; it stops at both ends."""
        last = len(entrants_of(self.models[at])) - 1
        efforts = [*self.efforts]
        efforts[at] = max(0, min(last, efforts[at] + step))
        return Field(self.models, tuple(efforts), self.counts)

    def added(self, at: int, number: int) -> Field:
        """More or fewer with the model and effort chosen there; never under none, never more than take part in all."""
        entrant = self.chosen(at)
        room = MOST - len(self.entrants)
        wanted = max(0, self.counts.get(entrant, 0) + min(number, room))
        return Field(self.models, self.efforts, {**self.counts, entrant: wanted})


def field_of(models: Sequence[ModelOption], model: str, effort: str | None) -> Field:
    """The models that can be chosen, with one entrant of the model and effort in force, if they are among them."""
    shown = tuple(m for m in models if not m.is_hidden or model in (m.model, m.id))
    efforts = []
    counts: dict[Entrant, int] = {}
    for option in shown:
        is_current = model in (option.model, option.id)
        wanted = effort if is_current and effort else option.default_effort
        names = [e.effort for e in entrants_of(option)]
        efforts.append(names.index(wanted) if wanted in names else 0)
        if is_current:
            counts[entrants_of(option)[efforts[-1]]] = 1
    return Field(shown, tuple(efforts), counts)


def entrants_of(option: ModelOption) -> list[Entrant]:
    """A model with each of its efforts; without one where it has none."""
    return [Entrant(option.model, effort.id) for effort in option.efforts] or [Entrant(option.model)]
