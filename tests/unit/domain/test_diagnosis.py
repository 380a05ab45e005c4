"""What failures mean, in words that real Codex versions sent; tests/e2e/test_diagnosis.py has them say it again."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest

from conductor_tui.domain import diagnosis
from conductor_tui.domain.controls import Account
from conductor_tui.domain.diagnosis import (
    Circumstances,
    config_steps,
    diagnose,
    retry_step,
    sandbox_step,
    sign_in_steps,
)
from conductor_tui.domain.limit_reset import in_words, reset_time, until_words
from conductor_tui.domain.turns import TurnError
from conductor_tui.ui.commands.catalogue import COMMANDS
from conductor_tui.ui.commands.pane import Pane

NOW = datetime(2026, 11, 24, 21, 14).timestamp()
OWN = Circumstances("mine", "gpt-5.5", Account(requires_openai_auth=False), now=NOW)
OPENAI = Circumstances("openai", "gpt-5.5", Account(), now=NOW)
UNAUTHORIZED = TurnError(
    "unexpected status 401 Unauthorized: Missing bearer, url: https://api.openai.com/v1/responses", "other"
)


def read(error: TurnError, known: Circumstances = OPENAI) -> str:
    trouble = diagnose(error, known)
    return "\n".join((trouble.title, trouble.cause, *trouble.steps))


def test_without_a_sign_in_the_step_is_our_own_command() -> None:
    trouble = diagnose(UNAUTHORIZED, OPENAI)
    assert trouble.title == "Codex is not signed in"
    assert "“Sign in”" in trouble.steps[0]
    assert "401" in trouble.cause


def test_before_the_account_is_read_the_provider_decides() -> None:
    assert diagnose(UNAUTHORIZED, Circumstances("openai")).title == "Codex is not signed in"
    assert diagnose(UNAUTHORIZED, Circumstances("mine")).title == "Provider mine does not accept the key"


@pytest.mark.parametrize(
    ("kind", "title"),
    [("apiKey", "The API key is not accepted"), ("chatgpt", "The sign-in is no longer accepted")],
)
def test_a_sign_in_that_is_refused_is_not_called_none(kind: str, title: str) -> None:
    assert diagnose(UNAUTHORIZED, Circumstances("openai", account=Account(kind))).title == title


def test_a_custom_provider_has_its_own_key_and_address() -> None:
    text = read(UNAUTHORIZED, OWN)
    assert "env_key of [model_providers.mine]" in text
    assert "(https://api.openai.com/v1/responses)" in text
    assert "conductor-tui stop" in text
    assert "Sign in" not in text


def test_the_missing_variable_is_named() -> None:
    error = TurnError("Missing environment variable: `MY_LLM_KEY`. Get one at https://example.com")
    trouble = diagnose(error, OWN)
    assert trouble.title == "Codex's server has no MY_LLM_KEY"
    assert "Get one at" in trouble.cause
    assert "keeps the environment it was started with" in trouble.steps[1]


@pytest.mark.parametrize(
    ("until", "title"),
    [
        ("10:44 PM", "until 22:44 (in 1 h 30 min)"),
        ("1:05 AM", "until tomorrow 01:05 (in 3 h 51 min)"),
        ("Dec 1st, 2026 3:14 AM", "until 1 Dec 03:14 (in 6 d 6 h)"),
    ],
)
def test_a_limit_says_until_when_and_how_long(until: str, title: str) -> None:
    error = TurnError(f"You’ve hit your usage limit. Upgrade to Pro or try again at {until}.", "usageLimitExceeded")
    assert diagnose(error, OPENAI).title == f"The usage limit is reached {title}"


def test_a_limit_that_has_reset_since_is_no_reason_to_wait() -> None:
    error = TurnError("You’ve hit your usage limit. Try again at 10:44 PM.".replace("Try", "try"), "usageLimitExceeded")
    later = Circumstances("openai", failed_at=NOW, now=NOW + 7200)
    assert "has reset since" in diagnose(error, later).title


def test_a_limit_without_a_time_says_none() -> None:
    error = TurnError("You’ve hit your usage limit. Try again later.", "usageLimitExceeded")
    assert diagnose(error, OPENAI).title == "The usage limit is reached"


def test_times_that_are_none_are_not_read() -> None:
    assert reset_time("try again at Xyz 1st, 2026 3:14 AM.", NOW) is None
    assert reset_time("try again at Feb 31st, 2026 3:14 AM.", NOW) is None
    assert reset_time("try again at 12:00 AM.", NOW) == datetime(2026, 11, 25).timestamp()
    assert until_words(NOW + 20, NOW) == "21:14 (in 1 min)"
    assert [in_words(s) for s in (61, 3600, 86_400)] == ["in 1 min", "in 1 h", "in 1 d"]


@pytest.mark.parametrize(
    ("error", "title", "step"),
    [
        (TurnError("No such model.", "modelNotFound"), "No access to gpt-5.5", "“Model”"),
        (
            TurnError("unexpected status 404 Not Found: The model `x` does not exist or you do not have access to it."),
            "No access to gpt-5.5",
            "“Model”",
        ),
        (
            TurnError('{"detail": "The \'x\' model is not supported when using Codex with a ChatGPT account."}'),
            "No access to gpt-5.5",
            "“Model”",
        ),
        (TurnError("Forbidden", "httpConnectionFailed", 403), "OpenAI refuses access", "country"),
        (TurnError("Not Found", "httpConnectionFailed", 404), "OpenAI does not know this address", "base_url"),
        (TurnError("Quota exceeded. Check your plan.", "usageLimitExceeded"), "The quota is used up", "billing"),
        (
            TurnError("To use Codex with your ChatGPT plan, upgrade to Plus", "usageLimitExceeded"),
            "does not include",
            "“Sign in”",
        ),
        (TurnError("exceeded retry limit", "responseTooManyFailedAttempts", 429), "asks to slow down", "Wait"),
        (TurnError("rate limit exceeded: 1 s", "rateLimitExceeded"), "asks to slow down", "Wait"),
        (TurnError("Codex ran out of room", "contextWindowExceeded"), "context window is full", "“Compact the"),
        (TurnError('{"error": {"message": "too long", "code": "context_length_exceeded"}}'), "window is full", "“New"),
        (TurnError("at capacity", "serverOverloaded"), "gpt-5.5 is at capacity", "“Model”"),
        (TurnError("high demand", "internalServerError"), "OpenAI failed", "Send again"),
        (TurnError("flagged", "cyberPolicy"), "refused by policy", "another way"),
        (TurnError("no sandbox", "sandboxError"), "sandbox cannot be set up", "user namespaces"),
        (TurnError("Incomplete response returned, reason: max_output_tokens"), "output limit", "rest"),
        (TurnError("Incomplete response returned, reason: content_filter"), "refused by policy", "another way"),
        (TurnError("stream disconnected before completion: stream closed"), "broke off", "Send again"),
        (TurnError("stream disconnected before completion: error sending request"), "cannot be reached", "network"),
        (TurnError('{"error": {"message": "Unsupported parameter"}}'), "does not take this", "“Model”"),
        (TurnError("a new kind of failure", "brandNew"), "a new kind of failure", "Send again"),
    ],
)
def test_each_failure_has_a_cause_and_a_step(error: TurnError, title: str, step: str) -> None:
    trouble = diagnose(error, OPENAI)
    assert title in trouble.title
    assert step in " ".join(trouble.steps)


def test_what_the_provider_said_stands_there_without_its_json() -> None:
    assert (
        diagnose(TurnError('{"error": {"message": "Unsupported", "code": "odd"}}'), OPENAI).cause == "Unsupported (odd)"
    )
    for broken in ("{", '{"error": 3}', '{"error": null}', "{}"):
        assert diagnose(TurnError(broken), OPENAI).cause in (broken, "")


def test_a_broken_configuration_offers_its_line() -> None:
    said = "/home/ada/my codex/config.toml:14:7: extra `=`, expected nothing"
    assert "${EDITOR:-vi} +14 '/home/ada/my codex/config.toml'" in config_steps(said)[0]
    assert "[model_providers.nobody]" in config_steps("Model provider `nobody` not found")[0]
    refused = TurnError("failed to load configuration: Model provider `nobody` not found")
    assert "[model_providers.nobody]" in read(refused)
    assert config_steps("something else")[1] == "Then “New session”."


def test_offline_is_said_while_codex_tries_again() -> None:
    assert "“Interrupt the turn”" in retry_step(TurnError("Reconnecting... waiting for network"))
    assert "“Interrupt" in retry_step(TurnError("Reconnecting... 1/2", details="error sending request for url (…)"))
    assert retry_step(TurnError("Reconnecting... 1/2", details="stream closed")) == ""


def test_a_sandbox_that_fails_is_told_from_a_command_that_does() -> None:
    assert sandbox_step("bwrap: Creating new namespace failed: nesting depth")
    assert not sandbox_step("cat: bwrap: No such file or directory")


def test_commands_are_named_as_in_the_palette() -> None:
    source = "".join(Path(diagnosis.__file__).read_text(encoding="utf-8").split('"""')[2:])
    named = set(re.findall(r"“([^”]+)”", source))
    assert named
    assert named <= {c.title for c in COMMANDS if c.pane is Pane.APP}


@pytest.mark.parametrize(
    ("said", "step"),
    [
        ("failed to request device code: error sending request for url (https://auth.openai.com/api)", "HTTPS_PROXY"),
        ("Login server error: Token exchange failed: error sending request for url (https://a/token)", "used up"),
        ("device code login is not enabled for this Codex server. Use the browser login", "by browser"),
        ("device code request failed with status 403 Forbidden", "Allow device codes"),
        ("Login server error: Sign-in failed: nope", "allow the access"),
        ("Login server error: Token exchange failed: token endpoint returned status 400", "works once"),
    ],
)
def test_after_a_sign_in_that_failed_the_next_step_is_said(said: str, step: str) -> None:
    assert step in "\n".join(sign_in_steps(said))
