from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.unit.services.desk import Desk


@pytest.fixture
async def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    real_sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    monkeypatch.setattr(
        "conductor_tui.services.sessions.connection.asyncio.sleep", lambda seconds: real_sleep(min(seconds, 0.001))
    )
    desk = Desk(tmp_path)
    yield desk
    await desk.close()
