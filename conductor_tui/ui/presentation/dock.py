"""Text of the dock: tabs, states, and a program's output. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from rich.cells import cell_len
from textual.content import Content

from conductor_tui.domain.scripts import Script, ScriptKind
from conductor_tui.domain.text import visible_line
from conductor_tui.emulator.rows import ScreenLine, width_of
from conductor_tui.emulator.terminal import Terminal
from conductor_tui.services.scripts.runner import RunState, ScriptRun
from conductor_tui.ui.graphemes import graphemes
from conductor_tui.ui.presentation.items import duration
from conductor_tui.ui.presentation.lines import Line, Span, joined, line


class DockTab(Struct, frozen=True):
    """One tab: a script, and its newest run."""

    script: Script
    run: ScriptRun | None = None

    @property
    def name(self) -> str:
        return self.script.name

    @property
    def title(self) -> str:
        """The tab's label."""
        if self.script.kind is ScriptKind.TERMINAL:
            if self.script.text:
                return visible_line(self.script.id)
            return "terminal" if self.script.id == "1" else f"terminal {self.script.id}"
        return visible_line(self.script.title)


def mark(run: ScriptRun | None) -> tuple[str, str]:
    """One character for a run's state, and its style; the word for it is in the status."""
    if run is None:
        return "", ""
    if run.is_alive:
        return "●", "$text-primary"
    if run.state is RunState.FAILED or not (run.was_stopped or run.has_succeeded):
        return "✗", "$text-error"
    return ("■", "$text-muted") if run.was_stopped else ("✓", "$text-success")


def status(run: ScriptRun, now: float) -> str:
    """A run's state in words: `running 0:12`, `exit 1 · 3.2 s`, `stopped · 12 s`."""
    seconds = run.seconds(now)
    match run.state:
        case RunState.STARTING:
            return "starting …"
        case RunState.RUNNING:
            return f"running {clock(seconds)}"
        case RunState.STOPPING:
            return "stopping …"
        case RunState.FAILED:
            return "could not start"
    ending = run.ending.text if run.ending else ""
    parts = ["stopped" if run.was_stopped else ending, duration(round(seconds * 1000))]
    if run.left_over:
        names = ", ".join(f"{p.pid} {visible_line(p.command)[:30]}" for p in run.left_over[:2])
        many = "process" if len(run.left_over) == 1 else "processes"
        parts.append(f"{len(run.left_over)} {many} still running ({names}); stop to end")
    return " · ".join(parts)


def clock(seconds: float) -> str:
    """`0:12`, `1:02:03`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def tab_line(tabs: Sequence[DockTab], current: str, width: int) -> Content:
    """The tabs in so many cells; where they do not fit, those before the current one go first."""
    parts = []
    for tab in tabs:
        sign, style = mark(tab.run)
        look = "bold reverse" if tab.name == current else ""
        parts.append((tab.name, Content.assemble((f" {tab.title} ", look), (f"{sign} " if sign else "", style))))
    while len(parts) > 1 and sum(cell_len(content.plain) for _, content in parts) > width and parts[0][0] != current:
        del parts[0]
    return Content("").join(content for _, content in parts) if parts else Content(" scripts and terminals ")


def output_line(row: ScreenLine, *, cursor: int | None = None) -> Line:
    """A row of a program's output; the program's cursor is shown reversed."""
    spans: list[Span] = [(" ", "")]
    spans += [(_in_cells(text), style) for text, style in row.spans]
    if cursor is not None:
        spans = _with_cursor(spans, cursor + 1)
    return Line(tuple(spans))


def _in_cells(text: str) -> str:
    """A text in as many cells as the program had in mind, which counts character by character.

    What is not safe to show takes its cells, too, but is blank or left out: naming it would move all behind it.
    """
    if text.isascii():
        return visible_line(text)
    made = []
    for piece, cells in graphemes(text):
        wanted = sum(width_of(char) for char in piece)
        if visible_line(piece) != piece:
            piece = "".join(char for char in piece if visible_line(char) == char)
            cells = cell_len(piece)
        if cells > wanted:  # an emoji's presentation makes it wide here
            piece = "".join(char for char in piece if width_of(char))
            cells = cell_len(piece)
        made.append(piece + " " * (wanted - cells))
    return "".join(made)


def _with_cursor(spans: Sequence[Span], cell: int) -> list[Span]:
    made: list[Span] = []
    at = 0
    is_marked = False
    for text, style in spans:
        number = 0
        for piece, cells in graphemes(text):
            end = number + len(piece)
            if not is_marked and at >= cell:
                made += [(text[:number], style), (piece, joined(style, "reverse")), (text[end:], style)]
                is_marked = True
                break
            at += cells
            number = end
        else:
            made.append((text, style))
    if not is_marked:
        made += [(" " * max(0, cell - at), ""), (" ", "reverse")]
    return [span for span in made if span[0]]


def dropped_line(screen: Terminal) -> Line:
    """The line above the oldest one that is kept."""
    return line((f" … {screen.scrollback.dropped:,} earlier lines dropped", "muted"))


def idle_lines(tab: DockTab | None, keys: dict[str, str], troubles: Sequence[str]) -> list[Line]:
    """The dock before anything has run: what would run, and the keys. `keys`: by command id."""
    lines = [line((f" {visible_line(text)}", "warn")) for text in troubles]
    if tab is not None and tab.run is not None:
        return [
            *lines,
            line((f" {visible_line(tab.run.trouble or 'starting …')}", "bad" if tab.run.trouble else "muted")),
        ]
    if tab is None:
        lines += [
            line(" No scripts yet. Add one to .conductor/settings.toml:"),
            line(('   [scripts.run.dev]  command = "npm run dev"', "muted")),
        ]
    else:
        lines += [line((f" $ {visible_line(text)}", "cmd")) for text in tab.script.command.split("\n")[:20]]
        where = f" in {visible_line(tab.script.cwd)}" if tab.script.cwd else ""
        lines.append(line((f" {tab.script.kind.value} script{where}, from {visible_line(tab.script.origin)}", "muted")))
        lines += [line(), line((f" {keys['dock.start']}", "accent"), " to start it")]
    lines.append(line((f" {keys['dock.terminal']}", "accent"), " to open a terminal here"))
    return lines
