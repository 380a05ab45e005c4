from __future__ import annotations

import pytest
from textual.keys import Keys, _character_to_key

from conductor_tui.ui.commands.catalogue import COMMANDS, command
from conductor_tui.ui.commands.key_names import canonical, character_name, is_key
from conductor_tui.ui.commands.key_rules import why_not
from conductor_tui.ui.commands.keymap import textual_keymap


def test_the_tables_own_keys_keep_the_rules() -> None:
    assert not [(c.id, key) for c in COMMANDS for key in c.keys if why_not(key, c, {})]


@pytest.mark.parametrize("key", ["ctrl+d", "D", "é", "f5", "pagedown", "shift+tab", "?", "slash", "left_curly_bracket"])
def test_keys_that_exist(key: str) -> None:
    assert is_key(key)


@pytest.mark.parametrize("key", ["ctlr+d", "pgdn", "esc", "", "ctrl+", "ctrl+nothing"])
def test_keys_that_do_not_exist(key: str) -> None:
    assert not is_key(key)


def test_a_key_that_the_user_freed_can_be_given_to_another_command() -> None:
    assert why_not("ctrl+o", command("view.zoom"), {"control.model": ()}) is None
    assert "ctrl+o" in str(why_not("ctrl+o", command("view.zoom"), {}))


def test_the_same_key_may_mean_two_things_in_two_panes() -> None:
    assert why_not("slash", command("diff.copy"), {}) is None
    assert "transcript.search" in str(why_not("slash", command("transcript.copy"), {}))


def test_the_names_are_textuals() -> None:
    assert not [c for c in map(chr, range(0x20, 0x3000)) if character_name(c) != _character_to_key(c)]
    assert not [k.value for k in Keys if not is_key(k.value) and k not in (Keys.ControlSpace, Keys.Any, Keys.Ignore)
                and not k.value.startswith("<scroll")]  # fmt: skip


def test_a_key_works_as_people_write_it() -> None:
    assert canonical("ctrl+]") == "ctrl+right_square_bracket"
    assert textual_keymap({"view.diff": ("ctrl+]", "?")}) == {"view.diff": "ctrl+right_square_bracket,question_mark"}


@pytest.mark.parametrize(
    ("wrong", "meant"), [("ctlr+d", "ctrl+d"), ("esc", "escape"), ("shift+pgdn", "shift+pagedown")]
)
def test_a_misspelt_key_is_answered_by_the_nearest(wrong: str, meant: str) -> None:
    assert str(why_not(wrong, command("view.diff"), {})).endswith(f"did you mean {meant}?")
