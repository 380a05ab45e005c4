"""Problems as lines above the composer: equal ones once, as many as there is room for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct
from rich.cells import cell_len
from textual.content import Content

from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.text import visible, visible_line
from conductor_tui.ui.presentation.lines import Line, Span, prefixed
from conductor_tui.ui.presentation.wrapping import PROSE_CELLS, wrap

CLOSE = "✕"
CLOSE_CELLS = 3
"""Cells at the end of a title that close its problem by the mouse."""


class BannerText(Struct, frozen=True):
    """A problem, and how often it was said."""

    trouble: Trouble
    count: int = 1


class BannerRows(Struct, frozen=True):
    """What stands above the composer, and which problem a row with a cross closes."""

    content: Content
    closes: dict[int, Trouble]


def notices(troubles: Sequence[Trouble], closed: Counter[Trouble]) -> list[BannerText]:
    """Each problem once, the ones that stop work first. `closed`: how often each had been said when it was closed."""
    said = Counter(troubles)
    left = [BannerText(t, n - closed[t]) for t, n in said.items() if n > closed[t]]
    return sorted(left, key=lambda notice: not notice.trouble.is_fatal)


def banner_rows(found: Sequence[BannerText], width: int, rows: int, key: str) -> BannerRows:
    """The problems on at most `rows` rows (at least one) of `width` cells. `key` closes the first."""
    lines: list[Content] = []
    closes: dict[int, Trouble] = {}
    for at, notice in enumerate(found):
        left = len(found) - at - 1
        room = max(1, rows) - len(lines) - (1 if left else 0)
        body = _body(notice.trouble, width)
        if at and 1 + len(body) > room:
            hidden = left + 1
            lines.append(Content.styled(f"  {hidden} more", "$text-muted"))
            break
        if 1 + len(body) > room and room > 1:
            body = [*body[: room - 2], body[room - 2].truncate(width - 2) + Content.styled(" …", "$text-muted")]
        is_only_row = rows <= 1 and left > 0
        closes[len(lines)] = notice.trouble
        more = f"  {left} more" if is_only_row else ""
        lines += [_title(notice, width, key if not at else "", more), *body[: max(0, room - 1)]]
        if is_only_row:
            break
    return BannerRows(Content("\n").join(lines), closes)


def whole(found: Sequence[BannerText], width: int = PROSE_CELLS) -> Content:
    """All problems in full, to be read."""
    parts = [[_headline(notice), *_body(notice.trouble, width)] for notice in found]
    return Content("\n\n").join([Content("\n").join(part) for part in parts])


def _headline(notice: BannerText) -> Content:
    sign = ("✕ ", "bold $text-error") if notice.trouble.is_fatal else ("! ", "bold $text-warning")
    count = f" ×{notice.count}" if notice.count > 1 else ""
    return Content.assemble(sign, (visible_line(notice.trouble.title), "bold"), (count, "$text-muted"))


def _title(notice: BannerText, width: int, key: str, more: str) -> Content:
    way = f"{key} {CLOSE} " if key else f"{CLOSE} "
    end = Content.assemble((more, "$text-muted"), ("  ", ""), (way, "$text-muted"))
    head = _headline(notice).truncate(max(4, width - end.cell_length), ellipsis=True)
    gap = " " * max(0, width - head.cell_length - end.cell_length)
    return Content.assemble(head, gap, end).truncate(width)


def _body(trouble: Trouble, width: int) -> list[Content]:
    lines: list[Line] = []
    room = max(8, min(width, PROSE_CELLS))
    for row in visible(trouble.cause).rstrip().split("\n") if trouble.cause else ():
        lines += prefixed(("  ", ""), ("  ", ""), wrap([(row, "$text-muted")], room - 2))
    many = len(trouble.steps) > 1
    for number, step in enumerate(trouble.steps, 1):
        mark: Span = (f"  {number}. " if many else "  → ", "$text-primary")
        rest = (" " * cell_len(mark[0]), "")
        rows = [row for part in visible(step).split("\n") for row in wrap([(part, "")], room - len(rest[0]))]
        lines += prefixed(mark, rest, rows)
    return [Content.assemble(*line.spans).truncate(width) for line in lines]
