"""A Codex that does what the test says: records what is asked of it and speaks when told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

from msgspec.structs import replace

from conductor_tui.domain import events as ev
from conductor_tui.domain.approvals import Answer, Approval
from conductor_tui.domain.controls import (
    Account,
    EffortOption,
    ModelOption,
    PermissionProfile,
    RateLimits,
    SandboxKind,
    SandboxPolicy,
    ServerInfo,
    ServiceTier,
    SessionSettings,
    SettingsUpdate,
    SignIn,
)
from conductor_tui.domain.defaults import Defaults
from conductor_tui.domain.errors import AgentError, AgentRefused
from conductor_tui.domain.ids import ThreadId, TurnId
from conductor_tui.domain.login_redirect import Redirect
from conductor_tui.domain.opened_thread import OpenedThread
from conductor_tui.domain.threads import QueuedMessage, ThreadState, ThreadSummary
from conductor_tui.domain.trust import FolderTrust, TrustLevel
from conductor_tui.domain.turns import Turn
from tests.fakes.toolbox import FakeToolbox

CONFLICT = "configVersionConflict"
EFFORTS = (EffortOption("low"), EffortOption("medium"), EffortOption("high"))
MODELS = (
    ModelOption("big", "big", "Big", "The large one.", is_default=True, efforts=EFFORTS, default_effort="medium",
                tiers=(ServiceTier("priority", "Fast"),)),
    ModelOption("small", "small", "Small", "The small one.", efforts=EFFORTS[:1], default_effort="low"),
)  # fmt: skip
SETTINGS = SessionSettings(
    model="big",
    provider="scripted",
    effort="medium",
    approval_policy="on-request",
    sandbox=SandboxPolicy(SandboxKind.WORKSPACE_WRITE),
)


class FakeAgent(FakeToolbox):
    """Meets `sessions.ports.Agent`. `refuse[method]` makes a method fail once."""

    def __init__(self) -> None:
        self.info = ServerInfo("0.163.0", is_ours=True, source="bundled")
        self.calls: list[tuple[object, ...]] = []
        self.threads: dict[ThreadId, ThreadSummary] = {}
        self.histories: dict[ThreadId, ev.HistoryLoaded] = {}
        self.refuse: dict[str, AgentError] = {}
        self.settings = SETTINGS
        self.models: tuple[ModelOption, ...] = MODELS
        self.account = Account("chatgpt", "ada@example.org", "plus")
        self.refused_redirect = ""
        self.background = 0
        self.defaults = Defaults("big", file="/home/ada/.codex/config.toml", version="v1")
        self.trust = FolderTrust("", TrustLevel.TRUSTED, "/home/ada/.codex/config.toml", "v1")
        self.configs: list[dict[str, Any]] = []
        """What each started thread had beside config.toml."""
        self.queued: tuple[QueuedMessage, ...] = ()
        """What other clients queued, in every thread."""
        self._queue: asyncio.Queue[ev.Event | None] = asyncio.Queue()
        self._started = 0

    def say(self, *events: ev.Event) -> None:
        """Lets the server speak."""
        for event in events:
            self._queue.put_nowait(event)

    def hang_up(self) -> None:
        """The connection is lost."""
        self._queue.put_nowait(None)

    def called(self, method: str) -> list[tuple[Any, ...]]:
        """The arguments of each call of a method."""
        return [c[1:] for c in self.calls if c[0] == method]

    def _call(self, *call: object) -> None:
        self.calls.append(call)
        if error := self.refuse.pop(str(call[0]), None):
            raise error

    async def events(self) -> AsyncIterator[ev.Event]:
        while (event := await self._queue.get()) is not None:
            yield event

    async def start_thread(
        self,
        cwd: str,
        provider: str = "",
        *,
        is_read_only: bool = False,
        asks_always: bool = False,
        config: Mapping[str, Any] | None = None,
    ) -> OpenedThread:
        under = [word for word, is_so in (("read-only", is_read_only), ("asks", asks_always)) if is_so]
        self._call("start_thread", cwd, *([provider] if provider else []), *under)
        self.configs.append(dict(config or {}))
        self._started += 1
        summary = ThreadSummary(ThreadId(f"thread-{self._started}"), ThreadState.IDLE, cwd=cwd)
        return OpenedThread(summary, self.settings, ev.HistoryLoaded(summary.id, ()))

    async def resume_thread(self, thread_id: ThreadId, *, config: Mapping[str, Any] | None = None) -> OpenedThread:
        self._call("resume_thread", thread_id, *([config] if config else []))
        summary = self.threads.get(thread_id, ThreadSummary(thread_id, ThreadState.IDLE))
        history = self.histories.get(thread_id, ev.HistoryLoaded(thread_id, ()))
        return OpenedThread(summary, self.settings, history, "older" if history.has_more else None)

    async def parent_of(self, thread_id: ThreadId) -> ThreadId | None:
        self._call("parent_of", thread_id)
        return self.threads[thread_id].parent_id if thread_id in self.threads else None

    async def discard_unused_thread(self, thread_id: ThreadId) -> None:
        self._call("discard_unused_thread", thread_id)

    async def list_threads(self, cwds: tuple[str, ...], limit: int = 100) -> tuple[ThreadSummary, ...]:
        self._call("list_threads", cwds)
        return tuple(self.threads.values())

    async def newest_turn(self, thread_id: ThreadId) -> Turn | None:
        self._call("newest_turn", thread_id)
        turns = self.histories[thread_id].turns if thread_id in self.histories else ()
        return turns[-1].turn if turns else None

    async def list_queue(self, thread_id: ThreadId) -> tuple[QueuedMessage, ...]:
        self._call("list_queue", thread_id)
        return self.queued

    async def older_turns(self, thread_id: ThreadId, cursor: str) -> tuple[ev.HistoryLoaded, str | None]:
        self._call("older_turns", thread_id, cursor)
        return ev.HistoryLoaded(thread_id, (), is_older=True), None

    async def start_turn(
        self,
        thread_id: ThreadId,
        text: str,
        client_id: str,
        update: SettingsUpdate | None = None,
        current: SessionSettings | None = None,
    ) -> TurnId:
        self._call("start_turn", thread_id, text, client_id, *([update] if update else []))
        return TurnId("t")

    async def steer_turn(self, thread_id: ThreadId, turn_id: TurnId, text: str, client_id: str) -> None:
        self._call("steer_turn", thread_id, turn_id, text)

    async def prepare_approved_plan(self, thread_id: ThreadId, markdown: str) -> str:
        self._call("prepare_approved_plan", thread_id, markdown)
        return "Implement the plan."

    async def interrupt_turn(self, thread_id: ThreadId, turn_id: TurnId) -> None:
        self._call("interrupt_turn", thread_id, turn_id)

    async def end_background_commands(self, thread_id: ThreadId) -> int:
        self._call("end_background_commands", thread_id)
        return self.background

    async def update_settings(self, thread_id: ThreadId, update: SettingsUpdate, current: SessionSettings) -> None:
        self._call("update_settings", thread_id, update)

    async def answer(self, approval: Approval, answer: Answer) -> None:
        self._call("answer", approval.request_id, answer)

    async def rename_thread(self, thread_id: ThreadId, name: str) -> None:
        self._call("rename_thread", thread_id, name)

    async def archive_thread(self, thread_id: ThreadId) -> None:
        self._call("archive_thread", thread_id)

    async def compact_thread(self, thread_id: ThreadId) -> None:
        self._call("compact_thread", thread_id)

    async def list_models(self) -> tuple[ModelOption, ...]:
        self._call("list_models")
        return self.models

    async def list_permission_profiles(self) -> tuple[PermissionProfile, ...]:
        self._call("list_permission_profiles")
        return ()

    async def read_account(self) -> Account:
        self._call("read_account")
        return self.account

    async def read_rate_limits(self) -> RateLimits:
        self._call("read_rate_limits")
        return RateLimits()

    async def read_defaults(self) -> Defaults:
        self._call("read_defaults")
        return self.defaults

    async def write_defaults(self, before: Defaults, wanted: Defaults) -> None:
        self._call("write_defaults", before, wanted)

    async def read_trust(self, folder: str, main_folder: str) -> FolderTrust:
        self._call("read_trust", folder, main_folder)
        return replace(self.trust, key=self.trust.key or main_folder)

    async def write_trust(self, found: FolderTrust, level: TrustLevel | None) -> None:
        self._call("write_trust", found.key, found.version, level)
        if found.version != self.trust.version:
            raise AgentRefused("config/batchWrite", "modified since", data={"config_write_error_code": CONFLICT})
        self.trust = replace(self.trust, level=level, version=f"{found.version}+")

    async def sign_in_by_code(self) -> SignIn:
        self._call("sign_in_by_code")
        return SignIn("login-1", "https://example.org/device", "ABCD-1234")

    async def sign_in_by_browser(self) -> SignIn:
        self._call("sign_in_by_browser")
        return SignIn("login-2", "https://example.org/login?x=1&state=s-2")

    async def hand_over(self, redirect: Redirect) -> str:
        self._call("hand_over", redirect)
        return self.refused_redirect

    async def sign_in_with_key(self, key: str) -> None:
        self._call("sign_in_with_key", key)

    async def cancel_sign_in(self, login_id: str) -> None:
        self._call("cancel_sign_in", login_id)

    async def sign_out(self) -> None:
        self._call("sign_out")

    async def close(self) -> None:
        self.calls.append(("close",))
