"""Where the user stands in the questions of an approval: which one, which option, what was answered."""

from __future__ import annotations

from collections.abc import Sequence

from conductor_tui.domain.approvals import Question


class QuestionForm:
    """One question after the other; the last option may be the user's own words."""

    def __init__(self, questions: Sequence[Question] = ()) -> None:
        self.questions = tuple(questions)
        self.number = 0
        self.option = 0
        self.answers: list[tuple[str, tuple[str, ...]]] = []

    @property
    def asked(self) -> Question | None:
        """The question that stands; None when there is none, or all are answered."""
        return self.questions[self.number] if self.number < len(self.questions) else None

    @property
    def choices(self) -> int:
        """Options of the question; own words and leaving it out included."""
        question = self.asked
        return len(question.options) + takes_words(question) + may_be_left_out(question) if question else 0

    @property
    def chosen(self) -> str | None:
        """What is sent for the option under the cursor; None where the user's own words are wanted."""
        question = self.asked
        return question.options[self.option].sent if question and self.option < len(question.options) else None

    @property
    def leaves_out(self) -> bool:
        """Whether the option under the cursor leaves the question open."""
        question = self.asked
        return question is not None and may_be_left_out(question) and self.option == self.choices - 1

    def move(self, step: int) -> None:
        """To another option, round."""
        self.option = (self.option + step) % max(1, self.choices)

    def answer(self, text: str | None) -> None:
        """Takes the answer of the question that stands; None leaves it open."""
        question = self.asked
        if question is not None and text is not None:
            self.answers.append((question.id, (text,)))
        self.number += 1
        self.option = 0


def takes_words(question: Question) -> bool:
    """Whether a question may be answered in the user's own words."""
    return question.allows_other or not question.options


def may_be_left_out(question: Question) -> bool:
    """Whether leaving it open is an option of its own; where there is only a field, that is an empty one."""
    return question.rules.is_optional and bool(question.options)
