"""What stands at the end of a turn: how it went, how long it took, what it used."""

from __future__ import annotations

from msgspec.structs import replace

from conductor_tui.domain.diagnosis import Circumstances, diagnose, retry_step
from conductor_tui.domain.text import visible, visible_line
from conductor_tui.domain.turns import Turn, TurnStatus
from conductor_tui.ui.presentation.items import Look, duration
from conductor_tui.ui.presentation.lines import Line, prefixed
from conductor_tui.ui.presentation.numbers import count
from conductor_tui.ui.presentation.wrapping import wrap, wrap_text


def footer_lines(turn: Turn, changed_files: int, look: Look, known: Circumstances) -> list[Line]:
    """The lines after a turn's items. While it runs: that it does, and what Codex is retrying."""
    indent = (" " * look.gutter, "")
    if turn.is_running:
        return prefixed(indent, indent, _running(turn, look, known.now))
    lines: list[Line] = []
    if turn.error is not None:
        failed_at = turn.started_at + (turn.duration_ms or 0) / 1000 if turn.started_at else 0.0
        trouble = diagnose(turn.error, replace(known, failed_at=failed_at))
        room = look.room - 2
        lines.extend(prefixed(("✕ ", "bad bold"), ("  ", ""), wrap_text(visible(trouble.title), room, "bad")))
        if trouble.cause:
            lines.extend(prefixed(("  ", ""), ("  ", ""), wrap_text(visible(trouble.cause), room, "muted")))
        for step in trouble.steps:
            lines.extend(prefixed(("→ ", "accent"), ("  ", ""), wrap([(visible_line(step), "")], room)))
    parts = []
    if turn.status is TurnStatus.INTERRUPTED:
        parts.append(("interrupted", "warn"))
    elif turn.status is TurnStatus.FAILED:
        parts.append(("failed", "bad"))
    if took := duration(turn.duration_ms):
        parts.append((took, "muted"))
    if turn.tokens_after is not None and turn.tokens_before is not None and turn.tokens_after > turn.tokens_before:
        parts.append((f"{count(turn.tokens_after - turn.tokens_before)} tokens", "muted"))
    if changed_files:
        parts.append((f"{changed_files} file{'s' if changed_files > 1 else ''} changed", "muted"))
    if parts:
        spans = [span for n, part in enumerate(parts) for span in ([(" · ", "muted")] if n else []) + [part]]
        lines.append(Line((("╴ ", "muted"), *spans)))
    return prefixed(indent, indent, lines)


def _running(turn: Turn, look: Look, now: float) -> list[Line]:
    seconds = max(0, int(now - turn.started_at)) if turn.started_at else 0
    elapsed = f"{seconds // 60} min {seconds % 60} s" if seconds >= 60 else f"{seconds} s"
    lines = [Line((("● ", "run"), ("working", "run"), (f" · {elapsed}", "muted")))]
    if turn.retry is not None:
        said = visible_line(turn.retry.message)
        lines.extend(prefixed(("! ", "warn"), ("  ", ""), wrap([(said, "warn")], look.room - 2)))
        if turn.retry.details:
            lines.extend(
                prefixed(("  ", ""), ("  ", ""), wrap([(visible_line(turn.retry.details), "muted")], look.room - 2))
            )
        if step := retry_step(turn.retry):
            lines.extend(prefixed(("→ ", "accent"), ("  ", ""), wrap([(step, "")], look.room - 2)))
    return lines
