"""Steps of a script as events of the Responses stream.

`stream_of` yields what goes over the wire, and the pauses, gates and cuts in between. Code-mode models get their
commands and patches as JavaScript for their one tool `exec`, all others as direct calls.
"""

from __future__ import annotations

import itertools
import json
import secrets
from collections.abc import Iterator
from typing import Any, TypeAlias

from conductor_tui.demo.steps import (
    ApplyPatch,
    CustomToolCall,
    CutStream,
    Ending,
    ExecCommand,
    FailedResponse,
    FunctionCall,
    Hold,
    HttpError,
    IncompleteResponse,
    Message,
    Pause,
    Reply,
    SearchWeb,
    Step,
    Think,
    ToolCall,
    UpdatePlan,
)

Event: TypeAlias = dict[str, Any]
Signal: TypeAlias = Event | Pause | Hold | CutStream


class Ids:
    """Identifiers that no other run has used: Codex keeps them in its history."""

    def __init__(self) -> None:
        self._run = secrets.token_hex(4)
        self._count = itertools.count(1)

    def next(self, kind: str) -> str:
        return f"{kind}_{self._run}_{next(self._count)}"


def stream_of(reply: Reply, ids: Ids, *, model: str, input_tokens: int, code_mode: bool) -> Iterator[Signal]:
    """Everything a stream consists of, from `response.created` to its completion or the ending the script has."""
    response = {"id": ids.next("resp"), "object": "response", "model": model, "output": []}
    yield {"type": "response.created", "response": {**response, "status": "in_progress"}}
    written = 0
    for index, step in enumerate(reply):
        if isinstance(step, Ending):
            yield _ending(step, response)
            return
        if isinstance(step, (Message, Think)):
            written += len(step.text) // 4
        for signal in _signals(step, ids, code_mode):
            if isinstance(signal, dict):
                signal["output_index"] = index
            yield signal
    usage = {
        "input_tokens": input_tokens,
        "input_tokens_details": {"cached_tokens": input_tokens // 2},
        "output_tokens": written + 20,
        "output_tokens_details": {"reasoning_tokens": written // 4},
        "total_tokens": input_tokens + written + 20,
    }
    yield {"type": "response.completed", "response": {**response, "status": "completed", "usage": usage}}


def _signals(step: Step, ids: Ids, code_mode: bool) -> Iterator[Signal]:
    match step:
        case Message():
            yield from _message(step, ids)
        case Think():
            yield from _reasoning(step, ids)
        case SearchWeb():
            yield from _web_search(step, ids)
        case CutStream():
            yield from _message_start(ids.next("item"), step.text)
            yield step
        case Pause() | Hold():
            yield step
        case FailedResponse() | IncompleteResponse() | HttpError():
            raise ValueError("a refusal must be the only step of its reply")
        case _:
            yield from _call(_as_call(step, code_mode), ids)


def _ending(step: Ending, response: Event) -> Event:
    if isinstance(step, FailedResponse):
        error = {"code": step.code, "message": step.message}
        return {"type": "response.failed", "response": {**response, "status": "failed", "error": error}}
    details = {"reason": step.reason}
    body = {**response, "status": "incomplete", "incomplete_details": details}
    return {"type": "response.incomplete", "response": body}


def _message_start(item_id: str, text: str) -> Iterator[Signal]:
    item = {"type": "message", "role": "assistant", "id": item_id, "content": []}
    yield {"type": "response.output_item.added", "item": item}
    if text:
        yield _text_delta(item_id, text)


def _text_delta(item_id: str, text: str) -> Event:
    return {"type": "response.output_text.delta", "item_id": item_id, "content_index": 0, "delta": text}


def _message(step: Message, ids: Ids) -> Iterator[Signal]:
    item: Event = {"type": "message", "role": "assistant", "id": ids.next("item"), "content": []}
    if step.phase:
        item["phase"] = step.phase
    yield {"type": "response.output_item.added", "item": item}
    head, tail = (step.text[: step.gate_at], step.text[step.gate_at :]) if step.gate else (step.text, "")
    yield from _paced((_text_delta(item["id"], text) for text in _chunks(head, step.chunk)), step.delay)
    if step.gate:
        yield Hold(step.gate)
        yield from _paced((_text_delta(item["id"], text) for text in _chunks(tail, step.chunk)), step.delay)
    content = [{"type": "output_text", "text": step.text, "annotations": []}]
    yield {"type": "response.output_item.done", "item": {**item, "content": content}}


def _reasoning(step: Think, ids: Ids) -> Iterator[Signal]:
    item: Event = {"type": "reasoning", "id": ids.next("item"), "summary": [], "encrypted_content": None}
    where = {"item_id": item["id"], "summary_index": 0}
    yield {"type": "response.output_item.added", "item": item}
    yield {"type": "response.reasoning_summary_part.added", **where}
    deltas = (
        {"type": "response.reasoning_summary_text.delta", **where, "delta": text}
        for text in _chunks(step.text, step.chunk)
    )
    yield from _paced(deltas, step.delay)
    summary = [{"type": "summary_text", "text": step.text}]
    yield {"type": "response.output_item.done", "item": {**item, "summary": summary}}


def _web_search(step: SearchWeb, ids: Ids) -> Iterator[Signal]:
    item = {"type": "web_search_call", "id": ids.next("ws")}
    action = {"type": "search", "query": step.query, "queries": [step.query]}
    yield {"type": "response.output_item.added", "item": {**item, "status": "in_progress"}}
    yield {"type": "response.output_item.done", "item": {**item, "status": "completed", "action": action}}


def _call(step: FunctionCall | CustomToolCall, ids: Ids) -> Iterator[Signal]:
    item: Event = {"id": ids.next("item"), "call_id": ids.next("call"), "name": step.name}
    if isinstance(step, CustomToolCall):
        item, field, value = {"type": "custom_tool_call", **item}, "input", step.input
    else:
        item, field, value = {"type": "function_call", **item}, "arguments", json.dumps(dict(step.args))
        if step.namespace:
            item["namespace"] = step.namespace
    yield {"type": "response.output_item.added", "item": {**item, field: ""}}
    yield {"type": "response.output_item.done", "item": {**item, field: value}}


def _as_call(step: ToolCall, code_mode: bool) -> FunctionCall | CustomToolCall:
    match step:
        case ExecCommand():
            args = _exec_arguments(step)
            return _script("exec_command", json.dumps(args)) if code_mode else FunctionCall("exec_command", args)
        case ApplyPatch():
            patch = step.patch
            return _script("apply_patch", json.dumps(patch)) if code_mode else CustomToolCall("apply_patch", patch)
        case UpdatePlan():
            plan = [{"step": text, "status": status} for text, status in step.steps]
            args = {"plan": plan, **({"explanation": step.explanation} if step.explanation else {})}
            return _script("update_plan", json.dumps(args)) if code_mode else FunctionCall("update_plan", args)
        case _:
            return step


def _exec_arguments(step: ExecCommand) -> dict[str, Any]:
    args: dict[str, Any] = {"cmd": step.cmd}
    if step.yield_ms is not None:
        args["yield_time_ms"] = step.yield_ms
    if step.escalated:
        args |= {"sandbox_permissions": "require_escalated", "justification": step.justification}
        if step.prefix_rule:
            args["prefix_rule"] = list(step.prefix_rule)
    return args


def _script(tool: str, argument: str) -> CustomToolCall:
    """A call from inside a code-mode script; a failure is told to the model as text, as a direct call's is."""
    body = f"try {{ const r = await tools.{tool}({argument}); text(typeof r === 'string' ? r : JSON.stringify(r)); }}"
    return CustomToolCall("exec", f"{body}\ncatch (error) {{ text(String(error)); }}")


def _chunks(text: str, size: int) -> Iterator[str]:
    if not size:
        return iter([text] if text else [])
    return (text[at : at + size] for at in range(0, len(text), size))


def _paced(events: Iterator[Event], delay: float) -> Iterator[Signal]:
    for event in events:
        yield event
        if delay:
            yield Pause(delay)
