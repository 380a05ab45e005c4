"""The question before a repository's script runs for the first time, and after it has changed."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from conductor_tui.services.scripts.trust import TrustAnswer, TrustQuestion
from conductor_tui.ui.key_log import AnswerWait, KeyLog
from conductor_tui.ui.presentation import script_trust as present
from conductor_tui.ui.presentation.hanging import Hanging

_KEYS = frozenset({"y", "o", "n", "q", "j", "k", "up", "down", "pageup", "pagedown", "home", "end"})


class ScriptTrustScreen(ModalScreen[TrustAnswer]):
    """Returns the answer; any way back is a no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer('TRUST')", "Trust and run", show=False),
        Binding("o", "answer('ONCE')", "Run once", show=False),
        Binding("n,escape,q,ctrl+c", "answer('NO')", "No", show=False),
        Binding("j", "scroll(1)", "Down", show=False),
        Binding("k", "scroll(-1)", "Up", show=False),
    ]

    def __init__(self, question: TrustQuestion, log: KeyLog) -> None:
        super().__init__()
        self._question = question
        self._wait = AnswerWait(log)

    def compose(self) -> ComposeResult:
        with Vertical(id="script-trust"):
            yield Static(Content.styled(present.title(self._question), "bold"))
            yield Static(Hanging(present.facts(self._question, str(Path.home()))))
            with VerticalScroll(can_focus=True):
                yield Static(present.text(self._question))
            yield Static(Content.styled(present.note(self._question), "$text-muted"))
            yield Static(Content.styled(present.keys(self._question), "$text-accent"))

    def on_mount(self) -> None:
        self._wait.asked()
        self._fit()

    def on_resize(self) -> None:
        """The keys are never cut off."""
        self._fit()

    def _fit(self) -> None:
        self.query_one(VerticalScroll).styles.max_height = max(3, self.size.height - 14)

    def action_answer(self, answer: str) -> None:
        """A key that answers."""
        chosen = TrustAnswer[answer]
        if chosen is TrustAnswer.NO or self._wait.may_answer:
            self.dismiss(chosen)

    def on_key(self, event: events.Key) -> None:
        """A key without a meaning here is part of typed text, and so is what follows."""
        if event.key not in _KEYS:
            self._wait.asked()

    def action_scroll(self, step: int) -> None:
        """A line up or down."""
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)
