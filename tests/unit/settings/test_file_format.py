from __future__ import annotations

import asyncio
import codecs
import fcntl
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_tui.settings.file_format import format_kept, in_format_of
from conductor_tui.settings.toml_file import Edit, change_file

DOS = b"# mine\r\na = 1 # one\r\n"
CODEX = b"# mine\na = 3 # one\n"
"""What Codex makes of that when it writes another value."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_bytes(DOS)
    return path


@given(st.lists(st.sampled_from([b"a", b"b", b"", b"\r\n", b"\n"])), st.booleans())
def test_a_file_that_lost_only_its_format_gets_all_of_it_back(parts: list[bytes], has_mark: bool) -> None:
    before = (codecs.BOM_UTF8 if has_mark else b"") + b"".join(parts)
    lost = before.removeprefix(codecs.BOM_UTF8).replace(b"\r\n", b"\n")
    assert in_format_of(before, lost) == before


@pytest.mark.parametrize(
    ("before", "now", "wanted"),
    [
        (b"a\r\nb\r\n", b"a\nnew\nb\n", b"a\r\nnew\r\nb\r\n"),
        (b"a\r\nb\r\n", b"a\nB\nnew\n", b"a\r\nB\r\nnew\r\n"),
        (b"a\nb\r\nc\r\n", b"A\nb\nc\nnew\n", b"A\nb\r\nc\r\nnew\r\n"),  # a changed line keeps its own end
        (b"a\r\nlast", b"a\nlast\nnew\n", b"a\r\nlast\r\nnew\r\n"),
        (b"a\r\nlast\r\n", b"a\nlast", b"a\r\nlast"),
        (b"a\r\nb\r\n", b"", b""),
        (b"a\n", b"a\r\n", b"a\r\n"),  # somebody else wants these
    ],
)
def test_lines_keep_their_ends_and_new_ones_get_the_usual_one(before: bytes, now: bytes, wanted: bytes) -> None:
    assert in_format_of(before, now) == wanted


async def test_what_somebody_else_writes_while_it_is_restored_stays(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync = os.fsync

    def slip_in(handle: int) -> None:
        monkeypatch.setattr(os, "fsync", fsync)
        file.write_bytes(CODEX.replace(b"3", b"4") + b"b = 2\n")
        fsync(handle)

    async with format_kept(file):
        file.write_bytes(CODEX)
        monkeypatch.setattr(os, "fsync", slip_in)
    assert file.read_bytes() == b"# mine\r\na = 4 # one\r\nb = 2\r\n"


async def test_a_file_that_was_not_written_is_not_touched(file: Path) -> None:
    before = file.stat()
    with pytest.raises(ValueError, match="refused"):
        async with format_kept(file):
            raise ValueError("refused")
    async with format_kept(file):
        os.utime(file)
    assert file.stat().st_ino == before.st_ino


async def test_a_file_that_is_new_or_goes_meanwhile_is_left_to_who_does_that(file: Path) -> None:
    async with format_kept(file):
        file.unlink()
    assert not file.exists()
    async with format_kept(file):
        file.write_bytes(CODEX)
    async with format_kept(file.parent / "none" / "config.toml"):
        pass
    assert [p.name for p in file.parent.iterdir()] == ["config.toml"]
    assert file.read_bytes() == CODEX


async def test_a_mode_that_was_changed_is_restored_alone(file: Path) -> None:
    file.write_bytes(CODEX)
    file.chmod(0o640)
    async with format_kept(file):
        file.write_bytes(CODEX + b"b = 1\n")
        file.chmod(0o600)
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (CODEX + b"b = 1\n", 0o640)


async def test_a_second_window_waits_until_the_first_has_restored_the_format(file: Path) -> None:
    """Else it would take the LF that Codex has just written for what the user wants."""
    written, seen = asyncio.Event(), []

    async def first() -> None:
        async with format_kept(file):
            file.write_bytes(CODEX)
            written.set()
            await asyncio.sleep(0)

    async def second() -> None:
        await written.wait()
        async with format_kept(file):
            seen.append(file.read_bytes())

    await asyncio.gather(first(), second())
    assert seen == [DOS.replace(b"1", b"3")]


async def test_a_folder_that_another_program_keeps_locked_costs_the_format_and_not_the_write(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conductor_tui.settings.file_format.LOCK_SECONDS", 0.05)
    handle = os.open(file.parent, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    async with format_kept(file):
        file.write_bytes(CODEX)
    os.close(handle)
    assert file.read_bytes() == CODEX
    change_file(file, [Edit(("a",), 4)])


async def test_a_write_that_is_given_up_leaves_no_lock(file: Path) -> None:
    written = asyncio.Event()

    async def wait() -> None:
        async with format_kept(file):
            file.write_bytes(CODEX)
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(wait())
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert file.read_bytes() == DOS.replace(b"1", b"3")
    change_file(file, [Edit(("a",), 4)])
