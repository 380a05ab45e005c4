"""Stories are told from the request alone, as often as Codex asks."""

from __future__ import annotations

from conductor_tui.demo.requests import Request
from conductor_tui.demo.scripts import ByWord, Telling, tell
from conductor_tui.demo.steps import ExecCommand, Message, UpdatePlan
from tests.unit.demo.conversation import request, result, user


def two_commands_then_a_word(_: Request) -> Telling:
    first, second = yield [ExecCommand("a"), UpdatePlan(()), Message("ignored")]
    (third,) = yield [ExecCommand(f"after {first.text} {second.text}")]
    yield [Message(f"end {third.text}")]


def test_a_story_begins_without_results() -> None:
    assert tell(two_commands_then_a_word, request(user("go")))[0] == ExecCommand("a")


def test_results_lead_on_to_the_reply_that_fits() -> None:
    asked = [user("go"), result("1", "one"), result("2", "two")]
    assert tell(two_commands_then_a_word, request(*asked)) == [ExecCommand("after one two")]
    assert tell(two_commands_then_a_word, request(*asked, result("3", "three"))) == [Message("end three")]


def test_the_same_request_gets_the_same_reply_so_that_retries_are_safe() -> None:
    asked = request(user("go"), result("1", "one"), result("2", "two"))
    assert tell(two_commands_then_a_word, asked) == tell(two_commands_then_a_word, asked)


def test_a_story_that_is_over_ends_the_turn() -> None:
    def short(_: Request) -> Telling:
        yield [ExecCommand("a")]

    assert tell(short, request(user("go"), result("1", "one"))) == [Message("Done.")]


def test_the_first_word_that_fits_chooses_whatever_its_case() -> None:
    script = ByWord({"Table": [Message("a table")], "go": two_commands_then_a_word}, default=[Message("what?")])
    assert script(request(user("show a TABLE"))) == [Message("a table")]
    assert script(request(user("go"), result("1", "x"), result("2", "y"))) == [ExecCommand("after x y")]
    assert script(request(user("hm"))) == [Message("what?")]
