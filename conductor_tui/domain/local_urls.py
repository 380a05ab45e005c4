"""Addresses of this machine in what a script printed, and how to reach them from the user's own machine."""

from __future__ import annotations

import re

from msgspec import Struct

_URL = re.compile(
    r"(?<![\w.@-])(?P<scheme>https?)://(?P<host>localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|0\.0\.0\.0|\[::1?\])"
    r"(?::(?P<port>\d{1,5}))?(?P<path>[/?#][^\s\"'`<>\x00-\x1f\x7f│]*)?(?![\w.:@-]*[\w@-])",
    re.IGNORECASE,
)
_TRAILING = ".,;:!?…"
_PAIRS = {")": "(", "]": "[", "}": "{"}


class LocalUrl(Struct, frozen=True):
    """One address as a browser on this machine would open it."""

    scheme: str
    host: str
    port: int
    path: str = ""

    @property
    def text(self) -> str:
        """The address; those that mean every interface become localhost."""
        host = "localhost" if self.host in ("0.0.0.0", "[::]") else self.host
        standard = {"http": 80, "https": 443}[self.scheme]
        port = "" if self.port == standard else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"

    def forwarding(self, login: str) -> str:
        """The command that makes the address work on the user's own machine. `login`: as for ssh, `user@host`."""
        target = self.host if self.host.startswith(("127.", "[::1]")) else "localhost"
        local = self.port if self.port >= 1024 else self.port + 8000
        return f"ssh -N -L {local}:{target}:{self.port} {login}"


def find_local_urls(text: str) -> list[LocalUrl]:
    """The addresses in a logical line (or several), in their order, each once."""
    found: dict[LocalUrl, None] = {}
    if "://" not in text:
        return []
    for match in _URL.finditer(text):
        scheme = match["scheme"].lower()
        port = int(match["port"]) if match["port"] else {"http": 80, "https": 443}[scheme]
        if 0 < port < 65536:
            found[LocalUrl(scheme, match["host"].lower(), port, _without_punctuation(match["path"] or ""))] = None
    return list(found)


def _without_punctuation(path: str) -> str:
    """A path without what belongs to the sentence around it."""
    while path:
        last = path[-1]
        is_loose = last in _PAIRS and path.count(last) > path.count(_PAIRS[last])
        if last not in _TRAILING and not is_loose:
            break
        path = path[:-1]
    return path
