"""Failures as the real Codex tells them, whatever its version, and what is made of them.

One server has all failures of the model at once, each in a session of its own; the scripted model fails as the
session's prompt says.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from conductor_tui.demo.model import ScriptedModel
from conductor_tui.demo.requests import Request
from conductor_tui.demo.shop import SHOP_FILES
from conductor_tui.demo.steps import (
    CutStream,
    ExecCommand,
    FailedResponse,
    HttpError,
    IncompleteResponse,
    Message,
    Reply,
)
from conductor_tui.demo.world import codex_config, make_repository
from conductor_tui.domain import events as ev
from conductor_tui.domain.controls import ServerInfo
from conductor_tui.domain.diagnosis import Circumstances, diagnose
from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.turns import TurnError
from conductor_tui.protocol.appserver import AppServer
from conductor_tui.protocol.binary import CodexBinary
from conductor_tui.protocol.transport import StdioTransport
from tests.e2e.app import App
from tests.e2e.conftest import StartApp
from tests.e2e.place import Place, scratch_folder
from tests.e2e.test_bad_input import wait_words


def refusal(code: str, message: str = "As you wish", **more: object) -> dict[str, object]:
    return {"error": {"message": message, "type": code, "code": code, **more}}


IN_AN_HOUR = int(time.time()) + 3600
NO_MODEL = "The model `x` does not exist or you do not have access to it."
UNSUPPORTED = {"detail": "The 'x' model is not supported when using Codex with a ChatGPT account."}
FAILURES: dict[str, tuple[Reply, str]] = {
    "401": ([HttpError(401, refusal("invalid_api_key"))], "does not accept the key"),
    "403": ([HttpError(403, refusal("forbidden"))], "refuses access"),
    "404 model": ([HttpError(404, refusal("model_not_found", NO_MODEL))], "No access to gpt-5.5"),
    "400 model": ([HttpError(400, UNSUPPORTED)], "No access to gpt-5.5"),
    "404 address": ([HttpError(404, {"detail": "Not Found"})], "does not know this address"),
    "400": ([HttpError(400, refusal("unsupported"))], "does not take this request"),
    "400 context": ([HttpError(400, refusal("context_length_exceeded"))], "The context window is full"),
    "context": ([FailedResponse("context_length_exceeded", "too long")], "The context window is full"),
    "429": ([HttpError(429, refusal("rate_limit_exceeded"), {"retry-after": "0"})], "asks to slow down"),
    "quota": ([FailedResponse("insufficient_quota", "no money")], "The quota is used up"),
    "limit": (
        [HttpError(429, refusal("usage_limit_reached", plan_type="plus", resets_at=IN_AN_HOUR))],
        r"The usage limit is reached until .*\d\d:\d\d \(in (1 h|5\d min)\)",
    ),
    "limit without end": ([HttpError(429, refusal("usage_limit_reached"))], "The usage limit is reached$"),
    "plan": ([HttpError(429, refusal("usage_not_included"))], "plan does not include"),
    "500": ([HttpError(500, refusal("server_error"))], "failed"),
    "503": ([HttpError(503, refusal("server_is_overloaded"))], "gpt-5.5 is at capacity"),
    "overloaded": ([FailedResponse("server_is_overloaded", "busy")], "gpt-5.5 is at capacity"),
    "policy": ([HttpError(400, refusal("cyber_policy"))], "refused by policy"),
    "filter": ([IncompleteResponse("content_filter")], "refused by policy"),
    "length": ([Message("Half"), IncompleteResponse("max_output_tokens")], "output limit"),
    "cut": ([CutStream("Half a sen")], "broke off"),
}


def script(request: Request) -> Reply:
    return FAILURES[request.user_text.strip()][0]


async def _fail_all(codex: Path, home: Path, repository: Path) -> dict[str, TurnError]:
    """Every failure at once, as `turn/completed` tells it."""
    server = await AppServer.open(await StdioTransport.open(CodexBinary(codex, "given"), home), ServerInfo(""))
    names: dict[ThreadId | None, str] = {}
    for name in FAILURES:
        thread = (await server.start_thread(str(repository))).thread
        names[thread.id] = name
        await server.start_turn(thread.id, name, name)
    found: dict[str, TurnError] = {}
    async with asyncio.timeout(60):
        async for event in server.events():
            if isinstance(event, ev.TurnCompleted) and event.turn.error is not None:
                found[names[event.thread_id]] = event.turn.error
                if len(found) == len(names):
                    break
    await server.close()
    return found


@pytest.fixture(scope="module")
def errors(codex: Path) -> Iterator[dict[str, TurnError]]:
    """What Codex says to each failure."""
    folder = Path(tempfile.mkdtemp(prefix="failures", dir=scratch_folder()))
    home, repository = folder / "codex-home", folder / "repo"
    make_repository(repository, SHOP_FILES)
    home.mkdir()
    with ScriptedModel(script) as model, pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(folder))
        (home / "config.toml").write_text(codex_config(model.base_url, [repository]))
        yield asyncio.run(_fail_all(codex, home, repository))
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("name", FAILURES)
def test_each_failure_is_recognised_from_what_codex_sends(errors: dict[str, TurnError], name: str) -> None:
    trouble = diagnose(errors[name], Circumstances("scripted", "gpt-5.5", now=time.time()))
    assert re.search(FAILURES[name][1], trouble.title), errors[name]
    assert trouble.cause
    assert trouble.steps


def test_without_a_sign_in_the_footer_names_our_command(start: StartApp, place: Place, model: ScriptedModel) -> None:
    config = place.codex_home / "config.toml"
    config.write_text(config.read_text().replace("wire_api =", "requires_openai_auth = true\nwire_api ="))
    model.script = lambda _: [HttpError(401, refusal("invalid", "Missing bearer"))]
    app = start()
    app.wait_ready()
    app.ask("hello")
    wait_words(app, "✕ Codex is not signed in", "Missing bearer", "→ Command “Sign in” in the palette")


def test_the_variable_that_is_missing_is_named(start: StartApp, place: Place) -> None:
    config = place.codex_home / "config.toml"
    config.write_text(config.read_text().replace("wire_api =", 'env_key = "MY_LLM_KEY"\nwire_api ='))
    app = start()
    app.wait_ready()
    app.ask("hello")
    wait_words(
        app, "✕ Codex's server has no MY_LLM_KEY", "→ Set MY_LLM_KEY", "keeps the environment it was started with"
    )


def test_offline_is_said_and_how_to_end_it(app: App, model: ScriptedModel) -> None:
    model.close()
    app.ask("hello")
    wait_words(app, "cannot be reached")
    if "failed" not in app.text():  # 0.144 gives up by itself
        wait_words(app, "“Interrupt the turn” ends that")
        app.interrupt()
        app.wait_for("interrupted", 30)


def test_broken_attempts_are_not_told_three_times(app: App, model: ScriptedModel) -> None:
    model.script = lambda _: [CutStream("Half a sen")]
    app.ask("hello")
    wait_words(app, "✕ The answer broke off", timeout=60)
    assert app.text().count("Half a sen") == 1


def test_a_sandbox_that_cannot_be_set_up_is_told_from_a_command_that_failed(
    start: StartApp, place: Place, codex: Path, model: ScriptedModel
) -> None:
    """Codex runs where no user namespaces can be made, as in many containers."""
    without = place.root / "codex-without-namespaces"
    within = f'echo 0 > /proc/sys/user/max_user_namespaces && exec "{codex}" "$@"'
    without.write_text(f"#!/bin/sh\nexec unshare -Ur sh -c '{within}' sh \"$@\"\n")
    without.chmod(0o755)
    if not shutil.which("unshare") or os.system(f"{without} --version > /dev/null 2>&1"):
        pytest.skip("this machine cannot take user namespaces away")
    model.script = lambda request: [Message("Done.")] if request.results else [ExecCommand("true")]
    app = start(binary=without)
    app.wait_ready()
    app.ask("go")
    wait_words(app, "bwrap", "The sandbox cannot be set up on this machine")
