"""Who is signed in, and signing in and out. Keys go to Codex and nowhere else: not into a log, not into a file."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import urlsplit

from conductor_tui.domain.controls import Account, RateLimits, SignIn
from conductor_tui.domain.errors import AgentRefused
from conductor_tui.domain.login_redirect import LOOPBACK, Redirect
from conductor_tui.protocol import wire
from conductor_tui.protocol.decode import limits
from conductor_tui.protocol.typed_client import Asking

HAND_OVER_SECONDS = 30.0
"""Codex asks the sign-in server before it answers."""
_ANSWER_LIMIT = 1 << 16


class AccountRequests(Asking):
    """The `account/` methods."""

    async def read_account(self) -> Account:
        """`account/read`. It fails for a ChatGPT sign-in while offline (0.163 and later): then `doubt` says so."""
        try:
            reply = await self._ask("account/read", wire.AccountReply, {}, repeatable=True)
        except AgentRefused as refused:
            return Account(doubt=refused.message)
        body = reply.account or wire.AccountBody()
        return Account(body.type or "", body.email or "", body.plan_type or "", reply.requires_openai_auth is not False)

    async def read_rate_limits(self) -> RateLimits:
        """`account/rateLimits/read`; refused without a ChatGPT sign-in."""
        return limits((await self._ask("account/rateLimits/read", wire.LimitsNote, {}, repeatable=True)).rate_limits)

    async def sign_in_by_code(self) -> SignIn:
        """`account/login/start` with a device code: a page and a code for it, which works from any machine."""
        reply = await self._ask("account/login/start", wire.LoginReply, {"type": "chatgptDeviceCode"})
        return SignIn(reply.login_id or "", reply.verification_url or "", reply.user_code or "")

    async def sign_in_by_browser(self) -> SignIn:
        """`account/login/start` for a browser on this machine: Codex waits on 127.0.0.1:1455 for its answer."""
        reply = await self._ask("account/login/start", wire.LoginReply, {"type": "chatgpt"})
        return SignIn(reply.login_id or "", reply.auth_url or "")

    async def sign_in_with_key(self, key: str) -> None:
        """`account/login/start` with an API key, which Codex keeps in its auth.json."""
        await self._send("account/login/start", {"type": "apiKey", "apiKey": key})

    async def hand_over(self, redirect: Redirect) -> str:
        """Asks Codex's listener on 127.0.0.1 for the address that ends a browser sign-in, as that browser would have.

        Returns what the listener said against it; empty when it took it. How the sign-in ends comes as an event.
        """
        try:
            async with asyncio.timeout(HAND_OVER_SECONDS):
                return await _visit(redirect)
        except TimeoutError:
            return f"Codex did not answer within {HAND_OVER_SECONDS:g} s."
        except OSError as error:
            return f"Codex no longer waits at 127.0.0.1:{redirect.port} ({error.strerror or error}): sign in anew."

    async def cancel_sign_in(self, login_id: str) -> None:
        """`account/login/cancel`."""
        await self._send("account/login/cancel", {"loginId": login_id})

    async def sign_out(self) -> None:
        """`account/logout`."""
        await self._send("account/logout", {})


async def _visit(redirect: Redirect) -> str:
    """Follows what a browser would follow, but never away from the listener: its last page ends the sign-in."""
    for _ in range(3):
        status, location, body = await _get(redirect)
        if status >= 400:
            return f"Codex refused the address: {body or status}"
        onward = urlsplit(location)
        if not location or onward.hostname not in LOOPBACK | {None} or (onward.port or redirect.port) != redirect.port:
            break
        redirect = Redirect(redirect.port, f"{onward.path}?{onward.query}")
    return ""


async def _get(redirect: Redirect) -> tuple[int, str, str]:
    """Status, `Location` and plain text of an answer. By hand, because a proxy of the environment must not see it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", redirect.port)
    try:
        request = f"GET {redirect.target} HTTP/1.1\r\nHost: localhost:{redirect.port}\r\nConnection: close\r\n\r\n"
        writer.write(request.encode("ascii", "replace"))
        answer = (await reader.read(_ANSWER_LIMIT)).decode("utf-8", "replace")
    finally:
        writer.close()
    head, _, body = answer.partition("\r\n\r\n")
    status = re.match(r"HTTP/1\.\d (\d{3})", head)
    location = re.search(r"(?im)^location: *(\S+)", head)
    is_plain = "text/plain" in head.lower()
    return int(status[1]) if status else 500, location[1] if location else "", body.strip() if is_plain else ""
