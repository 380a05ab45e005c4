"""Requests to the model, as Codex would send them."""

from __future__ import annotations

from typing import Any

from conductor_tui.demo.requests import Request


def user(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def developer(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": text}]}


def result(call_id: str, output: Any) -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": call_id, "output": output}


def request(*items: dict[str, Any], **body: Any) -> Request:
    return Request({"input": list(items), **body})
