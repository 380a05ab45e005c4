"""Ports that are listened on."""

from __future__ import annotations

import socket

import pytest

from conductor_tui.services.scripts.free_ports import is_port_busy


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_port_is_busy_while_something_listens(host: str) -> None:
    with socket.socket() as server:
        server.bind((host, 0))
        server.listen()
        port = server.getsockname()[1]
        assert is_port_busy(port)
    assert not is_port_busy(port)


def test_a_port_on_ipv6_counts() -> None:
    with socket.socket(socket.AF_INET6) as server:
        try:
            server.bind(("::1", 0))
        except OSError:
            pytest.skip("this machine has no IPv6")
        server.listen()
        assert is_port_busy(server.getsockname()[1])
