from __future__ import annotations

from pathlib import Path

from conductor_tui.domain.scripts import RepositoryScripts, RunMode, Script, ScriptKind
from conductor_tui.settings.repository_scripts import read_scripts


def write(root: Path, text: str, name: str = "settings.toml") -> None:
    (root / ".conductor").mkdir(exist_ok=True)
    (root / ".conductor" / name).write_text(text)


def test_no_file_means_no_scripts(tmp_path: Path) -> None:
    assert read_scripts(tmp_path) == (RepositoryScripts(), [])


def test_scripts_and_rules_are_read(tmp_path: Path) -> None:
    write(
        tmp_path,
        """
        [scripts]
        setup = "npm i"
        archive = "docker compose down"
        run_mode = "nonconcurrent"
        auto_run_after_setup = true
        [scripts.run.dev]
        command = "npm run"
        args = ["dev", "a b"]
        options = { cwd = "web" }
        default = true
        [scripts.run.cloud]
        command = "x"
        available_in = ["cloud"]
        """,
    )
    scripts, troubles = read_scripts(tmp_path)
    assert not troubles
    assert (scripts.run_mode, scripts.is_run_after_setup) == (RunMode.NONCONCURRENT, True)
    assert [s.name for s in scripts.scripts] == ["setup", "archive", "run dev"]
    assert scripts.default_run is not None
    assert (scripts.default_run.command, scripts.default_run.cwd) == ("npm run dev 'a b'", "web")


def test_the_local_file_is_over_the_shared_one(tmp_path: Path) -> None:
    write(tmp_path, '[scripts]\nsetup = "shared"\n[scripts.run.a]\ncommand = "a"')
    write(tmp_path, '[scripts]\nsetup = "mine"', "settings.local.toml")
    scripts, _ = read_scripts(tmp_path)
    assert [(s.id, s.text) for s in scripts.scripts] == [("setup", "mine"), ("a", "a")]


def test_the_older_single_command_is_a_run_script(tmp_path: Path) -> None:
    write(tmp_path, '[scripts]\nrun = "npm start"')
    scripts, _ = read_scripts(tmp_path)
    assert scripts.default_run == Script("run", ScriptKind.RUN, "npm start", origin=".conductor/settings.toml")


def test_what_is_wrong_is_named_and_the_rest_applies(tmp_path: Path) -> None:
    write(tmp_path, '[scripts]\nsetup = 3\nrun_mode = "fast"\nrun = { a = 1, b = { command = "b", args = 2 } }')
    scripts, troubles = read_scripts(tmp_path)
    assert [s.id for s in scripts.scripts] == ["b"]
    assert [t.title for t in troubles] == ["The run script a has no command"]
    write(tmp_path, "[scripts\n")
    assert [t.title for t in read_scripts(tmp_path)[1]] == ["The repository's settings cannot be read"]
    write(tmp_path, "[scripts]\nrun = 5")
    assert read_scripts(tmp_path)[0].scripts == ()
