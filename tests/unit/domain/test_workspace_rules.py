"""Names, branches, ports and environment of workspaces: rules without files."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor_tui.domain.branch_names import SLUG_LIMIT, branch_name, branch_prefix, branch_slug
from conductor_tui.domain.city_names import CITIES
from conductor_tui.domain.port_blocks import BLOCK, FIRST_PORT, LAST_PORT, free_port_block, ports_of
from conductor_tui.domain.repository_settings import BranchPrefixType, GitSettings, Variables
from conductor_tui.domain.workspace_environment import WorkspacePlace, workspace_environment
from conductor_tui.domain.workspace_names import free_city, free_name


def git_takes(*branches: str) -> bool:
    """Whether git takes all these names for branches."""
    return all(
        subprocess.run(["git", "check-ref-format", "--branch", branch], capture_output=True).returncode == 0
        for branch in branches
    )


def test_cities_are_many_and_plain() -> None:
    assert len(CITIES) >= 250
    assert list(CITIES) == sorted(set(CITIES))
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", city) for city in CITIES)
    assert [branch_name(city) for city in CITIES] == list(CITIES)


def test_a_city_that_is_free_is_chosen() -> None:
    taken = [city.upper() for city in CITIES if city not in ("oslo", "lima")]
    assert {free_city(taken, Random(seed)) for seed in range(20)} == {"oslo", "lima"}


def test_when_all_cities_are_taken_a_suffix_comes() -> None:
    names: list[str] = []
    for _ in range(len(CITIES) + 50):
        names.append(free_city(names, Random(len(names))))
    assert len(set(names)) == len(names)
    assert {name.rpartition("-")[2] for name in names[len(CITIES) :]} <= {"v2", "v3", "v4"}


def test_a_wanted_name_gets_the_lowest_free_suffix() -> None:
    assert free_name("oslo", []) == "oslo"
    assert free_name("oslo", ["Oslo", "oslo-v3"]) == "oslo-v2"
    assert free_name("oslo", ["oslo", "oslo-V2", "oslo-v3"]) == "oslo-v4"


@pytest.mark.parametrize(
    ("git", "user", "prefix"),
    [
        (GitSettings(), "ada", "ada/"),
        (GitSettings(), "", ""),
        (GitSettings(branch_prefix="team"), "ada", "team/"),
        (GitSettings(branch_prefix="team/"), "ada", "team/"),
        (GitSettings(branch_prefix="wip-"), "ada", "wip-"),
        (GitSettings(BranchPrefixType.CUSTOM, " "), "ada", ""),
        (GitSettings(BranchPrefixType.CUSTOM), "ada", ""),
        (GitSettings(BranchPrefixType.NONE, "team"), "ada", ""),
        (GitSettings(BranchPrefixType.GITHUB_USERNAME, "team"), "ada", "ada/"),
    ],
)
def test_the_prefix_of_a_branch(git: GitSettings, user: str, prefix: str) -> None:
    assert branch_prefix(git, user) == prefix


@pytest.mark.parametrize(
    ("prompt", "slug"),
    [
        ("Fix the rounding in invoices", "fix-the-rounding-in-invoices"),
        ("  Don't crash!\n\nIt's `foo(bar)` …", "dont-crash-its-foo-bar"),
        ("Größe: façade, naïve", "große-facade-naive"),
        ("修复发票中的舍入", "修复发票中的舍入"),
        ("हिन्दी में", "हिन्दी-में"),
        ("../../.git @{-1} HEAD~1 *.lock", "git-1-head-1-lock"),
        ("x" * 100, "x" * SLUG_LIMIT),
        ("one " * 100, "one-" * 11 + "one"),
        ("🎉 !!!", ""),
        ("", ""),
    ],
)
def test_a_prompt_makes_a_short_name(prompt: str, slug: str) -> None:
    assert branch_slug(prompt) == slug


@pytest.mark.parametrize(
    ("name", "prefix", "branch"),
    [
        ("fix", "ada/", "ada/fix"),
        ("fix", "//a b//~c/", "a-b/c/fix"),
        ("fix.lock", "", "fix"),
        ("-f", "", "f"),
        ("a..b", "", "a-b"),
        (".hidden./.x", "", "hidden/x"),
        ("@", "", ""),
        ("HEAD", "", ""),
        ("a@{1}", "", "a-1}"),
        ("a\u202eb\x07", "", "a-b-"),
        ("x.lock.lock.", "-", "x"),
    ],
)
def test_a_branch_is_mended(name: str, prefix: str, branch: str) -> None:
    assert branch_name(name, prefix) == branch
    assert not branch or git_takes(branch)


@settings(max_examples=120, deadline=None)
@given(st.text(max_size=60), st.text("a/.-@{~^: \\*[?HEADlock\x7f", max_size=20))
def test_git_takes_every_branch_that_is_made(text: str, prefix: str) -> None:
    slug = branch_slug(text)
    made = {name for name in (slug, branch_name(slug, prefix), branch_name(text, prefix), branch_name(text)) if name}
    assert git_takes(*made)
    assert len(slug) <= SLUG_LIMIT
    assert all(branch_name(name) == name for name in made)


def test_a_huge_name_fits_into_a_file_name() -> None:
    assert len(branch_name("ü" * 5000).encode()) <= 200


def test_the_first_block_is_conductors() -> None:
    assert free_port_block([], lambda _: False) == FIRST_PORT == 55_000
    assert list(ports_of(55_000)) == list(range(55_000, 55_010))


def test_given_and_busy_blocks_are_skipped() -> None:
    assert free_port_block([55_000, 55_020], lambda port: port == 55_019) == 55_030


def test_a_block_that_was_given_elsewhere_is_not_overlapped() -> None:
    assert free_port_block([54_995, 55_015], lambda _: False) == 55_030


def test_given_blocks_are_not_asked_for() -> None:
    asked: list[int] = []

    def is_busy(port: int) -> bool:
        asked.append(port)
        return False

    free_port_block([55_000], is_busy)
    assert asked == list(range(55_010, 55_020))


def test_there_may_be_no_block_left() -> None:
    assert free_port_block(range(FIRST_PORT, LAST_PORT, BLOCK), lambda _: False) is None
    assert free_port_block([], lambda _: True) is None


@given(st.lists(st.integers(54_980, 55_200), max_size=12), st.frozensets(st.integers(55_000, 55_100), max_size=12))
def test_a_free_block_overlaps_nothing(given: list[int], busy: frozenset[int]) -> None:
    first = free_port_block(given, lambda port: port in busy)
    assert first is not None
    ports = set(ports_of(first))
    assert ports.isdisjoint(busy)
    assert all(ports.isdisjoint(ports_of(other)) for other in given)


PLACE = WorkspacePlace("oslo", "w-1", Path("/w/oslo"), Path("/repo"), "main", 55_010)
OURS = {
    "CONDUCTOR_WORKSPACE_NAME": "oslo",
    "CONDUCTOR_WORKSPACE_ID": "w-1",
    "CONDUCTOR_WORKSPACE_PATH": "/w/oslo",
    "CONDUCTOR_ROOT_PATH": "/repo",
    "CONDUCTOR_DEFAULT_BRANCH": "main",
    "CONDUCTOR_PORT": "55010",
    "CONDUCTOR_IS_LOCAL": "1",
}


def test_the_environment_has_conductors_variables() -> None:
    assert workspace_environment(PLACE).values == OURS


def test_what_is_not_known_is_not_set() -> None:
    place = WorkspacePlace("oslo", "w-1", Path("/w/oslo"), Path("/repo"))
    other = Variables({"CONDUCTOR_PORT": "1"})
    values = workspace_environment(place, other).values
    assert set(OURS) - set(values) == {"CONDUCTOR_DEFAULT_BRANCH", "CONDUCTOR_PORT"}


def test_the_later_wins_and_conductors_own_always() -> None:
    files = [Variables({"A": "1", "B": "1", "C": "1", "CONDUCTOR_PORT": "1"}), Variables({"B": "2", "C": "2"})]
    own = Variables({"C": "3", "D": "$A", "CONDUCTOR_IS_LOCAL": "0", "CONDUCTOR_API_TOKEN": "x"})
    assert workspace_environment(PLACE, own, files).values == {
        **OURS, "A": "1", "B": "2", "C": "3", "D": "$A", "CONDUCTOR_API_TOKEN": "x",
    }  # fmt: skip


def test_values_are_not_in_its_text() -> None:
    text = f"{workspace_environment(PLACE, Variables({'TOKEN': 's3cret'}))}"
    assert "TOKEN" in text
    assert "s3cret" not in text
