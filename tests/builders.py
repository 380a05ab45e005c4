"""Small parts for tests, with defaults: items, turns, approvals, projections."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from conductor_tui.domain import events as ev
from conductor_tui.domain import items as it
from conductor_tui.domain.approvals import CommandApproval
from conductor_tui.domain.ids import ItemId, RequestId, ThreadId, TurnId
from conductor_tui.domain.projection import SessionProjection
from conductor_tui.domain.turns import RecordedTurn, TokenUsage, Turn, TurnStatus

THREAD, TURN = ThreadId("thread-1"), TurnId("turn-1")


def a_projection(*events: ev.Event) -> SessionProjection:
    """A session after some events; its clock stands at 1000."""
    projection = SessionProjection(THREAD, clock=lambda: 1000.0)
    for event in events:
        projection.apply(event)
    return projection


def turn_started(turn_id: str = TURN) -> ev.TurnStarted:
    return ev.TurnStarted(THREAD, Turn(TurnId(turn_id), started_at=990.0))


def turn_completed(
    turn_id: str = TURN, status: TurnStatus = TurnStatus.COMPLETED, duration_ms: int = 2500
) -> ev.TurnCompleted:
    return ev.TurnCompleted(THREAD, Turn(TurnId(turn_id), status, duration_ms=duration_ms))


def item_started(item: it.Item) -> ev.ItemStarted:
    return ev.ItemStarted(THREAD, item)


def item_completed(item: it.Item) -> ev.ItemCompleted:
    return ev.ItemCompleted(THREAD, item)


def delta(item_id: str, text: str, kind: ev.TextKind = ev.TextKind.MESSAGE, turn_id: str = TURN) -> ev.TextAppended:
    return ev.TextAppended(THREAD, TurnId(turn_id), ItemId(item_id), kind, text)


def a_message(text: str = "", *, id: str = "m1", is_open: bool = False, turn_id: str = TURN) -> it.AgentMessage:
    status = it.ItemStatus.IN_PROGRESS if is_open else it.ItemStatus.COMPLETED
    return it.AgentMessage(ItemId(id), TurnId(turn_id), status, text)


def a_prompt(
    text: str = "hello", *, id: str = "u1", client_id: str | None = None, turn_id: str = TURN
) -> it.UserMessage:
    return it.UserMessage(ItemId(id), TurnId(turn_id), text=text, client_id=client_id)


PLAN = "# Mend it\n\nFirst the tests.\n\n1. Look\n   closely\n2. Mend\n3. Tell\n"


def a_plan(text: str = PLAN, *, turn_id: str = TURN) -> it.PlanText:
    return it.PlanText(ItemId(f"{turn_id}-plan"), TurnId(turn_id), text=text)


def a_command(
    command: str = "pytest -q",
    *,
    id: str = "c1",
    status: it.ItemStatus = it.ItemStatus.COMPLETED,
    output: str = "",
    exit_code: int | None = 0,
    turn_id: str = TURN,
) -> it.CommandRun:
    raw = f"/bin/bash -lc '{command}'"
    return it.CommandRun(
        ItemId(id),
        TurnId(turn_id),
        status,
        command,
        raw,
        "/repo",
        output,
        exit_code,
        1200 if exit_code is not None else None,
    )


def a_patch(
    path: str = "/repo/a.py", *, id: str = "f1", status: it.ItemStatus = it.ItemStatus.COMPLETED
) -> it.FileChange:
    patch = it.FilePatch(path, it.PatchKind.UPDATE, "@@ -1,2 +1,2 @@\n one\n-two\n+zwei\n")
    return it.FileChange(ItemId(id), TURN, status, (patch,))


def a_command_approval(
    request_id: RequestId = 0, *, item_id: str = "c1", rule: tuple[str, ...] = ()
) -> CommandApproval:
    return CommandApproval(
        request_id, THREAD, TURN, ItemId(item_id), "to install it", "pip install foo", "/repo", proposed_rule=rule
    )


def asked(approval: CommandApproval) -> ev.ApprovalRequested:
    return ev.ApprovalRequested(approval.thread_id, approval)


def a_recorded_turn(*items: it.Item, turn_id: str = TURN, status: TurnStatus = TurnStatus.COMPLETED) -> RecordedTurn:
    return RecordedTurn(Turn(TurnId(turn_id), status), items)


def usage(total: int) -> ev.UsageChanged:
    return ev.UsageChanged(THREAD, TURN, TokenUsage(total=total, last_total=total, context_window=1000))


async def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Lets the loop run until the condition holds."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not condition():
        if loop.time() > end:
            raise AssertionError(f"not within {seconds} s: {condition}")
        await asyncio.sleep(0.005)
