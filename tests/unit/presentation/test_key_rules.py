from __future__ import annotations

import pytest

from conductor_tui.ui.commands.catalogue import COMMANDS, command
from conductor_tui.ui.commands.key_rules import is_key, why_not


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
