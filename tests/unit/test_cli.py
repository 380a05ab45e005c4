"""The command line before any window."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from conductor_tui.cli import main
from conductor_tui.cli.arguments import parse


@pytest.mark.parametrize(("typed", "meant"), [("nwe", "new"), ("docter", "doctor"), ("archiv", "archive")])
def test_a_mistyped_command_is_answered_with_the_nearest(
    typed: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([typed]) == 2
    assert f"Did you mean: conductor-tui {meant}" in capsys.readouterr().err


def test_a_prompt_comes_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("fix the\nrounding\n"))
    assert parse(["new", "-"]).prompt == "fix the\nrounding\n"


def test_the_help_lists_each_command_on_a_line_that_fits(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    lines = capsys.readouterr().out.splitlines()
    listed = [line for line in lines[lines.index("commands:") + 1 :] if line.startswith("  ")]
    commands = ["demo", "ls", "new", "archive", "restore", "config", "doctor", "stop", "help"]
    assert [line.split()[0] for line in listed] == commands
    assert all(len(line) <= 80 for line in listed)


def test_the_make_target_that_opens_the_app_says_on_what() -> None:
    root = Path(__file__).parents[2]
    told = next(line for line in (root / "README.md").read_text().splitlines() if line.startswith("make run "))
    target = next(line for line in (root / "Makefile").read_text().splitlines() if line.startswith("run:"))
    for words in ("ARGS=", "this clone"):
        assert words in told
        assert words in target
