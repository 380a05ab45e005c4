"""The approval panel: what Codex asks, and the keys that answer.

It discards no draft and takes no stray key for a yes: keys answer only after the request has been on screen for a
moment, and nothing is allowed whose end was not on screen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from conductor_tui.domain.approvals import Answer, Approval, Decision
from conductor_tui.domain.form_values import why_wrong
from conductor_tui.ui.bindings import pane_bindings
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.key_log import OFFERED_SECONDS, AnswerWait, KeyLog
from conductor_tui.ui.presentation.approvals import Sheet, question_lines
from conductor_tui.ui.presentation.plan import Key, key_rows
from conductor_tui.ui.question_form import QuestionForm
from conductor_tui.ui.widgets.approval_body import ApprovalBody
from conductor_tui.ui.widgets.immediate_input import AheadInput

FRAME = 3
"""Rows of the frame and the title."""
KEY_ROWS = 2
"""Rows of keys; where their labels need more, they are shortened."""
PADDING, SIDES = 2, 4
"""Columns of the space beside the text, and of the frame with it."""


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

    def __init__(self, log: KeyLog, put_back: Callable[[str], None], *, id: str | None = None) -> None:
        """`put_back` takes words that were being written when the question went away."""
        super().__init__(id=id)
        self._log = log
        self._put_back = put_back
        self._approval: Approval | None = None
        self._sheet: Sheet | None = None
        self._way_here = ""
        self._position = ""
        self._wait = AnswerWait(log)
        self._warning = ""
        """Why the newest key, or what was written, is no answer."""
        self._has_seen_end = False
        self._room = 20
        self._form = QuestionForm()
        self._drawn: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        yield Static(id="approval-title")
        yield ApprovalBody(self._draw_end, id="approval-body")
        yield AheadInput(take=self._words_given, id="approval-words")
        yield Static(id="approval-keys")

    def on_mount(self) -> None:
        self.display = False
        self._words.display = False

    # What the screen uses

    @property
    def approval(self) -> Approval | None:
        """What is asked; None when the panel is closed."""
        return self._approval

    @property
    def is_wanted(self) -> bool:
        """Whether the user went to the panel."""
        return self._wait.is_wanted

    def show(self, approval: Approval, sheet: Sheet, position: str, way_here: str) -> None:
        """Asks. `position` says how many wait, such as `1 of 3`; `way_here`: the key that leads to the panel.

        Showing the same again keeps what was chosen; a changed request must be read again.
        """
        is_new = self._approval != approval or self._wait.is_answered
        if is_new:
            self._close_words()
            self._form = QuestionForm(sheet.questions)
        if is_new or self._sheet is None or self._sheet.lines != sheet.lines:
            self._wait.asked()
            self._warning = ""
            self._body.begin(is_new=is_new)
        self._approval, self._sheet = approval, sheet
        self._position, self._way_here = position, way_here
        self.display = True
        self._draw()

    def close(self) -> None:
        """Nothing waits any more: answered here, in another window, or withdrawn."""
        self._approval = self._sheet = None
        self._wait.is_wanted = False
        self._close_words()
        self.display = False

    def came(self, *, by_user: bool) -> None:
        """The focus comes here: the user wanted it, or the panel takes it from a composer that nobody uses."""
        self._wait.came(by_user=by_user)
        self._draw()
        self.set_timer(OFFERED_SECONDS, self._draw)

    def fit(self, room: int) -> None:
        """`room`: rows that the panel may have. Its keys are never cut off: the body gets what they leave."""
        self._room = room
        self._draw()

    def keeps(self, event: events.Key, keys: frozenset[str], *, is_burst: bool) -> bool:
        """Whether a key is for the panel, which has the focus, and not for the composer.

        `keys`: those that mean something here; `is_burst`: more keys came in the same packet, as typed text does.
        """
        if event.key in keys and self._log.is_held:
            return True  # and answers nothing
        if not self._wait.is_over or (is_burst and not self._wait.is_wanted):
            return False
        is_choice = self._form.asked is not None and (event.character or "x") in "123456789"
        return event.key in keys or is_choice or not event.is_printable

    def words_closed(self) -> bool:
        """Goes back from the words to the keys; False when no words were being written."""
        if not self._words.display:
            return False
        self._words.value = ""
        self._close_words()
        self.screen.set_focus(self)
        return True

    # Keys

    def on_key(self, event: events.Key) -> None:
        """A number chooses that option; Esc leaves the words."""
        if event.key == "escape" and self.words_closed():
            event.stop()
            return
        if self._form.asked and event.character and event.character.isdigit() and self.screen.focused is self:
            event.stop()
            number = int(event.character) - 1
            if 0 <= number < self._form.choices and self._wait.may_answer:
                self._form.option = number
                self.action_choose()

    def on_mouse_down(self) -> None:
        """A click is a way here, too."""
        self.came(by_user=True)

    def on_descendant_blur(self) -> None:
        """The keys are dim while they do not answer."""
        self._draw()

    on_blur = on_focus = on_descendant_focus = on_resize = on_descendant_blur

    def action_decide(self, decision: str) -> None:
        """Answers with a decision, if it is offered; a no may carry words."""
        wanted = Decision(decision)
        if self._approval is None or self._sheet is None or self._words.display or not self._wait.may_answer:
            return
        if wanted is Decision.DECLINE and not self._form.asked:
            self._ask_words("What should Codex do instead?")
        elif any(k.decision is wanted for k in self._sheet.keys):
            if self._body.end_was_seen or wanted in (Decision.DECLINE, Decision.CANCEL):
                self._finish(wanted)
            else:
                self._warning = f"Scroll to the end first ({self._sheet.scrolling})"
                self._draw()

    def action_move(self, step: int) -> None:
        """Moves between options, or scrolls what does not fit."""
        if self._form.asked:
            self._form.move(step)
            self._draw()
            fixed = self._sheet_lines()
            lines = [*fixed, *question_lines(self._form)]
            self._body.show_line(lines, len(fixed) + 1 + self._form.option)
        else:
            self._body.scroll(step)

    def action_page(self, step: int) -> None:
        """Scrolls by what fits."""
        self._body.page(step)

    def action_choose(self) -> None:
        """Chooses the option under the cursor; where there are none, shows the next page."""
        question = self._form.asked
        if question is None:
            self.action_page(1)
        elif self._wait.may_answer:
            if self._form.leaves_out:
                self._answered(None)
            elif self._form.chosen is None:
                self._ask_words("Your answer", is_secret=question.is_secret)
            else:
                self._answered(self._form.chosen)

    # Private

    def _words_given(self) -> None:
        """The words of a no, or the answer to a question."""
        given = self._words.value
        if self._form.asked:
            self._warning = why_wrong(self._form.asked, given)
            if self._warning:
                self._draw()
            else:
                is_typed = self._form.asked.kind in ("integer", "number")
                self._answered((given.strip() if is_typed else given) or None)
        else:
            self._words.value = ""
            self._finish(Decision.DECLINE, given.strip())

    @property
    def _words(self) -> AheadInput:
        return self.query_one(AheadInput)

    @property
    def _body(self) -> ApprovalBody:
        return self.query_one(ApprovalBody)

    def _answered(self, text: str | None) -> None:
        self._form.answer(text)
        self._words.value = ""
        self._close_words()
        if self._form.asked:
            self.screen.set_focus(self)
            self._draw()
        else:
            self._finish(Decision.ONCE)

    def _finish(self, decision: Decision, words: str = "") -> None:
        if self._approval is not None:
            self._wait.answered()
            self.post_message(self.Decided(self._approval, Answer(decision, tuple(self._form.answers)), words))

    def _ask_words(self, placeholder: str, *, is_secret: bool = False) -> None:
        self._words.placeholder = placeholder
        self._words.password = is_secret
        self._words.value = ""
        self._words.display = True
        self._warning = ""
        self.screen.set_focus(self._words)
        self._draw()

    def _close_words(self) -> None:
        if self.is_mounted and self._words.display:
            if self._words.value and not self._words.password:
                self._put_back(self._words.value)
            self._words.value = ""
            self._words.display = False

    def _sheet_lines(self) -> list[Content]:
        return [Content.styled(text, style) for text, style in self._sheet.lines] if self._sheet else []

    def _draw(self) -> None:
        if self._sheet is None or not self.is_mounted:
            return
        has_focus = self.screen.focused is self
        hint = "" if has_focus or self._words.display or not self._way_here else f"  {self._way_here} to answer"
        title = Content.assemble(
            (f" {self._sheet.title}", "bold $accent"),
            (f"  {self._position}" if self._position else "", "$text-muted"),
            (hint, "bold $primary"),
        )
        self.query_one("#approval-title", Static).update(title)
        is_live = has_focus and self._wait.is_over
        width = max(10, self.size.width - PADDING if self.size.width else self.screen.size.width - SIDES)
        rows = key_rows(self._keys(is_live=is_live), width, warning=self._warning)
        if rows.plain.count("\n") >= KEY_ROWS:
            rows = key_rows(self._keys(is_live=is_live, is_short=True), width, warning=self._warning)
        self.query_one("#approval-keys", Static).update(rows)
        used = FRAME + rows.plain.count("\n") + 1 + bool(self._words.display)
        drawn = (self._sheet.lines, self._form, self._form.number, self._form.option)
        if drawn != self._drawn:
            self._drawn = drawn
            self._body.write([*self._sheet_lines(), *question_lines(self._form)])
        self._body.limit(self._room - used)

    def _keys(self, *, is_live: bool, is_short: bool = False) -> list[Key]:
        """The keys that answer, or those of the words; those that do not answer yet are dim."""
        if self._sheet is None:
            return []
        if self._words.display:
            return [Key(k.key, k.label) for k in self._sheet.words_keys]
        return [
            Key(
                k.key,
                (k.short if is_short else "") or k.label,
                reason="" if is_live and (self._has_seen_end or not k.allows) else "not yet",
                is_obvious=True,
            )
            for k in self._sheet.keys
        ]

    def _draw_end(self) -> None:
        """Says in the frame how much is below, and which keys need its end."""
        if self._sheet is None:
            return
        below, has_seen_end = self._body.below, self._body.end_was_seen
        waiting = " ".join(k.key for k in self._sheet.keys if k.allows)
        wait = f" · scroll to the end for {waiting}" if waiting and not has_seen_end else ""
        lines = f"↓ {below} more line{'' if below == 1 else 's'}{wait}" if below > 0 else ""
        self.border_subtitle = Content(lines)
        if has_seen_end != self._has_seen_end:
            self._has_seen_end = has_seen_end
            self._warning = ""
            self._draw()
