"""Whatever is in a workspace: archiving removes nothing that was not listed, and what is listed as kept comes back."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conductor_tui.domain.worktrees import Changed
from tests.unit.git.worlds import git, on_disk
from tests.unit.services.workspace_world import make_windows

NAMES = ["a.txt", "sub/b.txt", "new.txt", "sub/new.txt", "x.log", "build/y", ".context/notes.md", ".env"]
EDITS = st.lists(
    st.tuples(st.sampled_from(["write", "stage", "commit", "delete"]), st.sampled_from(NAMES), st.integers(0, 9)),
    max_size=6,
)


def edit(path: Path, what: str, name: str, number: int) -> None:
    file = path / name
    if what == "delete":
        file.unlink(missing_ok=True)
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{what} {number}\n")
    if what in ("stage", "commit") and name.split("/")[0] not in (".context", "build", ".env", "x.log"):
        git(path, "add", "--", name)
        if what == "commit":
            git(path, "commit", "-qm", f"{name} {number}", check=False)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(EDITS, EDITS, st.booleans())
async def test_archiving_removes_nothing_that_was_not_listed(
    before: list[tuple[str, str, int]], late: list[tuple[str, str, int]], deletes_branch: bool
) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        _, window = await make_windows(folder)
        record = await window.create("lima")
        for change in before:
            edit(record.path, *change)
        losses = await window.workspaces.losses(record, delete_branch=deletes_branch)
        seen = on_disk(record.path)
        for change in late:
            edit(record.path, *change)
        there, head = on_disk(record.path), git(record.path, "rev-parse", "HEAD")
        done = await window.workspaces.archive(record, losses.fingerprint, delete_branch=deletes_branch)
        if isinstance(done, Changed):
            assert on_disk(record.path) == there
            done = await window.archive(record, delete_branch=deletes_branch)
        else:  # only what git ignores may differ from what was seen
            changed = {name for name in there.keys() | seen.keys() if there.get(name) != seen.get(name)}
            assert all(name.split(b"/")[0] in (b".context", b"build", b".env", b"x.log") for name in changed)
        restored = await window.workspaces.restore(done)
        back = on_disk(restored.path)
        lost = {name for name in there if back.get(name) != there[name]}
        assert all(name.split(b"/")[0] in (b"build", b".env", b"x.log") for name in lost), lost
        assert git(restored.path, "rev-parse", "HEAD") == head
        window.close()
    finally:
        shutil.rmtree(folder)
