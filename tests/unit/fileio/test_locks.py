"""Locks between processes: one holder, over with it, and a look is no hold."""

from __future__ import annotations

import asyncio
import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from conductor_tui.fileio.locks import is_locked, try_lock, wait_for_lock, wait_for_lock_async

HOLD = """
import sys
from pathlib import Path
from conductor_tui.fileio.locks import wait_for_lock
with wait_for_lock(Path(sys.argv[1])):
    print("locked", flush=True)
    sys.stdin.read()
"""


def test_a_lock_ends_with_the_process_that_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout and holder.stdin
    assert holder.stdout.readline() == "locked\n"
    assert is_locked(path)
    assert try_lock(path) is None
    holder.kill()
    holder.wait()
    holder.stdout.close()
    holder.stdin.close()
    assert not is_locked(path)
    lock = try_lock(path)
    assert lock is not None
    lock.release()
    assert path.stat().st_mode & 0o777 == 0o600


def test_one_that_waits_gets_the_lock_when_it_is_free(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    first = wait_for_lock(path)
    threading.Timer(0.05, first.release).start()
    with wait_for_lock(path):
        assert is_locked(path)
    first = wait_for_lock(path)
    threading.Timer(0.05, first.release).start()
    lock = try_lock(path, wait=30)
    assert lock is not None
    lock.release()


def test_a_program_that_inherited_a_lock_holds_it_until_it_is_released(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    lock = wait_for_lock(path)
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=[lock.fd]) as child:
        os.close(lock.fd)
        assert is_locked(path)
        child.kill()
    assert not is_locked(path)
    lock = wait_for_lock(path)
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=[lock.fd]) as child:
        lock.release()
        assert not is_locked(path)
        child.kill()


async def test_an_event_loop_goes_on_while_it_waits(tmp_path: Path) -> None:
    first = wait_for_lock(tmp_path / "lock")
    given_up, waiting = (asyncio.create_task(wait_for_lock_async(tmp_path / "lock")) for _ in range(2))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(given_up, 0.05)
    assert not waiting.done()
    first.release()
    (await waiting).release()
    assert not is_locked(tmp_path / "lock")


def test_two_that_look_at_once_are_no_holders_for_each_other(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    wait_for_lock(path).release()
    looking = os.open(path, os.O_RDONLY)
    fcntl.flock(looking, fcntl.LOCK_SH)
    assert not is_locked(path)
    threading.Timer(0.003, os.close, [looking]).start()
    lock = try_lock(path, wait=30)
    assert lock is not None
    lock.release()


def test_folders_are_locked_and_nothing_is_made_where_that_is_not_wanted(tmp_path: Path) -> None:
    lock = try_lock(tmp_path, creates=False)
    assert lock is not None
    with lock:
        assert is_locked(tmp_path)
    assert not is_locked(tmp_path / "none")
    with pytest.raises(FileNotFoundError):
        try_lock(tmp_path / "none", creates=False)
    assert not list(tmp_path.iterdir())


def test_no_descriptor_is_left(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with wait_for_lock(path):
        before = len(list(Path("/dev/fd").iterdir()))
        assert try_lock(path, wait=0) is None
        assert is_locked(path)
        assert len(list(Path("/dev/fd").iterdir())) == before
