"""How a program that we started is ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal

_PATIENCE = 2.0
"""Seconds that a git which is told to end has to take its lock files with it."""


async def end_process(process: asyncio.subprocess.Process) -> None:
    """Ends a program that leads a session, and its children: first so that it can tidy up, then in any case."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, how)  # Popen.kill would reap it before asyncio can
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _PATIENCE)
            break
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
