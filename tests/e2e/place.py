"""A place for one end-to-end test: home, Codex's home, repository, and the processes that belong to them.

It is outside the temp directory, where Codex's sandbox may write: a test of what the sandbox forbids would pass
wrongly there.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from conductor_tui.demo.model import ScriptedModel
from conductor_tui.demo.world import codex_config

_CHECKOUT = Path(__file__).resolve().parents[2]


def scratch_folder() -> Path:
    """A folder for tests that is not under the temp directory: in the checkout, or in the user's cache."""
    folder = _CHECKOUT / ".cache" / "e2e"
    if folder.is_relative_to(Path(tempfile.gettempdir()).resolve()):
        folder = Path(pwd.getpwuid(os.getuid()).pw_dir) / ".cache" / "conductor-tui-tests"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class Place:
    """Folders of one test, and the end of every process that was started in them."""

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="t", dir=scratch_folder()))
        self.home = self.root / "home"
        self.codex_home = self.root / "codex-home"
        self.state = self.root / "state" / "conductor-tui"
        self.repository = self.root / "shop"
        for folder in (self.home, self.codex_home):
            folder.mkdir()

    @property
    def env(self) -> dict[str, str]:
        """The environment of a user who lives here."""
        return {
            "HOME": str(self.home),
            "CODEX_HOME": str(self.codex_home),
            "XDG_CONFIG_HOME": str(self.root / "config"),
            "XDG_STATE_HOME": str(self.root / "state"),
            "XDG_DATA_HOME": str(self.root / "data"),
            "XDG_CACHE_HOME": str(self.root / "cache"),
        }

    def configure_codex(
        self,
        model: ScriptedModel,
        *trusted: Path,
        extra: Mapping[str, Any] | None = None,
        without: Sequence[str] = (),
    ) -> None:
        """Writes Codex's configuration anew; `extra` replaces top-level keys, those `without` are left out."""
        text = codex_config(
            model.base_url, [self.repository, *trusted], extra={"allow_login_shell": False, **(extra or {})}
        )
        text = "".join(line for line in text.splitlines(True) if line.partition(" =")[0] not in without)
        (self.codex_home / "config.toml").write_text(text, encoding="utf-8")

    def processes(self) -> Iterator[psutil.Process]:
        """Every living process that uses this place's CODEX_HOME: the app, its Codex, and what Codex runs."""
        for process in psutil.process_iter():
            try:
                if process.environ().get("CODEX_HOME") == str(self.codex_home):
                    yield process
            except (psutil.Error, OSError):
                continue

    def servers(self) -> list[psutil.Process]:
        """The app-servers among them."""
        return [p for p in self.processes() if "app-server" in _words(p)]

    def commands(self, word: str) -> list[psutil.Process]:
        """The commands that Codex runs here, by a word of their command line."""
        return [
            p for p in self.processes() if any(word in part for part in _words(p)) and "app-server" not in _words(p)
        ]

    def recorded_server(self) -> int | None:
        """The process id that the app wrote down for the server it started."""
        records = list(self.state.glob("codex-*.json"))
        return int(json.loads(records[0].read_text())["pid"]) if records else None

    def end_server(self) -> None:
        """Kills the server; what it ran must end with it."""
        servers = self.servers()
        assert len(servers) <= 1, f"more than one app-server for one CODEX_HOME: {servers}"
        for server in servers:
            server.kill()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)  # a sandbox that bwrap is just setting up notices no end
        _wait_until_gone(servers, 5)

    def check_nobody_left(self) -> None:
        """Fails when a process outlived its server, after ending it."""
        alive = _wait_until_gone(list(self.processes()), 3)
        told = [" ".join(_words(p)) for p in alive]
        for process in alive:
            process.kill()
        assert not told, f"processes left behind: {told}"

    def remove(self) -> None:
        """Removes all folders."""
        shutil.rmtree(self.root, ignore_errors=True)


def _wait_until_gone(processes: Sequence[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Waits until processes end, and returns who still runs. One that only waits to be collected has ended."""
    end = time.monotonic() + seconds
    while (alive := [p for p in processes if _is_alive(p)]) and time.monotonic() < end:
        time.sleep(0.005)
    return alive


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
