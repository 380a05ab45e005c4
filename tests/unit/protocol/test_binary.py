from __future__ import annotations

from pathlib import Path

import pytest

from conductor_tui.domain.controls import version_numbers
from conductor_tui.domain.errors import CodexUnavailable
from conductor_tui.protocol import binary
from conductor_tui.protocol.binary import check_version, find_codex


def a_program(path: Path, mode: int = 0o755) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(mode)
    return path


def test_the_order_is_argument_setting_bundled_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    argument, setting, on_path = (a_program(tmp_path / name / "codex") for name in "abc")
    monkeypatch.setenv("PATH", str(on_path.parent))
    assert find_codex(str(argument), str(setting)).path == argument
    assert find_codex(None, str(setting)) == binary.CodexBinary(setting, "setting")
    assert find_codex().source == "bundled"
    monkeypatch.setattr(binary, "_bundled", lambda: None)
    assert find_codex() == binary.CodexBinary(on_path, "PATH")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda p: None, "does not exist"),
        (lambda p: p.mkdir(), "is a folder"),
        (lambda p: a_program(p, 0o644), "is not executable"),
    ],
)
def test_a_binary_that_cannot_run_is_named_with_where_it_came_from(tmp_path: Path, make: object, said: str) -> None:
    make(tmp_path / "x")  # type: ignore[operator]
    with pytest.raises(CodexUnavailable) as raised:
        find_codex(str(tmp_path / "x"))
    trouble = raised.value.trouble
    assert said in trouble.cause
    assert "--codex" in trouble.cause
    assert trouble.steps


def test_no_codex_at_all_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(binary, "_bundled", lambda: None)
    with pytest.raises(CodexUnavailable) as raised:
        find_codex()
    assert any("pip install" in step for step in raised.value.trouble.steps)


@pytest.mark.parametrize("version", ["0.144.0", "0.169.0", "1.0.0", "0.170.0-alpha.3", "", "nightly"])
def test_versions_that_pass(version: str) -> None:
    check_version(version, "codex")


def test_an_old_version_is_refused_with_what_to_do() -> None:
    with pytest.raises(CodexUnavailable) as raised:
        check_version("0.98.0", "/usr/bin/codex")
    assert "0.98.0" in raised.value.trouble.title
    assert "Update" in raised.value.trouble.steps[0]


def test_versions_are_numbers() -> None:
    assert version_numbers("0.163.0-alpha.1") == (0, 163, 0)
    assert version_numbers("x") is None
