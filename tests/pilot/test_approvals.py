"""The approval panel: nothing runs that nobody decided, whatever is typed, at every size."""

from __future__ import annotations

import random

import pytest
from msgspec.structs import replace
from textual import events

from conductor_tui.domain import events as ev
from conductor_tui.domain import items as it
from conductor_tui.domain.approvals import (
    Answer,
    Approval,
    CommandApproval,
    Decision,
    FieldRules,
    FileChangeApproval,
    McpApproval,
    PermissionsApproval,
    Question,
    QuestionApproval,
    QuestionOption,
)
from conductor_tui.domain.ids import ItemId, ThreadId, TurnId
from conductor_tui.domain.problems import Trouble
from conductor_tui.settings.model import AppSettings
from conductor_tui.ui.commands.pane import Pane
from tests.builders import (
    THREAD,
    TURN,
    a_command_approval,
    a_prompt,
    asked,
    item_completed,
    item_started,
    turn_started,
    until,
)
from tests.fakes.agent import SETTINGS
from tests.pilot.conftest import Driver, Start
from tests.pilot.test_packets import post

SIZES = [(140, 40), (100, 30), (80, 24), (60, 20), (48, 18)]


def is_ready(driver: Driver) -> bool:
    return driver.main.panes.screen.focused is driver.main.panes.approval


async def type_at(driver: Driver, text: str, seconds: float) -> None:
    """Types like a person, with so much time before each key."""
    for character in text:
        driver.clock.now += seconds
        await driver.type(character)


def written(driver: Driver) -> str:
    """All that was typed as text: what was sent, and what stands in the composer."""
    sent = [str(c[1]) for c in driver.agent.called("start_turn")] + [
        str(c[2]) for c in driver.agent.called("steer_turn")
    ]
    return "".join([*sent, driver.composer.text])


# Typing


@pytest.mark.parametrize("seed", [1, 2])
async def test_a_person_who_types_all_the_time_approves_none_of_twenty(start: Start, seed: int) -> None:
    choose = random.Random(seed)
    words = "yes say please no yes pay sunny spy any syn py ys nps yes "
    async with start() as driver:
        await driver.say(turn_started())
        asked_so_far, typed = 0, ""
        while asked_so_far < 20:
            if choose.random() < 0.4:
                await driver.say(asked(a_command_approval(asked_so_far, rule=("pip",))))
                asked_so_far += 1
            if asked_so_far and choose.random() < 0.1:
                await driver.say(ev.ApprovalResolved(THREAD, choose.randrange(asked_so_far)))
            driver.clock.now += choose.uniform(0.03, 0.9)
            if choose.random() < 0.05 and driver.composer.text.strip():
                await driver.press("enter")
            elif choose.random() < 0.05:
                await driver.press(choose.choice(["escape", "left", "right", "space", "ctrl+j"]))
                continue
            else:
                character = choose.choice(words.replace(" ", ""))
                typed += character
                await driver.type(character)
        assert not driver.agent.called("answer")
        got = written(driver)
        assert sorted(got.replace(" ", "").replace("\n", "")) == sorted(typed)


async def test_one_key_typed_ahead_gives_everything_back_and_answers_wait_for_the_key(start: Start) -> None:
    async with start() as driver:
        await driver.say(turn_started())
        await driver.later()
        await driver.say(asked(a_command_approval(7)))
        assert is_ready(driver)
        await type_at(driver, "also say yes to them", 0.11)
        assert driver.composer.text == "also say yes to them"
        await driver.later(60)
        await driver.type(" y")
        assert not driver.agent.called("answer")
        assert "ctrl+r to answer" in driver.text()
        await driver.press("ctrl+r", "y")
        await until(lambda: driver.agent.called("answer"))
        assert driver.agent.called("answer") == [(7, Answer(Decision.ONCE))]
        assert driver.composer.text == "also say yes to them y"


@pytest.mark.parametrize("key", ["escape", "left", "tab", "backspace", "enter", "ctrl+t"])
async def test_any_key_typed_ahead_gives_the_focus_back(start: Start, key: str) -> None:
    async with start() as driver:
        await driver.say(turn_started(), asked(a_command_approval(7)))
        assert is_ready(driver)
        await driver.press(key)
        assert not is_ready(driver)
        await driver.later()
        await driver.press("escape")
        await driver.type("y")
        assert not driver.agent.called("answer")


async def test_a_letter_that_means_nothing_here_begins_a_text(start: Start) -> None:
    async with start() as driver:
        await driver.say(turn_started(), asked(a_command_approval(7)))
        await driver.later()
        await driver.type("also yes")
        assert driver.composer.text == "also yes"
        assert not driver.agent.called("answer")


async def test_text_that_comes_in_one_packet_is_no_answer(start: Start) -> None:
    async with start() as driver:
        await driver.say(turn_started(), asked(a_command_approval(7)))
        await driver.later()
        post(driver, [*"yes", "space", *"do it"])
        await driver.settle()
        await until(lambda: driver.composer.text == "yes do it")
        assert not driver.agent.called("answer")


async def test_a_paste_goes_to_the_composer(start: Start) -> None:
    async with start() as driver:
        await driver.say(turn_started(), asked(a_command_approval(7)))
        await driver.later()
        paste = events.Paste("yes")
        paste.set_sender(driver.app)
        driver.app.post_message(paste)
        await until(lambda: driver.composer.text == "yes")
        await driver.settle()
        assert not driver.agent.called("answer")


async def test_a_key_that_is_held_down_answers_one_question(start: Start) -> None:
    async with start() as driver:
        await driver.say(turn_started(), *(asked(a_command_approval(n)) for n in range(3)))
        await driver.later()
        await driver.press("y")
        driver.clock.now += 0.66  # terminals repeat a key that is held after at most this
        for _ in range(40):
            await driver.press("y")
            driver.clock.now += 0.03
        assert [c[0] for c in driver.agent.called("answer")] == [0]
        assert driver.composer.text == ""
        await driver.later()
        await driver.press("y")
        await until(lambda: len(driver.agent.called("answer")) == 2)


async def test_words_that_were_being_written_come_back_when_the_question_goes(start: Start) -> None:
    async with start() as driver:
        await driver.say(turn_started(), asked(a_command_approval(7)), asked(a_command_approval(8)))
        await driver.later()
        await driver.press("n")
        await driver.type("use uv")
        await driver.say(ev.ApprovalResolved(THREAD, 7))
        assert driver.composer.text == "use uv"
        await driver.type(" yes")
        assert driver.composer.text == "use uv yes"
        assert not driver.agent.called("answer")


async def test_the_keys_of_the_words_of_a_no_are_in_sight_while_they_are_written(start: Start) -> None:
    async with start(size=(48, 18)) as driver:
        await driver.say(turn_started(), asked(a_command_approval(7)))
        await driver.later()
        await driver.press("n")
        await driver.type("please use uv and not pip, and pin all of the versions")
        assert "Enter Decline · Esc Back" in driver.text()
        assert "y Yes" not in driver.text()
        await driver.press("escape")
        assert "y Yes" in driver.text()


async def test_the_key_that_goes_to_the_panel_takes_an_offered_one(start: Start) -> None:
    async with start() as driver:
        await driver.say(turn_started(), asked(a_command_approval(7)))
        await driver.press("ctrl+r")
        assert is_ready(driver)
        driver.clock.now += 0.4
        await driver.press("y")
        await until(lambda: driver.agent.called("answer"))


# Sizes


def tail(name: str) -> str:
    return f"rm -rf end-{name}"


def long_command() -> Approval:
    return replace(a_command_approval(1), command="echo " + "a b " * 700 + tail("one"), reason="")


def many_lines() -> Approval:
    script = "\n".join(f"step {n}" for n in range(80))
    return replace(a_command_approval(2), command=f"/bin/bash -lc '{script}\n{tail('two')}'", reason="", cwd="")


def one_word() -> Approval:
    return replace(a_command_approval(3), command="x" * 3000 + "end-three", reason="", cwd="")


def long_reason() -> Approval:
    return replace(a_command_approval(4), reason="because " * 300 + tail("four"))


def long_rule() -> Approval:
    return replace(a_command_approval(5, rule=("word",) * 200), reason="")


def patch() -> Approval:
    return FileChangeApproval(6, THREAD, TURN, ItemId("p1"))


def permissions() -> Approval:
    lines = tuple(f"write /a/folder/{n}" for n in range(50))
    return PermissionsApproval(7, THREAD, TURN, summary=(*lines, "end-seven"))


def tool() -> Approval:
    arguments = "{" + ", ".join(f'"k{n}": {n}' for n in range(300)) + ', "end": "end-eight"}'
    return McpApproval(8, THREAD, TURN, server="files", tool="write", is_tool_call=True, arguments=arguments)


LONG = {
    "end-one": long_command,
    "end-two": many_lines,
    "end-three": one_word,
    "end-four": long_reason,
    "in every session": long_rule,
    "+line 79": patch,
    "end-seven": permissions,
    '"end-eight"': tool,
}
BODIES: dict[str, Approval] = {end: make() for end, make in LONG.items()} | {
    "to install it": a_command_approval(9),
    "pip install foo": replace(a_command_approval(10, rule=("pip",)), reason=""),
}


def a_long_patch() -> it.FileChange:
    diff = "".join(f"line {n}\n" for n in range(80))
    return it.FileChange(
        ItemId("p1"),
        TurnId(TURN),
        it.ItemStatus.IN_PROGRESS,
        (it.FilePatch("/repo/long.py", it.PatchKind.ADD, diff),),
    )


def inside(driver: Driver) -> str:
    """The text inside the panel, without line ends and spaces."""
    region = driver.main.panes.approval.region.shrink((1, 1, 1, 1))
    rows = driver.text().split("\n")[region.y : region.bottom]
    rows = [row[region.x : region.right].rstrip("▁▂▃▄▅▆▇█ ") for row in rows]
    return "".join("".join(rows).split())


def shows_keys(driver: Driver, approval: Approval) -> None:
    """All keys are on screen, none broken inside, and the composer is there, too."""
    shown = driver.text()
    words = {
        Decision.ONCE: "y Yes",
        Decision.SESSION: "s Yes",
        Decision.ALWAYS: "p Always",
        Decision.DECLINE: "n No",
        Decision.CANCEL: "Esc No, and stop",
    }
    for decision in approval.offered:
        assert words[decision] in shown, (decision, shown)
    bottom = driver.composer.region.bottom
    assert driver.composer.region.height >= 3
    assert bottom <= driver.app.size.height - 1, shown
    panel = driver.main.panes.approval
    assert panel.region.bottom <= driver.composer.region.y


@pytest.mark.parametrize(
    ("size", "around"),
    [
        *((size, "") for size in SIZES),
        *((size, a) for size in SIZES[1::3] for a in ("banner", "draft", "dock", "diff")),
    ],
)
async def test_keys_stay_and_nothing_runs_whose_end_was_not_on_screen(
    start: Start, size: tuple[int, int], around: str
) -> None:
    troubles = [Trouble("Something is wrong", "for many reasons " * 20, ("do this", "or that"))] * 3
    async with start(size, troubles=tuple(troubles) if around == "banner" else ()) as driver:
        main, panel = driver.main, driver.main.panes.approval
        await driver.say(turn_started(), item_completed(a_prompt()), item_started(a_long_patch()))
        if around == "draft":
            driver.composer.replace_text("a draft\n" * 12)
        main.panes.is_diff_open = around == "diff"
        main.panes.is_dock_open = around == "dock"
        for end, approval in BODIES.items():
            await driver.say(ev.ApprovalRequested(THREAD, approval))
            await driver.later()
            main.panes.focus(Pane.APPROVAL)
            await driver.later()
            shows_keys(driver, approval)
            body = panel.query_one("#approval-body")
            if body.max_scroll_y:
                before = len(driver.agent.called("answer"))
                assert "more line" in driver.text()
                await driver.press("y")
                await driver.later()
                assert len(driver.agent.called("answer")) == before, end
                assert "Scrolltotheendfirst" in inside(driver)
                shows_keys(driver, approval)
                await driver.press("pagedown", "down")
                while body.scroll_offset.y < body.max_scroll_y:
                    panel.action_page(1)
                await driver.settle()
            assert "".join(end.split()) in inside(driver), driver.text()
            shows_keys(driver, approval)
            await driver.later()
            await driver.press("y")
            await until(lambda: (approval.request_id, Answer(Decision.ONCE)) in driver.agent.called("answer"))
            await driver.say(ev.ApprovalResolved(THREAD, approval.request_id))


async def test_a_question_that_fits_is_shown_whole_whatever_was_asked_before(start: Start) -> None:
    """The scroll bar of a long question took a column from the next one, whose last line then needed another row."""
    async with start((140, 40)) as driver:
        body = driver.main.panes.approval.query_one("#approval-body")
        await driver.say(turn_started())
        for number in range(6):
            await driver.say(asked(CommandApproval(100 + number, THREAD, command="true\n" * 60)))
            assert body.max_scroll_y > 0
            await driver.say(ev.ApprovalResolved(THREAD, 100 + number))
            words = "x" * (body.outer_size.width - 4 - number)  # the widths around that of a whole line
            await driver.say(asked(CommandApproval(number, THREAD, command=f"{words}\nls")))
            await driver.later()
            assert body.max_scroll_y == 0, number
            assert driver.main.panes.approval._body.end_was_seen
            await driver.say(ev.ApprovalResolved(THREAD, number))


async def test_a_diff_that_changes_must_be_read_again(start: Start) -> None:
    async with start((80, 24)) as driver:
        short = replace(a_long_patch(), patches=(it.FilePatch("/repo/a.py", it.PatchKind.ADD, "one\n"),))
        await driver.say(turn_started(), item_started(short), ev.ApprovalRequested(THREAD, patch()))
        await driver.later()
        await driver.say(item_started(a_long_patch()))
        driver.main.redraw()
        await driver.later()
        await driver.press("y")
        assert not driver.agent.called("answer")
        for _ in range(30):
            await driver.pilot.press("pagedown")
        await driver.later()
        await driver.press("y")
        await until(lambda: driver.agent.called("answer"))


async def test_a_command_is_shown_as_in_the_transcript_with_the_shell_beside_it(start: Start) -> None:
    async with start() as driver:
        wrapped = replace(a_command_approval(7), command="/bin/bash -lc 'make test'")
        await driver.say(turn_started(), asked(wrapped))
        assert "$ make test" in driver.text()
        assert "/bin/bash -lc" in driver.text()


async def test_an_approval_in_plan_mode_says_what_a_yes_means(start: Start) -> None:
    async with start() as driver:
        await driver.say(ev.SettingsChanged(THREAD, replace(SETTINGS, is_plan_mode=True)))
        await driver.say(turn_started(), asked(a_command_approval(7)))
        assert "Plan Mode is on. Yes lets this one write anyway" in driver.text()


async def test_a_sub_agent_asks_under_its_name(start: Start) -> None:
    async with start() as driver:
        child = ThreadId("01a2-child")
        spawned = it.SubAgentActivity(
            ItemId("s1"), TurnId(TURN), it.ItemStatus.COMPLETED, "started", "test_writer", child
        )
        await driver.say(turn_started(), item_completed(spawned))
        await driver.say(ev.ApprovalRequested(child, replace(a_command_approval(7), thread_id=child)))
        assert "Requested by sub-agent test_writer" in driver.text()
        assert "01a2" not in driver.text()


async def test_a_question_names_its_keys(start: Start) -> None:
    async with start((48, 18)) as driver:
        options = tuple(QuestionOption(f"Option {n}", "what it means " * 6) for n in range(1, 9))
        question = QuestionApproval(9, THREAD, TURN, questions=(Question("q", "Which one? " * 20, options=options),))
        await driver.say(ev.ApprovalRequested(THREAD, question))
        await driver.later()
        for words in ("↑ ↓ Move", "1-9 Choose", "Enter Answer", "n Skip"):
            assert words in driver.text()
        for number in range(2, 9):
            await driver.press("down")
            assert f"› {number} Option {number}" in driver.text(), driver.text()
        await driver.later()
        await driver.press("enter")
        await until(lambda: driver.agent.called("answer"))
        assert driver.agent.called("answer") == [(9, Answer(Decision.ONCE, (("q", ("Option 8",)),)))]


async def test_a_value_that_the_form_does_not_allow_is_said_and_stays(start: Start) -> None:
    async with start() as driver:
        age = Question("age", "How old?", kind="integer", rules=FieldRules(minimum=18))
        nick = Question("nick", "Nickname?", rules=FieldRules(is_optional=True))
        form = McpApproval(3, THREAD, TURN, server="people", questions=(age, nick))
        await driver.say(turn_started(), ev.ApprovalRequested(THREAD, form))
        await driver.later()
        await driver.press("enter")
        await driver.type("abc")
        await driver.press("enter")
        assert "A whole number is needed" in driver.text()
        await driver.press("backspace", "backspace", "backspace")
        await driver.type("12")
        await driver.press("enter")
        assert "At least 18 is needed" in driver.text()
        await driver.press("backspace", "backspace")
        await driver.type("42")
        await driver.press("enter")
        await driver.later()
        await driver.press("enter", "enter")
        await driver.later()
        await driver.press("enter")
        await until(lambda: driver.agent.called("answer"))
        assert driver.agent.called("answer") == [(3, Answer(Decision.ONCE, (("age", ("42",)),)))]


async def test_an_optional_field_with_options_can_be_left_out(start: Start) -> None:
    async with start() as driver:
        options = (QuestionOption("red"), QuestionOption("blue"))
        colour = Question("colour", "Which colour?", options=options, rules=FieldRules(is_optional=True))
        size = Question("size", "Which size?", options=(QuestionOption("small"),))
        form = McpApproval(3, THREAD, TURN, server="paint", questions=(colour, size))
        await driver.say(turn_started(), ev.ApprovalRequested(THREAD, form))
        await driver.later()
        await driver.press("down", "down")
        assert "› 3 Skip this question" in driver.text()
        await driver.later()
        await driver.press("enter")
        assert "Which size?" in driver.text()
        assert "Skip this question" not in driver.text()
        await driver.later()
        await driver.press("enter")
        await until(lambda: driver.agent.called("answer"))
        assert driver.agent.called("answer") == [(3, Answer(Decision.ONCE, (("size", ("small",)),)))]


async def test_the_words_of_a_no_move_by_words_as_every_other_line_does(start: Start) -> None:
    async with start() as driver:
        await driver.say(turn_started(), asked(a_command_approval(4)))
        await driver.later()
        await driver.press("ctrl+r")
        await driver.later()
        await driver.press("n")
        await driver.type("use the cache")
        await driver.press("alt+b", "alt+b", "alt+d")
        await driver.type("a ")
        await driver.press("enter")
        await until(lambda: driver.agent.called("answer"))
        assert "use a cache" in str(driver.agent.calls)


async def test_a_model_that_answers_for_the_user_is_named(start: Start) -> None:
    async with start() as driver:
        await driver.say(ev.SettingsChanged(THREAD, replace(SETTINGS, approvals_reviewer="auto_review")))
        assert "a model decides" in driver.text()


CHANGED = {
    "approval.once": ("a",),
    "approval.session": ("b",),
    "approval.always": ("o",),
    "approval.decline": ("d",),
    "approval.cancel": ("f9",),
    "approval.up": ("f2",),
    "approval.down": ("f3",),
    "approval.page_down": ("f4",),
    "approval.choose": ("f5",),
    "session.next_waiting": ("ctrl+e",),
}


async def test_the_panel_names_the_keys_in_force(start: Start) -> None:
    async with start((140, 30), settings=AppSettings(keys=CHANGED)) as driver:
        long = replace(a_command_approval(7, rule=("pip",)), command="true\n" * 80)
        await driver.say(turn_started(), asked(long))
        for words in (
            "a Yes",
            "b Yes, don't ask again",
            "o Always allow `pip`",
            "d No, tell Codex why",
            "f9 No, and stop",
        ):
            assert words in driver.text()
        for old in ("y Yes", "s Yes", "p Always", "n No", "Esc No"):
            assert old not in driver.text()
        assert "scroll to the end for a b o" in driver.text()
        assert "Codex is waiting for your answer (ctrl+e)" in driver.text()
        await driver.later()
        await driver.press("ctrl+e", "a")
        assert "Scroll to the end first (f3 f4)" in driver.text()
        await driver.later()
        await driver.press("d")
        assert "Enter Decline · Esc Back" in driver.text()
        await driver.press("f9")
        await driver.press("escape")
        assert "d No, tell Codex why" in driver.text()
        assert not driver.agent.called("answer")


async def test_keys_that_change_while_something_is_asked_are_named_at_once(start: Start) -> None:
    async with start() as driver:
        await driver.say(turn_started(), asked(a_command_approval(7)))
        assert "y Yes" in driver.text()
        driver.main.keys_changed({"approval.once": ("a",)})
        await driver.settle()
        assert "a Yes" in driver.text()
        assert "y Yes" not in driver.text()


async def test_a_question_names_the_keys_in_force(start: Start) -> None:
    async with start(settings=AppSettings(keys=CHANGED)) as driver:
        options = (QuestionOption("red"), QuestionOption("blue"))
        question = QuestionApproval(9, THREAD, TURN, questions=(Question("q", "Which one?", options=options),))
        await driver.say(ev.ApprovalRequested(THREAD, question))
        assert "f2 f3 Move · 1-9 Choose · f5 Answer · d Skip" in driver.text()
