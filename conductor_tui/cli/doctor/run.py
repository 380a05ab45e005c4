"""All checks, in the order in which one needs the other."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from conductor_tui.cli.doctor import codex, environment, interactive
from conductor_tui.domain.checks import Check, Outcome, from_trouble
from conductor_tui.domain.errors import AgentError, CodexUnavailable
from conductor_tui.protocol.binary import find_codex
from conductor_tui.protocol.server import ServerFiles
from conductor_tui.settings import paths
from conductor_tui.settings.load import load_settings


def examine(explicit: str | None, environ: Mapping[str, str], *, is_live: bool = False) -> list[Check]:
    """Everything that can be found out alone; with `is_live` also what needs the user's eyes and fingers.

    `explicit`: the Codex binary that was named on the command line.
    """
    settings, troubles = load_settings(paths.config_file())
    checks = [from_trouble("settings", t, Outcome.NOTE) for t in troubles]
    checks += environment.folders()
    checks += codex.config_file(paths.codex_home())
    try:
        binary = find_codex(explicit, settings.codex.executable)
        checks += asyncio.run(codex.server(binary, ServerFiles(paths.codex_home(), paths.state_dir())))
    except CodexUnavailable as unavailable:
        checks.append(from_trouble("Codex", unavailable.trouble))
    except AgentError as error:
        steps = ("Look into the log, or try another binary: --codex PATH",)
        checks.append(Check("Codex", Outcome.BAD, str(error), steps))
    checks += environment.git()
    checks += environment.terminal(environ)
    if is_live:
        return [*checks, *interactive.test(environ, settings.keys)]
    return [*checks, *environment.link(environ)]
