"""What a scripted model can do: one small dataclass per step, and gates that hold a stream in place.

A reply is a sequence of steps. Codex runs the tool calls in it and asks again; a reply without one ends the turn.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


class Gate:
    """Holds a stream at one place until somebody releases it."""

    def __init__(self) -> None:
        self._reached = threading.Event()
        self._released = threading.Event()

    def wait_reached(self, timeout: float = 10.0) -> None:
        """Waits until a stream stands at the gate; TimeoutError after `timeout` seconds."""
        if not self._reached.wait(timeout):
            raise TimeoutError(f"no stream reached the gate within {timeout:g} s")

    def release(self) -> None:
        """Lets the stream go on, now or when it comes."""
        self._released.set()

    def pass_through(self, closing: threading.Event) -> None:
        """For the stream: waits for the release, or for the model to close."""
        self._reached.set()
        while not self._released.wait(0.05):
            if closing.is_set():
                return


@dataclass(frozen=True, slots=True)
class Message:
    """Words of the model, in Markdown."""

    text: str
    chunk: int = 0
    """Characters per delta; 0 sends all at once."""
    delay: float = 0.0
    """Seconds after each delta."""
    phase: str | None = None
    """`commentary`, `final_answer`, or None to leave it out."""
    gate: Gate | None = None
    """Holds the message after `gate_at` characters."""
    gate_at: int = 0


@dataclass(frozen=True, slots=True)
class Think:
    """A summary of the model's thinking."""

    text: str
    chunk: int = 0
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class ExecCommand:
    """A shell command."""

    cmd: str
    escalated: bool = False
    """Asks to run outside the sandbox, which makes Codex ask the user."""
    justification: str = ""
    prefix_rule: tuple[str, ...] = ()
    """What Codex may propose to allow for ever."""
    yield_ms: int | None = None
    """How long the model waits before it goes on without the result; Codex takes 250 to 30,000."""


@dataclass(frozen=True, slots=True)
class ApplyPatch:
    """A change of files, in Codex's patch format (`*** Begin Patch` …)."""

    patch: str


@dataclass(frozen=True, slots=True)
class UpdatePlan:
    """The to-do list: pairs of a step and `pending`, `in_progress` or `completed`."""

    steps: tuple[tuple[str, str], ...]
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """Any other tool that takes JSON."""

    name: str
    args: Mapping[str, Any] = field(default_factory=dict)
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class CustomToolCall:
    """Any tool that takes free text."""

    name: str
    input: str


@dataclass(frozen=True, slots=True)
class SearchWeb:
    """A search that the provider did by itself: nothing for Codex to run."""

    query: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence in the stream."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Hold:
    """Silence until the gate is released."""

    gate: Gate


@dataclass(frozen=True, slots=True)
class CutStream:
    """The connection breaks in the middle of a message that began with `text`."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class FailedResponse:
    """The provider gives up inside its stream (`response.failed`); nothing may follow it."""

    code: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class IncompleteResponse:
    """The provider stops early (`response.incomplete`); nothing may follow it."""

    reason: str = "max_output_tokens"


@dataclass(frozen=True, slots=True)
class HttpError:
    """A refusal instead of a stream; must be the only step of its reply."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


ToolCall = ExecCommand | ApplyPatch | UpdatePlan | FunctionCall | CustomToolCall
Ending = FailedResponse | IncompleteResponse
Step = Message | Think | ToolCall | SearchWeb | Pause | Hold | CutStream | Ending | HttpError
Reply = Sequence[Step]


def tool_calls(reply: Reply) -> int:
    """How many results Codex will bring back for a reply."""
    return sum(isinstance(step, ToolCall) for step in reply)
