from __future__ import annotations

from pathlib import Path

import pytest

from conductor_tui.settings import paths
from conductor_tui.settings.load import load_settings, repository_troubles
from conductor_tui.settings.model import AppSettings


def test_no_file_means_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "none.toml") == (AppSettings(), [])


def test_values_are_read(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(
        '[codex]\nexecutable = "/x"\n[ui]\ntheme = "nord"\n[keys]\n"view.diff" = ["ctrl+d"]\n"app.help" = []\n'
    )
    settings, troubles = load_settings(file)
    assert (settings.codex.executable, settings.ui.theme) == ("/x", "nord")
    assert settings.keys == {"view.diff": ("ctrl+d",), "app.help": ()}
    assert troubles == []


def test_a_wrong_key_names_the_nearest_and_the_rest_applies(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[ui]\nthme = "nord"\n[codex]\nexecutable = "/x"\n')
    settings, (trouble,) = load_settings(file)
    assert settings.codex.executable == "/x"
    assert trouble.title == "Unknown setting ui.thme"
    assert trouble.cause == str(file)
    assert trouble.steps == ("Did you mean ui.theme?",)


@pytest.mark.parametrize("text", ["[ui\n", "ui = 3\n", "[ui]\ntheme = 3\n", "[keys]\nx = 3\n", "\udcff"])
def test_a_broken_file_never_stops_the_app(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    settings, troubles = load_settings(file)
    assert settings.ui.theme == ""
    assert str(file) in troubles[0].cause


def test_a_repository_cannot_choose_the_binary(tmp_path: Path) -> None:
    (tmp_path / ".conductor").mkdir()
    (tmp_path / ".conductor" / "settings.toml").write_text('codex_executable_path = "./evil"\n')
    (trouble,) = repository_troubles(tmp_path)
    assert "not used" in trouble.title
    assert repository_troubles(tmp_path / "other") == []


def test_codex_home_is_absolute(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("CODEX_HOME", "relative/home")
    assert paths.codex_home().is_absolute()
    monkeypatch.delenv("CODEX_HOME")
    assert paths.codex_home() == home / ".codex"


def test_a_settings_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.mkdir()
    settings, (trouble,) = load_settings(path)
    assert settings == AppSettings()
    assert str(path) in trouble.cause
