"""Codex as it says it is: binary, server, config.toml, sandbox, providers, account, limits, models."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

from conductor_tui.domain import events as ev
from conductor_tui.domain.checks import Check, Outcome
from conductor_tui.domain.controls import LimitWindow
from conductor_tui.domain.diagnosis import SANDBOX_STEPS, config_steps
from conductor_tui.domain.errors import AgentError, AgentRefused
from conductor_tui.domain.items import Severity
from conductor_tui.domain.limit_reset import until_words
from conductor_tui.domain.text import from_home
from conductor_tui.protocol.appserver import AppServer
from conductor_tui.protocol.binary import CodexBinary
from conductor_tui.protocol.connect import borrowed
from conductor_tui.protocol.server import ServerFiles, running_pid, socket_answers

_SAYS_SECONDS = 0.5
"""How long the server is listened to for what it says about its set-up by itself."""


def config_file(codex_home: Path) -> Iterator[Check]:
    """Which config.toml it is, and whether it is TOML at all; what the values mean, Codex says itself."""
    path = codex_home / "config.toml"
    where = from_home(str(path), str(Path.home()))
    try:
        tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        yield Check("config.toml", Outcome.OK, f"{where} does not exist; Codex uses its defaults")
    except (OSError, UnicodeDecodeError) as error:
        yield Check("config.toml", Outcome.BAD, f"{where} cannot be read: {error}", (f"See who owns {where}.",))
    except tomllib.TOMLDecodeError as error:
        yield Check("config.toml", Outcome.BAD, f"{where}: {error}", ("Correct that line.",))
    else:
        yield Check("config.toml", Outcome.OK, where)


async def server(binary: CodexBinary, files: ServerFiles) -> list[Check]:
    """What the server of this CODEX_HOME tells, or one that is started for these questions alone.

    Raises:
        CodexUnavailable, AgentError
    """
    is_running = socket_answers(files.socket)
    async with borrowed(binary, files) as agent:
        info = agent.info
        checks = [Check("Codex", Outcome.OK, f"{info.version}, {binary.source}: {binary.path}")]
        pid = running_pid(files)
        who = f"started by conductor-tui, process {pid}" if pid else "started by another program"
        found = (
            f"runs at {files.socket}, {who}" if is_running else "none runs; conductor-tui starts one when it needs it"
        )
        checks.append(Check("server", Outcome.OK, found))
        checks += await _sayings(agent)
        checks.append(await _sandbox(agent))
        checks += providers(files.codex_home, pid if is_running else os.getpid())
        checks += await _account(agent)
        models = await agent.list_models()
        outcome = Outcome.OK if models else Outcome.BAD
        checks.append(Check("models", outcome, f"{len(models)} offered by this set-up"))
    return checks


async def _sayings(agent: AppServer) -> list[Check]:
    """Warnings that come by themselves, such as a broken config.toml or a sandbox that is not complete."""
    checks: list[Check] = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_SAYS_SECONDS):
            async for event in agent.events():
                if isinstance(event, ev.NoticeReported) and event.severity is not Severity.INFO:
                    said = " ".join(filter(None, (event.text, event.detail)))
                    if event.severity is Severity.ERROR:
                        checks.append(Check("set-up", Outcome.BAD, said, config_steps(event.detail)))
                    else:
                        checks.append(Check("set-up", Outcome.NOTE, said))
    return checks or [Check("set-up", Outcome.OK, "config.toml is understood")]


async def _sandbox(agent: AppServer) -> Check:
    """Runs `true` where commands of a read-only session run."""
    try:
        words = await agent.try_sandbox()
    except AgentError as error:
        return Check("sandbox", Outcome.NOTE, f"not tested: {error}")
    if words is None:
        return Check("sandbox", Outcome.OK, "commands can be confined on this machine")
    return Check("sandbox", Outcome.BAD, words or "a command in it fails, and says nothing", SANDBOX_STEPS)


def providers(codex_home: Path, pid: int | None) -> Iterator[Check]:
    """Whether the server has the variables that providers of config.toml take their keys from.

    `pid`: the server's process, or ours where it would get our environment; its values are not looked at.
    """
    try:
        config = tomllib.loads((codex_home / "config.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    has = _names(pid) if pid else None
    in_use = config.get("model_provider")
    tables = config.get("model_providers")
    for name, table in tables.items() if isinstance(tables, dict) else ():
        key = table.get("env_key") if isinstance(table, dict) else None
        if not isinstance(key, str):
            continue
        if has is None:
            yield Check(
                "provider", Outcome.NOTE, f"{name} takes its key from {key}; the server does not tell if it is set"
            )
        elif key in has:
            yield Check("provider", Outcome.OK, f"{name} takes its key from {key}, which the server has")
        else:
            steps = (f"Set {key} in the shell, then: conductor-tui stop, and start conductor-tui again.",)
            outcome = Outcome.BAD if name == in_use else Outcome.NOTE
            yield Check("provider", outcome, f"{name} takes its key from {key}, which the server does not have", steps)


def _names(pid: int) -> set[str] | None:
    """The names in a process's environment; None where the system does not tell."""
    if pid == os.getpid():
        return {name for name, value in os.environ.items() if value}
    try:
        pairs = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return None
    return {os.fsdecode(name) for name, _, value in (pair.partition(b"=") for pair in pairs) if value}


async def _account(agent: AppServer) -> list[Check]:
    account = await agent.read_account()
    if account.is_signed_out:
        steps = ("Start conductor-tui and find “Sign in” in the palette (ctrl+p).",)
        return [Check("account", Outcome.BAD, "nobody is signed in", steps)]
    if account.doubt:
        steps = ("Check this machine's network: Codex asks its server who is signed in.",)
        return [Check("account", Outcome.NOTE, f"Codex cannot say who is signed in: {account.doubt}", steps)]
    if account.kind == "chatgpt":
        found = f"ChatGPT {account.plan} {account.email}".strip()
        return [Check("account", Outcome.OK, found), *await _limits(agent)]
    if account.kind:
        return [Check("account", Outcome.OK, "an API key; use is billed by tokens")]
    return [Check("account", Outcome.OK, "this provider needs no OpenAI sign-in")]


async def _limits(agent: AppServer) -> list[Check]:
    try:
        limits = await agent.read_rate_limits()
    except AgentRefused as refused:
        return [Check("limits", Outcome.NOTE, f"Codex cannot read them: {refused}")]
    return [_limit(window) for window in (limits.primary, limits.secondary) if window]


def _limit(window: LimitWindow) -> Check:
    minutes = window.window_minutes or 0
    length = f"{minutes // 1440} d" if minutes >= 1440 else f"{minutes // 60} h" if minutes >= 60 else f"{minutes} min"
    now = time.time()
    reset = f", until {until_words(window.resets_at, now)}" if window.resets_at and window.resets_at > now else ""
    outcome = Outcome.BAD if window.used_percent >= 100 else Outcome.OK
    steps = ("Wait, or use another account or an API key.",) if outcome is Outcome.BAD else ()
    return Check("limits", outcome, f"{window.used_percent} % of {length} used{reset}", steps)
