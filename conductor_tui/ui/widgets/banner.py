"""A problem in the user's words, above the composer: what happened, why, what to do."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from conductor_tui.domain.text import visible, visible_line
from conductor_tui.domain.troubles import Trouble


def trouble_text(trouble: Trouble) -> Content:
    """The trouble as lines: title, cause, numbered steps."""
    sign = ("✕ ", "bold $text-error") if trouble.is_fatal else ("! ", "bold $text-warning")
    lines = [Content.assemble(sign, (visible_line(trouble.title), "bold"))]
    if trouble.cause:
        lines.extend(Content.styled(f"  {line}", "$text-muted") for line in visible(trouble.cause).rstrip().split("\n"))
    many = len(trouble.steps) > 1
    for number, step in enumerate(trouble.steps, 1):
        lines.append(Content.assemble((f"  {number}. " if many else "  → ", "$text-primary"), visible(step)))
    return Content("\n").join(lines)


class Banner(Static):
    """Hidden while there is nothing to say."""

    def show(self, troubles: list[Trouble]) -> None:
        """Shows the troubles, the ones that stop work first."""
        self.display = bool(troubles)
        ordered = sorted(troubles, key=lambda t: not t.is_fatal)
        self.update(Content("\n").join([trouble_text(t) for t in ordered]))
