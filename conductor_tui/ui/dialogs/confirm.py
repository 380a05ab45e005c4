"""The question before something that cannot be undone: what is lost, and the keys that do it anyway."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from conductor_tui.domain.text import visible_line
from conductor_tui.ui.key_log import OFFERED_SECONDS, AnswerWait
from conductor_tui.ui.presentation.hanging import Hanging
from conductor_tui.ui.presentation.plan import Key, key_rows

if TYPE_CHECKING:
    from conductor_tui.ui.context import UiContext

LIST_ROWS = 30
"""Rows of the list at most."""
AROUND = 7
"""Rows of the frame beside the list, with one row of keys."""
SIDES = 4
_SCROLLING = frozenset({"up", "down", "pageup", "pagedown", "home", "end", "j", "k"})


class ConfirmScreen(ModalScreen[str | None]):
    """Returns the key that the user pressed, or None when the user went back.

    It may appear while somebody is typing, or while a key is held down. So no key answers in the first moment, no key
    that may be held down answers, each other key makes the moment longer, and Enter never answers.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c,n,q", "dismiss(None)", "Back", show=False),
        Binding("j", "scroll(1)", "Down", show=False),
        Binding("k", "scroll(-1)", "Up", show=False),
    ]

    def __init__(self, ctx: UiContext, title: str, text: Content, ways: Sequence[tuple[str, str]]) -> None:
        """`ways`: the keys that do something, each with its label; none of them opens such a question."""
        super().__init__()
        self._wait = AnswerWait(ctx.key_log)
        self._title = title
        self._text = text
        self._ways = tuple(ways)

    def compose(self) -> ComposeResult:
        with Vertical(id="reading"):
            yield Static(Content.styled(visible_line(self._title), "bold"))
            with VerticalScroll(can_focus=True):
                yield Static(Hanging(self._text))
            yield Static(id="reading-keys")

    def on_mount(self) -> None:
        self._begin()

    def on_resize(self) -> None:
        """On a low screen the list scrolls to its last line."""
        self._draw()

    def on_key(self, event: events.Key) -> None:
        """A key that does it, or one that was meant for something else."""
        if any(event.key == key for key, _ in self._ways):
            event.stop()
            if self._wait.may_answer:
                self.dismiss(event.key)
                return
        if event.key not in _SCROLLING:
            self._begin()

    def action_scroll(self, step: int) -> None:
        """A line up or down."""
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)

    def _begin(self) -> None:
        self._wait.asked()
        self._draw()
        self.set_timer(OFFERED_SECONDS, self._draw)

    def _draw(self) -> None:
        reason = "" if self._wait.is_over else "not yet"
        keys = [Key(key, visible_line(label), reason, is_obvious=True) for key, label in self._ways]
        box = self.query_one("#reading")
        rows = key_rows([*keys, Key("Esc", "cancel"), Key("↑↓", "scroll")], (box.size.width or 60) - SIDES)
        self.query_one("#reading-keys", Static).update(rows)
        room = self.size.height * 9 // 10 - AROUND - rows.plain.count("\n")
        self.query_one(VerticalScroll).styles.max_height = max(3, min(LIST_ROWS, room))
