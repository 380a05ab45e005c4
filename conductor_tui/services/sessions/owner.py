"""A session as its parts see it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from conductor_tui.domain import events as ev
from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.items import Severity
from conductor_tui.domain.projection import SessionProjection
from conductor_tui.services.sessions.session_folder import Folder

Spawn = Callable[[Coroutine[Any, Any, None]], None]
"""Runs a coroutine in the background; its owner ends it."""


class Owner(Protocol):
    """What controls and outbox need of the session that they are part of."""

    folder: Folder
    projection: SessionProjection
    is_opening: bool
    is_unstarted: bool
    has_failed: bool

    @property
    def thread_id(self) -> ThreadId | None: ...
    def apply(self, event: ev.Event) -> None: ...
    def note(self, severity: Severity, text: str, detail: str = ...) -> None: ...
