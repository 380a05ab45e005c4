from __future__ import annotations

import pytest

from conductor_tui.domain.local_urls import LocalUrl, find_local_urls


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("  ➜  Local:   http://localhost:5173/", ["http://localhost:5173/"]),
        ("listening on http://127.0.0.1:8000.", ["http://127.0.0.1:8000"]),
        ("http://0.0.0.0:3000, (https://[::1]:8443/a)", ["http://localhost:3000", "https://[::1]:8443/a"]),
        ("see http://[::]:9000!", ["http://localhost:9000"]),
        ("http://localhost:80/x", ["http://localhost/x"]),
        ("http://localhost", ["http://localhost"]),
        ("HTTP://LocalHost:3000/Path?q=(1)#a", ["http://localhost:3000/Path?q=(1)#a"]),
        ("(see http://localhost:3000/a(b))", ["http://localhost:3000/a(b)"]),
        ('{"url":"http://localhost:3000/a"}', ["http://localhost:3000/a"]),
        ("http://localhost:3000 http://localhost:3000", ["http://localhost:3000"]),
        ("│ http://localhost:3000/a│", ["http://localhost:3000/a"]),
        ("http://localhost.evil.com:3000", []),
        ("http://localhost:3000@evil.com/", []),
        ("http://localhostess/", []),
        ("http://127.0.0.1.evil.com", []),
        ("http://evil.com/http://localhost", ["http://localhost"]),
        ("xhttp://localhost:1", []),
        ("http://localhost:99999", []),
        ("http://localhost:0", []),
        ("ftp://localhost:21", []),
    ],
)
def test_addresses(text: str, found: list[str]) -> None:
    assert [url.text for url in find_local_urls(text)] == found


@pytest.mark.parametrize(
    ("url", "line"),
    [
        (LocalUrl("http", "0.0.0.0", 3000), "ssh -N -L 3000:localhost:3000 me@box"),
        (LocalUrl("http", "127.0.0.5", 3000), "ssh -N -L 3000:127.0.0.5:3000 me@box"),
        (LocalUrl("http", "[::1]", 3000), "ssh -N -L 3000:[::1]:3000 me@box"),
        (LocalUrl("http", "localhost", 80), "ssh -N -L 8080:localhost:80 me@box"),
    ],
)
def test_the_line_for_ssh(url: LocalUrl, line: str) -> None:
    assert url.forwarding("me@box") == line
