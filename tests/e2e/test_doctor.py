"""`conductor-tui doctor` in a real terminal: what it finds alone, and the test that asks the user."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from conductor_tui.cli.doctor.keys import sent_by, used_keys
from tests.e2e.app import App
from tests.e2e.conftest import StartApp
from tests.e2e.place import Place
from tests.e2e.terminal import Terminal
from tests.e2e.test_bad_input import wait_words

FAST = {"COLORTERM": "truecolor"}


class Silent(App):
    """A terminal that answers nothing."""

    def send(self, data: str | bytes) -> None:
        if not (isinstance(data, bytes) and data.startswith(b"\x1b[") and data.endswith((b"R", b"y", b"c"))):
            super().send(data)


@pytest.fixture
def silent(place: Place, codex: Path, codex_home: Path, repository: Path) -> Iterator[App]:
    argv = [sys.executable, "-m", "conductor_tui", "doctor", "--live", "--codex", str(codex)]
    with Silent(argv, cwd=repository, env={**place.env, **FAST}, rows=100) as app:
        yield app


def press_all_keys(app: App) -> None:
    app.wait_for("Press each as it is named")
    for number, key in enumerate(used_keys({})):
        app.wait_until(lambda text: len(key_rows(text)) > number, what=f"the prompt for {key}")
        app.send(sent_by(key)[0])


def key_rows(text: str) -> list[str]:
    return re.findall(r"(?m)^  (?:ctrl\+|shift\+|Esc|Enter|Tab|↑|↓|←|→|Pg|Home|End|Space|backspace|delete)\S* .*", text)


def modes(app: App) -> list[object]:
    return termios.tcgetattr(app._master)[:4]


def test_a_terminal_where_all_is_well(start: StartApp) -> None:
    app = start("doctor", "--live", rows=100, env=FAST)
    press_all_keys(app)
    for question in ("without steps?", "six groups", "sixteen colours"):
        app.wait_for(f"{question}", 10)
        app.wait_until(lambda text: text.rstrip().endswith("y n"), what="the question")
        app.press("y")
    app.wait_for("Paste it here")
    (copied,) = re.findall(rb"\x1b\]52;c;([\w+/=]+)\x07", bytes(app.output))
    app.send(b"\x1b[200~" + base64.b64decode(copied) + b"\x1b[201~")
    app.press("enter")
    app.wait_for("bell (BEL): Enter")
    app.press("enter")
    app.wait_for("Did you notice it?")
    app.press("n")
    app.wait_for("(OSC 9): Enter")
    app.press("enter")
    app.wait_until(lambda text: text.count("Did you notice it?") == 2)
    assert b"\x1b]9;conductor-tui: this is a test\x07" in app.output
    app.press("y")
    app.wait_for("(OSC 777): Enter")
    app.send(" ")
    assert app.exit_code() == 0
    for found in (
        "p95", "✓ widths", f"{len(used_keys({}))} arrive", "✓ 16 million colours", "✓ 256 colours", "✓ 16 colours",
        "the terminal copies (OSC 52)", "bracketed paste", "noticed: notification (OSC 9)", "mode 2026",
        WELL,
    ):  # fmt: skip
        app.wait_for(found)
    check_well(app.text())
    assert b"\x1b[?2004l" in app.output


def test_keys_that_do_not_arrive_are_named_with_what_to_do(start: StartApp) -> None:
    app = start("doctor", "--live", rows=100, env={"COLORTERM": ""})
    app.wait_for("Press each as it is named")
    app.send(" ")  # the first, ctrl+p, is taken by somebody
    app.wait_for("skipped")
    for wrong in ("x", "\x1b[24~"):  # a slip, and the second arrives as another
        app.send(wrong)
        app.wait_for(f"{'x' if wrong == 'x' else 'esc [ 2 4 ~'}? once more")
    app.send("\x1b[24~")
    app.send("q")
    app.wait_for("without steps?")
    app.press("y")
    app.wait_for("six groups")
    app.send(" ")
    app.wait_for("sixteen")
    app.send("n")
    app.wait_for("Paste it here")
    app.type("something")
    app.press("enter")
    for _ in range(3):
        app.wait_until(lambda text: text.rstrip().endswith("Enter, l or space"))
        app.send(" ")
    assert app.exit_code() == 0
    wait_done(app, "ctrl+p did not arrive", "arrives as esc [ 2 4 ~", "warnings)", "were not tested",
              "COLORTERM is not set", "what was pasted is not what was copied", "as if it were typed",
              "! notification")  # fmt: skip


WELL = re.compile(r"All is well\.|No problems \(1 warning\)\.")


def check_well(text: str) -> None:
    """A report with no warning but Codex's about bubblewrap, which not every machine has on its PATH."""
    warned = re.findall(r"(?m)^! .*", text)
    assert not [row for row in warned if not re.match(r"! set-up +Codex could not find bubblewrap on PATH", row)], text
    assert ("All is well." if not warned else "No problems (1 warning).") in text
    assert len(warned) <= 1


def wait_done(app: App, *found: str) -> None:
    for words in found:
        app.wait_for(words)


def test_a_terminal_that_answers_nothing_is_tested_all_the_same(silent: App) -> None:
    silent.wait_for("the terminal answers no questions")
    silent.wait_for("Press each as it is named")
    before = modes(silent)
    silent.send("\x03")
    assert silent.exit_code() == 0
    silent.wait_for("ended before it was complete")
    assert modes(silent) != before


@pytest.mark.parametrize("end", ["ctrl+c", "SIGTERM", "hang-up"])
def test_the_terminal_is_given_back_however_it_ends(start: StartApp, end: str) -> None:
    app = start("doctor", "--live", rows=100)
    before = modes(app)
    app.wait_for("Press each as it is named")
    assert modes(app) != before
    if end == "ctrl+c":
        app.press("ctrl+c")
        app.wait_for("! live test")
        assert app.exit_code() == 0
    elif end == "SIGTERM":
        app.process.terminate()
        assert app.exit_code() == 128 + 15
    else:
        app.hang_up()
        app.exit_code()
        return
    assert modes(app) == before


def test_the_live_report_is_there_for_scripts_too(start: StartApp, place: Place) -> None:
    report = place.root / "report.json"
    app = start("doctor", "--live", "--json", rows=100)
    app.close()
    words = f'"{sys.executable}" -m conductor_tui doctor --live --json > "{report}"'
    with Terminal(["/bin/sh", "-c", words], cwd=place.repository, env=place.env, rows=100) as terminal:
        terminal.wait_for("Press each as it is named")
        terminal.press("ctrl+c")
        terminal.exit_code()
    found = json.loads(report.read_text())
    assert {"round trip", "live test"} <= {check["name"] for check in found["checks"]}


def test_without_a_terminal_the_live_test_says_so(place: Place, codex_home: Path, codex: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "conductor_tui", "doctor", "--live", "--codex", codex],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **place.env},
        cwd=place.root,
        start_new_session=True,
    )
    assert ended.returncode == 0
    assert "! live test" in ended.stdout
    assert "there is no terminal" in ended.stdout
    assert "ssh -t host conductor-tui doctor --live" in ended.stdout


def test_keys_and_files_of_providers_are_looked_at(start: StartApp, place: Place) -> None:
    config = place.codex_home / "config.toml"
    config.write_text(config.read_text().replace("wire_api =", 'env_key = "MY_LLM_KEY"\nwire_api ='))
    app = start("doctor", rows=100)
    assert app.exit_code(60) == 1
    wait_words(app, "✓ config.toml", "scripted takes its key from MY_LLM_KEY, which the server does not have")
    app = start("doctor", rows=100, env={"MY_LLM_KEY": "sk-nobody-may-see"})
    assert app.exit_code(60) == 0
    wait_words(app, "which the server has", "✓ sandbox")
    assert b"sk-nobody" not in app.output


def test_a_machine_without_a_sandbox_is_told(start: StartApp, place: Place, codex: Path) -> None:
    without = place.root / "codex-without-namespaces"
    within = f'echo 0 > /proc/sys/user/max_user_namespaces && exec "{codex}" "$@"'
    without.write_text(f"#!/bin/sh\nexec unshare -Ur sh -c '{within}' sh \"$@\"\n")
    without.chmod(0o755)
    if not shutil.which("unshare") or os.system(f"{without} --version > /dev/null 2>&1"):
        pytest.skip("this machine cannot take user namespaces away")
    app = start("doctor", rows=100, binary=without)
    assert app.exit_code(60) == 1
    wait_words(app, "✕ sandbox", "user namespaces")
