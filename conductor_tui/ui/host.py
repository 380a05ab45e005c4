"""The window as the controllers see it: all that features get, apart from the controllers themselves."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from textual.screen import Screen

    from conductor_tui.domain.problems import Trouble
    from conductor_tui.services.sessions.manager import SessionManager
    from conductor_tui.services.sessions.session import Session
    from conductor_tui.ui.changes import Changes
    from conductor_tui.ui.key_log import KeyLog
    from conductor_tui.ui.layout.pane_layout import PaneLayout
    from conductor_tui.ui.live_settings import Preferences
    from conductor_tui.ui.output.cell_diff_app import ThriftyApp
    from conductor_tui.ui.presentation.threads import SessionEntry


Answer = TypeVar("Answer")


class Host(Protocol):
    """A window without its controllers."""

    app: ThriftyApp[Any]
    manager: SessionManager
    session: Session
    """The session on screen."""
    panes: PaneLayout
    preferences: Preferences
    keys: Mapping[str, Sequence[str]]
    """The user's keys by command."""
    key_log: KeyLog
    changes: Changes
    """Where screens over this one subscribe to what they show."""
    not_taken: dict[str, str]
    """What was written and not taken yet, by what it was written for: its question begins with it."""

    async def ask(self, screen: Screen[Answer]) -> Answer | None: ...
    def show(self, screen: Screen[Any]) -> None: ...
    def run(self, failed: str, work: Coroutine[Any, Any, object]) -> None: ...
    def show_session(self, session: Session) -> None: ...
    def entries(self) -> list[SessionEntry]: ...
    def submit(self, text: str) -> None: ...
    def send(self, text: str) -> None: ...
    def keep_draft(self) -> None: ...
    def redraw(self) -> None: ...
    def toggle_scope(self) -> None: ...
    def tell(self, text: str, severity: str = ..., timeout: float = ..., *, waits: bool = ...) -> None: ...
    def pressed_twice(self, what: str, hint: str) -> bool: ...
    def add_trouble(self, trouble: Trouble) -> None: ...
    def copy(self, text: str, what: str, tell: Callable[[str], None] | None = ...) -> None: ...
    def run_command(self, command_id: str) -> None: ...
    def reason(self, command_id: str) -> str | None: ...
