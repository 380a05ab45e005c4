"""A plan cut into steps and laid out, also when it is none that anybody would write."""

from __future__ import annotations

import time

import pytest

from conductor_tui.ui.presentation.markdown import markdown_lines
from conductor_tui.ui.presentation.plan import Key, key_rows, lay_out, place_of, steps
from tests.builders import PLAN


def texts(plan: str) -> list[str]:
    return [step.text for step in steps(plan)]


def shown(plan: str, comments: dict[int, str] | None = None, width: int = 40) -> list[str]:
    return [line.text.rstrip() for line in lay_out(steps(plan), comments or {}, width).lines]


def test_headings_paragraphs_and_items_are_steps() -> None:
    assert texts(PLAN) == ["# Mend it", "First the tests.", "1. Look\n   closely", "2. Mend", "3. Tell"]


def test_nested_items_and_code_belong_to_their_item() -> None:
    plan = "- Backend\n  - route\n  - test\n\n    ```py\n    - no step\n    ```\n- Frontend\n\ntext\n"
    assert texts(plan) == [
        "- Backend\n  - route\n  - test\n\n    ```py\n    - no step\n    ```",
        "- Frontend",
        "text",
    ]


def test_a_code_block_is_one_step_even_without_its_end() -> None:
    assert texts("```sh\n1. a\n\n# b\n```\n") == ["```sh\n1. a\n\n# b\n```"]
    assert texts("1. a\n\n```\n2. b\n\n# c") == ["1. a", "```\n2. b\n\n# c"]


def test_a_plan_without_a_list_has_its_paragraphs() -> None:
    assert texts("One\nline.\n\n\nTwo.\n\n> Three\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n---\n") == [
        "One\nline.",
        "Two.",
        "> Three",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "---",
    ]


@pytest.mark.parametrize("plan", ["", "\n \n", "[x]: http://example.org\n"])
def test_a_plan_of_nothing_has_no_steps_and_says_so(plan: str) -> None:
    assert steps(plan) == ()
    assert shown(plan) == ["  This plan is empty"]


def test_numbers_are_those_of_the_list_whatever_the_source_counts() -> None:
    plan = "1. a\n1. b\n" + "1. x\n" * 8
    assert shown(plan)[:2] == ["   1. a", "   2. b"]
    assert shown(plan)[-1] == "  10. x"


def test_steps_look_as_in_the_transcript() -> None:
    plan = "# T\n\nIntro with `code`.\n\n1. one\n   - a\n   - b\n2. two\n\n   more\n\n- [ ] todo\n- [x] done\n\n> q\n"
    whole = [f"  {line.text}".rstrip() for line in markdown_lines(plan, 38)]
    assert shown(plan) == whole


def test_a_comment_stands_under_its_step_and_wraps_under_itself() -> None:
    lines = shown(PLAN, {3: "a comment that is longer than one line\nand has two"}, 30)
    at = lines.index("  2. Mend")
    assert lines[at + 1 : at + 4] == ["    └ you: a comment that is", "           longer than one", "           line"]
    assert lines[at + 4] == "           and has two"
    layout = lay_out(steps(PLAN), {3: "x"}, 30)
    assert [layout.lines[row].text for row in layout.rows[3]] == ["  2. Mend", "    └ you: x"]


def test_wide_characters_fit_and_control_characters_show() -> None:
    plan = "1. 漢字" + "計画" * 30 + "\n2. \x1b[31mred\u202e\n"
    layout = lay_out(steps(plan), {1: "\x07 bell\u202e"}, 24)
    assert all(line.cells <= 24 for line in layout.lines)
    text = "\n".join(line.text for line in layout.lines)
    assert not set("\x1b\x07\u202e") & set(text)
    assert "␛[31mred⟨U+202E⟩" in text.replace("\n", "").replace(" ", "")
    assert all("\x1b" not in step.text for step in steps(plan))


@pytest.mark.parametrize("width", [1, 8, 20])
def test_any_width_works(width: int) -> None:
    assert lay_out(steps(PLAN), {0: "words"}, width).lines


def test_hundreds_of_steps_are_laid_out_quickly() -> None:
    plan = "# Long\n\n" + "".join(f"{n}. **Step {n}** of `code` and many words to wrap\n" for n in range(1, 501))
    began = time.perf_counter()
    found = steps(plan)
    layout = lay_out(found, {}, 60)
    assert time.perf_counter() - began < 2
    assert len(found) == len(layout.rows) == 501
    assert layout.rows[-1].stop == len(layout.lines)


def test_dim_keys_say_why_once_and_rows_fit() -> None:
    keys = [Key("c", "comment"), Key("i", "implement", "a turn is running"), Key("r", "revise", "a turn is running")]
    assert key_rows(keys, 80).plain == "c comment · i implement · r revise\nNot now: i r (a turn is running)"
    narrow = key_rows(keys, 22).plain.split("\n")
    assert narrow[:2] == ["c comment", "i implement · r revise"]


def test_only_items_of_lists_are_counted_as_steps() -> None:
    plan = steps("# The plan\n\nA remark.\n\n1. one\n2. two\n3. three\n")
    assert [place_of(at, plan) for at in range(5)] == [
        "3 steps",
        "3 steps",
        "step 1 of 3",
        "step 2 of 3",
        "step 3 of 3",
    ]
    assert place_of(1, steps("one\n\ntwo")) == "part 2 of 2"
    assert place_of(0, ()) == ""
