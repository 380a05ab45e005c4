"""Files are replaced whole or not at all, privately, and never over what somebody else wrote."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conductor_tui.fileio.atomic import read_or_none, replace_file, write_private


def test_what_is_written_is_the_users_alone_and_leaves_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "entry.json"
    path.write_text("older")
    path.chmod(0o644)
    write_private(path, b"newer")
    assert path.read_bytes() == b"newer"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "entry.json"
    path.write_text("older")

    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_private(path, b"newer")
    assert path.read_text() == "older"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_changed_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    assert replace_file(path, None, b"a = 1\n")
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    assert not replace_file(path, b"a = 0\n", b"a = 2\n")
    assert not replace_file(path, None, b"a = 2\n")
    assert read_or_none(path) == b"a = 1\n"
    assert replace_file(path, b"a = 1\n", b"a = 2\n")
    assert read_or_none(path) == b"a = 2\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]
    assert read_or_none(tmp_path / "none") is None
