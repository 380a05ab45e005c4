"""`conductor-tui doctor`: looks at everything that must be right, changes nothing, and says what to do."""

from __future__ import annotations

import asyncio
import contextlib
import locale
import os
import re
import select
import shutil
import subprocess
import sys
import termios
import time
import tty
from collections.abc import Iterator, Mapping
from pathlib import Path

from conductor_tui.domain import events as ev
from conductor_tui.domain.checks import Check, Outcome, from_trouble
from conductor_tui.domain.errors import AgentError, CodexUnavailable
from conductor_tui.domain.items import Severity
from conductor_tui.domain.text import from_home
from conductor_tui.git.place import find_root
from conductor_tui.protocol.appserver import AppServer
from conductor_tui.protocol.binary import CodexBinary, find_codex
from conductor_tui.protocol.connect import borrowed
from conductor_tui.protocol.server import ServerFiles, running_pid, socket_answers
from conductor_tui.settings import paths
from conductor_tui.settings.load import load_settings
from conductor_tui.ui.terminal import erasing_paints, is_remote

_SAYS_SECONDS = 0.5
"""How long the server is listened to for what it says about its set-up by itself."""
_ANSWER_SECONDS = 2.0


def examine(codex: str | None, environ: Mapping[str, str]) -> list[Check]:
    """Every check, in the order in which one needs the other."""
    settings, troubles = load_settings(paths.config_file())
    checks = [from_trouble("settings", t, Outcome.NOTE) for t in troubles]
    checks += _folders()
    files = ServerFiles(paths.codex_home(), paths.state_dir())
    try:
        binary = find_codex(codex, settings.codex.executable)
        checks += asyncio.run(_codex(binary, files))
    except CodexUnavailable as unavailable:
        checks.append(from_trouble("Codex", unavailable.trouble))
    except AgentError as error:
        checks.append(
            Check("Codex", Outcome.BAD, str(error), ("Look into the log, or try another binary: --codex PATH",))
        )
    return [*checks, *_git(), *_terminal(environ)]


def _folders() -> Iterator[Check]:
    state = paths.state_dir()
    where = from_home(str(state), str(Path.home()))
    existing = next(folder for folder in (state, *state.parents) if folder.exists())
    if os.access(existing, os.W_OK):
        yield Check("state", Outcome.OK, f"drafts, decisions and the log are kept in {where}")
    else:
        yield Check("state", Outcome.BAD, f"{where} cannot be written", (f"See who owns {existing}.",))


async def _codex(binary: CodexBinary, files: ServerFiles) -> list[Check]:
    is_running = socket_answers(files.socket)
    async with borrowed(binary, files) as server:
        info = server.info
        checks = [Check("Codex", Outcome.OK, f"{info.version}, {binary.source}: {binary.path}")]
        pid = running_pid(files)
        who = f"started by conductor-tui, process {pid}" if pid else "started by another program"
        found = (
            f"runs at {files.socket}, {who}" if is_running else "none runs; conductor-tui starts one when it needs it"
        )
        checks.append(Check("server", Outcome.OK, found))
        checks += await _sayings(server)
        checks.append(await _account(server))
        models = await server.list_models()
        outcome = Outcome.OK if models else Outcome.BAD
        checks.append(Check("models", outcome, f"{len(models)} offered by this set-up"))
    return checks


async def _sayings(server: AppServer) -> list[Check]:
    """Warnings that come by themselves, such as a broken config.toml or a sandbox that is not complete."""
    checks: list[Check] = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_SAYS_SECONDS):
            async for event in server.events():
                if isinstance(event, ev.NoticeReported) and event.severity is not Severity.INFO:
                    outcome = Outcome.BAD if event.severity is Severity.ERROR else Outcome.NOTE
                    checks.append(Check("set-up", outcome, " ".join(filter(None, (event.text, event.detail)))))
    return checks or [Check("set-up", Outcome.OK, "config.toml is understood")]


async def _account(server: AppServer) -> Check:
    account = await server.read_account()
    if account.is_signed_out:
        steps = ("Start conductor-tui and find “Sign in” in the palette (ctrl+p).",)
        return Check("account", Outcome.BAD, "nobody is signed in", steps)
    if account.kind == "chatgpt":
        return Check("account", Outcome.OK, f"ChatGPT {account.plan} {account.email}".strip())
    if account.kind:
        return Check("account", Outcome.OK, "an API key; use is billed by tokens")
    return Check("account", Outcome.OK, "this provider needs no OpenAI sign-in")


def _git() -> Iterator[Check]:
    try:
        said = subprocess.run(
            ["git", "--version"], capture_output=True, text=True, check=True, timeout=10
        ).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        yield Check("git", Outcome.BAD, "git does not run", ("Install git, and see that it is on PATH.",))
        return
    yield Check("git", Outcome.OK, said)
    root = find_root(Path.cwd())
    if root is None:
        yield Check("repository", Outcome.NOTE, f"{Path.cwd()} is in none: Codex works there, without a diff")
    else:
        yield Check("repository", Outcome.OK, str(root))


def _terminal(environ: Mapping[str, str]) -> Iterator[Check]:
    term = environ.get("TERM", "")
    if term in ("", "dumb"):
        yield Check("terminal", Outcome.BAD, f"TERM={term or 'not set'}", ("Set TERM, for example to xterm-256color.",))
    else:
        within = [name for name, sign in (("tmux", "TMUX"), ("screen", "STY"), ("ssh", "SSH_TTY")) if environ.get(sign)]
        yield Check("terminal", Outcome.OK, " in ".join([term, *within]))
    colours = "16 million" if environ.get("COLORTERM") in ("truecolor", "24bit") else "256" if "256" in term else "16"
    plain = "NO_COLOR is set: none are used" if environ.get("NO_COLOR") else f"{colours} are used"
    yield Check("colours", Outcome.OK, plain if erasing_paints(environ) else f"{plain}; screen costs more bytes")
    if "utf" in locale.getpreferredencoding(do_setlocale=False).lower():
        yield Check("characters", Outcome.OK, "UTF-8")
    else:
        yield Check("characters", Outcome.BAD, "not UTF-8", ("Set LANG to a UTF-8 locale, for example C.UTF-8.",))
    way = (
        "tmux's buffer, then the terminal" if environ.get("TMUX") and shutil.which("tmux") else "the terminal (OSC 52)"
    )
    yield Check("clipboard", Outcome.OK, f"copied by {way}; long text goes to a file")
    if sys.stdin.isatty() and sys.stdout.isatty():
        yield _round_trip(environ)
    else:
        yield Check("link", Outcome.NOTE, "not measured: input or output is no terminal")


def _round_trip(environ: Mapping[str, str]) -> Check:
    """Asks the terminal for the cursor's place, and waits for the answer."""
    before = termios.tcgetattr(0)
    try:
        tty.setcbreak(0)
        trips = [trip for _ in range(3) if (trip := _ask_once()) is not None]
    finally:
        termios.tcsetattr(0, termios.TCSADRAIN, before)
    where = "over ssh" if is_remote(environ) else "on this machine"
    if not trips:
        note = "the terminal does not answer; frames come at a fixed low rate"
        return Check("link", Outcome.NOTE, note)
    return Check("link", Outcome.OK, f"{min(trips) * 1000:.0f} ms to the terminal and back, {where}")


def _ask_once() -> float | None:
    began = time.perf_counter()
    os.write(1, b"\x1b[6n")
    heard = b""
    while time.perf_counter() - began < _ANSWER_SECONDS:
        ready, _, _ = select.select([0], [], [], _ANSWER_SECONDS)
        if not ready:
            return None
        heard += os.read(0, 64)
        if re.search(rb"\x1b\[\d+;\d+R", heard):
            return time.perf_counter() - began
    return None
