"""A window that is killed at any step of create, archive and restore leaves what the next start repairs or explains."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from conductor_tui.domain.workspaces import WorkspaceRecord, WorkspaceState
from tests.unit.git.worlds import git, on_disk, status
from tests.unit.services.workspace_world import Window, make_windows

LAST = 20
"""More steps than there are."""


def killed_at(step: int, what: str, folder: Path, root: Path, where: str = "") -> bool:
    """Whether a window that does `what` was killed at this step, or in this function; False when it was done before."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.services.workspace_world", str(folder), str(root), what, str(step)]
        + ([where] if where else []),
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, -9), done.stderr
    return done.returncode == -9


async def reopened(window: Window) -> tuple[WorkspaceRecord | None, tuple[str, ...]]:
    """The workspace as the next start has it, and what that says."""
    said = await window.workspaces.repair()
    await window.workspaces.refresh()
    assert not await window.workspaces.repair()
    return window.named("lima"), tuple(trouble.title for trouble in said)


async def test_a_window_killed_while_it_makes_a_workspace(tmp_path: Path) -> None:
    world, window = await make_windows(tmp_path)
    ended = set()
    for step in range(1, LAST):
        before = git(world.root, "for-each-ref"), git(world.root, "worktree", "list")
        was_killed = killed_at(step, "create", tmp_path, world.root)
        record, said = await reopened(window)
        if record is None:
            assert (git(world.root, "for-each-ref"), git(world.root, "worktree", "list")) == before, step
            assert not (tmp_path / "made here" / world.root.name / "lima").exists()
            ended.add(said)
            continue
        assert record.state is WorkspaceState.READY, step
        assert (record.branch, record.made_branch) == ("lima", "lima")
        assert (record.path / ".env").exists()
        assert (record.path / ".context" / "todos.md").exists()
        assert not status(record.path)
        assert said == (("Workspace lima is ready",) if was_killed else ())
        ended.add(said)
        await window.workspaces.delete(await window.archive(record, delete_branch=True), drop_salvage=True)
        if not was_killed:
            break
    assert ended == {(), ("Workspace lima was not made",), ("Workspace lima is ready",)}
    window.close()


async def test_a_window_killed_while_it_archives_or_restores(tmp_path: Path) -> None:
    world, window = await make_windows(tmp_path)
    record = await window.create("lima")
    (record.path / "a.txt").write_text("changed\n")
    (record.path / "new.txt").write_text("new\n")
    (record.path / ".context" / "notes.md").write_text("remember\n")
    before = on_disk(record.path)
    seen = set()
    for step in range(1, LAST):
        was_killed = killed_at(step, "archive", tmp_path, world.root)
        found, said = await reopened(window)
        assert found is not None
        seen.add((found.state, bool(said)))
        if found.state is WorkspaceState.READY:
            assert on_disk(record.path) == before, step
            continue
        assert found.state is WorkspaceState.ARCHIVED
        if not was_killed:
            break
        await window.workspaces.restore(found)
        assert on_disk(record.path) == before, step
    assert (WorkspaceState.READY, True) in seen
    for step in range(1, LAST):
        was_killed = killed_at(step, "restore", tmp_path, world.root)
        found, said = await reopened(window)
        assert found is not None
        seen.add((found.state, bool(said)))
        if found.state is WorkspaceState.ARCHIVED:
            assert not record.path.exists(), step
            continue
        assert found.state is WorkspaceState.READY
        assert on_disk(record.path) == before, step
        if not was_killed:
            break
        await window.archive(found)
    assert (WorkspaceState.ARCHIVED, True) in seen
    window.close()


@pytest.mark.parametrize(
    ("where", "state"),
    [
        ("conductor_tui.git.removal:delete_files", WorkspaceState.ARCHIVING),
        ("conductor_tui.git.removal:forget_worktree", WorkspaceState.ARCHIVING),
        ("conductor_tui.git.removal:_end", WorkspaceState.ARCHIVED),
        ("conductor_tui.services.workspaces.archiving:WorkspaceEnding.archived", WorkspaceState.ARCHIVED),
    ],
)
async def test_a_removal_that_is_cut_short_is_ended_or_explained(
    where: str, state: WorkspaceState, tmp_path: Path
) -> None:
    world, window = await make_windows(tmp_path)
    record = await window.create("lima")
    (record.path / "a.txt").write_text("changed\n")
    (record.path / "new.txt").write_text("new\n")
    (record.path / ".context" / "notes.md").write_text("remember\n")
    before = on_disk(record.path)
    assert killed_at(0, "archive", tmp_path, world.root, where)
    said = await window.workspaces.repair()
    await window.workspaces.refresh()
    found = window.named("lima")
    assert found is not None
    assert found.state is state
    assert len(said) == 1
    if state is WorkspaceState.ARCHIVING:
        assert "Archive it again" in found.trouble
        found = await window.archive(found)
    assert not record.path.exists()
    restored = await window.workspaces.restore(found)
    assert on_disk(restored.path) == before
    window.close()


@pytest.mark.parametrize(
    "where",
    [
        "conductor_tui.git.restore:finish",
        "conductor_tui.services.workspaces.creation:WorkspaceCreation.equip",
        "conductor_tui.storage.workspaces:WorkspaceStore.change",
    ],
)
async def test_a_restore_that_is_cut_short_is_ended_or_taken_back(where: str, tmp_path: Path) -> None:
    world, window = await make_windows(tmp_path)
    record = await window.create("lima")
    (record.path / "new.txt").write_text("new\n")
    (record.path / ".context" / "notes.md").write_text("remember\n")
    before = on_disk(record.path)
    archived = await window.archive(record)
    assert killed_at(0, "restore", tmp_path, world.root, where)
    found, _ = await reopened(window)
    assert found is not None
    if found.state is WorkspaceState.ARCHIVED:
        assert not record.path.exists()
        found = await window.workspaces.restore(archived)
    assert found.state is WorkspaceState.READY
    assert on_disk(record.path) == before
    window.close()
