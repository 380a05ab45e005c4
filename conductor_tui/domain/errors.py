"""Errors that cross layers. Each carries words for the user; none shows a traceback on screen.

ConductorError
├── AgentError             something about Codex
│   ├── AgentRefused       the server answered with an error
│   ├── AgentTimedOut      no answer in time
│   ├── AgentOverloaded    the server asks to come back later (-32001)
│   │   └── AgentDraining  it takes nothing any more: it ends as soon as its turns have
│   ├── AgentGone          the connection is lost
│   └── CodexUnavailable   Codex cannot be found or started; carries a Trouble
├── RepositoryError        something about git; carries a Trouble
│   ├── StartRefused       the branch, commit or name to begin with cannot be used
│   └── GitHubError        `gh` is missing, not signed in, or does not get an answer
├── WorkspaceError         a workspace cannot be made, archived, restored …; carries a Trouble
│   └── WrongUse           what the user named is not there, not clear, or not allowed
├── NotHandedOver          a plan was not handed over to be implemented
└── ScriptError            a script or terminal cannot be started
"""

from __future__ import annotations

from typing import Any

from conductor_tui.domain.problems import Trouble


class ConductorError(Exception):
    """Base of all errors that a user may see."""


class AgentError(ConductorError):
    """Base of everything that can go wrong with a Codex app-server."""


class AgentRefused(AgentError):
    """The server answered with a JSON-RPC error."""

    def __init__(self, method: str, message: str, code: int = 0, data: Any = None) -> None:
        super().__init__(message)
        self.method = method
        self.message = message
        self.code = code
        self.data = data

    @property
    def is_unknown_method(self) -> bool:
        """Whether this Codex version lacks the method."""
        return "unknown variant" in self.message or self.code == -32601


class AgentTimedOut(AgentError):
    """The server did not answer in time."""

    def __init__(self, method: str, seconds: float) -> None:
        super().__init__(f"Codex did not answer {method} within {seconds:g} s")
        self.method = method
        self.seconds = seconds


class AgentOverloaded(AgentError):
    """The server is overloaded; try again later."""


class AgentDraining(AgentOverloaded):
    """The server was told to end and takes nothing any more; another one is there when its turns have ended."""


class AgentGone(AgentError):
    """The connection to the server is lost; `detail` holds what it said last, if anything."""

    def __init__(self, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.detail = detail


class CodexUnavailable(AgentError):
    """Codex cannot be found, started or used."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.title)
        self.trouble = trouble


class RepositoryError(ConductorError):
    """Git cannot do what was asked."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.title)
        self.trouble = trouble


class StartRefused(RepositoryError):
    """The branch, commit or name that the user wants to begin with is not there, not allowed, or in use."""


class GitHubError(RepositoryError):
    """GitHub cannot be asked. `is_lasting`: not before the user does something about it."""

    def __init__(self, trouble: Trouble, *, is_lasting: bool = False) -> None:
        super().__init__(trouble)
        self.is_lasting = is_lasting


class WorkspaceError(ConductorError):
    """Something cannot be done to a workspace."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.title)
        self.trouble = trouble


class WrongUse(WorkspaceError):
    """What the user named is not there, not clear, or not allowed."""


class NotHandedOver(ConductorError):
    """A plan was not handed over; the words say why, and what is known of where it got to."""


class ScriptError(ConductorError):
    """A script or terminal cannot be started; the message says why."""
