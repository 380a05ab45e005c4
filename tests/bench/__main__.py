"""`make bench`: the budgets, measured in one run beside a bare Textual app and Codex's own TUI.

Machines differ and are noisy: read the ratios. `ARGS=--quick` leaves out what takes longest; `--codex PATH` takes
another binary.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.bench import inside, outside


class Report:
    """A table that is printed row by row: what, ours, Codex's own TUI, budget, whether it is met."""

    def __init__(self) -> None:
        self.missed = 0
        print(f"{'':<42}{'ours':>10}{'codex tui':>12}{'budget':>10}")

    def row(self, what: str, ours: float, budget: float | None, peer: float | None = None) -> None:
        is_met = budget is None or ours <= budget
        self.missed += not is_met
        told = "" if budget is None else ("  ok" if is_met else "  MISSED")
        peer_ = "" if peer is None else f"{peer:.1f}"
        limit = "" if budget is None else f"{budget:g}"
        print(f"{what:<42}{ours:>10.1f}{peer_:>12}{limit:>10}{told}", flush=True)


def main() -> int:
    """Measures, prints, and returns 1 when a budget was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--codex", type=Path)
    parser.add_argument("--quick", action="store_true", help="no peer, fewer starts")
    options = parser.parse_args()
    codex = options.codex
    if codex is None:
        from codex_cli_bin import bundled_codex_path

        codex = Path(bundled_codex_path())
    ours, peer = outside.conductor(codex), outside.codex_tui(codex)
    report = Report()

    rounds = 3 if options.quick else 6
    starts: dict[str, list[float]] = {"bare": [], "ours": []}
    for _ in range(rounds):
        starts["bare"].append(outside.start_seconds(outside.bare()))
        starts["ours"].append(outside.start_seconds(ours))
    bare, own = (outside.at(0.5, starts[k][1:]) for k in ("bare", "ours"))
    report.row("start ÷ bare Textual app", own / bare, 1.5)

    quick = outside.quick_link(ours)
    theirs = {} if options.quick else outside.quick_link(peer)
    for what, budget in (
        ("first screen, bytes", 20_000),
        ("echo idle p95, ms", 30),
        ("echo streaming p95, ms", 50),
        ("answer, kB", 60),
        ("answer, CPU s", None),
        ("idle, B/s", 0),
        ("idle, % CPU", None),
        ("working, B/s", 100),
        ("memory after start, MB", 120),
    ):
        report.row(what, quick[what], budget, theirs.get(what))
    slow = outside.slow_link(ours)
    theirs = {} if options.quick else outside.slow_link(peer)
    for what, budget in (("slow link: echo p95, ms", 300), ("slow link: answer late, s", 1)):
        report.row(what, slow[what], budget, theirs.get(what))

    few, many = inside.measure("delta 10"), inside.measure("delta 10000")
    report.row("a delta at 10,000 items, ms of CPU", many, None)
    report.row("the same ÷ at 10 items", many / few, 1.2)
    report.row("open 10,000 items, ms", inside.measure("open"), 1000)
    report.row("another width at 10,000 items, ms", inside.measure("resize"), None)
    first, page = inside.measure("diff")
    report.row("50,000-line diff: first page, ms", first, 300)
    report.row("50,000-line diff: page down, ms", page, 40)
    keys, share = inside.measure("many")
    report.row("32 sessions streaming: key p95, ms", keys, 60)
    report.row("32 sessions streaming: % of a core", share, 60)
    report.row("ten 10,000-item sessions, MB", inside.measure("memory"), 200)
    print("all budgets met" if not report.missed else f"{report.missed} budgets missed")
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())
