from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conductor_tui.domain.diff_parser import diff_of_patch, parse_unified_diff
from conductor_tui.domain.diffs import FileChangeKind, FileDiff, LineKind
from conductor_tui.domain.items import FilePatch, PatchKind


def lines_of(diff: FileDiff, *kinds: LineKind) -> list[str]:
    return [line.text for hunk in diff.hunks for line in hunk.lines if line.kind in kinds]


def test_a_changed_file() -> None:
    (diff,) = parse_unified_diff(
        "diff --git a/x.py b/x.py\nindex 1..2 100644\n--- a/x.py\n+++ b/x.py\n"
        "@@ -1,3 +1,3 @@ def f():\n one\n-two\n+zwei\n three\n"
    )
    assert (diff.path, diff.kind, diff.added, diff.deleted) == ("x.py", FileChangeKind.MODIFIED, 1, 1)
    assert diff.hunks[0].heading == "def f():"
    assert [(ln.old_number, ln.new_number) for ln in diff.hunks[0].lines] == [(1, 1), (2, None), (None, 2), (3, 3)]


def test_lines_that_look_like_headers_stay_lines() -> None:
    (diff,) = parse_unified_diff(
        "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n--- a/evil\n+++ b/evil\n context\n"
    )
    assert (diff.added, diff.deleted, diff.path) == (1, 1, "x")


@pytest.mark.parametrize(
    "name", ["plain", "with space", 'quo"te', "tab\there", "ünïcode", "new\nline", "-dash", "b/b/x b/y"]
)
def test_names_as_git_writes_them(tmp_path: Path, name: str) -> None:
    (path := tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    git = ["git", "-C", str(tmp_path)]
    path.write_text("old\n")
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run([*git, *command], check=True)
    path.write_text("new\n")
    out = subprocess.run([*git, "diff", "HEAD"], check=True, capture_output=True).stdout
    (diff,) = parse_unified_diff(out.decode("utf-8", "surrogateescape"))
    assert (diff.path, diff.added, diff.deleted) == (name, 1, 1)


def test_renames_modes_binaries_and_deletions() -> None:
    diffs = parse_unified_diff(
        "diff --git a/old name b/new name\nsimilarity index 100%\nrename from old name\nrename to new name\n"
        "diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n"
        "diff --git a/pic b/pic\nindex 1..2\nBinary files a/pic and b/pic differ\n"
        "diff --git a/gone b/gone\ndeleted file mode 100644\n--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
    )
    assert [(d.path, d.kind) for d in diffs] == [
        ("new name", FileChangeKind.RENAMED),
        ("run.sh", FileChangeKind.MODIFIED),
        ("pic", FileChangeKind.MODIFIED),
        ("gone", FileChangeKind.DELETED),
    ]
    assert diffs[0].old_path == "old name"
    assert (diffs[1].old_mode, diffs[1].new_mode) == ("100644", "100755")
    assert diffs[2].is_binary


def test_a_missing_newline_is_told() -> None:
    (diff,) = parse_unified_diff(
        "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n"
        "-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n"
    )
    assert [ln.kind for ln in diff.hunks[0].lines].count(LineKind.NO_NEWLINE) == 2


def test_the_end_of_a_cut_diff_is_no_empty_line() -> None:
    begin = "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n"
    (cut,) = parse_unified_diff(begin)
    assert [(ln.kind, ln.text) for ln in cut.hunks[0].lines] == [(LineKind.CONTEXT, "a")]
    (stripped,) = parse_unified_diff(f"{begin}\n+b\n-c\n")  # an editor took the blank of an empty line away
    assert [(ln.kind, ln.text) for ln in stripped.hunks[0].lines][1] == (LineKind.CONTEXT, "")


def test_codex_patches_of_all_kinds() -> None:
    added = diff_of_patch(FilePatch("n.py", PatchKind.ADD, "one\ntwo\n"))
    deleted = diff_of_patch(FilePatch("o.py", PatchKind.DELETE, "one\n"))
    moved = diff_of_patch(FilePatch("a", PatchKind.UPDATE, "@@ -1,1 +1,1 @@\n-x\n+y\n\n\nMoved to: b", "b"))
    assert (added.added, added.kind) == (2, FileChangeKind.ADDED)
    assert (deleted.deleted, deleted.kind) == (1, FileChangeKind.DELETED)
    assert (moved.path, moved.old_path, moved.added, moved.deleted) == ("b", "a", 1, 1)


line = st.text(st.sampled_from("ab +-@\\\f\x1f\u2028é"), max_size=6)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=st.lists(line, max_size=12), new=st.lists(line, max_size=12))
def test_both_sides_of_gits_diff_are_found_again(tmp_path: Path, old: list[str], new: list[str]) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    a.write_text("".join(f"{ln}\n" for ln in old), newline="")
    b.write_text("".join(f"{ln}\n" for ln in new), newline="")
    command = ["git", "diff", "--no-index", "--text", "-U1000", str(a), str(b)]
    out = subprocess.run(command, capture_output=True, check=False).stdout.decode()
    diffs = parse_unified_diff(out)
    if old == new:
        assert diffs == ()
    else:
        assert lines_of(diffs[0], LineKind.CONTEXT, LineKind.DELETED) == old
        assert lines_of(diffs[0], LineKind.CONTEXT, LineKind.ADDED) == new


@given(st.text())
def test_any_text_can_be_parsed(text: str) -> None:
    parse_unified_diff(text)
    parse_unified_diff("diff --git a/x b/x\n@@ -1,5 +1,5 @@\n" + text)
