from __future__ import annotations

from pathlib import Path

import pytest

from conductor_tui.settings import paths
from conductor_tui.settings.load import load_settings, repository_troubles
from conductor_tui.settings.model import AppSettings, UiSettings
from conductor_tui.settings.origins import ValueSource, places, standings
from conductor_tui.settings.schema import SETTINGS, SettingError, setting_of
from conductor_tui.settings.user_file import read_user_file


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


@pytest.mark.parametrize(
    "text",
    ["[ui\n", "ui = 3\n", "keys = 3\n", "[ui]\ntheme = 3\n", "[ui]\nmouse = 1\n", "[keys]\nx = 3\n", "\udcff"],
)
def test_a_broken_file_never_stops_the_app(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    settings, (trouble,) = load_settings(file)
    assert settings == AppSettings()
    assert str(file) in trouble.cause


@pytest.mark.parametrize(
    ("line", "title", "step"),
    [
        ('theme = "conductor-lite"', "ui.theme must be one of conductor-dark, ", "Did you mean conductor-light?"),
        ('mouse = "no"', "ui.mouse must be true or false", "Until then it is true."),
        ("mouse = 0", "ui.mouse must be true or false", "Until then it is true."),
        ("composer_lines = 0", "ui.composer_lines must be a whole number from 2 to 40", "Until then it is 10."),
        ("composer_lines = true", "ui.composer_lines must be a whole number from 2 to 40", "Until then it is 10."),
        ("composer_lines = 4.5", "ui.composer_lines must be a whole number from 2 to 40", "Until then it is 10."),
    ],
)
def test_a_wrong_value_is_named_with_what_is_taken_and_the_rest_applies(
    tmp_path: Path, line: str, title: str, step: str
) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f'[ui]\n{line}\ndiff = "open"\n')
    settings, (trouble,) = load_settings(file)
    assert settings == AppSettings(ui=UiSettings(diff="open"))
    assert trouble.title.startswith(title)
    assert (trouble.steps, str(file) in trouble.cause) == ((step,), True)


def test_a_syntax_error_is_named_by_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[ui]\ntheme = = 1\n")
    _, (trouble,) = load_settings(file)
    assert f"{file}, line 2, column 9" in trouble.cause


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("ui.mouse", "off", False),
        ("ui.mouse", "TRUE", True),
        ("ui.composer_lines", " 8 ", 8),
        ("ui.diff", "as before", "as before"),
        ("codex.executable", "", ""),
        ("codex.executable", "sh", "sh"),
    ],
)
def test_values_are_read_as_people_write_them(name: str, text: str, value: object) -> None:
    assert setting_of(name).read(text) == value


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("ui.mouse", "maybe", "true or false"),
        ("ui.composer_lines", "99", "2 to 40"),
        ("ui.composer_lines", "x", "2 to 40"),
        ("ui.theme", "nrod", "did you mean nord"),
        ("codex.executable", "/no/such", "not a program"),
    ],
)
def test_what_a_setting_does_not_take_is_refused_in_words(name: str, text: str, words: str) -> None:
    with pytest.raises(SettingError, match=words):
        setting_of(name).read(text)


def test_every_setting_is_explained_and_takes_its_own_default() -> None:
    for setting in SETTINGS.values():
        assert setting.meaning.endswith(".")
        assert setting.accepts(setting.default)


def test_every_value_says_where_it_comes_from(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[codex]\nexecutable = "/mine"\n[ui]\ntheme = "conductor-dark"\nmouse = 3\n')
    (tmp_path / ".conductor").mkdir()
    (tmp_path / ".conductor" / "settings.toml").write_text('codex_executable_path = "bin/codex"\n')
    by_id = {s.setting.id: s for s in standings(read_user_file(path), root=tmp_path)}
    executable = by_id["codex.executable"]
    assert (executable.value, executable.origin) == ("/mine", ValueSource.USER)
    assert "bin/codex, which is not used" in executable.note
    assert executable.offered == str(tmp_path / "bin" / "codex")
    assert by_id["ui.theme"].origin is ValueSource.USER, "said, though it is the default"
    assert (by_id["ui.mouse"].value, by_id["ui.mouse"].origin) == (True, ValueSource.DEFAULT), (
        "a wrong value decides nothing"
    )
    executable = standings(read_user_file(path), codex_option="/other")[0]
    assert (executable.value, executable.origin) == ("/other", ValueSource.OPTION)
    assert "/mine" in executable.note


def test_places_name_the_variable_that_decides_them(home: Path) -> None:
    by_name = {f.name: f for f in places({"CODEX_HOME": "x"})}
    assert by_name["Codex's home"].origin == "CODEX_HOME"
    assert by_name["settings file"].origin == "default"
    assert {f.name: f for f in places({}, codex_home=home)}["Codex's home"].origin == "this demo"


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
