"""What a session works with, and how it is changed: one change at a time, each built on those before it.

Two things are never left to chance. What held for one turn only is gone back to before another turn begins, and in
Plan Mode nothing can write, also after Codex has forgotten half of it: where either cannot be had, no turn begins.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from msgspec.structs import replace

from conductor_tui.domain import events as ev
from conductor_tui.domain.controls import (
    PLAN_MODE,
    PLAN_PROFILE,
    ModelOption,
    SandboxKind,
    SandboxPolicy,
    SessionSettings,
    SettingsUpdate,
    applied,
    checked,
    permissions_of,
)
from conductor_tui.domain.errors import AgentError, AgentRefused
from conductor_tui.domain.items import Severity
from conductor_tui.services.interfaces import Agent
from conductor_tui.services.sessions.owner import Owner, Spawn
from conductor_tui.services.sessions.temporary_settings import TurnScope
from conductor_tui.storage.database import Store

log = logging.getLogger(__name__)

_METHOD = "thread/settings/update"


class SessionControls:
    """The controls of one session."""

    def __init__(
        self,
        session: Owner,
        agent: Callable[[], Awaitable[Agent]],
        spawn: Spawn,
        store: Store,
        models: Callable[[], Sequence[ModelOption]],
    ) -> None:
        self.on_not_taken: Callable[[str], None] = lambda reason: None
        """Called when Codex refused a change; messages may wait for it."""
        self._session = session
        self._agent = agent
        self._spawn = spawn
        self._store = store
        self._models = models
        self._turn = asyncio.Lock()
        """Held by the change that is on its way: whoever wants to begin a turn waits for it."""
        self._unconfirmed: list[SettingsUpdate] = []
        """Changes that Codex has not shown in its settings yet, oldest first."""
        self._before_plan: SettingsUpdate | None = None
        """The permissions that Plan Mode replaced."""
        self._knows_before_plan = False
        """Whether that is so; else the store may say, in which another window may have kept it."""
        self._writing: SettingsUpdate | None = None
        """The permissions with which commands could write in the workspace last."""
        self._is_plan_unsafe = False
        """Whether the permissions of Plan Mode must be set again before a turn begins."""
        self.scope = TurnScope(session.projection, store)

    @property
    def expected(self) -> SessionSettings:
        """The settings after all changes that are on their way."""
        settings = self._session.projection.settings
        for update in self._unconfirmed:
            settings = applied(settings, update)
        return settings

    # Changes

    def update(self, update: SettingsUpdate) -> None:
        """Changes settings from the next turn on; the screen follows when Codex confirms.

        What the models do not allow is left out, with a word in the transcript: Codex would take it.
        """
        allowed = checked(update, self.expected, self._models())
        for remark in allowed.remarks:
            self._session.note(Severity.WARNING, remark)
        if allowed.update != SettingsUpdate():
            self._unconfirmed.append(allowed.update)
            self._spawn(self._change(allowed.update))

    def use_sandbox(self, sandbox: SandboxPolicy) -> None:
        """Changes what commands may touch; writing in the workspace comes back with the folders that it had."""
        before = self._writing
        if sandbox.kind is not SandboxKind.WORKSPACE_WRITE or before is None or before.sandbox is None:
            self.update(SettingsUpdate(sandbox=sandbox))
        elif before.sandbox.network_access == sandbox.network_access:
            self.update(SettingsUpdate(sandbox=before.sandbox, permission_profile=before.permission_profile))
        else:
            changed = replace(before.sandbox, network_access=sandbox.network_access)
            self.update(SettingsUpdate(sandbox=changed))

    async def _change(self, update: SettingsUpdate) -> None:
        async with self._turn:
            if self._session.thread_id is None:
                self._unconfirmed.remove(update)
                self._session.note(Severity.WARNING, "The session is not open yet: the setting was not changed")
                return
            self.scope.changed(update)
            try:
                await self._send(update)
            except AgentError as error:
                self._not_taken(update, error)
            else:
                self._drop_confirmed()

    def _not_taken(self, update: SettingsUpdate, error: AgentError) -> None:
        if update in self._unconfirmed:
            self._unconfirmed.remove(update)
        if update.is_plan_mode and not self._session.projection.settings.is_plan_mode:
            self._keep_before_plan(None)
        self._session.note(Severity.ERROR, "Codex did not take the setting", str(error))
        if _is_cautious(update):
            self.on_not_taken("a setting before it was not taken")

    def _drop_confirmed(self) -> None:
        settings = self._session.projection.settings
        self._unconfirmed = [u for u in self._unconfirmed if applied(settings, u) != settings]

    async def _send(self, update: SettingsUpdate) -> None:
        agent, thread_id = await self._agent(), self._session.thread_id
        if thread_id is None:
            raise AgentRefused(_METHOD, "the session is not open")
        before = self._session.projection.settings
        for earlier in self._unconfirmed:
            if earlier is update:
                break
            before = applied(before, earlier)
        await agent.update_settings(thread_id, update, before)

    # Between turns

    async def settle(self) -> None:
        """Waits until the next turn may begin: changes are taken, what held for one turn is gone back to.

        Raises:
            AgentError: it may not begin, and why.
        """
        async with self._turn:
            try:
                if self.scope.must_go_back:
                    await self._go_back()
            except AgentError as error:
                raise _said(error, "what held for one turn only could not be taken back") from error
            try:
                if self._is_plan_unsafe:
                    await self._secure_plan()
            except AgentError as error:
                raise _said(error, "Plan Mode could not be kept from writing") from error

    async def _go_back(self) -> None:
        update = self.scope.update()
        try:
            if update is not None:
                await self._send(update)
        except AgentError as error:
            self.scope.failed(str(error))
            self._session.note(
                Severity.ERROR,
                "What held for one turn only is still in force",
                f"{error}. It is taken back before the next message is sent.",
            )
            raise
        self.scope.accepted()

    async def _secure_plan(self) -> None:
        settings = self._session.projection.settings
        # What Codex said by itself is kept; where it did not know of Plan Mode, nothing it says is.
        keeps = settings.is_mode_known and bool(settings.approval_policy)
        await self._send(replace(PLAN_MODE, approval_policy=None) if keeps else PLAN_MODE)
        self._is_plan_unsafe = False

    async def _settle_soon(self) -> None:
        try:
            await self.settle()
        except AgentError as error:
            log.warning("%s", error)

    # Following

    def opened(self, settings: SessionSettings) -> SessionSettings:
        """The thread is open; returns the settings that are in force, as far as Codex and we know."""
        self._unconfirmed.clear()
        before = self._known_before_plan()
        self._is_plan_unsafe = False
        if before is not None and settings.is_mode_known and not settings.is_plan_mode:
            self._keep_before_plan(None)  # left by another program
        elif before is not None and (settings.is_mode_known or before.approval_policy):
            self._is_plan_unsafe = settings.permission_profile != PLAN_PROFILE  # Codex forgets it when it unloads
            settings = replace(settings, is_plan_mode=True)
        return settings

    def history_opened(self) -> None:
        """Its turns are known, too."""
        self.scope.opened()
        if self.scope.must_go_back or self._is_plan_unsafe:
            self._spawn(self._settle_soon())

    def apply(self, event: ev.Event, before: SessionSettings) -> None:
        """Follows what Codex says. `before`: the settings before this event."""
        self.scope.apply(event)
        match event:
            case ev.SettingsChanged(settings=settings):
                if settings.sandbox is not None and settings.sandbox.kind is SandboxKind.WORKSPACE_WRITE:
                    self._writing = permissions_of(settings)
                self._unconfirmed = [u for u in self._unconfirmed if applied(settings, _echoed(u)) != settings]
                if before.is_plan_mode and not settings.is_plan_mode:
                    self._keep_before_plan(None)
                elif settings.is_plan_mode and self._before_plan is None:
                    self._knows_before_plan = False
            case ev.TurnStarted() | ev.ConnectionLost():
                self._unconfirmed.clear()
            case ev.TurnCompleted() if self.scope.must_go_back:
                self._spawn(self._settle_soon())

    # Plan Mode

    def set_plan_mode(self, is_on: bool) -> None:
        """Switches Plan Mode: Codex's own, which is only a prompt, with permissions that cannot write."""
        if is_on == self.expected.is_plan_mode or self._session.thread_id is None:
            return
        if is_on:
            self.update(self.entering_plan())
            return
        is_unknown = self.is_before_plan_unknown
        self.update(self.leaving_plan())
        if is_unknown:
            self.say_read_only()

    def entering_plan(self) -> SettingsUpdate:
        """What switches Plan Mode on; the permissions of now are remembered."""
        if self._session.thread_id is not None and not self.expected.is_plan_mode:
            self._keep_before_plan(permissions_of(self.expected))
        return PLAN_MODE

    def leaving_plan(self) -> SettingsUpdate:
        """What leaves Plan Mode: the mode, and the permissions that were in force before, if they are known."""
        before = self._known_before_plan() if self.expected.is_plan_mode else None
        return replace(before or SettingsUpdate(), is_plan_mode=False)

    @property
    def is_before_plan_unknown(self) -> bool:
        """Whether commands stay read-only after Plan Mode, because what was allowed before is not known."""
        settings = self.expected
        is_reading = settings.sandbox is not None and settings.sandbox.kind is SandboxKind.READ_ONLY
        return settings.is_plan_mode and is_reading and self.leaving_plan().sandbox is None

    def after_plan(self, chosen: SettingsUpdate) -> None:
        """Permissions that were chosen for Plan Mode, and are more than it gives, hold when it is left."""
        known = self._known_before_plan() or SettingsUpdate()
        can_write = chosen.sandbox is not None and chosen.sandbox.kind is not SandboxKind.READ_ONLY
        if can_write or chosen.permission_profile:
            known = replace(known, sandbox=chosen.sandbox, permission_profile=chosen.permission_profile)
        if chosen.approval_policy:
            known = replace(known, approval_policy=chosen.approval_policy, approval_rules="")
        if known != SettingsUpdate():
            self._keep_before_plan(known)

    def say_read_only(self) -> None:
        """Puts into the transcript that Plan Mode was left without permissions to go back to."""
        self._session.note(
            Severity.WARNING,
            "Plan Mode is off; commands stay read-only",
            "It was switched on elsewhere, so what was allowed before is not known. Choose it under Permissions.",
        )

    def _known_before_plan(self) -> SettingsUpdate | None:
        thread_id = self._session.thread_id
        if not self._knows_before_plan and thread_id is not None:
            self._before_plan, self._knows_before_plan = self._store.before_plan(thread_id), True
        return self._before_plan

    def _keep_before_plan(self, permissions: SettingsUpdate | None) -> None:
        self._before_plan, self._knows_before_plan = permissions, True
        self._is_plan_unsafe = self._is_plan_unsafe and permissions is not None
        if self._session.thread_id is not None:
            self._store.keep_before_plan(self._session.thread_id, permissions)


def _echoed(update: SettingsUpdate) -> SettingsUpdate:
    """The part of a change that Codex repeats as it was sent."""
    return SettingsUpdate(model=update.model, effort=update.effort, is_plan_mode=update.is_plan_mode)


def _is_cautious(update: SettingsUpdate) -> bool:
    """Whether a turn that waits behind this change must not begin without it."""
    has_permissions = update.sandbox is not None or update.permission_profile is not None
    return update.is_plan_mode is not None or update.approval_policy is not None or has_permissions


def _said(error: AgentError, what: str) -> AgentError:
    """The same kind of error, with what it kept from happening."""
    if isinstance(error, AgentRefused):
        return AgentRefused(_METHOD, f"{what}: {error.message}", data=error.data)
    return error
