"""The command line before any window."""

from __future__ import annotations

import io

import pytest

from conductor_tui.cli import main
from conductor_tui.commands.arguments import parse


@pytest.mark.parametrize(("typed", "meant"), [("nwe", "new"), ("docter", "doctor"), ("archiv", "archive")])
def test_a_mistyped_command_is_answered_with_the_nearest(
    typed: str, meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([typed]) == 2
    assert f"Did you mean: conductor-tui {meant}" in capsys.readouterr().err


def test_a_prompt_comes_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("fix the\nrounding\n"))
    assert parse(["new", "-"]).prompt == "fix the\nrounding\n"
