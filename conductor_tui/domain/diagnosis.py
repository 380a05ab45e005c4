"""Why a turn failed, in the user's words, and what to do about it: from what Codex sends, whatever its version.

Codex's own message is the cause; newer versions name the kind of failure (`codexErrorInfo`), older ones only say it.
Commands of ours stand in “quotes”, as the palette has them.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable

from msgspec import Struct

from conductor_tui.domain.controls import Account
from conductor_tui.domain.limit_reset import reset_time, until_words
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.turns import TurnError

OPENAI = "openai"
"""The provider that Codex has built in; it takes the sign-in."""
_AGAIN = "send again (↑ in the composer brings the prompt back)."
_SEND_AGAIN = f"S{_AGAIN[1:]}"
_RESTART = "Codex's server keeps the environment it was started with: conductor-tui stop, then conductor-tui."


class Circumstances(Struct, frozen=True):
    """What a failure is judged by, beside Codex's own words."""

    provider: str = ""
    """As the session's settings name it."""
    model: str = ""
    account: Account | None = None
    """None: not read."""
    failed_at: float = 0.0
    """Unix seconds; 0 when it is not known."""
    now: float = 0.0


def diagnose(error: TurnError, known: Circumstances) -> Trouble:
    """What happened in one line, Codex's own words, and the next steps, most likely first."""
    said = _plain(error.message)
    for applies, judge in _JUDGES:
        if applies(error, said):
            title, steps = judge(_Case(error, said, known))
            cause = "\n".join(dict.fromkeys(filter(None, (said, error.details))))
            return Trouble(title, cause, steps)
    return Trouble(said, error.details if error.details != said else "", (_SEND_AGAIN,))


def retry_step(error: TurnError) -> str:
    """What to know while Codex tries again by itself; empty when its own words are enough."""
    if _is_offline(error, _plain(f"{error.message} {error.details}")):
        return "The model's server cannot be reached: Codex tries until it can. “Interrupt the turn” ends that."
    return ""


def sandbox_step(output: str) -> str:
    """What to do when a command failed only because its sandbox could not be set up; empty when it could."""
    if _SANDBOX.match(output):
        return "The sandbox cannot be set up on this machine, so no command runs in it: see conductor-tui doctor."
    return ""


def sign_in_steps(said: str) -> tuple[str, ...]:
    """What to do after a sign-in with ChatGPT did not work; Codex itself only says what went wrong."""
    words, key = said.lower(), "Or use an API key: “Sign in”."
    if "sending request" in words or "timed out" in words:
        reach = "Check that this machine reaches auth.openai.com; a proxy goes into HTTPS_PROXY."
        return reach, _RESTART, "Then sign in again; an address that was pasted is used up."
    if "device code" in words:
        codes = "Allow device codes in ChatGPT’s settings under Security, or sign in by browser."
        return codes, key
    if "denied" in words or "sign-in failed" in words:
        return "Sign in again, and allow the access on the page; your workspace may have to allow Codex.", key
    return "Sign in again: each code and each address works once, and not for long.", key


def config_steps(said: str) -> tuple[str, ...]:
    """What to do about a configuration that Codex cannot use; `said`: its warning, perhaps with a line."""
    if place := _PLACE.search(said):
        first = f"Correct that line, in a shell: ${{EDITOR:-vi}} +{place['line']} {shlex.quote(place['file'])}"
    elif provider := _PROVIDER.search(said):
        first = f"Correct model_provider in config.toml, or add the table [model_providers.{provider[1]}] to it."
    else:
        first = "Correct config.toml."
    return first, "Then “New session”."


SANDBOX_STEPS = (
    "Linux needs user namespaces for it: sysctl user.max_user_namespaces must not be 0, and in a container they must "
    "be allowed.",
    "On Ubuntu, AppArmor may forbid them: install the package bubblewrap.",
    "Where the machine itself is the sandbox, such as a container: command “Permissions”, full access.",
)
_SANDBOX = re.compile(
    r"\s*(?:bwrap: |error running landlock|failed to (?:exec|open|read) (?:bundled|system) bubblewrap)"
)
_PLACE = re.compile(r"(?P<file>/[^\n]*?\.toml):(?P<line>\d+)(?=:\d+)")
_PROVIDER = re.compile(r"[Mm]odel provider `([^`]+)` not found")
_URL = re.compile(r"url: (\S+)")
_STATUS = re.compile(r"(?:unexpected|last) status:? (\d{3})")
_VARIABLE = re.compile(r"Missing environment variable: `?([^\s`.]+)")


class _Case(Struct, frozen=True):
    """One failure and what is known around it."""

    error: TurnError
    said: str
    known: Circumstances

    @property
    def provider_name(self) -> str:
        return "OpenAI" if self.known.provider in ("", OPENAI) else f"Provider {self.known.provider}"

    @property
    def takes_sign_in(self) -> bool:
        account = self.known.account
        return account.requires_openai_auth if account is not None else self.known.provider in ("", OPENAI)

    @property
    def address(self) -> str:
        """Where Codex sent the request, as far as it says."""
        found = _URL.search(self.said)
        return f" ({found[1].rstrip('.,')})" if found else ""

    @property
    def table(self) -> str:
        return f"[model_providers.{self.known.provider}]" if self.known.provider else "[model_providers.…]"


_Verdict = tuple[str, tuple[str, ...]]


def _plain(message: str) -> str:
    """The words in a message that is the provider's raw JSON answer."""
    if not message.startswith("{"):
        return message
    try:
        body = json.loads(message)
    except ValueError:
        return message
    inner = body.get("error", body)
    found = (inner.get("message") or inner.get("detail")) if isinstance(inner, dict) else inner
    code = inner.get("code") if isinstance(inner, dict) else None
    return f"{found} ({code})" if isinstance(found, str) and code else found if isinstance(found, str) else message


def _status(error: TurnError, said: str) -> int | None:
    """The HTTP status; older versions have it only in words."""
    if error.http_status is not None:
        return error.http_status
    found = _STATUS.search(said)
    return int(found[1]) if found else None


def _is_offline(error: TurnError, said: str) -> bool:
    return any(words in said for words in ("waiting for network", "error sending request", "Connection failed"))


# What each failure means


def _no_variable(case: _Case) -> _Verdict:
    found = _VARIABLE.search(case.said)
    name = found[1] if found else "the variable"
    return f"Codex's server has no {name}", (
        f"Set {name} in the shell, or name another variable as env_key of {case.table} in config.toml.",
        _RESTART,
    )


def _not_signed_in(case: _Case) -> _Verdict:
    account = case.known.account
    if not case.takes_sign_in:
        return f"{case.provider_name} does not accept the key", (
            f"Check env_key of {case.table} in config.toml, and that the variable holds a key that is valid.",
            f"Check its base_url{case.address}.",
            _RESTART,
        )
    sign_in = f"Command “Sign in” in the palette: by a code, in a browser, or with an API key. Then {_AGAIN}"
    if account is not None and account.kind == "apiKey":
        return "The API key is not accepted", (sign_in,)
    if account is not None and account.kind:
        return "The sign-in is no longer accepted", (sign_in,)
    return "Codex is not signed in", (sign_in,)


def _no_access(case: _Case) -> _Verdict:
    own = (
        "See that the account's plan or organisation includes this model, and that Codex is offered in your country."
        if case.takes_sign_in
        else f"See what the key of {case.table} in config.toml may do, and that base_url is right{case.address}."
    )
    return f"{case.provider_name} refuses access", ("Choose another model: command “Model”.", own)


def _no_model(case: _Case) -> _Verdict:
    model = case.known.model or "this model"
    steps = [f"Choose another: command “Model”. Then {_AGAIN}"]
    if not case.takes_sign_in:
        steps.append(f"See which models {case.provider_name} has, and that its base_url is right{case.address}.")
    return f"No access to {model}, or there is no such model", tuple(steps)


def _not_found(case: _Case) -> _Verdict:
    steps = (f"Check base_url of {case.table} in config.toml{case.address}.", "Choose another model: command “Model”.")
    return f"{case.provider_name} does not know this address", steps


def _no_quota(case: _Case) -> _Verdict:
    return "The quota is used up", (
        f"See plan and billing of {case.provider_name}; with an API key use is billed by tokens.",
        "Use another account: command “Sign in”." if case.takes_sign_in else f"Use another key for {case.table}.",
    )


def _not_in_plan(case: _Case) -> _Verdict:
    return "The ChatGPT plan does not include this", (
        "Use another account or an API key: command “Sign in”.",
        "Choose another model: command “Model”.",
    )


def _at_limit(case: _Case) -> _Verdict:
    other = "Or use another account or an API key: command “Sign in”."
    resets = reset_time(case.said, case.known.failed_at or case.known.now)
    if resets is None:
        return "The usage limit is reached", (f"Wait, then {_AGAIN}", other)
    if resets <= case.known.now:
        return "The usage limit was reached; it has reset since", (_SEND_AGAIN,)
    title = f"The usage limit is reached until {until_words(resets, case.known.now)}"
    return title, (f"Then {_AGAIN}", other)


def _too_fast(case: _Case) -> _Verdict:
    return f"{case.provider_name} asks to slow down", (f"Wait a little, then {_AGAIN}",)


def _context_full(case: _Case) -> _Verdict:
    return "The context window is full", (
        f"Make room: command “Compact the conversation”. Then {_AGAIN}",
        "Or begin afresh: “New session”.",
    )


def _overloaded(case: _Case) -> _Verdict:
    model = case.known.model or "The model"
    return f"{model} is at capacity", (f"Wait a little, then {_AGAIN}", "Or choose another: command “Model”.")


def _broken_server(case: _Case) -> _Verdict:
    return f"{case.provider_name} failed", (_SEND_AGAIN, "If it stays so, choose another model: command “Model”.")


def _forbidden(case: _Case) -> _Verdict:
    return "The request was refused by policy", (
        "Say it in another way, or leave that part out.",
        "If it is wrong, the provider's support can tell more; nothing here can change it.",
    )


def _no_sandbox(case: _Case) -> _Verdict:
    return "The sandbox cannot be set up on this machine", SANDBOX_STEPS


def _offline(case: _Case) -> _Verdict:
    return "The model's server cannot be reached", (
        "Check this machine's network and proxy settings."
        if case.takes_sign_in
        else f"Check this machine's network, and base_url of {case.table} in config.toml{case.address}.",
        _SEND_AGAIN,
    )


def _too_long(case: _Case) -> _Verdict:
    return "The answer reached the model's output limit", ("Ask for the rest, or for less at once.",)


def _broke_off(case: _Case) -> _Verdict:
    return "The answer broke off, and trying again did not help", (_SEND_AGAIN,)


def _no_config(case: _Case) -> _Verdict:
    return "Codex cannot use its configuration", config_steps(case.said)


def _bad_request(case: _Case) -> _Verdict:
    return f"{case.provider_name} does not take this request", (
        "Choose another model or effort: commands “Model”, “Reasoning effort”.",
        "Or begin afresh: “New session”.",
    )


def _kind(*kinds: str) -> Callable[[TurnError, str], bool]:
    return lambda error, said: error.kind in kinds


def _http(*codes: int) -> Callable[[TurnError, str], bool]:
    return lambda error, said: _status(error, said) in codes


def _says(pattern: str) -> Callable[[TurnError, str], bool]:
    found = re.compile(pattern, re.IGNORECASE)
    return lambda error, said: found.search(said) is not None


_JUDGES: tuple[tuple[Callable[[TurnError, str], bool], Callable[[_Case], _Verdict]], ...] = (
    (_says("missing environment variable"), _no_variable),
    (_kind("contextWindowExceeded", "sessionBudgetExceeded"), _context_full),
    (_says(r"context_length_exceeded"), _context_full),
    (_kind("modelNotFound"), _no_model),
    (_says(r"model_not_found|model (?!provider).*(does not exist|is not supported|not found)"), _no_model),
    (_says(r"insufficient_quota|quota exceeded"), _no_quota),
    (_says(r"usage_not_included|with your ChatGPT plan"), _not_in_plan),
    (_kind("usageLimitExceeded"), _at_limit),
    (_kind("rateLimitExceeded"), _too_fast),
    (_kind("serverOverloaded", "flexUnavailable", "policyCapacityUnavailable"), _overloaded),
    (_kind("cyberPolicy", "misalignmentPolicyViolation", "inferenceHookDenied"), _forbidden),
    (_says(r"content_filter"), _forbidden),
    (_kind("unauthorized"), _not_signed_in),
    (_kind("sandboxError"), _no_sandbox),
    (_http(401), _not_signed_in),
    (_http(403), _no_access),
    (_http(404), _not_found),
    (_http(429), _too_fast),
    (_kind("internalServerError"), _broken_server),
    (_is_offline, _offline),
    (_says(r"max_output_tokens"), _too_long),
    (_says(r"stream disconnected|idle timeout"), _broke_off),
    (_says(r"failed to load configuration|model provider .* not found"), _no_config),
    (_kind("badRequest"), _bad_request),
    (lambda error, said: error.message.startswith("{"), _bad_request),
)
"""Tried in this order: what Codex names first, then what only its words tell."""
