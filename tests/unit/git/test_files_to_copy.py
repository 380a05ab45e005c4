"""Which files a new worktree gets, and the copying: in real repositories and worktrees."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conductor_tui.domain.copied_files import CopiedFiles, SkippedFile
from conductor_tui.domain.errors import RepositoryError
from conductor_tui.git.copy import CopyLimits, copy_files
from conductor_tui.git.files_to_copy import CopyPatterns, FilesToCopy, copy_patterns, files_to_copy

IGNORED = ".env*\nnode_modules/\ncerts/\nbuild\n*.local.json\n"


def git(root: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True).stdout


def put(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"{name}\n")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "a repo's «näme»"
    root.mkdir()
    git(root, "init", "-q")
    put(root, "src/a.py", "api/b.py")
    (root / ".gitignore").write_text(IGNORED)
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    return root


@pytest.fixture
def oslo(root: Path, tmp_path: Path) -> Path:
    git(root, "worktree", "add", "-q", "-b", "oslo", str(tmp_path / "oslo"))
    return tmp_path / "oslo"


async def named(root: Path, text: str) -> list[str]:
    found = await files_to_copy(root, CopyPatterns(text.encode(), "test"))
    return [os.fsdecode(path) for path in found.paths]


async def copied(root: Path, target: Path, text: str, limits: CopyLimits | None = None) -> CopiedFiles:
    return copy_files(root, target, await files_to_copy(root, CopyPatterns(text.encode(), "test")), limits)


def test_the_include_file_comes_before_the_settings_before_the_default(root: Path) -> None:
    assert copy_patterns(root, None) == CopyPatterns(b".env*\n", "the default")
    assert copy_patterns(root, "x\n") == CopyPatterns(b"x\n", "file_include_globs")
    assert copy_patterns(root, "").text == b""
    (root / ".worktreeinclude").write_bytes(b"\xff\n")
    assert copy_patterns(root, "x\n") == CopyPatterns(b"\xff\n", ".worktreeinclude")


def test_an_include_file_that_cannot_be_read_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / ".worktreeinclude").write_text("x")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(RepositoryError) as caught:
        copy_patterns(root, None)
    assert ".worktreeinclude: Permission denied" in caught.value.trouble.cause


async def test_ignored_files_of_the_patterns_are_named(root: Path) -> None:
    put(root, ".env", ".env.local", "api/.env", "deep/er/.env", "config/x.local.json", "other")
    assert await named(root, ".env*\n") == [".env", ".env.local", "api/.env", "deep/er/.env"]
    assert await named(root, "/.env\n") == [".env"]
    assert await named(root, "# all\n.env*\n!.env.local\n\nconfig/*.json\n") == [
        ".env", "api/.env", "config/x.local.json", "deep/er/.env",
    ]  # fmt: skip
    assert await named(root, "") == await named(root, "\n \n") == []


async def test_what_is_tracked_or_not_ignored_stays_behind(root: Path) -> None:
    put(root, ".env.example", ".env", "note.txt")
    git(root, "add", "-f", ".env.example")
    found = await files_to_copy(root, CopyPatterns(b"*\n", "test"))
    assert found.paths == (b".env",)
    assert [skip.path for skip in found.skipped] == ["note.txt"]
    assert "does not ignore" in found.skipped[0].reason


async def test_a_bare_name_does_not_reach_into_a_folder_that_is_ignored_as_a_whole(root: Path) -> None:
    put(root, ".env", "node_modules/p/.env", "node_modules/p/index.js", "node_modules/q/index.js")
    found = await files_to_copy(root, CopyPatterns(b".env*\n", "test"))
    assert found == FilesToCopy((b".env",), passed_over=("node_modules/",))
    assert await named(root, "**/.env\n") == [".env"]
    assert await named(root, "node_modules/*/.env\n") == ["node_modules/p/.env"]
    assert await named(root, "node_modules/\n!index.js\n") == [
        f"node_modules/{name}" for name in ("p/.env", "p/index.js", "q/index.js")
    ]


@pytest.mark.parametrize("patterns", ["certs/", "certs", "certs/**", "/certs/*", "*.pem", "**/certs/dev.pem", "cer*"])
async def test_a_folder_is_named_in_many_ways(root: Path, patterns: str) -> None:
    put(root, "certs/dev.pem")
    assert await named(root, f"{patterns}\n") == ["certs/dev.pem"]


async def test_windows_line_ends_are_read(root: Path) -> None:
    put(root, ".env", "certs/dev.pem", "certs/other")
    assert await named(root, ".env\r\n/certs/dev.pem\r\n") == [".env", "certs/dev.pem"]


async def test_repositories_inside_are_not_copied(root: Path) -> None:
    put(root, "build/inner/f", "build/inner/.env")
    git(root / "build" / "inner", "init", "-q")
    found = await files_to_copy(root, CopyPatterns(b"build/**\n.git\n", "test"))
    assert found.paths == ()
    assert found.skipped == (SkippedFile("build/inner/", "it is a repository of its own"),)


async def test_no_repository_is_said(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError):
        await named(tmp_path, ".env\n")


async def test_files_are_copied_with_their_modes_and_links_as_links(root: Path, oslo: Path) -> None:
    put(root, ".env", "certs/dev.pem", "certs/run")
    (root / ".env").chmod(0o600)
    (root / "certs" / "run").chmod(0o755)
    (root / "certs").chmod(0o700)
    os.utime(root / ".env", ns=(1, 1_000_000_000))
    (root / ".env.link").symlink_to("../outside/nowhere")
    report = await copied(root, oslo, ".env*\ncerts/\n")
    assert report == CopiedFiles((".env", ".env.link", "certs/dev.pem", "certs/run"), size=29)
    assert report.is_complete
    assert (oslo / ".env").read_text() == ".env\n"
    assert [(oslo / name).stat().st_mode & 0o777 for name in (".env", "certs/run", "certs")] == [0o600, 0o755, 0o700]
    assert (oslo / ".env").stat().st_mtime_ns == 1_000_000_000
    assert (oslo / ".env.link").readlink() == Path("../outside/nowhere")
    assert git(oslo, "status", "--porcelain") == b""


async def test_nothing_is_overwritten(root: Path, oslo: Path) -> None:
    put(root, ".env", ".env.local", "certs/a")
    (oslo / ".env").write_text("mine")
    (oslo / ".env.local").symlink_to("nowhere")
    (oslo / "certs" / "a").mkdir(parents=True)
    report = await copied(root, oslo, ".env*\ncerts/\n")
    assert report.copied == ()
    assert {skip.reason for skip in report.skipped} == {"it is there already"}
    assert (oslo / ".env").read_text() == "mine"
    assert (oslo / ".env.local").is_symlink()


async def test_a_link_in_the_way_does_not_lead_outside(root: Path, oslo: Path, tmp_path: Path) -> None:
    put(root, "certs/dev.pem", "certs/sub/x", "build/f")
    (tmp_path / "outside").mkdir()
    (oslo / "certs").symlink_to(tmp_path / "outside")
    (oslo / "build").write_text("a file")
    report = await copied(root, oslo, "certs/\nbuild\n")
    assert report.copied == ()
    assert {skip.reason for skip in report.skipped} == {"a folder of its path is a file or a link there"}
    assert list((tmp_path / "outside").iterdir()) == []


def test_no_path_leads_out_of_the_checkouts_or_into_git(root: Path, oslo: Path) -> None:
    paths = (b"../x", b"/etc/passwd", b".git/config", b"a/.GIT/config", b"a/./b", b"", b"a//b")
    report = copy_files(root, oslo, FilesToCopy(paths))
    assert [skip.reason for skip in report.skipped] == ["it is not a file of the checkout"] * len(paths)


async def test_limits_are_kept_and_said(root: Path, oslo: Path) -> None:
    put(root, *(f".env{n}" for n in range(7)))
    report = await copied(root, oslo, ".env*\n", CopyLimits(files=5))
    assert (len(report.copied), report.over_limit, report.first_over_limit) == (5, 2, ".env5")
    assert not report.is_complete


async def test_a_folder_that_is_too_large_is_not_copied_by_half(root: Path, oslo: Path) -> None:
    put(root, ".env", "certs/a", "api/.env", *(f"node_modules/p/{n:02}" for n in range(20)))
    report = await copied(root, oslo, ".env\nnode_modules/\ncerts/\n", CopyLimits(files=5))
    assert report.copied == (".env", "api/.env", "certs/a")
    assert (report.over_limit, report.first_over_limit) == (20, "node_modules/p/00")
    assert not (oslo / "node_modules").exists()


async def test_a_file_too_large_costs_only_itself(root: Path, oslo: Path) -> None:
    (root / ".env.a").write_text("x" * 100)
    put(root, ".env.b")
    report = await copied(root, oslo, ".env*\n", CopyLimits(size=50))
    assert (report.copied, report.over_limit, report.first_over_limit) == ((".env.b",), 1, ".env.a")


async def test_pipes_and_files_that_vanish_are_said(root: Path, oslo: Path) -> None:
    os.mkfifo(root / ".env.pipe")
    report = copy_files(root, oslo, FilesToCopy((b".env.pipe", b".env.gone", b"gone/x")))
    assert [skip.reason for skip in report.skipped] == [
        "it is neither a file nor a link", "No such file or directory", "No such file or directory",
    ]  # fmt: skip


async def test_half_a_copy_is_removed(root: Path, oslo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(root, ".env", ".env.b")

    def full(source: object, target: object, length: int) -> None:
        target.write(b"ha")  # type: ignore[attr-defined]
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfileobj", full)
    report = await copied(root, oslo, ".env\n")
    assert report.skipped == (SkippedFile(".env", "No space left on device"),)
    assert not (oslo / ".env").exists()


NAMES = st.binary(min_size=1, max_size=12).filter(
    lambda name: not {0, ord("/")} & set(name) and name not in (b".", b"..") and name.lower() != b".git"
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sets(NAMES, min_size=1, max_size=4))
async def test_any_file_name_is_copied(names: set[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root, target = Path(folder) / "root", Path(folder) / "target"
        root.mkdir()
        target.mkdir()
        git(root, "init", "-q")
        (root / ".gitignore").write_text("/secret/\n")
        (root / "secret").mkdir()
        for name in names:
            (root / "secret" / os.fsdecode(name)).write_bytes(name)
        report = await copied(root, target, "secret/\n")
        assert {os.fsencode(path) for path in report.copied} == {b"secret/" + name for name in names}
        there = {os.fsencode(path.name): path.read_bytes() for path in (target / "secret").iterdir()}
        assert there == {name: name for name in names}
