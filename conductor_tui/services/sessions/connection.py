"""The connection to Codex: opened, kept, and opened again after it was lost. Failures are states, never the end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable
from enum import Enum, auto

from conductor_tui.domain.controls import ServerInfo
from conductor_tui.domain.errors import AgentError, CodexUnavailable
from conductor_tui.domain.problems import Trouble
from conductor_tui.services.interfaces import Agent, Clock, Connector

log = logging.getLogger(__name__)

_STEADY = 30.0
"""Seconds after which a connection counts as a good one, and a loss is answered at once again."""
_LONGEST_PAUSE = 20.0


class Link(Enum):
    """State of the connection to Codex."""

    CONNECTING = auto()
    CONNECTED = auto()
    LOST = auto()
    """It stood before; it is being opened again."""
    FAILED = auto()
    """Codex cannot be used; `Connection.trouble` says why. `retry` tries again."""


class Connection:
    """One connection at a time; `serve` is awaited for each, from its first event to its last."""

    def __init__(
        self,
        connect: Connector,
        clock: Clock,
        serve: Callable[[Agent], Awaitable[None]],
        leave: Callable[[Agent], Awaitable[None]],
        on_change: Callable[[], None],
    ) -> None:
        """`leave` is awaited, for a second at most, before a connection that still stands is closed."""
        self.link = Link.CONNECTING
        self.info: ServerInfo | None = None
        self.trouble: Trouble | None = None
        """Why Codex cannot be used, while the link is FAILED."""
        self.current: Agent | None = None
        self._connect = connect
        self._clock = clock
        self._serve = serve
        self._leave = leave
        self._on_change = on_change
        self._opened = asyncio.Event()
        self._retry = asyncio.Event()

    async def run(self) -> None:
        """Connects, and stays connected, until cancelled."""
        delay = 0.5
        try:
            while True:
                try:
                    agent = await self._connect()
                except Exception as error:  # the worker border: whatever it is, it is said, and can be tried again
                    self._fail(error)
                    await self._retry.wait()
                    self._set(Link.CONNECTING)
                    continue
                began = self._clock()
                await self._use(agent)
                delay = 0.5 if self._clock() - began > _STEADY else min(delay * 2, _LONGEST_PAUSE)
                await asyncio.sleep(delay * random.uniform(0.5, 1.0))
        finally:
            if self.current:
                with contextlib.suppress(AgentError, TimeoutError):
                    async with asyncio.timeout(1):
                        await self._leave(self.current)
                await self.current.close()

    async def _use(self, agent: Agent) -> None:
        self.current, self.info, self.trouble = agent, agent.info, None
        self._opened.set()
        self._set(Link.CONNECTED)
        await self._serve(agent)
        self._opened.clear()
        self.current = None
        await agent.close()
        self._set(Link.LOST)

    def _fail(self, error: Exception) -> None:
        self._retry.clear()
        if not isinstance(error, AgentError):
            log.exception("connecting")
        known = error.trouble if isinstance(error, CodexUnavailable) else None
        self.trouble = known or Trouble("Codex does not answer", str(error) or type(error).__name__)
        log.warning("cannot connect: %s: %s", self.trouble.title, self.trouble.cause)
        self._set(Link.FAILED)

    def _set(self, link: Link) -> None:
        self.link = link
        self._on_change()

    def retry(self) -> None:
        """Tries again to reach Codex after it failed."""
        self._retry.set()

    @property
    def is_open(self) -> bool:
        """Whether requests can be sent."""
        return self._opened.is_set()

    async def agent(self) -> Agent:
        """The other side, as soon as there is one."""
        await self._opened.wait()
        assert self.current is not None
        return self.current
