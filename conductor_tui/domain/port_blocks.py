"""Ten ports for each workspace, so that the servers of several can run at once.

Conductor gives blocks from 55000 on, and scripts and lists of allowed addresses that teams share count on it, so the
same base is used here. It lies in Linux' range for outgoing connections (32768-60999): a block may be busy for a while,
which is why each port is asked for, and why workspaces keep the block that they were given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

FIRST_PORT = 55_000
BLOCK = 10
"""Ports of a workspace: `CONDUCTOR_PORT` to `CONDUCTOR_PORT` + 9."""
LAST_PORT = 64_999


def ports_of(first: int) -> range:
    """The ports of the block that begins at `first`."""
    return range(first, first + BLOCK)


def free_port_block(given: Iterable[int], is_busy: Callable[[int], bool]) -> int | None:
    """The lowest block that no workspace has and in which nothing listens; None when there is none.

    Args:
        given: the first ports of the blocks of all workspaces on this machine, of any alignment.
        is_busy: whether a port is taken right now; it may be slow.
    """
    taken = {port for first in given for port in ports_of(first)}
    for first in range(FIRST_PORT, LAST_PORT + 1, BLOCK):
        ports = ports_of(first)
        if taken.isdisjoint(ports) and not any(is_busy(port) for port in ports):
            return first
    return None
