"""Presets as files: read, written, renamed, removed; what the user wrote stays."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from conductor_tui.domain.controls import SandboxKind, SandboxPolicy, SettingsUpdate
from conductor_tui.settings.presets import (
    PresetError,
    delete_preset,
    name_problem,
    read_presets,
    rename_preset,
    save_preset,
)

WRITE = SandboxPolicy(SandboxKind.WORKSPACE_WRITE, network_access=True, writable_roots=("/srv",))
DEEP = SettingsUpdate(
    model="gpt-5.5",
    effort="high",
    is_plan_mode=True,
    service_tier="priority",
    approval_policy="untrusted",
    sandbox=SandboxPolicy(SandboxKind.READ_ONLY),
)
WIDE = SettingsUpdate(
    model="gpt-5.5", is_plan_mode=False, service_tier="default", approval_policy="never", sandbox=WRITE
)
MINE = """\
# my profile
model = "old"  # for now

[tools]
web_search = true  # yes

[sandbox_workspace_write]
network_access = false  # never
"""


@pytest.mark.parametrize(
    "values", [DEEP, WIDE, SettingsUpdate(model="m", is_plan_mode=False, permission_profile="mine")]
)
def test_what_is_saved_is_read_again(tmp_path: Path, values: SettingsUpdate) -> None:
    path = save_preset(tmp_path, "deep", values)
    (preset,) = read_presets(tmp_path)
    assert (preset.name, preset.values, preset.problem) == ("deep", values, "")
    assert path.stat().st_mode & 0o777 == 0o600


def test_only_keys_that_codex_knows_are_written(tmp_path: Path) -> None:
    data = tomllib.loads(save_preset(tmp_path, "deep", DEEP).read_text())
    assert data == {
        "model": "gpt-5.5",
        "model_reasoning_effort": "high",
        "service_tier": "priority",
        "sandbox_mode": "read-only",
    }


def test_replacing_keeps_the_users_keys_and_comments_the_mode_and_the_link(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text(MINE)
    real.chmod(0o640)
    link = tmp_path / "mine.config.toml"
    link.symlink_to(real)
    save_preset(tmp_path, "mine", WIDE)
    save_preset(tmp_path, "mine", WIDE)
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    text = real.read_text()
    for kept in ("# my profile", "# for now", "web_search = true  # yes"):
        assert kept in text
    assert text.count("conductor-tui:") == 1
    (preset,) = read_presets(tmp_path)
    assert preset.values == WIDE
    assert preset.further == ("tools",)
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    "text",
    [
        "sandbox_workspace_write = { network_access = false, exclude_slash_tmp = true } # mine\n",
        "sandbox_workspace_write = {}\n",
        'sandbox_workspace_write.network_access = false\nmodel = "old"\n',
        '[sandbox_workspace_write]\nwritable_roots = [\n  "/old", # first\n]\n',
    ],
)
def test_a_table_in_any_form_takes_the_values(tmp_path: Path, text: str) -> None:
    """tomlkit 0.15.0 wrote `{network_access = true,, …}` when it updated an inline table."""
    (tmp_path / "mine.config.toml").write_text(text)
    save_preset(tmp_path, "mine", WIDE)
    (preset,) = read_presets(tmp_path)
    assert preset.problem == ""
    assert preset.values == WIDE


def test_a_rule_of_the_users_own_for_when_codex_asks_stays(tmp_path: Path) -> None:
    (tmp_path / "mine.config.toml").write_text("[approval_policy.granular]\nrules = true\n")
    save_preset(tmp_path, "mine", SettingsUpdate(model="m"))
    data = tomllib.loads((tmp_path / "mine.config.toml").read_text())
    assert data["approval_policy"] == {"granular": {"rules": True}}
    assert data["model"] == "m"


def test_what_a_file_does_not_say_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "low.config.toml").write_text('model_reasoning_effort = "low"\n')
    assert read_presets(tmp_path)[0].values == SettingsUpdate(effort="low")


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a", 'model = "x"\nmodel_reasoning_effort =\n', "a.config.toml:2: Invalid value"),
        ("a", '# one\n\nmodel = ["x"]\n', "a.config.toml:3: model must be text"),
        ("a", 'sandbox_mode = "wide"\n', "a.config.toml:1: sandbox_mode must be one of read-only, "),
        ("a", 'approval_policy = "later"\n', "a.config.toml:1: approval_policy must be one of "),
        ("a", "sandbox_workspace_write = 1\n", "a.config.toml:1: sandbox_workspace_write must be a table"),
        ("a.b", 'model = "x"\n', "a.b.config.toml: rename the file. Use letters"),
    ],
)
def test_a_broken_file_is_listed_with_its_line(tmp_path: Path, name: str, text: str, problem: str) -> None:
    (tmp_path / f"{name}.config.toml").write_text(text)
    (tmp_path / "config.toml").write_text("")
    (preset,) = read_presets(tmp_path)
    assert preset.problem.startswith(problem)
    assert preset.values == SettingsUpdate()


def test_a_file_that_cannot_be_read_is_listed(tmp_path: Path) -> None:
    (tmp_path / "bytes.config.toml").write_bytes(b"model = '\xff'\n")
    (tmp_path / "folder.config.toml").mkdir()
    (tmp_path / "gone.config.toml").symlink_to(tmp_path / "nowhere")
    assert [bool(p.problem) for p in read_presets(tmp_path)] == [True, True, True]
    assert read_presets(tmp_path / "nothing") == []


@pytest.mark.parametrize("name", ["deep", "Deep_2", "a-b", "9", "x" * 64])
def test_good_names(name: str) -> None:
    assert name_problem(name) == ""


@pytest.mark.parametrize("name", ["", "config", "a/b", "../a", "a b", "a.b", "-a", "ü", "x" * 65, "a\n", ".", "~"])
def test_names_that_do_not_do(tmp_path: Path, name: str) -> None:
    assert name_problem(name)
    with pytest.raises(PresetError):
        save_preset(tmp_path, name, DEEP)
    assert not list(tmp_path.iterdir())


def test_renaming_never_replaces_another(tmp_path: Path) -> None:
    save_preset(tmp_path, "one", DEEP)
    save_preset(tmp_path, "two", WIDE)
    one, two = read_presets(tmp_path)
    with pytest.raises(PresetError, match="preset two already exists"):
        rename_preset(one, "two")
    rename_preset(one, "three")
    assert [(p.name, p.values) for p in read_presets(tmp_path)] == [("three", DEEP), ("two", WIDE)]
    with pytest.raises(PresetError, match="cannot be renamed: No such file"):
        rename_preset(one, "four")
    delete_preset(two)
    delete_preset(two)
    assert [p.name for p in read_presets(tmp_path)] == ["three"]


def test_a_folder_that_takes_no_files_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PresetError, match=r"deep\.config\.toml cannot be written"):
        save_preset(tmp_path / "file", "deep", DEEP)
