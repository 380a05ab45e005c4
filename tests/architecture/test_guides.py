"""What users read keeps to the product: generated tables, links, names of commands, keys, and plain English."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import conductor_tui
from conductor_tui.ui.commands.catalogue import COMMANDS, commands_of
from conductor_tui.ui.commands.keymap import shown_keys
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.help_command import FOLDER, topics
from tests.guides import updated

README = Path(conductor_tui.__file__).parents[1] / "README.md"
GUIDES = sorted(FOLDER.glob("*.md"))
READ_BY_USERS = [README, *GUIDES]
README_LINES = 100

TEXT_FIELDS = {"alt+b", "alt+f", "alt+backspace", "alt+d"}
OUTDATED = (
    "anew",
    "mend",
    "begun",
    "is no TOML",
    "as it was",
    "way back",
    "taken back",
    "goes on",
    "go on",
    "needs you",
    "asks you",
    "entrant",
    "papers",
    "desk",
    "persona",
)
"""Phrases that a native speaker would not write, or that the product has a better name for."""


def prose(path: Path) -> str:
    """A document without its generated parts and code blocks."""
    text = re.sub(r"<!-- generated.*?<!-- end -->", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)


def ids(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("path", GUIDES, ids=ids)
def test_the_generated_parts_are_up_to_date(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text == updated(text), "run: make docs"


def test_every_setting_command_and_subcommand_has_its_part() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in GUIDES)
    for part in ("keys", "settings", *(f"conductor-tui {name}--help" for name in ("", "new ", "archive ", "restore "))):
        assert f"<!-- generated: {part} -->" in text


@pytest.mark.parametrize("path", GUIDES, ids=ids)
def test_a_guide_begins_with_a_title_and_a_sentence_for_the_list(path: Path) -> None:
    title, blank, about, after = path.read_text(encoding="utf-8").split("\n", 4)[:4]
    assert title.startswith("# ")
    assert (blank, after) == ("", "")
    assert about.endswith(".")
    assert len(about) <= 66  # beside its name on a line of 80 columns
    assert topics()[path.stem] == about


@pytest.mark.parametrize("path", READ_BY_USERS, ids=ids)
def test_links_lead_to_files(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (path.parent / target).exists(), target


def test_the_readme_is_short_and_names_every_guide() -> None:
    text = README.read_text(encoding="utf-8")
    assert text.count("\n") <= README_LINES
    for path in GUIDES:
        assert f"(conductor_tui/docs/{path.name})" in text


@pytest.mark.parametrize("path", READ_BY_USERS, ids=ids)
def test_commands_are_called_by_their_titles(path: Path) -> None:
    titles = {c.title for c in commands_of(Pane.APP)}
    assert {*re.findall(r"“([^”]+)”", re.sub(r"\s+", " ", prose(path)))} <= titles


@pytest.mark.parametrize("path", READ_BY_USERS, ids=ids)
def test_keys_are_those_of_the_catalogue(path: Path) -> None:
    known = {shown_keys([key]) for c in COMMANDS for key in c.keys} | TEXT_FIELDS
    assert {*re.findall(r"`((?:ctrl|shift|alt)\+[^`]+)`", prose(path))} <= known


@pytest.mark.parametrize("path", READ_BY_USERS, ids=ids)
def test_what_users_read_is_plain_english(path: Path) -> None:
    own_words = re.sub(r"“[^”]+”", "", prose(path))
    assert not re.findall(rf"\b(?:{'|'.join(OUTDATED)})\b", own_words, re.IGNORECASE)
