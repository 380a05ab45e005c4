"""Environment files: read as they stand, never run, and only where they may be."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.repository_settings import EnvironmentFile, EnvironmentFileContent, Layer, SettingFile
from conductor_tui.settings import environment_files
from conductor_tui.settings.environment_files import FILE_LIMIT, parse_environment

SHARED = SettingFile(Layer.SHARED, Path("/repo/.conductor/settings.toml"))
LOCAL = SettingFile(Layer.LOCAL, Path("/repo/.conductor/settings.local.toml"))
USER = SettingFile(Layer.USER, Path("/home/ada/.conductor/settings.toml"))


def read_environment_files(
    files: list[EnvironmentFile], workspace: Path, root: Path
) -> tuple[list[EnvironmentFileContent], list[Trouble]]:
    return environment_files.read_environment_files(files, workspace, root, lambda checkout, path: False)


LINES = [
    ("A=1", "1"),
    ("  export A = 1  ", "1"),
    ("A=", ""),
    ("A=   # nothing", ""),
    ("A=#1", "#1"),
    ("A=a#b # c", "a#b"),
    ("A=a b", "a b"),
    ("A='a # b'  # c", "a # b"),
    ('A=`it\'s "so"`', 'it\'s "so"'),
    (r'A="a\nb\t\"c\" \\ \$X \x"', 'a\nb\t"c" \\ $X \\x'),
    (r"A='a\nb'", r"a\nb"),
    ('A="two\nlines"', "two\nlines"),
    ("A=$HOME `id` $(id)", "$HOME `id` $(id)"),
    ('A="${HOME}"', "${HOME}"),
    ("A=1\r\n", "1"),
    ("A=ü\u202e", "ü\u202e"),
    ("A=1\nA=2", "2"),
    ("# note\n\nA=1\n#B=2", "1"),
]


@pytest.mark.parametrize(("text", "value"), LINES)
def test_a_line_sets_what_it_says(text: str, value: str) -> None:
    assert parse_environment(text) == ({"A": value}, [])


@pytest.mark.parametrize("line", ["A", "1A=1", "A B=1", "A: 1", 'A="open', "A='x' y", "=1", "A\0=1", "A=\0", "<<<<<<<"])
def test_a_line_that_is_not_understood_is_named_and_the_rest_is_read(line: str) -> None:
    assert parse_environment(f"X=1\n\n{line}\nY=2\n") == ({"X": "1", "Y": "2"}, [3])


@given(
    st.dictionaries(
        st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True), st.text("ab\n#'\"`\\$= \t"), max_size=6
    )
)
def test_what_is_written_in_double_quotes_comes_back(values: dict[str, str]) -> None:
    def quoted(value: str) -> str:
        return value.replace("\\", "\\\\").replace('"', '\\"')

    text = "".join(f'{name}="{quoted(value)}"\n' for name, value in values.items())
    assert parse_environment(text) == (values, [])


@given(st.text("A=\n#'\"`\\ \t\0\r", max_size=60))
def test_any_text_is_read_and_wrong_lines_are_in_order(text: str) -> None:
    values, wrong = parse_environment(text)
    assert wrong == sorted(set(wrong))
    assert all(name and "\0" not in value for name, value in values.items())


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    workspace, root = tmp_path / "oslo", tmp_path / "repo"
    workspace.mkdir()
    root.mkdir()
    return workspace, root


def test_the_workspace_is_sought_before_the_repository(places: tuple[Path, Path]) -> None:
    workspace, root = places
    (root / ".env").write_text("A=root\n")
    (root / ".env.local").write_text("B=root\n")
    (workspace / ".env").write_text("A=oslo\n")
    files = [EnvironmentFile(".env", SHARED), EnvironmentFile(".env.local", SHARED)]
    found, troubles = read_environment_files(files, workspace, root)
    assert [file.variables.values for file in found] == [{"A": "oslo"}, {"B": "root"}]
    assert troubles == []


@pytest.mark.parametrize("path", ["../secret", "{outside}/secret", "link"])
def test_what_a_repository_names_cannot_reach_outside(places: tuple[Path, Path], tmp_path: Path, path: str) -> None:
    workspace, root = places
    (tmp_path / "secret").write_text("A=1\n")
    (workspace / "link").symlink_to(tmp_path / "secret")
    path = path.format(outside=tmp_path)
    for origin in (SHARED, LOCAL):
        found, (trouble,) = read_environment_files([EnvironmentFile(path, origin)], workspace, root)
        assert found == []
        assert "outside" in trouble.title
    found, troubles = read_environment_files([EnvironmentFile(path, USER)], workspace, root)
    assert [file.variables.values for file in found] == [{"A": "1"}]
    assert troubles == []


def test_the_user_may_name_a_file_in_their_home(places: tuple[Path, Path], home: Path) -> None:
    (home / "keys.env").write_text("A=1\n")
    found, _ = read_environment_files([EnvironmentFile("~/keys.env", USER)], *places)
    assert [file.variables.values for file in found] == [{"A": "1"}]


def test_what_cannot_be_read_is_named_without_its_content(places: tuple[Path, Path]) -> None:
    workspace, root = places
    (workspace / "folder").mkdir()
    (workspace / "latin").write_bytes(b"A=\xff s3cret\n")
    (workspace / "large").write_bytes(b"#" * (FILE_LIMIT + 1))
    (workspace / "lines").write_text("A=1\ns3cret\nB=2\n'\n")
    names = ["missing", "folder", "latin", "large", "lines"]
    found, troubles = read_environment_files([EnvironmentFile(name, SHARED) for name in names], workspace, root)
    assert [file.variables.values for file in found] == [{"A": "1", "B": "2"}]
    assert [trouble.cause.removeprefix(f"{workspace}/") for trouble in troubles] == [
        "missing: not found", "folder: not a file", "latin: not UTF-8", "large: larger than 1.0M",
        "lines: 2, 4",
    ]  # fmt: skip
    assert "s3cret" not in repr((found, troubles))
