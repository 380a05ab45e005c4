"""What the app's parent left behind reaches nothing that the app starts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from conductor_tui import cli
from conductor_tui.terminals.inheritance import disinherit

USERS = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_CONFIG_GLOBAL": "/home/ada/.gitconfig",
    "GIT_EDITOR": "vi",
    "GIT_SSH_COMMAND": "ssh -4",
    "PATH": "/bin",
}

STARTED_FROM_A_JOB = """
import asyncio, os, sys
from conductor_tui import cli
from conductor_tui.domain.scripts import Patience
from conductor_tui.terminals.pty import open_terminal

async def main():
    printed = bytearray()
    arrived = asyncio.Event()
    def take(data):
        printed.extend(data)
        if b"ready" in printed:
            arrived.set()
    running = await open_terminal(
        [sys.executable, "-c", "import time; print('ready', flush=True); time.sleep(100)"],
        cwd="/", environment=dict(os.environ), columns=80, rows=24, on_output=take,
    )
    await asyncio.wait_for(arrived.wait(), 10)
    if sys.argv[1] == "type":
        running.write(b"\\x03")
        print((await asyncio.wait_for(running.wait(), 10)).text, flush=True)
    else:
        print(running.pid, flush=True)
        os.kill(os.getpid(), 9)

cli.main(["config", "path"])
asyncio.run(main())
"""


def in_background(what: str) -> subprocess.CompletedProcess[str]:
    """Runs a program of ours as `nohup` and a shell's background job start one.

    What it starts in turn is no shell: dash loses a SIGINT that comes while it forks.
    """

    def ignore() -> None:
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)

    command = [sys.executable, "-c", STARTED_FROM_A_JOB, what]
    return subprocess.run(
        command, preexec_fn=ignore, capture_output=True, text=True, timeout=60, check=False, start_new_session=True
    )


def test_ctrl_c_ends_a_program_also_where_the_app_was_started_in_the_background() -> None:
    done = in_background("type")
    assert done.stdout.splitlines()[-1:] == ["SIGINT"], done.stderr


def test_a_program_dies_with_the_window_also_under_nohup() -> None:
    done = in_background("die")
    pid = int(done.stdout.splitlines()[-1])
    deadline = os.times().elapsed + 10
    while is_alive(pid) and os.times().elapsed < deadline:
        os.sched_yield()
    assert not is_alive(pid)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_nothing_that_git_says_about_a_repository_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    said = subprocess.run(["git", "rev-parse", "--local-env-vars"], capture_output=True, text=True, check=True).stdout
    more = ("GIT_NAMESPACE", "GIT_LITERAL_PATHSPECS", "GIT_CONFIG_KEY_0", "GIT_CONFIG_VALUE_0", "GIT_QUARANTINE_PATH")
    names = {*said.split(), *more}
    for name in names:
        monkeypatch.setenv(name, "0")
    cli.main(["config", "path"])
    assert not names & set(os.environ)


def test_what_the_user_tells_git_stays() -> None:
    environ = {**USERS, "GIT_DIR": "/elsewhere/.git"}
    disinherit(environ)
    assert environ == USERS


def test_git_run_from_an_alias_in_a_worktree_hands_nothing_on(tmp_path: Path) -> None:
    """The real git, with what it sets for its aliases."""
    repository, worktree = tmp_path / "repository", tmp_path / "worktree"
    git = ["git", "-C", str(repository)]
    subprocess.run(["git", "init", "-q", str(repository)], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "1"], check=True)
    subprocess.run([*git, "worktree", "add", "-q", str(worktree)], check=True)
    show = "import os; from conductor_tui import cli; cli.main(['config', 'path']); print(os.environ.get('GIT_DIR'))"
    alias = f'!{sys.executable} -c "{show}"'
    command = ["git", "-C", str(worktree), "-c", f"alias.tui={alias}", "tui"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.splitlines()[-1] == "None"
