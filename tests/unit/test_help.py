"""`conductor-tui help`: the guides, listed, printed, drawn on a terminal, paged."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conductor_tui.cli import main
from conductor_tui.ui.help_command import FOLDER, topics
from tests.e2e.terminal import Terminal

HELP: tuple[str | Path, ...] = (Path(sys.executable).with_name("conductor-tui"), "help")


def on_a_terminal(topic: str, *, rows: int, pager: str) -> Terminal:
    return Terminal([*HELP, topic], cols=100, rows=rows, env={"PAGER": pager})


def test_the_guides_are_listed_each_on_a_line_that_fits(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if line.startswith("  ")] == sorted(p.stem for p in FOLDER.glob("*.md"))
    assert all(len(line) <= 80 for line in lines)


@pytest.mark.parametrize("topic", topics())
def test_a_guide_is_printed_as_markdown_where_stdout_is_no_terminal(
    topic: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["help", topic]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("# ")
    assert "<!--" not in printed
    assert "\x1b" not in printed


@pytest.mark.parametrize(
    ("typed", "said"), [("key", "Did you mean: conductor-tui help keys"), ("xyz", "approvals, cli")]
)
def test_an_unknown_topic_is_answered_with_the_nearest(
    typed: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["help", typed]) == 2
    assert said in capsys.readouterr().err


def test_a_guide_that_fits_is_drawn_without_a_pager() -> None:
    with on_a_terminal("review", rows=100, pager="sed s/^/paged:/") as terminal:
        terminal.wait_for("conductor-tui help workspaces")
        assert terminal.exit_code() == 0
        assert "paged:" not in terminal.text()
        assert "│" not in terminal.text() and "|--" not in terminal.text()
        assert b"\x1b[1m" in terminal.output


@pytest.mark.parametrize("topic", topics())
def test_no_word_is_cut_on_80_columns(topic: str) -> None:
    with Terminal([*HELP, topic], cols=80, rows=500, env={"PAGER": "cat"}) as terminal:
        assert terminal.exit_code() == 0
        ellipses = (FOLDER / f"{topic}.md").read_text(encoding="utf-8").count("…")
        terminal.wait_until(lambda text: bool(text.strip()) and text.count("…") == ellipses, what="every word")


def test_a_longer_one_goes_to_the_pager() -> None:
    with on_a_terminal("review", rows=10, pager="sed s/^/paged:/") as terminal:
        terminal.wait_for("paged:")
        assert terminal.exit_code() == 0


@pytest.mark.skipif(shutil.which("less") is None, reason="less is not installed")
def test_less_gets_colours_and_ctrl_c_is_its_own() -> None:
    with on_a_terminal("keys", rows=20, pager="less") as terminal:
        terminal.wait_for("Every key and command")
        assert "ESC" not in terminal.text()
        terminal.process.send_signal(signal.SIGINT)
        terminal.press("q")
        assert terminal.exit_code() == 0


def test_without_the_pager_it_is_printed() -> None:
    with on_a_terminal("review", rows=10, pager="no-such-pager") as terminal:
        terminal.wait_for("conductor-tui help workspaces")
        assert terminal.exit_code() == 0


def test_a_reader_that_has_seen_enough_ends_it_quietly() -> None:
    line = f"{HELP[0]} help keys | head -n 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", line], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("# Keys\n", "")
