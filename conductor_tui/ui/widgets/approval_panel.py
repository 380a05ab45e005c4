"""The approval panel: what Codex asks, and the keys that answer. It takes no draft away and no stray key as a yes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from conductor_tui.domain.approvals import Answer, Approval, Decision, Question
from conductor_tui.domain.text import visible, visible_line
from conductor_tui.ui.bindings import pane_bindings
from conductor_tui.ui.layout import Pane
from conductor_tui.ui.presentation.approvals import Sheet

GRACE_SECONDS = 0.3
"""Keys typed this soon after the panel appears were meant for something else."""


class ApprovalPanel(Vertical, can_focus=True):
    """Shows one approval at a time; the screen shows the next when it is answered."""

    BINDINGS: ClassVar[list[BindingType]] = [*pane_bindings(Pane.APPROVAL)]

    class Decided(Message):
        """The user answered; `words` say what Codex should do instead."""

        def __init__(self, approval: Approval, answer: Answer, words: str) -> None:
            super().__init__()
            self.approval = approval
            self.answer = answer
            self.words = words

    class TypedAhead(Message):
        """A key fell on the panel that was meant for the composer."""

        def __init__(self, character: str) -> None:
            super().__init__()
            self.character = character

    def __init__(self, *, id: str | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(id=id)
        self._clock = clock
        self._approval: Approval | None = None
        self._sheet: Sheet | None = None
        self._ready_at = 0.0
        self._question = 0
        self._option = 0
        self._answers: list[tuple[str, tuple[str, ...]]] = []

    def compose(self) -> ComposeResult:
        yield Static(id="approval-title")
        with VerticalScroll(id="approval-body", can_focus=False):
            yield Static(id="approval-text")
        yield Input(id="approval-words", compact=True, select_on_focus=False)
        yield Static(id="approval-keys")

    def on_mount(self) -> None:
        self.display = False
        self._words.display = False
        self._words.cursor_blink = False

    # Public

    @property
    def approval(self) -> Approval | None:
        """What is asked; None when the panel is closed."""
        return self._approval

    def show(self, approval: Approval, sheet: Sheet, position: str) -> None:
        """Asks. `position` says how many wait, such as `1 of 3`; showing the same again keeps what was chosen."""
        is_new = self._approval != approval
        self._approval, self._sheet = approval, sheet
        if is_new:
            self._ready_at = self._clock() + GRACE_SECONDS
            self._question, self._option, self._answers = 0, 0, []
            self._close_words()
        self.display = True
        title = Content.assemble(
            (f" {sheet.title}", "bold $accent"), (f"  {position}" if position else "", "$text-muted")
        )
        self.query_one("#approval-title", Static).update(title)
        self._draw()

    def close(self) -> None:
        """Nothing waits any more: answered here, in another window, or withdrawn."""
        self._approval = self._sheet = None
        self._close_words()
        self.display = False

    @property
    def _words(self) -> Input:
        return self.query_one("#approval-words", Input)

    # Keys

    def on_focus(self) -> None:
        """A panel that just got the focus may get keys that were meant for the composer."""
        self._ready_at = max(self._ready_at, self._clock() + GRACE_SECONDS)

    def on_key(self, event: events.Key) -> None:
        """Passes on what was typed before the panel could be read."""
        if self._clock() < self._ready_at and self.has_focus:
            event.stop()
            event.prevent_default()
            if event.is_printable and event.character:
                self.post_message(self.TypedAhead(event.character))
            return
        question = self._asked
        if question and event.character and event.character.isdigit() and self.has_focus:
            event.stop()
            number = int(event.character) - 1
            if 0 <= number < self._choices(question):
                self._option = number
                self.action_choose()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """During the grace time no key answers; decisions that Codex does not offer here do nothing."""
        return not (action in ("decide", "choose") and self._clock() < self._ready_at)

    def action_decide(self, decision: str) -> None:
        """Answers with a decision, if it is offered; a no may carry words."""
        if self._approval is None:
            return
        wanted = Decision(decision)
        if wanted is Decision.CANCEL and self.words_closed():
            return
        if wanted is Decision.DECLINE and not self._asked:
            self._ask_words("Instead, Codex should …   (Enter sends the no; esc goes back)")
        elif wanted in self._approval.offered:
            self._finish(wanted)

    def action_move(self, step: int) -> None:
        """Moves between options, or scrolls what does not fit."""
        if self._asked:
            self._option = (self._option + step) % self._choices(self._asked)
            self._draw()
        else:
            self.query_one("#approval-body", VerticalScroll).scroll_relative(y=step, animate=False, immediate=True)

    def action_choose(self) -> None:
        """Takes the option under the cursor; the last one may be the user's own words."""
        question = self._asked
        if question is None:
            return
        if self._option >= len(question.options):
            self._ask_words("Your answer …", is_secret=question.is_secret)
        else:
            self._answered(question.options[self._option].label)

    @on(Input.Submitted, "#approval-words")
    def words_given(self, event: Input.Submitted) -> None:
        """The words of a no, or the answer to a question."""
        event.stop()
        if self._asked:
            if event.value.strip():
                self._answered(event.value)
        else:
            self._finish(Decision.DECLINE, event.value.strip())

    def words_closed(self) -> bool:
        """Goes back from the words to the keys; False when no words were being written."""
        if not self._words.display:
            return False
        self._close_words()
        self.screen.set_focus(self)
        return True

    # Private

    @property
    def _asked(self) -> Question | None:
        questions = self._sheet.questions if self._sheet else ()
        return questions[self._question] if self._question < len(questions) else None

    @staticmethod
    def _choices(question: Question) -> int:
        return len(question.options) + (question.allows_other or not question.options)

    def _answered(self, text: str) -> None:
        question = self._asked
        assert question is not None and self._sheet is not None
        self._answers.append((question.id, (text,)))
        self._question += 1
        self._option = 0
        self._close_words()
        if self._question < len(self._sheet.questions):
            self.screen.set_focus(self)
            self._draw()
        else:
            self._finish(Decision.ONCE)

    def _finish(self, decision: Decision, words: str = "") -> None:
        if self._approval is not None:
            self.post_message(self.Decided(self._approval, Answer(decision, tuple(self._answers)), words))

    def _ask_words(self, placeholder: str, *, is_secret: bool = False) -> None:
        self._words.placeholder = placeholder
        self._words.password = is_secret
        self._words.value = ""
        self._words.display = True
        self.screen.set_focus(self._words)

    def _close_words(self) -> None:
        if self.is_mounted:
            self._words.display = False

    def _draw(self) -> None:
        assert self._sheet is not None
        parts = [Content.styled(text, style) for text, style in self._sheet.lines]
        question = self._asked
        if question:
            parts.extend(self._question_lines(question))
        self.query_one("#approval-text", Static).update(Content("\n").join(parts))
        keys = [
            Content.assemble((key, "bold $primary"), (f" {visible_line(label)}", "")) for key, label in self._sheet.keys
        ]
        self.query_one("#approval-keys", Static).update(Content("   ").join(keys))

    def _question_lines(self, question: Question) -> list[Content]:
        total = len(self._sheet.questions) if self._sheet else 0
        count = f"{self._question + 1}/{total} " if total > 1 else ""
        header = f"{count}{visible_line(question.header)}: " if question.header else count
        lines = [Content.assemble((header, "$text-muted"), (visible(question.text), "bold"))]
        labels = [(visible_line(o.label), visible_line(o.description)) for o in question.options]
        if self._choices(question) > len(labels):
            labels.append(("in your own words …", ""))
        for number, (label, description) in enumerate(labels):
            is_here = number == self._option
            lines.append(
                Content.assemble(
                    ("› " if is_here else "  ", "bold $accent"),
                    (f"{number + 1} ", "$primary"),
                    (label, "bold" if is_here else ""),
                    (f"  {description}" if description else "", "$text-muted"),
                )
            )
        return lines
