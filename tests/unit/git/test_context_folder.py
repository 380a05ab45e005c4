"""The folder .context: made once, kept out of git, never through a link."""

from __future__ import annotations

import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from conductor_tui.domain.errors import RepositoryError
from conductor_tui.git.context_folder import bring_context, keep_context, prepare_context


def git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True, text=True)
    return done.stdout


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "repo"
    root.mkdir()
    git(root, "init", "-q")
    git(root, "commit", "-q", "--allow-empty", "-m", "first")
    return root


@pytest.fixture
def oslo(root: Path, tmp_path: Path) -> Path:
    git(root, "worktree", "add", "-q", "-b", "oslo", str(tmp_path / "oslo"))
    return tmp_path / "oslo"


def exclude(root: Path) -> Path:
    return root / ".git" / "info" / "exclude"


async def test_the_folder_is_made_and_git_does_not_see_it(root: Path, oslo: Path) -> None:
    assert await prepare_context(oslo) == oslo / ".context"
    assert sorted(path.name for path in (oslo / ".context").iterdir()) == [
        "attachments", "notes.md", "plans", "todos.md",
    ]  # fmt: skip
    assert git(oslo, "status", "--porcelain") == ""
    assert exclude(root).read_text().endswith("\n/.context/\n")
    assert not (oslo / ".gitignore").exists()


async def test_it_is_excluded_once_for_all_workspaces(root: Path, oslo: Path) -> None:
    for workspace in (oslo, root, oslo):
        await prepare_context(workspace)
    assert exclude(root).read_text().count(".context") == 1


async def test_what_is_there_stays(root: Path) -> None:
    (root / ".context").mkdir()
    (root / ".context" / "notes.md").write_text("mine")
    await prepare_context(root)
    assert (root / ".context" / "notes.md").read_text() == "mine"


@pytest.mark.parametrize("before", [None, "", "*.tmp", "*.tmp\n"])
async def test_the_users_lines_stay(root: Path, before: str | None) -> None:
    if before is None:
        exclude(root).unlink()
        exclude(root).parent.rmdir()
    else:
        exclude(root).write_text(before)
    await prepare_context(root)
    assert exclude(root).read_text().split() == [*(before or "").split(), "/.context/"]


async def test_a_gitignore_that_has_it_is_enough(root: Path) -> None:
    before = exclude(root).read_text()
    (root / ".gitignore").write_text(".context\n")
    await prepare_context(root)
    assert exclude(root).read_text() == before


async def test_a_repository_that_tracks_it_is_left_alone(root: Path) -> None:
    (root / ".context").mkdir()
    (root / ".context" / "team.md").write_text("x")
    git(root, "add", ".context")
    before = exclude(root).read_text()
    await prepare_context(root)
    assert exclude(root).read_text() == before
    assert [path.name for path in (root / ".context").iterdir()] == ["team.md"]


async def test_a_link_in_its_place_is_not_followed(root: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (root / ".context").symlink_to(tmp_path / "outside")
    with pytest.raises(RepositoryError) as caught:
        await prepare_context(root)
    assert str(root / ".context") in caught.value.trouble.steps[0]
    assert list((tmp_path / "outside").iterdir()) == []


async def test_outside_a_repository_git_says_so(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError):
        await prepare_context(tmp_path)


async def test_what_is_kept_comes_back_with_the_modes_of_its_folders(oslo: Path, tmp_path: Path) -> None:
    context = await prepare_context(oslo)
    (context / "plans" / "secret").mkdir()
    (context / "plans" / "secret" / "plan.md").write_text("x")
    modes = {".": 0o2770, "plans": 0o1777, "plans/secret": 0o700, "attachments": 0o700}
    for name, mode in modes.items():
        (context / name).chmod(mode)
    kept = tmp_path / "kept"
    await keep_context(oslo, kept)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    shutil.rmtree(context)
    await bring_context(kept, oslo)
    assert {name: stat.S_IMODE((context / name).stat().st_mode) for name in modes} == modes
    assert (context / "plans" / "secret" / "plan.md").read_text() == "x"
    (context / "plans").chmod(0o700)
    await bring_context(kept, oslo)
    assert stat.S_IMODE((context / "plans").stat().st_mode) == 0o700
    assert await prepare_context(oslo) == context
