"""What this Codex set-up offers and says about itself: models, permission profiles, account, limits, warnings.

Each part is read by itself, because older Codex versions lack some of it; a part that cannot be read stays empty.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from msgspec import Struct
from msgspec.structs import replace

from conductor_tui.domain import events as ev
from conductor_tui.domain.controls import Account, ModelOption, PermissionProfile, RateLimits, SignIn
from conductor_tui.domain.diagnosis import config_steps
from conductor_tui.domain.errors import AgentError, AgentRefused
from conductor_tui.domain.items import Severity
from conductor_tui.domain.login_redirect import RedirectRefused, redirect_of
from conductor_tui.domain.problems import Trouble
from conductor_tui.services.interfaces import Agent

log = logging.getLogger(__name__)


class Catalogue(Struct, frozen=True):
    """What can be chosen."""

    models: tuple[ModelOption, ...] = ()
    profiles: tuple[PermissionProfile, ...] = ()

    def model(self, name: str) -> ModelOption | None:
        """The model that settings call `name`; None when the list does not have it."""
        return next((m for m in self.models if name in (m.model, m.id)), None)


class CodexSetup:
    """One CODEX_HOME as its server describes it."""

    def __init__(self) -> None:
        self.catalogue = Catalogue()
        self.account: Account | None = None
        self.limits = RateLimits()
        self.notices: dict[str, Trouble] = {}
        """Problems that do not stop work, by source, such as a broken config.toml."""
        self.remarks: dict[str, Trouble] = {}
        """What Codex says about its set-up; listed on request."""
        self.sign_in: SignIn | None = None
        """A sign-in that waits for the user's browser."""
        self.sign_in_error = ""
        """Why the last sign-in did not work."""
        self.on_change: Callable[[], None] = lambda: None

    async def read(self, agent: Agent) -> None:
        """Reads everything there is to know."""
        await self._read_parts(agent, self._read_models, self._read_profiles, self.read_account, self._read_limits)

    async def _read_parts(self, agent: Agent, *parts: Callable[[Agent], Awaitable[None]]) -> None:
        for part in parts:
            try:
                await part(agent)
            except AgentRefused as refused:
                log.info("%s: %s", part.__name__, refused)
            except AgentError as error:
                log.warning("%s: %s", part.__name__, error)

    async def read_models(self, agent: Agent) -> None:
        """Reads the models again: Codex may have got others meanwhile, and says so only of an account."""
        await self._read_parts(agent, self._read_models)

    async def _read_models(self, agent: Agent) -> None:
        self.catalogue = replace(self.catalogue, models=await agent.list_models())
        self.on_change()

    async def _read_profiles(self, agent: Agent) -> None:
        self.catalogue = replace(self.catalogue, profiles=await agent.list_permission_profiles())
        self.on_change()

    async def read_account(self, agent: Agent) -> None:
        """Who is signed in. When Codex cannot say, what was known stays, with the doubt."""
        before, read = self.account, await agent.read_account()
        self.account = replace(before, doubt=read.doubt) if read.doubt and before else read
        is_other = before is not None and (before.kind, before.email) != (self.account.kind, self.account.email)
        if is_other:
            self.limits = RateLimits()
        self.on_change()
        if is_other:
            await self._read_parts(agent, self._read_limits, self._read_models)

    async def _read_limits(self, agent: Agent) -> None:
        if self.account and self.account.kind == "chatgpt":
            self._merge(await agent.read_rate_limits())

    def _merge(self, limits: RateLimits) -> None:
        """Updates come mostly with nothing in them, which does not mean that nothing is used."""
        self.limits = RateLimits(
            primary=limits.primary or self.limits.primary,
            secondary=limits.secondary or self.limits.secondary,
            credits=limits.credits or self.limits.credits,
            plan=limits.plan or self.limits.plan,
        )
        self.on_change()

    async def begin_sign_in(self, agent: Agent, *, by_code: bool) -> None:
        """Asks Codex for a page to sign in on; `sign_in` has it then, or `sign_in_error` says why there is none."""
        self.sign_in, self.sign_in_error = None, ""
        try:
            self.sign_in = await (agent.sign_in_by_code() if by_code else agent.sign_in_by_browser())
            self.sign_in_error = ""  # the end of an earlier one, which this one cancelled, may have come meanwhile
        except AgentError as error:
            self.sign_in_error = str(error)
        self.on_change()

    async def end_sign_in(self, agent: Agent) -> None:
        """The user does not want to sign in after all."""
        waiting, self.sign_in = self.sign_in, None
        if waiting is not None:
            await agent.cancel_sign_in(waiting.login_id)

    async def hand_over(self, agent: Agent, pasted: str) -> str:
        """Gives Codex the address on which the browser ended; returns why it was not taken, to the user."""
        if self.sign_in is None:
            return "This sign-in has expired. Start again"
        try:
            return await agent.hand_over(redirect_of(pasted, self.sign_in))
        except RedirectRefused as refused:
            return str(refused)

    async def sign_in_with_key(self, agent: Agent, key: str) -> None:
        """Signs in with an API key; the key is not kept here."""
        self.sign_in_error = ""
        try:
            await agent.sign_in_with_key(key)
        except AgentError as error:
            self.sign_in_error = str(error)
            self.on_change()

    def apply(self, event: ev.Event) -> None:
        """Takes an event that belongs to no session."""
        match event:
            case ev.SignInEnded() if event.login_id in (None, self.sign_in.login_id if self.sign_in else None):
                self.sign_in, self.sign_in_error = None, _why_not_signed_in(event.error)
                self.on_change()
            case ev.RateLimitsChanged():
                self._merge(event.limits)
            case ev.NoticeReported(severity=Severity.ERROR):
                self.notices[event.source] = Trouble(event.text, event.detail, config_steps(event.detail))
                self.on_change()
            case ev.NoticeReported(severity=Severity.WARNING):
                self.remarks[event.text] = Trouble(event.text, event.detail)
                self.on_change()
            case ev.UnknownEvent():
                log.info("unknown notification %s: %.500s", event.method, event.raw)

    def works(self) -> bool:
        """A session could be opened; returns whether what was said about a broken set-up is no longer so."""
        was_broken = self.notices.pop("configWarning", None) is not None
        if was_broken:
            self.on_change()
        return was_broken


def _why_not_signed_in(error: str) -> str:
    """Codex's words; those for a sign-in that gave way to another say less than is known."""
    if error.endswith("Login cancelled"):
        return "Another sign-in started on this machine and ended this one."
    return error
