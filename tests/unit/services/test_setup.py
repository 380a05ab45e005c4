"""What belongs to an account goes with it."""

from __future__ import annotations

from msgspec.structs import replace

from conductor_tui.domain.controls import Account, LimitWindow, RateLimits
from conductor_tui.services.sessions.codex_setup import CodexSetup
from tests.fakes.agent import MODELS, FakeAgent


async def test_limits_of_the_old_account_go_with_it_and_those_of_the_new_are_read() -> None:
    agent, setup = FakeAgent(), CodexSetup()
    await setup.read(agent)
    setup.limits = RateLimits(primary=LimitWindow(62))
    agent.account = Account("apiKey")
    await setup.read_account(agent)
    assert setup.limits == RateLimits()
    asked = len(agent.called("read_rate_limits"))
    agent.account = Account("chatgpt", "grace@example.org", "pro")
    agent.models = (*MODELS, replace(MODELS[0], id="new", model="new"))
    await setup.read_account(agent)
    assert len(agent.called("read_rate_limits")) == asked + 1
    assert setup.catalogue.model("new") is not None


async def test_limits_stay_while_codex_cannot_say_who_it_is() -> None:
    agent, setup = FakeAgent(), CodexSetup()
    await setup.read(agent)
    setup.limits = RateLimits(primary=LimitWindow(62))
    agent.account = Account(doubt="offline")
    await setup.read_account(agent)
    assert setup.limits == RateLimits(primary=LimitWindow(62))
