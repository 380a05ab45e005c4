"""The demo's folder: private, and gone afterwards."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

import pytest

from conductor_tui.demo.world import DemoWorld, codex_config, make_repository
from conductor_tui.domain.errors import RepositoryError


class Servers:
    """Remembers whose server was ended."""

    def __init__(self) -> None:
        self.ended: list[Path] = []

    def __call__(self, codex_home: Path, state_dir: Path) -> None:
        self.ended.append(codex_home)


def git(path: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=path, check=True, capture_output=True, text=True).stdout.strip()


def test_the_repository_has_one_commit_and_an_identity_of_its_own(tmp_path: Path) -> None:
    with DemoWorld(tmp_path, Servers()) as world:
        assert git(world.repository, "status", "--porcelain=v2", "--branch").splitlines()[1] == "# branch.head main"
        assert git(world.repository, "log", "--format=%an") == "Demo"
        assert git(world.repository, "config", "--local", "user.name") == "Demo"


def test_codex_is_sent_to_the_scripted_model_and_trusts_the_repository(tmp_path: Path) -> None:
    with DemoWorld(tmp_path, Servers()) as world:
        config = tomllib.loads((world.codex_home / "config.toml").read_text())
        assert config["model_providers"][config["model_provider"]]["base_url"] == world.model.base_url
        assert config["projects"] == {str(world.repository): {"trust_level": "trusted"}}
        assert config["tools"]["update_plan"]["enabled"]


def test_closing_ends_the_server_and_removes_everything(tmp_path: Path) -> None:
    servers = Servers()
    with DemoWorld(tmp_path, servers) as world:
        folder = world.folder
    assert servers.ended == [folder / "codex-home"]
    assert not folder.exists()


def test_what_a_crashed_demo_left_is_removed_by_the_next(tmp_path: Path) -> None:
    left = tmp_path / "demo" / "world-crashed"
    (left / "codex-home").mkdir(parents=True)
    servers = Servers()
    with DemoWorld(tmp_path, servers):
        assert servers.ended == [left / "codex-home"]
        assert not left.exists()


def test_a_demo_that_still_runs_is_left_alone(tmp_path: Path) -> None:
    servers = Servers()
    with DemoWorld(tmp_path, servers) as first, DemoWorld(tmp_path, servers):
        assert servers.ended == []
        assert first.repository.is_dir()


def test_odd_paths_survive_the_configuration() -> None:
    odd = Path('/work/a "quoted" näme\nwith lines')
    assert tomllib.loads(codex_config("http://127.0.0.1:1/v1", [odd]))["projects"] == {
        str(odd): {"trust_level": "trusted"}
    }


def test_without_git_the_user_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RepositoryError) as told:
        make_repository(tmp_path / "shop", {"a": "b"})
    assert told.value.trouble.steps == ("Install git.",)
