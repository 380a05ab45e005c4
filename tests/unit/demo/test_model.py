"""The scripted model over real HTTP."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from conductor_tui.demo.model import ScriptedModel
from conductor_tui.demo.steps import (
    ApplyPatch,
    CutStream,
    ExecCommand,
    FunctionCall,
    Gate,
    HttpError,
    Message,
    Reply,
    SearchWeb,
    Step,
    Think,
    UpdatePlan,
)
from tests.unit.demo.conversation import result, user

DIRECT = {"tools": [{"name": "exec_command"}]}


class Asked:
    """One request to the model and what comes back."""

    def __init__(self, server: ScriptedModel, *items: dict[str, Any], **body: Any) -> None:
        host = server.base_url.removeprefix("http://").removesuffix("/v1")
        self._connection = http.client.HTTPConnection(host, timeout=10)
        payload = json.dumps({"model": "gpt-5.5", "input": list(items), **body})
        self._connection.request("POST", "/v1/responses", payload)
        self.response = self._connection.getresponse()

    def events(self) -> Iterator[dict[str, Any]]:
        for line in self.response:
            if line.startswith(b"data: "):
                yield json.loads(line[6:])
        self._connection.close()

    def items(self) -> list[dict[str, Any]]:
        return [event["item"] for event in self.events() if event["type"] == "response.output_item.done"]


def always(reply: Reply) -> ScriptedModel:
    return ScriptedModel(lambda _: reply)


def test_a_message_is_streamed_in_chunks_between_created_and_completed() -> None:
    with always([Message("Hello", chunk=2, phase="final_answer")]) as model:
        events = list(Asked(model, user("hi")).events())
    assert [e["type"].removeprefix("response.") for e in events] == [
        "created",
        "output_item.added",
        *["output_text.delta"] * 3,
        "output_item.done",
        "completed",
    ]
    assert [e["delta"] for e in events[2:5]] == ["He", "ll", "o"]
    assert events[5]["item"]["content"][0]["text"] == "Hello"
    assert events[5]["item"]["phase"] == "final_answer"
    assert events[6]["response"]["usage"]["total_tokens"] > 0


def test_direct_models_get_direct_calls() -> None:
    steps: list[Step] = [
        Think("**Thinking**"),
        ExecCommand("ls", escalated=True, justification="why", prefix_rule=("ls",), yield_ms=500),
        ApplyPatch("*** Begin Patch"),
        UpdatePlan((("one", "pending"),), "because"),
        FunctionCall("echo", {"a": 1}, "mcp__tiny"),
        SearchWeb("weather"),
    ]
    with always(steps) as model:
        thinking, command, patch, plan, call, search = Asked(model, user("hi"), **DIRECT).items()
    assert thinking["summary"] == [{"type": "summary_text", "text": "**Thinking**"}]
    assert json.loads(command["arguments"]) == {
        "cmd": "ls",
        "yield_time_ms": 500,
        "sandbox_permissions": "require_escalated",
        "justification": "why",
        "prefix_rule": ["ls"],
    }
    assert (patch["type"], patch["name"], patch["input"]) == ("custom_tool_call", "apply_patch", "*** Begin Patch")
    assert json.loads(plan["arguments"])["explanation"] == "because"
    assert (call["namespace"], json.loads(call["arguments"])) == ("mcp__tiny", {"a": 1})
    assert search["action"]["query"] == "weather"


def test_code_mode_models_get_scripts() -> None:
    with always([ExecCommand("echo 'a\"b'"), ApplyPatch("*** Begin Patch\n")]) as model:
        command, patch = Asked(model, user("hi"), model="gpt-6.1-sol").items()
    assert command["name"] == patch["name"] == "exec"
    assert 'tools.exec_command({"cmd": "echo \'a\\"b\'"})' in command["input"]
    assert 'tools.apply_patch("*** Begin Patch\\n")' in patch["input"]


def test_a_script_in_the_background_is_waited_for_without_asking_the_story() -> None:
    with always([Message("told too early")]) as model:
        (call,) = Asked(model, user("hi"), result("a", "Script running with cell ID 7")).items()
    assert (call["name"], json.loads(call["arguments"])["cell_id"]) == ("wait", "7")


def test_identifiers_are_never_used_twice() -> None:
    with always([Message("a"), ExecCommand("ls")]) as model:
        items = [*Asked(model, user("hi"), **DIRECT).items(), *Asked(model, user("hi"), **DIRECT).items()]
    assert len({item["id"] for item in items}) == 4


def test_a_refusal_has_status_body_and_headers() -> None:
    refusal = HttpError(429, {"error": {"message": "slow down"}}, {"retry-after": "1"})
    with always([refusal]) as model:
        response = Asked(model, user("hi")).response
        assert (response.status, response.headers["retry-after"]) == (429, "1")
        assert json.load(response) == {"error": {"message": "slow down"}}
        response.close()


def test_a_cut_stream_ends_in_the_middle_of_a_message() -> None:
    with always([CutStream("half a sen")]) as model:
        events = list(Asked(model, user("hi")).events())
    assert events[-1]["delta"] == "half a sen"


def test_a_gate_holds_the_message_until_it_is_released() -> None:
    gate = Gate()
    with always([Message("before after", gate=gate, gate_at=6)]) as model:
        events = Asked(model, user("hi")).events()
        gate.wait_reached()
        assert [next(events).get("delta") for _ in range(3)] == [None, None, "before"]
        gate.release()
        assert next(events)["delta"] == " after"


def test_closing_ends_a_stream_that_is_held() -> None:
    gate = Gate()
    model = always([Message("before after", gate=gate, gate_at=6)])
    events = Asked(model, user("hi")).events()
    gate.wait_reached()
    model.close()
    assert [e["type"] for e in events][-1] == "response.output_text.delta"


def test_the_conversation_is_summed_up_when_codex_makes_room() -> None:
    with ScriptedModel(lambda _: pytest.fail("the script must not be asked")) as model:
        (item,) = Asked(model, user("You are performing a CONTEXT CHECKPOINT COMPACTION. …")).items()
    assert item["content"][0]["text"].startswith("So far")


def test_a_request_with_a_schema_gets_json_that_meets_it() -> None:
    schema = {
        "type": "object",
        "properties": {"title": {"type": "string"}, "risk": {"enum": ["low", "high"]}, "n": {"type": "integer"}},
    }
    form = {"format": {"type": "json_schema", "schema": schema}}
    with always([]) as model:
        (item,) = Asked(model, user("a title, please"), text=form).items()
    assert json.loads(item["content"][0]["text"]) == {"title": "Scripted model", "risk": "low", "n": 0}


def test_requests_are_kept_and_can_be_waited_for() -> None:
    with always([Message("a")]) as model:
        sender = threading.Thread(target=lambda: Asked(model, user("two"), model="gpt-6.1-sol").items())
        Asked(model, user("one")).items()
        sender.start()
        found = model.wait_for_request(lambda r: r.user_text == "two")
        sender.join()
        assert found.model == "gpt-6.1-sol"
        assert [r.user_text for r in model.requests] == ["one", "two"]


def test_a_request_that_never_comes_is_reported_with_what_was_heard() -> None:
    with always([Message("a")]) as model:
        Asked(model, user("one")).items()
        with pytest.raises(TimeoutError, match="'one'"):
            model.wait_for_request(lambda r: False, timeout=0.01)


def test_what_is_not_json_is_refused_and_does_not_end_the_model() -> None:
    with always([Message("a")]) as model:
        host = model.base_url.removeprefix("http://").removesuffix("/v1")
        connection = http.client.HTTPConnection(host, timeout=10)
        connection.request("POST", "/v1/responses", b"\x28\xb5\x2f\xfd")
        assert connection.getresponse().status == 400
        connection.close()
        assert Asked(model, user("hi")).items()
