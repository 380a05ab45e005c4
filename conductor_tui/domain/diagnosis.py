"""What a user can do about a failed turn. The cause is Codex's own message; these are the next steps."""

from __future__ import annotations

from conductor_tui.domain.turns import TurnError

_SIGN_IN = (
    "Codex is not signed in, or the key is not accepted: run `codex login` in a shell, then send again.",
    "With a custom provider, check its env_key and base_url in config.toml.",
)
_STEPS: dict[str, tuple[str, ...]] = {
    "unauthorized": _SIGN_IN,
    "usageLimitExceeded": ("Wait until the limit resets, or choose a provider or account with room.",),
    "rateLimitExceeded": (
        "The provider asks to slow down: wait a little, then send again (↑ brings the prompt back).",
    ),
    "responseTooManyFailedAttempts": (
        "The provider keeps refusing: wait a little, then send again (↑ brings it back).",
    ),
    "contextWindowExceeded": ("Compact the conversation, or start a new session.",),
    "modelNotFound": ("This account or provider does not have the model: choose another.",),
    "serverOverloaded": ("The model is at capacity: send again later, or choose another model.",),
    "internalServerError": ("The provider failed: send again (↑ brings the prompt back).",),
    "sandboxError": ("The sandbox could not be set up on this machine: see Codex's sandbox prerequisites.",),
    "cyberPolicy": ("The provider refused the request by its policy.",),
}
_AGAIN = ("Send again when the cause is gone (↑ brings the prompt back).",)


def steps_for(error: TurnError) -> tuple[str, ...]:
    """The next steps, most likely first; the default fits every error."""
    if error.http_status in (401, 403):
        return _SIGN_IN
    if error.http_status == 404:
        return _STEPS["modelNotFound"]
    if error.http_status == 429:
        return _STEPS["responseTooManyFailedAttempts"]
    if "missing environment variable" in error.message.lower():
        return (
            "Set that variable in the shell and start Codex's server again: conductor-tui stop, then conductor-tui.",
        )
    return _STEPS.get(error.kind, _AGAIN)
