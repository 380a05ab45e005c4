"""One connection to a Codex app-server, as typed methods and a stream of events. Meets `sessions.ports.Agent`."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from conductor_tui import __version__
from conductor_tui.domain import events as ev
from conductor_tui.domain.approvals import Answer, Approval
from conductor_tui.domain.controls import (
    PLAN_PROFILE,
    PLAN_PROFILE_TABLE,
    EffortOption,
    ModelOption,
    PermissionProfile,
    ServerInfo,
    ServiceTier,
    SessionSettings,
    SettingsUpdate,
    version_numbers,
)
from conductor_tui.domain.errors import AgentError, AgentGone, AgentRefused
from conductor_tui.domain.ids import ThreadId, TurnId
from conductor_tui.domain.opened_thread import OpenedThread
from conductor_tui.domain.threads import QueuedMessage, ThreadSummary
from conductor_tui.domain.turns import Turn
from conductor_tui.protocol import decode_items as di
from conductor_tui.protocol import encode, wire
from conductor_tui.protocol.account import AccountRequests
from conductor_tui.protocol.config import ConfigRequests
from conductor_tui.protocol.decode import decode
from conductor_tui.protocol.rpc import ANSWERED, RpcClient, RpcMessage
from conductor_tui.protocol.toolbox import ToolboxRequests
from conductor_tui.protocol.transport import Transport
from conductor_tui.protocol.typed_client import fitted

log = logging.getLogger(__name__)

FIRST_THAT_UNLOADS_SOON = (0, 169, 0)
_SOON = {"thread_unload_delay_secs": 300}
"""How long a thread that rests stays loaded once nobody follows it, and with it the lock that keeps `codex exec resume`
out. Older versions take half an hour, whatever is said."""
_WITHOUT_TURNS = ("no rollout found", "not materialized yet", "before first user message", "is empty")
"""What the refusal to list turns says where there are none."""
_SOURCES = ["cli", "vscode", "exec", "appServer"]
"""Whose threads are listed: all that a person began, with `codex exec` too, and no sub-agents."""
T = TypeVar("T")

PAGE = 20
"""Turns read at once."""
FIRST_WITH_THREAD_PROFILES = (0, 163, 0)
"""Older ones take only profiles of config.toml itself."""
_NO_DEFAULT = "does not set `default_permissions`"
"""Codex takes no permission profile beside a config.toml that names no sandbox."""
_FOUND = re.compile(r"but found `?([^`\s]+)`?")


class AppServer(AccountRequests, ConfigRequests, ToolboxRequests):
    """An initialized connection."""

    @classmethod
    async def open(cls, transport: Transport, info: ServerInfo) -> AppServer:
        """Shakes hands. `info` says what is known of the server; its version and home are filled in.

        Raises:
            AgentError: the server refused, or does not speak the protocol.
        """
        rpc = RpcClient(transport)
        params = {
            "clientInfo": {"name": "conductor-tui", "title": "conductor-tui", "version": __version__},
            "capabilities": {"experimentalApi": True},
        }
        try:
            raw = await rpc.request("initialize", params, timeout=15)
            reply = msgspec.json.decode(raw, type=wire.InitializeReply)
            await rpc.notify("initialized")
        except (AgentError, msgspec.DecodeError) as error:
            await rpc.close()
            if isinstance(error, msgspec.DecodeError):
                raise AgentGone("the answer to initialize is not one of Codex", str(error)) from error
            raise
        agent = reply.user_agent or ""
        version = agent.partition("/")[2].split(" ", 1)[0]
        return cls(rpc, replace(info, version=version, user_agent=agent, codex_home=reply.codex_home or ""))

    async def events(self) -> AsyncIterator[ev.Event]:
        """Events in the server's order. Requests that are not the user's to answer are refused at once."""
        async for message in self._rpc.incoming():
            try:
                event = _answered(message) if message.method == ANSWERED else decode(message)
            except Exception:  # a request that cannot be shown cannot be answered either
                event = None
            if event is not None:
                yield event
            elif message.id is not None:
                await self._serve(message.method or "", message.id)

    async def _serve(self, method: str, request_id: int | str) -> None:
        try:
            if method == "currentTime/read":
                await self._rpc.respond(request_id, {"currentTimeAt": int(time.time())})
            else:
                log.warning("refused server request %s", method)
                await self._rpc.reject(request_id, f"conductor-tui does not serve {method}")
        except AgentError as error:
            log.info("%s was not answered: %s", method, error)

    async def close(self) -> None:
        """Ends the connection; the server and its turns go on, unless it is a child of ours (stdio)."""
        await self._rpc.close()

    # Threads

    async def start_thread(
        self,
        cwd: str,
        provider: str = "",
        *,
        is_read_only: bool = False,
        asks_always: bool = False,
        config: Mapping[str, Any] | None = None,
    ) -> OpenedThread:
        """`thread/start`. Never with a sandbox: the server would write trust into the user's config.toml.

        It does the same for a sandbox that config.toml names; `is_read_only` starts the thread without it.
        `provider`: id of a model provider; empty: the default one. `config`: keys of config.toml for this thread.
        `asks_always`: the policy `untrusted`, which Codex takes for a thread and no longer in a configuration.
        """
        params: dict[str, Any] = {"cwd": cwd} | ({"modelProvider": provider} if provider else {})
        params |= {"approvalPolicy": "untrusted"} if asks_always else {}
        mode = {"sandbox_mode": "read-only"} if is_read_only else {}
        try:
            params["config"] = self._thread_config(config) | mode
            body = await self._ask_gladly("thread/start", wire.OpenedBody, params, timeout=60, has_place=True)
        except AgentRefused as refused:
            if is_read_only or _NO_DEFAULT not in refused.message:
                raise
            # Trust is decided, so this is what Codex would begin with by itself, `sandbox_workspace_write` included.
            params["config"] = self._thread_config(config) | {"sandbox_mode": "workspace-write"}
            body = await self._ask_gladly("thread/start", wire.OpenedBody, params, timeout=60, has_place=True)
        return self._opened(body)

    async def resume_thread(self, thread_id: ThreadId, *, config: Mapping[str, Any] | None = None) -> OpenedThread:
        """`thread/resume` with the newest turns; running items are in it, waiting requests follow as events.

        `config`: keys of config.toml for this thread, which Codex does not keep; a loaded thread goes on with what it
        was started with. Never with a sandbox.
        """
        params: dict[str, Any] = {
            "threadId": thread_id,
            "excludeTurns": True,
            "initialTurnsPage": {"limit": PAGE, "itemsView": "full"},
        }
        try:
            params["config"] = self._thread_config(config)
            body = await self._ask_gladly("thread/resume", wire.OpenedBody, params, timeout=60, has_place=True)
        except AgentRefused as refused:
            if _NO_DEFAULT not in refused.message:
                raise
            params["config"] = dict(config or {})  # then Plan Mode says what rules still allow
            body = await self._ask_gladly("thread/resume", wire.OpenedBody, params, timeout=60, has_place=True)
        return self._opened(body, thread_id)

    def _thread_config(self, config: Mapping[str, Any] | None) -> dict[str, Any]:
        numbers = version_numbers(self.info.version)
        knows_profiles = numbers is None or numbers >= FIRST_WITH_THREAD_PROFILES
        profile = {f"permissions.{PLAN_PROFILE}": PLAN_PROFILE_TABLE} if knows_profiles else {}
        soon = _SOON if numbers is not None and numbers >= FIRST_THAT_UNLOADS_SOON else {}
        return {**(config or {}), **profile, **soon}

    def _opened(self, body: wire.OpenedBody, thread_id: str = "") -> OpenedThread:
        thread = body.thread or wire.ThreadBody()
        thread.id = thread.id or thread_id
        if not thread.id:
            raise AgentRefused("thread/start", "the new thread has no id that could be understood")
        summary = di.thread(thread)
        page = body.initial_turns_page or wire.TurnsPage()
        turns = tuple(di.recorded_turn(t) for t in reversed(page.data or []))
        cursor = page.next_cursor or None
        history = ev.HistoryLoaded(summary.id, turns, has_more=cursor is not None)
        settings = di.opened_settings(body)
        return OpenedThread(summary, settings, history, cursor)

    async def older_turns(self, thread_id: ThreadId, cursor: str) -> tuple[ev.HistoryLoaded, str | None]:
        """`thread/turns/list`: the page of turns before a cursor."""
        params = {"threadId": thread_id, "cursor": cursor, "limit": PAGE, "itemsView": "full", "sortDirection": "desc"}
        page = await self._ask_gladly("thread/turns/list", wire.TurnsPage, params, repeatable=True)
        turns = tuple(di.recorded_turn(t) for t in reversed(page.data or []))
        more = page.next_cursor or None
        return ev.HistoryLoaded(thread_id, turns, is_older=True, has_more=more is not None), more

    async def list_queue(self, thread_id: ThreadId) -> tuple[QueuedMessage, ...]:
        """`thread/queue/list`, since 0.163: what waits for a turn of its own, in order."""
        found: list[QueuedMessage] = []
        params: dict[str, Any] = {"threadId": thread_id}
        while True:
            page = await self._ask_gladly("thread/queue/list", wire.QueuePage, params, repeatable=True)
            found.extend(di.queued_message(body) for body in page.data or [])
            if not page.next_cursor:
                return tuple(found)
            params["cursor"] = page.next_cursor

    async def newest_turn(self, thread_id: ThreadId) -> Turn | None:
        """`thread/turns/list`: the newest turn without its items; None before the first."""
        params = {"threadId": thread_id, "limit": 1, "itemsView": "notLoaded", "sortDirection": "desc"}
        page = await self._ask("thread/turns/list", wire.TurnsPage, params, repeatable=True)
        return next((di.recorded_turn(turn).turn for turn in page.data or []), None)

    async def discard_unused_thread(self, thread_id: ThreadId) -> None:
        """`thread/delete`, which is for ever: only for a thread without a turn; one with a turn is left alone.

        Raises:
            AgentError: also where it cannot be known whether the thread has turns.
        """
        params = {"threadId": thread_id, "limit": 1, "itemsView": "notLoaded", "sortDirection": "desc"}
        try:
            if (await self._ask("thread/turns/list", wire.TurnsPage, params, timeout=1)).data:
                return
        except AgentRefused as refused:
            if not any(words in refused.message for words in _WITHOUT_TURNS):
                raise
        await self._send("thread/delete", {"threadId": thread_id}, timeout=1)

    async def list_threads(self, cwds: tuple[str, ...], limit: int = 100) -> tuple[ThreadSummary, ...]:
        """`thread/list`, newest first, of these folders, or of all when none is given.

        0.144 skips rows at page borders: pages are large and de-duplicated.
        """
        found: dict[ThreadId, ThreadSummary] = {}
        cursor: str | None = None
        while len(found) < limit:
            params: dict[str, Any] = {"limit": min(100, limit), "sortKey": "updated_at", "sourceKinds": _SOURCES}
            if cwds:
                params["cwd"] = list(cwds)
            if cursor:
                params["cursor"] = cursor
            page = await self._thread_page(params)
            for body in page.data or []:
                if body.id:
                    found.setdefault(ThreadId(body.id), di.thread(body))
            cursor = page.next_cursor
            if not cursor or not page.data:
                break
        return tuple(found.values())[:limit]

    async def _thread_page(self, params: dict[str, Any]) -> wire.ThreadPage:
        try:
            return await self._ask_gladly("thread/list", wire.ThreadPage, params, repeatable=True)
        except AgentRefused as refused:
            if "unknown variant" not in refused.message or "sourceKinds" not in params:
                raise
            del params["sourceKinds"]  # this version has other words for them: its own choice, then
            return await self._ask_gladly("thread/list", wire.ThreadPage, params, repeatable=True)

    async def parent_of(self, thread_id: ThreadId) -> ThreadId | None:
        """`thread/read` without turns: the thread whose sub-agent this one is."""
        body = await self._ask_gladly("thread/read", wire.ThreadStartedParams, {"threadId": thread_id}, repeatable=True)
        return di.thread(body.thread).parent_id if body.thread else None

    async def rename_thread(self, thread_id: ThreadId, name: str) -> None:
        """`thread/name/set`; Codex refuses an empty name."""
        await self._send("thread/name/set", {"threadId": thread_id, "name": name})

    async def archive_thread(self, thread_id: ThreadId) -> None:
        """`thread/archive`."""
        await self._send("thread/archive", {"threadId": thread_id})

    async def compact_thread(self, thread_id: ThreadId) -> None:
        """`thread/compact/start`; the work shows as a turn."""
        await self._send("thread/compact/start", {"threadId": thread_id})

    async def prepare_approved_plan(self, thread_id: ThreadId, markdown: str) -> str:
        """`thread/prepareApprovedPlan`, since 0.169: a plan in the context of a fresh thread, and the prompt for it."""
        params = {"threadId": thread_id, "markdown": markdown}
        return (await self._ask("thread/prepareApprovedPlan", wire.PromptReply, params)).prompt or ""

    # Turns

    async def start_turn(
        self,
        thread_id: ThreadId,
        text: str,
        client_id: str,
        update: SettingsUpdate | None = None,
        current: SessionSettings | None = None,
    ) -> TurnId:
        """`turn/start`. While a turn runs this would steer it; the id returned is then not to be relied on.

        An `update` is in force before the turn begins: `thread/settings/updated` comes ahead of `turn/started`.
        """

        async def ask(update: SettingsUpdate | None) -> wire.TurnReply:
            params = encode.turn_start(thread_id, text, client_id, update, current)
            return await self._ask("turn/start", wire.TurnReply, params)

        reply = await _or_without_profile(ask, update) if update else await ask(None)
        return TurnId(reply.turn.id if reply.turn else "")

    async def steer_turn(self, thread_id: ThreadId, turn_id: TurnId, text: str, client_id: str) -> None:
        """`turn/steer`. Since 0.163 it cuts the message being written; 0.144 waits for the model's response."""
        params = {
            "threadId": thread_id,
            "expectedTurnId": turn_id,
            "input": encode.text_input(text),
            "clientUserMessageId": client_id,
        }
        await self._send("turn/steer", params)

    async def interrupt_turn(self, thread_id: ThreadId, turn_id: TurnId) -> None:
        """`turn/interrupt`. Where the server expects another id (reviews have two), that one is used."""
        try:
            await self._send("turn/interrupt", {"threadId": thread_id, "turnId": turn_id}, timeout=10)
        except AgentRefused as refused:
            expected = _FOUND.search(refused.message)
            if expected:
                params = {"threadId": thread_id, "turnId": expected.group(1)}
                await self._send("turn/interrupt", params, timeout=10)
            elif "no active turn" not in refused.message:
                raise

    async def end_background_commands(self, thread_id: ThreadId) -> int:
        """Ends the commands that Codex left running in a thread; returns how many there were."""
        page = await self._ask("thread/backgroundTerminals/list", wire.TerminalPage, {"threadId": thread_id})
        ids = [t.process_id for t in page.data or [] if t.process_id]
        requests = (
            self._send("thread/backgroundTerminals/terminate", {"threadId": thread_id, "processId": process_id})
            for process_id in ids
        )
        for outcome in await asyncio.gather(*requests, return_exceptions=True):
            if isinstance(outcome, AgentRefused):
                log.info("a command had ended already: %s", outcome)
            elif isinstance(outcome, BaseException):
                raise outcome
        return len(ids)

    async def update_settings(self, thread_id: ThreadId, update: SettingsUpdate, current: SessionSettings) -> None:
        """`thread/settings/update`: from the next turn on. Codex checks none of the values."""

        async def send(update: SettingsUpdate) -> None:
            await self._send("thread/settings/update", encode.settings_update(thread_id, update, current))

        await _or_without_profile(send, update)

    async def answer(self, approval: Approval, answer: Answer) -> None:
        """Answers a server request; the first answer of any client counts, later ones are ignored."""
        await self._rpc.respond(approval.request_id, encode.answer(approval, answer))

    # What there is to choose

    async def list_models(self) -> tuple[ModelOption, ...]:
        """`model/list`, all pages, hidden ones included."""
        found: list[ModelOption] = []
        cursor: str | None = None
        while True:
            params: dict[str, Any] = {"limit": 100, "includeHidden": True}
            if cursor:
                params["cursor"] = cursor
            page = await self._ask_gladly("model/list", wire.ModelPage, params, repeatable=True)
            found.extend(_model(m) for m in page.data or [])
            cursor = page.next_cursor
            if not cursor:
                return tuple(found)

    async def list_permission_profiles(self) -> tuple[PermissionProfile, ...]:
        """`permissionProfile/list`."""
        page = await self._ask("permissionProfile/list", wire.ProfilePage, {}, repeatable=True)
        return tuple(PermissionProfile(p.id, p.description or "", p.allowed is not False) for p in page.data or [])

    async def try_sandbox(self) -> str | None:
        """`command/exec` of a command that does nothing, confined to reading; None when it ran, else what was said."""
        params = {
            "command": ["/bin/sh", "-c", ":"],
            "cwd": "/",
            "sandboxPolicy": {"type": "readOnly"},
            "timeoutMs": 10_000,
        }
        reply = await self._ask("command/exec", wire.ExecReply, params)
        return (reply.stderr or reply.stdout or "").strip() if reply.exit_code else None


def _answered(message: RpcMessage) -> ev.Event | None:
    """The place of the answer that opens a thread; None for one that names no thread."""
    try:
        thread = fitted(message.params, wire.ThreadStartedParams).thread
    except msgspec.DecodeError:
        return None
    return ev.ThreadAnswered(ThreadId(thread.id)) if thread and thread.id else None


def _model(body: wire.ModelBody) -> ModelOption:
    return ModelOption(
        id=body.id,
        model=body.model or body.id,
        name=body.display_name or body.id,
        description=body.description or "",
        is_default=bool(body.is_default),
        is_hidden=bool(body.hidden),
        efforts=tuple(
            EffortOption(e.reasoning_effort, e.description or "") for e in body.supported_reasoning_efforts or []
        ),
        default_effort=body.default_reasoning_effort,
        tiers=tuple(ServiceTier(t.id, t.name or t.id, t.description or "") for t in body.service_tiers or []),
        modalities=tuple(body.input_modalities or ()),
        supports_personality=bool(body.supports_personality),
        upgrade=body.upgrade,
    )


async def _or_without_profile(ask: Callable[[SettingsUpdate], Awaitable[T]], update: SettingsUpdate) -> T:
    """Asks again with the sandbox alone where the thread was loaded without the permission profile that is wanted."""
    try:
        return await ask(update)
    except AgentRefused as refused:
        if not (update.permission_profile and update.sandbox):
            raise
        if "failed to load configuration" not in refused.message:
            raise
        log.info("no permission profile %s: %s", update.permission_profile, refused)
    return await ask(replace(update, permission_profile=None))
