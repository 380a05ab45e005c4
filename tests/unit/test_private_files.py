"""What is written beside the app is the user's alone, and what is copied arrives."""

from __future__ import annotations

import base64
import logging
import os
import time
from pathlib import Path

import psutil

from conductor_tui.cli import _PrivateLog
from conductor_tui.ui.clipboard import copy


def test_log_files_stay_private_through_rotations(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("of an older version")
    path.chmod(0o644)
    handler = _PrivateLog(path, maxBytes=100, backupCount=2, encoding="utf-8")
    for number in range(10):
        handler.emit(logging.LogRecord("x", logging.INFO, "", 0, f"line {number} {'x' * 40}", None, None))
    handler.close()
    found = sorted(tmp_path.iterdir())
    assert len(found) == 3
    assert {file.stat().st_mode & 0o777 for file in found} == {0o600}


async def test_gnu_screen_gets_the_sequence_wrapped(tmp_path: Path) -> None:
    sent: list[str] = []
    await copy("text", environ={"STY": "1.pts"}, write=sent.append, folder=tmp_path)
    plain = f"\x1b]52;c;{base64.b64encode(b'text').decode()}\x07"
    assert sent == [f"\x1bP{plain}\x1b\\"]
    sent.clear()
    await copy("text", environ={}, write=sent.append, folder=tmp_path)
    assert sent == [plain]


async def test_half_a_character_is_copied_as_a_question_mark(tmp_path: Path) -> None:
    sent: list[str] = []
    await copy("a\ud83db", environ={}, write=sent.append, folder=tmp_path)
    assert base64.b64encode(b"a?b").decode() in sent[0]


async def test_a_tmux_that_hangs_is_ended(tmp_path: Path) -> None:
    tmux, pid = tmp_path / "tmux", tmp_path / "pid"
    tmux.write_text(f"#!/bin/sh\necho $$ > {pid}\nexec sleep 1000\n")
    tmux.chmod(0o755)
    before, sent = os.environ["PATH"], list[str]()
    os.environ["PATH"] = f"{tmp_path}:{before}"
    try:
        began = time.monotonic()
        said = await copy("text", environ={"TMUX": "x"}, write=sent.append, folder=tmp_path)
    finally:
        os.environ["PATH"] = before
    assert "OSC 52" in said
    assert sent
    assert time.monotonic() - began < 10
    assert not psutil.pid_exists(int(pid.read_text()))
