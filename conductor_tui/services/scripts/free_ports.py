"""Whether something on this machine listens on a port. Blocking, for microseconds."""

from __future__ import annotations

import errno
import socket


def is_port_busy(port: int) -> bool:
    """Whether a server could not listen on `port` now, on this machine's addresses, of either version of IP.

    Asked by binding, not by connecting: nobody's server sees a connection.
    """
    return any(_is_taken(family, host, port) for family, host in _ADDRESSES)


_ADDRESSES = (
    (socket.AF_INET, "127.0.0.1"), (socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::1"), (socket.AF_INET6, "::"),
)  # fmt: skip


def _is_taken(family: socket.AddressFamily, host: str, port: int) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what only waits to end is free
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            probe.bind((host, port))
    except OSError as error:  # EAFNOSUPPORT, EADDRNOTAVAIL: this machine lacks the version
        return error.errno in (errno.EADDRINUSE, errno.EACCES)
    return False
