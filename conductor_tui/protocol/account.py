"""Who is signed in, and signing in and out. Keys go to Codex and nowhere else: not into a log, not into a file."""

from __future__ import annotations

from conductor_tui.domain.controls import Account, RateLimits, SignIn
from conductor_tui.protocol import wire
from conductor_tui.protocol.asking import Asking
from conductor_tui.protocol.decode import limits


class AccountRequests(Asking):
    """The `account/` methods."""

    async def read_account(self) -> Account:
        """`account/read`. It fails for a ChatGPT sign-in while offline, which is not the same as signed out."""
        reply = await self._ask("account/read", wire.AccountReply, {}, repeatable=True)
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

    async def cancel_sign_in(self, login_id: str) -> None:
        """`account/login/cancel`."""
        await self._send("account/login/cancel", {"loginId": login_id})

    async def sign_out(self) -> None:
        """`account/logout`."""
        await self._send("account/logout", {})
