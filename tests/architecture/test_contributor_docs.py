"""What contributors read keeps to the code: files, tests and lint contracts that it names exist."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import conductor_tui
from conductor_tui.ui.help_command import FOLDER

PACKAGE = Path(conductor_tui.__file__).parent
ROOT = PACKAGE.parent
DOCS = [PACKAGE / "README.md", ROOT / "tests" / "README.md"]
TESTS = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8"))
}
FILE = re.compile(r"`([\w./]+(?:/|\.(?:py|md|tcss)))`")


def names(path: Path, pattern: str) -> list[str]:
    return re.findall(pattern, path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", DOCS, ids=str)
def test_the_tests_it_names_exist(path: Path) -> None:
    wrong = [
        name
        for name in names(path, r"`(test_\w+…?)`")
        if not any(test == name or (name.endswith("…") and test.startswith(name[:-1])) for test in TESTS)
    ]
    assert not wrong


@pytest.mark.parametrize("path", DOCS, ids=str)
def test_the_files_it_names_exist(path: Path) -> None:
    found = [name for name in FILE.findall(path.read_text(encoding="utf-8")) if "NAME" not in name]
    assert found
    assert not [name for name in found if not any((base / name).exists() for base in (path.parent, PACKAGE, ROOT))]


def test_the_contracts_it_names_exist() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    known = [contract["name"] for contract in contracts]
    for name in names(DOCS[0], r"contract `([^`]+)`"):
        wanted = name.replace("\\|", "|").removesuffix(" …")
        assert any(contract.startswith(wanted) for contract in known), name


def test_every_failure_that_users_read_about_has_a_test() -> None:
    guide = (FOLDER / "faults.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| ([^|]+) \|[^|]+\|[^|]+\|$", guide, re.MULTILINE)
    proven = names(DOCS[1], r"(?m)^\| ([^|]+) \| `test_[^|]+\|$")
    assert sorted(set(told) - {"event"}) == sorted(proven)
