"""Repositories with worktrees."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.git.worlds import World, make_world


@pytest.fixture
async def world(tmp_path: Path) -> World:
    return await make_world(tmp_path)
