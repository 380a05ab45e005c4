"""How copied text reaches the user's own machine, and what to tell them about it."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import Callable, Mapping
from pathlib import Path

OSC52_LIMIT = 74_994
"""Bytes of text that terminals are known to take in one OSC 52 sequence."""


async def copy(text: str, *, environ: Mapping[str, str], write: Callable[[str], None], folder: Path) -> str:
    """Copies by the first way that works and says which: tmux's buffer, the terminal (OSC 52), a file.

    `write` sends a sequence to the terminal; `folder` is where text goes that is too long for a terminal.
    """
    data = text.encode("utf-8", "replace")
    if environ.get("TMUX") and await _tmux(data):
        return "copied (tmux buffer and clipboard)"
    if len(data) <= OSC52_LIMIT:
        sequence = f"\x1b]52;c;{base64.b64encode(data).decode()}\x07"
        if environ.get("STY"):  # GNU screen passes on what is wrapped
            sequence = f"\x1bP{sequence}\x1b\\"
        write(sequence)
        return "copied (by the terminal, OSC 52)"
    path = folder / "copied.txt"
    await asyncio.to_thread(_save, path, data)
    return f"too long for the terminal's clipboard: written to {path}"


async def _tmux(data: bytes) -> bool:
    """`load-buffer -w` also hands the text to the outer terminal (tmux 3.2 and later)."""
    try:
        process = await asyncio.create_subprocess_exec(
            "tmux", "load-buffer", "-w", "-",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
    except OSError:
        return False
    try:
        await asyncio.wait_for(process.communicate(data), 2)
    except (OSError, TimeoutError):
        return False
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode == 0


def _save(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
