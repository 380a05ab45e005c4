from __future__ import annotations

import pytest

from conductor_tui.domain.controls import SignIn
from conductor_tui.domain.login_redirect import Redirect, RedirectRefused, redirect_of

PAGE = "https://auth.example/authorize?redirect_uri=http%3A%2F%2F127.0.0.1%3A1457%2Fauth%2Fcallback&state=abc"
SIGN_IN = SignIn("login", PAGE)


@pytest.mark.parametrize(
    "pasted",
    [
        "http://localhost:1457/auth/callback?code=c&state=abc",
        " http://127.0.0.1:1457/auth/callback?code=c&state=abc\n",
        "localhost:1457/auth/callback?code=c&state=abc",
        "http://localhost:1457/auth/call\n  back?code=c&sta\r\nte=abc",
        "http://[::1]:1457/auth/callback?code=c&state=abc#frag",
    ],
)
def test_the_address_is_taken_however_it_was_copied(pasted: str) -> None:
    assert redirect_of(pasted, SIGN_IN) == Redirect(1457, "/auth/callback?code=c&state=abc")


def test_a_refusal_of_the_page_is_handed_on_too() -> None:
    asked = redirect_of("http://localhost:1457/auth/callback?error=access_denied&state=abc", SIGN_IN)
    assert asked.target == "/auth/callback?error=access_denied&state=abc"


@pytest.mark.parametrize(
    ("pasted", "why"),
    [
        ("https://localhost:1457/auth/callback?code=c&state=abc", "must begin with http://127.0.0.1:1457/"),
        ("http://example.org:1457/auth/callback?code=c&state=abc", "must begin with"),
        ("http://localhost.example.org:1457/auth/callback?code=c&state=abc", "must begin with"),
        ("http://localhost:1457@example.org/auth/callback?code=c&state=abc", "must begin with"),
        ("http://user@localhost:1457/auth/callback?code=c&state=abc", "must begin with"),
        ("file:///etc/passwd", "must begin with"),
        ("http://localhost:22/auth/callback?code=c&state=abc", "Codex waits at http://127.0.0.1:1457/auth/callback"),
        ("http://localhost:1457/cancel?code=c&state=abc", "Codex waits at"),
        ("http://localhost:1457/auth/callback?state=abc", "not complete"),
        ("http://localhost:1457/auth/callback?code=c", "not complete"),
        ("http://localhost:1457/auth/callback?code=c&state=ab", "another sign-in"),
        ("http://localhost:99999/", "no address"),
        ("http://[localhost/", "no address"),
        ("hello there", "must begin with"),
        (PAGE, "must begin with"),
    ],
)
def test_anything_else_is_refused_with_the_reason(pasted: str, why: str) -> None:
    with pytest.raises(RedirectRefused, match=why):
        redirect_of(pasted, SIGN_IN)


def test_nothing_in_it_can_begin_a_header_of_its_own() -> None:
    pasted = "http://localhost:1457/auth/callback?code=c%0d%0aX:%20y%20ü&state=abc"
    target = redirect_of(pasted, SIGN_IN).target
    assert target.isascii()
    assert not {"\r", "\n", " "} & set(target)
