"""The script runners of all repositories: one each, made when it is needed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from conductor_tui.services.scripts.runner import ScriptRunner


class ScriptRunners:
    """Called with a repository's own folder, it gives that repository's runner, always the same."""

    def __init__(self, make: Callable[[Path], ScriptRunner]) -> None:
        self.on_new: Callable[[ScriptRunner], None] = lambda runner: None
        """Prepares a runner that was just made."""
        self._make = make
        self._made: dict[Path, ScriptRunner] = {}

    def __call__(self, root: Path) -> ScriptRunner:
        """The runner of a repository."""
        if root not in self._made:
            self._made[root] = self._make(root)
            self.on_new(self._made[root])
        return self._made[root]

    @property
    def all(self) -> tuple[ScriptRunner, ...]:
        """Those that were made."""
        return tuple(self._made.values())

    async def close(self) -> None:
        """Ends everything that runs."""
        await asyncio.gather(*(runner.close() for runner in self.all))
