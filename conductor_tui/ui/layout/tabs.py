"""The line of tabs on a screen with room for one pane. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content


def tabs_line(tabs: Sequence[tuple[str, bool]], width: int) -> Content:
    """The line of tabs, the one on screen marked: all of them at any width, with shorter names on a narrow screen."""
    names = [name for name, _ in tabs]
    longest = max(map(len, names))
    hint = ("   tab next", "$text-disabled")
    if sum(map(len, names)) + 3 * len(names) - 1 > width:
        room = width - len(names) + 1
        cells = next((n for n in range(longest, 1, -1) if sum(min(n, len(name)) for name in names) <= room), 1)
        names = [name[:cells] for name in names]
        pad = ""
    else:
        pad = " "
    parts = [
        Content.styled(f"{pad}{name}{pad}", "bold $primary reverse" if is_shown else "$text-muted")
        for name, (_, is_shown) in zip(names, tabs, strict=True)
    ]
    line = Content(" ").join(parts)
    return Content.assemble(line, hint) if line.cell_length + len(hint[0]) <= width else line
