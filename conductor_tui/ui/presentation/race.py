"""Races in words: which agents, how far each is, what archiving the others does. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct
from rich.cells import cell_len
from textual.content import Content

from conductor_tui.domain.races import Entrant, Field, entrants_of
from conductor_tui.domain.text import visible_line
from conductor_tui.ui.presentation.items import duration
from conductor_tui.ui.presentation.numbers import count

GAP = 2
"""Cells between columns."""
NAME_LIMIT, NAME_SHORT, NAME_LEAST = 36, 16, 10
"""Cells of a name: at most, while there is more to say, and in any case."""


class Lane(Struct, frozen=True):
    """A workspace of a race as it is now."""

    name: str
    sign: str
    style: str
    word: str
    """What it is doing."""
    choice: str
    """Model and effort."""
    changed: tuple[int, int, int] | None = None
    """Lines added and deleted since the start, and files; None while git has not answered."""
    ms: int | None = None
    """How long its turns took."""
    tokens: int = 0


def model_and_effort(entrant: Entrant, called: Callable[[str], str]) -> str:
    """As people say it. `called`: a model's name."""
    return visible_line(" ".join(filter(None, (called(entrant.model), entrant.effort or ""))))


def told_apart(entrants: Sequence[Entrant], called: Callable[[str], str]) -> list[str]:
    """Model and effort of each; those that are equal are numbered."""
    words = [model_and_effort(entrant, called) for entrant in entrants]
    return [f"{w} {words[:at].count(w) + 1}" if words.count(w) > 1 else w for at, w in enumerate(words)]


def lane_rows(lanes: Sequence[Lane], at: int, width: int) -> Content:
    """A row for each; long names get shorter; then what has no room goes: tokens, time, files."""
    table = [_cells(lane) for lane in lanes]
    shown = [0, 1, 2, 3, 4]
    widths = [max((cell_len(row[column]) for row in table), default=0) for column in range(5)]
    states = max((cell_len(lane.word) for lane in lanes), default=0)
    longest = max((cell_len(lane.name) for lane in lanes), default=0)

    def room() -> int:
        return width - 4 - sum(GAP + widths[column] for column in shown if widths[column]) - GAP - states

    while room() < min(longest, NAME_SHORT) and len(shown) > 2:
        shown.pop()
    names = max(NAME_LEAST, min(longest, NAME_LIMIT, room()))
    rows = []
    for number, (lane, cells) in enumerate(zip(lanes, table, strict=True)):
        is_here = number == at
        name = Content.styled(lane.name, "bold" if is_here else "").truncate(names, ellipsis=True)
        parts = [
            Content.assemble(("▌ " if is_here else "  ", "$primary"), (f"{lane.sign} ", lane.style)),
            name,
            Content(" " * (names - name.cell_length)),
        ]
        for column in shown:
            if widths[column]:
                space = " " * (widths[column] - cell_len(cells[column]))
                text = f"{cells[column]}{space}" if column == 0 else f"{space}{cells[column]}"
                parts.append(Content.styled(" " * GAP + text, "" if column == 1 else "$text-muted"))
        parts.append(Content.styled(" " * GAP + lane.word, lane.style))
        rows.append(Content("").join(parts).truncate(width, ellipsis=True))
    return Content("\n").join(rows)


def _cells(lane: Lane) -> list[str]:
    lines, files = "…", ""
    if lane.changed is not None:
        added, deleted, number = lane.changed
        lines, files = f"+{added} −{deleted}", f"{number} file{'' if number == 1 else 's'}"
    tokens = f"{count(lane.tokens)} tokens" if lane.tokens else ""
    return [lane.choice, lines, files, duration(lane.ms), tokens]


# The agents


def field_row(field: Field, at: int, width: int) -> Content:
    """A model: the effort that is chosen, how many have it, and how many have another."""
    option, chosen = field.models[at], field.chosen(at)
    number = field.counts.get(chosen, 0)
    others = [f"{e.effort} ×{field.counts[e]}" for e in entrants_of(option) if e != chosen and field.counts.get(e, 0)]
    longest = max(cell_len(visible_line(m.name or m.model)) for m in field.models)
    room = max(NAME_LEAST, min(longest, NAME_LIMIT, width - 28))
    name = Content.styled(visible_line(option.name or option.model), "bold").truncate(room, ellipsis=True)
    effort = f"‹ {visible_line(chosen.effort)} ›" if chosen.effort else "no efforts"
    row = Content("").join(
        [
            Content.styled(f" ×{number} " if number else "  · ", "$text-success" if number else "$text-muted"),
            name,
            Content.styled(f"{' ' * (room - name.cell_length)} {effort:<12}", "$text-accent"),
            Content.styled(visible_line("  " + ", ".join(others)) if others else "", "$text-success"),
        ]
    )
    return row.truncate(width, ellipsis=True)


def total(field: Field) -> Content:
    """How many agents there are, and what that costs."""
    number = len(field.entrants)
    said = f"{number} agent{'' if number == 1 else 's'}"
    if field.reason:
        return Content.assemble((said, "bold"), (f" · {field.reason}", "$text-warning"))
    cost = f"Each gets its own workspace and branch. Uses about {number}× the tokens"
    return Content.assemble((f"{said}. ", "bold"), (cost, "$text-muted"))


# The end


def title(winner: str, losers: Sequence[str]) -> str:
    """The question in short."""
    others = f"the other {len(losers)}" if len(losers) > 2 else " and ".join(losers)
    return visible_line(f"Keep {winner}, archive {others}?" if losers else f"Keep {winner}?")


def question(winner: str, losers: Sequence[Content]) -> Content:
    """What choosing a winner does, then what archiving each of the others loses."""
    if not losers:
        return Content(f"{visible_line(winner)} is the only workspace left in this race. Nothing is archived.")
    others = "the other workspace" if len(losers) == 1 else f"the other {len(losers)} workspaces"
    head = f"Archives {others}. {visible_line(winner)} does not change. Undo with Restore workspace."
    return Content("\n\n").join([Content(head), *losers])
