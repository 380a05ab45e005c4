"""A session as the workspace tree lists it, without its items."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from conductor_tui.domain.ids import ThreadId


class ThreadState(StrEnum):
    """What a session is doing, in the order of attention it needs."""

    NEEDS_APPROVAL = "needsApproval"
    NEEDS_INPUT = "needsInput"
    FAILED = "failed"
    WORKING = "working"
    IDLE = "idle"
    NOT_LOADED = "notLoaded"

    @property
    def needs_user(self) -> bool:
        """Whether Codex waits for the user."""
        return self in (ThreadState.NEEDS_APPROVAL, ThreadState.NEEDS_INPUT)


class QueuedMessage(Struct, frozen=True):
    """A message in Codex's own queue of a thread: it becomes a turn when those before it are over."""

    id: str
    client_id: str
    text: str
    attachments: tuple[str, ...] = ()


class ThreadSummary(Struct, frozen=True):
    """One Codex thread (`Thread` of the protocol)."""

    id: ThreadId
    state: ThreadState = ThreadState.NOT_LOADED
    name: str = ""
    preview: str = ""
    """The first message, or empty."""
    cwd: str = ""
    branch: str = ""
    model: str = ""
    updated_at: int = 0
    """Unix seconds."""
    parent_id: ThreadId | None = None
    cli_version: str = ""

    @property
    def title(self) -> str:
        """The name the user gave, else the first line of the first message."""
        return (
            self.name or next((line.strip() for line in self.preview.splitlines() if line.strip()), "") or "new session"
        )
