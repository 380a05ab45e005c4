"""The end of a browser sign-in, pasted: the address that a browser on another machine could not open.

Only the address that Codex itself asked for is taken: its loopback host, port and path (`redirect_uri` of the page,
RFC 8252), and the `state` of this very sign-in. Nothing else is ever fetched.
"""

from __future__ import annotations

from urllib.parse import parse_qs, parse_qsl, quote, urlencode, urlsplit

from msgspec import Struct

from conductor_tui.domain.controls import SignIn

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_CODEX = "http://localhost:1455/auth/callback"
"""Where Codex listens, where its page does not say."""


class Redirect(Struct, frozen=True):
    """What to ask the listener on 127.0.0.1 for."""

    port: int
    target: str
    """Path and query, ASCII."""


class RedirectRefused(ValueError):
    """The pasted text is not the address that was waited for; says why, to the user."""


def redirect_of(pasted: str, sign_in: SignIn) -> Redirect:
    """Reads what was pasted; blanks and line ends inside come from the terminal and are dropped.

    Raises:
        RedirectRefused: it is not the address at which this sign-in ends.
    """
    text = "".join(pasted.split())
    if "://" not in text:
        text = f"http://{text}"
    asked = parse_qs(urlsplit(sign_in.url).query)
    place = urlsplit(asked.get("redirect_uri", [_CODEX])[0])
    state = asked.get("state", [""])[0]
    where = f"http://{place.netloc}"
    try:
        found = urlsplit(text)
        found_port = found.port or 80
    except ValueError:
        raise RedirectRefused("This is no address.") from None
    if found.scheme != "http" or found.hostname not in LOOPBACK or found.username is not None:
        raise RedirectRefused(f"The address must begin with {where}/: it is where the browser ended up.")
    if found_port != (place.port or 80) or found.path != place.path:
        raise RedirectRefused(f"Codex waits at {where}{place.path}, not at {found.netloc}{found.path}.")
    given = dict(parse_qsl(found.query))
    if "state" not in given or not ({"code", "error"} & given.keys()):
        raise RedirectRefused("The address is not complete: it must hold code=… and state=…. Copy all of it.")
    if state and given["state"] != state:
        raise RedirectRefused("The address belongs to another sign-in: open the page shown here, and sign in there.")
    return Redirect(found_port, f"{quote(found.path)}?{urlencode(given)}")
