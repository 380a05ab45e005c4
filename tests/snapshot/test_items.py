"""How every kind of item looks, folded and open, at three widths: words and places; styles at one width."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from conductor_tui.domain import items as it
from conductor_tui.ui.presentation.items import Look, can_expand, item_lines
from tests.snapshot.kinds import KINDS

KIND_NAMES = sorted(KINDS)


def drawn(item: it.Item, width: int, is_expanded: bool) -> str:
    return "\n".join(line.text.rstrip() for line in item_lines(item, Look(width, is_expanded, "/repo")))


@pytest.mark.parametrize("width", [80, 120, 200])
@pytest.mark.parametrize("name", KIND_NAMES)
def test_an_item(name: str, width: int, snapshot: SnapshotAssertion) -> None:
    assert drawn(KINDS[name], width, False) == snapshot


@pytest.mark.parametrize("name", [n for n in KIND_NAMES if can_expand(KINDS[n])])
def test_an_open_item(name: str, snapshot: SnapshotAssertion) -> None:
    assert drawn(KINDS[name], 80, True) == snapshot


@pytest.mark.parametrize("name", KIND_NAMES)
def test_its_styles(name: str, snapshot: SnapshotAssertion) -> None:
    lines = item_lines(KINDS[name], Look(80, False, "/repo"))
    rows = ["".join(f"⟨{style}⟩{text}" for text, style in ln.spans) + f"⟨…{ln.fill}⟩" * bool(ln.fill) for ln in lines]
    assert "\n".join(rows) == snapshot


def test_there_is_one_of_every_kind() -> None:
    def leaves(kind: type[it.Item]) -> set[type[it.Item]]:
        return {leaf for sub in kind.__subclasses__() for leaf in (leaves(sub) or {sub})}

    assert leaves(it.Item) <= {type(item) for item in KINDS.values()}
