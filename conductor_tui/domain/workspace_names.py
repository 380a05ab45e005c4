"""Names of workspaces: cities. A name is also a folder, so what is on disk is avoided, whatever its case."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from conductor_tui.domain.city_names import CITIES


def free_name(wanted: str, taken: Iterable[str]) -> str:
    """`wanted`, or with the lowest of -v2, -v3 … that is not taken."""
    used = {name.casefold() for name in taken}
    name, version = wanted, 1
    while name.casefold() in used:
        version += 1
        name = f"{wanted}-v{version}"
    return name


def free_city(taken: Iterable[str], random: Random) -> str:
    """A city that is not taken, any of them; when all are, any with the lowest suffix that is free.

    Args:
        taken: names of workspaces, archived ones too, of branches, and of all that is in the folder of workspaces.
        random: chooses.
    """
    used = {name.casefold() for name in taken}
    free = [city for city in CITIES if city not in used]
    return random.choice(free) if free else free_name(random.choice(CITIES), used)
