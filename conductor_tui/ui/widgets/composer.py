"""The composer: where prompts are written. What stands in it is the session's draft and is never thrown away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.document._document import Selection
from textual.document._edit import Edit
from textual.message import Message
from textual.reactive import var

from conductor_tui.ui.bindings import AREA_WORDS, pane_bindings
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.messages import CommandWanted
from conductor_tui.ui.widgets.area import Area

PLACEHOLDER = "Ask Codex …"
FRAME_ROWS = 2


class Composer(Area):
    """A multi-line editor; grows with its text up to `max_lines`."""

    BINDINGS: ClassVar[list[BindingType]] = [*AREA_WORDS, *pane_bindings(Pane.COMPOSER)]

    max_lines: var[int] = var(8)
    actions: var[Mapping[str, str]] = var(dict[str, str])
    """Key to action, for the composer's own commands."""
    prompts: var[list[str]] = var(list[str])
    """Prompts sent before, oldest first."""

    class Submitted(Message):
        """The user sent what stands in the composer; it is empty now."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(
            id=id, soft_wrap=True, show_line_numbers=False, compact=True, placeholder=PLACEHOLDER, tab_behavior="focus"
        )
        self.cursor_blink = False
        self.highlight_cursor_line = False
        self._at: int | None = None
        """Which earlier prompt is shown; None while the user writes a new one."""
        self._unsent = ""

    # Public

    def hint(self, text: str) -> None:
        """Shows what Enter does now, behind the placeholder."""
        self.placeholder = Content(f"{PLACEHOLDER}  {text}" if text else PLACEHOLDER)

    def replace_text(self, text: str) -> None:
        """Shows another draft, with the cursor at its end."""
        if text != self.text:
            self.text = text
            self.move_cursor(self.document.end)
        self._at = None
        self._fit()

    def put_back(self, text: str) -> None:
        """Adds text that came back (not sent) before what stands here."""
        if text:
            self.replace_text(f"{text}\n\n{self.text}" if self.text.strip() else text)

    def undo(self) -> None:
        """Takes back the last edits."""
        if edits := self.history.undo_stack:
            self._go_before(edits[-1])
            super().undo()

    def redo(self) -> None:
        """Makes the edits again that were taken back last."""
        if edits := self.history.redo_stack:
            self._go_before(edits[-1])
            super().redo()

    def _go_before(self, edits: Sequence[Edit]) -> None:
        """Puts the cursor where there is text before the edits and after them.

        TextArea measures itself between changing the text and moving the cursor, and fails when the cursor is on a
        line that has just gone.
        """
        self.selection = Selection.cursor(min(edit.top for edit in edits))

    # Keys

    async def _on_key(self, event: events.Key) -> None:
        if (action := self.actions.get(event.key)) is not None:
            # Here and not by a binding, which runs only when the key has bubbled up to the app: what was typed behind
            # Enter would be in the text by then.
            event.prevent_default()
            event.stop()
            await self.run_action(action)
            return
        if event.character == "?" and not self.text:
            event.prevent_default()
            event.stop()
            self.post_message(CommandWanted("app.help"))
            return
        await super()._on_key(event)

    def action_send(self) -> None:
        """Hands the text on and clears the composer; nothing happens when there is only white space."""
        text = self.text.strip("\n")
        if not text.strip():
            return
        self.prompts = [*self.prompts, text]
        self.replace_text("")
        self.post_message(self.Submitted(text))

    def action_newline(self) -> None:
        """Starts a new line."""
        self.insert("\n")

    def action_older(self) -> None:
        """Moves up; on the first line, goes back in the prompts sent before."""
        if self.cursor_location[0] > 0 or not self.cursor_at_first_line:
            self.action_cursor_up()
            return
        at = len(self.prompts) if self._at is None else self._at
        if at == 0:
            return
        if self._at is None:
            self._unsent = self.text
        self._recall(at - 1)

    def action_newer(self) -> None:
        """Moves down; on the last line, goes forward to the text that was being written."""
        if not self.cursor_at_last_line:
            self.action_cursor_down()
        elif self._at is not None:
            self._recall(self._at + 1)

    def _recall(self, at: int) -> None:
        past = at >= len(self.prompts)
        self.replace_text(self._unsent if past else self.prompts[at])
        self._at = None if past else at

    # Size

    def on_text_area_changed(self) -> None:
        """Keeps the height to the text."""
        self._fit()

    def on_resize(self) -> None:
        """Wraps anew, which may need another height."""
        self.call_after_refresh(self._fit)

    def watch_max_lines(self) -> None:
        """A lower screen leaves less room."""
        self._fit()

    def _fit(self) -> None:
        rows = min(max(1, self.wrapped_document.height), self.max_lines) + FRAME_ROWS
        if self.styles.height is None or self.styles.height.value != rows:
            self.styles.height = rows
