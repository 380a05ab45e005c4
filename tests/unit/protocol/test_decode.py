from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor_tui.domain import approvals as ap
from conductor_tui.domain import events as ev
from conductor_tui.domain import items as it
from conductor_tui.domain.controls import SandboxKind
from conductor_tui.domain.threads import ThreadState
from conductor_tui.protocol.decode import DECODED_METHODS, decode_line


def say(method: str, params: Any, id: int | None = None) -> ev.Event | None:
    message = {"method": method, "params": params}
    return decode_line(json.dumps(message | ({"id": id} if id is not None else {})).encode())


def item(kind: str, **fields: Any) -> it.Item:
    event = say("item/completed", {"threadId": "T", "turnId": "U", "item": {"type": kind, "id": "i", **fields}})
    assert isinstance(event, ev.ItemCompleted)
    return event.item


def test_a_delta_names_thread_turn_and_item() -> None:
    event = say("item/agentMessage/delta", {"threadId": "T", "turnId": "U", "itemId": "i", "delta": "x"})
    assert event == ev.TextAppended("T", "U", "i", ev.TextKind.MESSAGE, "x", 0)  # type: ignore[arg-type]


def test_a_command_shows_what_a_person_would_have_typed() -> None:
    actions = [{"type": "listFiles", "command": "ls"}]
    run = item("commandExecution", command="/bin/bash -lc ls", commandActions=actions, status="failed", exitCode=2)
    assert isinstance(run, it.CommandRun)
    assert (run.command, run.raw_command, run.status, run.exit_code) == ("ls", "/bin/bash -lc ls", "failed", 2)


def test_a_command_is_shown_whole_also_where_codex_names_a_part_of_it() -> None:
    actions = [{"type": "listFiles", "command": "ls", "path": None}]
    run = item("commandExecution", command="/bin/bash -lc 'echo hi; ls | head -3'", commandActions=actions)
    assert isinstance(run, it.CommandRun)
    assert run.command == "echo hi; ls | head -3"


def test_without_actions_the_shell_wrapper_is_taken_off() -> None:
    run = item("commandExecution", command="/bin/bash -lc 'echo a && b'", commandActions=[])
    assert isinstance(run, it.CommandRun)
    assert run.command == "echo a && b"


def test_pitfall_12_missing_output_is_no_output() -> None:
    run = item("commandExecution", command="true", aggregatedOutput=None)
    assert isinstance(run, it.CommandRun)
    assert run.output == ""


def test_a_started_item_is_open_and_a_completed_one_is_not() -> None:
    body = {"threadId": "T", "turnId": "U", "item": {"type": "agentMessage", "id": "i", "text": ""}}
    started, completed = say("item/started", body), say("item/completed", body)
    assert isinstance(started, ev.ItemStarted)
    assert isinstance(completed, ev.ItemCompleted)
    assert (started.item.is_open, completed.item.is_open) == (True, False)


def test_a_file_change_keeps_kinds_and_moves() -> None:
    kind = {"type": "update", "move_path": "b"}
    change = item("fileChange", changes=[{"path": "a", "kind": kind, "diff": "@@"}], status="declined")
    assert isinstance(change, it.FileChange)
    assert change.patches == (it.FilePatch("a", it.PatchKind.UPDATE, "@@", "b"),)
    assert change.status is it.ItemStatus.DECLINED


def test_an_unknown_item_is_kept_raw() -> None:
    unknown = item("holograph", beams=3)
    assert isinstance(unknown, it.UnknownItem)
    assert unknown.kind == "holograph"
    assert '"beams"' in unknown.raw


def test_a_known_item_in_a_new_shape_is_kept_raw() -> None:
    assert isinstance(item("agentMessage", text={"rich": True}), it.UnknownItem)


def test_unknown_notifications_are_kept_with_their_thread() -> None:
    event = say("thread/novelty", {"threadId": "T", "x": 1})
    assert isinstance(event, ev.UnknownEvent)
    assert (event.thread_id, event.method) == ("T", "thread/novelty")


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ({"type": "active", "activeFlags": []}, ThreadState.WORKING),
        ({"type": "active", "activeFlags": ["waitingOnApproval"]}, ThreadState.NEEDS_APPROVAL),
        ({"type": "active", "activeFlags": ["waitingOnUserInput"]}, ThreadState.NEEDS_INPUT),
        ({"type": "idle"}, ThreadState.IDLE),
        ({"type": "notLoaded"}, ThreadState.NOT_LOADED),
        ({"type": "hibernating"}, ThreadState.IDLE),
    ],
)
def test_states(status: Any, state: ThreadState) -> None:
    assert say("thread/status/changed", {"threadId": "T", "status": status}) == ev.ThreadStatusChanged("T", state)  # type: ignore[arg-type]


def test_pitfall_15_a_system_error_is_a_failed_state() -> None:
    event = say("thread/status/changed", {"threadId": "T", "status": {"type": "systemError"}})
    assert isinstance(event, ev.ThreadStatusChanged)
    assert event.state is ThreadState.FAILED


@pytest.mark.parametrize(
    ("info", "kind", "status"),
    [
        ("usageLimitExceeded", "usageLimitExceeded", None),
        ({"httpConnectionFailed": {"httpStatusCode": 401}}, "httpConnectionFailed", 401),
        ({"brandNew": 7}, "brandNew", None),
        (None, "other", None),
    ],
)
def test_errors_of_every_form(info: Any, kind: str, status: int | None) -> None:
    error = {"message": "no", "codexErrorInfo": info}
    event = say("error", {"threadId": "T", "turnId": "U", "error": error, "willRetry": True})
    assert isinstance(event, ev.ErrorReported)
    assert (event.error.kind, event.error.http_status, event.will_retry) == (kind, status, True)


def test_settings_say_plan_mode_and_sandbox() -> None:
    settings = {
        "model": "m",
        "effort": "high",
        "collaborationMode": {"mode": "plan", "settings": {"model": "m"}},
        "sandboxPolicy": {"type": "readOnly", "networkAccess": False},
        "approvalPolicy": {"granular": {"rules": True}},
        "serviceTier": "priority",
    }
    event = say("thread/settings/updated", {"threadId": "T", "threadSettings": settings})
    assert isinstance(event, ev.SettingsChanged)
    found = event.settings
    assert (found.model, found.effort, found.is_plan_mode, found.approval_policy) == ("m", "high", True, "granular")
    assert found.sandbox is not None
    assert found.sandbox.kind is SandboxKind.READ_ONLY


def test_empty_rate_limits_say_nothing() -> None:
    event = say("account/rateLimits/updated", {"rateLimits": {"primary": None, "secondary": {"usedPercent": 55.5}}})
    assert isinstance(event, ev.RateLimitsChanged)
    assert event.limits.primary is None
    assert event.limits.secondary is not None
    assert event.limits.secondary.used_percent == 56


def test_a_config_error_names_its_place() -> None:
    params = {
        "summary": "Invalid configuration",
        "details": "extra `=`",
        "path": "/h/config.toml",
        "range": {"start": {"line": 14}},
    }
    event = say("configWarning", params)
    assert isinstance(event, ev.NoticeReported)
    assert event.severity is it.Severity.ERROR
    assert event.detail == "/h/config.toml:14: extra `=`"


def test_a_command_approval() -> None:
    params = {
        "threadId": "T", "turnId": "U", "itemId": "i", "command": "rm x", "cwd": "/r", "reason": "why",
        "proposedExecpolicyAmendment": ["rm"], "availableDecisions": ["accept", "cancel"],
    }  # fmt: skip
    event = say("item/commandExecution/requestApproval", params, id=0)
    assert isinstance(event, ev.ApprovalRequested)
    asked = event.approval
    assert isinstance(asked, ap.CommandApproval)
    assert (asked.request_id, asked.command, asked.proposed_rule) == (0, "rm x", ("rm",))


def test_pitfall_19_decline_is_offered_whatever_the_hint_says() -> None:
    event = say("item/commandExecution/requestApproval", {"threadId": "T", "availableDecisions": ["accept"]}, id=1)
    assert isinstance(event, ev.ApprovalRequested)
    assert {ap.Decision.DECLINE, ap.Decision.SESSION} <= set(event.approval.offered)


def test_permissions_are_told_in_words_and_nothing_is_left_out() -> None:
    permissions = {"network": {"enabled": True}, "fileSystem": {"read": None, "write": ["/x"]}, "novel": {"a": 1}}
    event = say("item/permissions/requestApproval", {"threadId": "T", "permissions": permissions}, id=1)
    assert isinstance(event, ev.ApprovalRequested)
    assert isinstance(event.approval, ap.PermissionsApproval)
    assert event.approval.summary == ("use the network", "write /x", 'novel: {"a": 1}')


def test_a_form_becomes_questions() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer", "title": "Count"}, "ok": {"type": "boolean"}}}
    params = {"threadId": "T", "serverName": "s", "mode": "form", "message": "m", "requestedSchema": schema}
    event = say("mcpServer/elicitation/request", params, id=1)
    assert isinstance(event, ev.ApprovalRequested)
    assert isinstance(event.approval, ap.McpApproval)
    assert [(q.id, q.kind, q.allows_other) for q in event.approval.questions] == [
        ("n", "integer", True),
        ("ok", "boolean", False),
    ]


def test_requests_that_are_not_the_users_are_left_to_the_connection() -> None:
    assert say("item/tool/call", {"threadId": "T"}, id=4) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(
    ["threadId", "turnId", "itemId", "item", "turn", "thread", "status", "error", "delta", "plan", "type", "id"]
)


@given(st.sampled_from(sorted(DECODED_METHODS)), st.dictionaries(names, json_values, max_size=6) | json_values)
def test_no_content_can_make_decoding_fail(method: str, params: Any) -> None:
    assert say(method, params) is not None


def test_a_network_approval_names_the_host_that_may_be_allowed_for_ever() -> None:
    amendments = [{"action": "deny", "host": "pypi.org"}, {"action": "allow", "host": "pypi.org"}]
    params = {"threadId": "T", "turnId": "U", "itemId": "i", "proposedNetworkPolicyAmendments": amendments}
    event = say("item/commandExecution/requestApproval", params, id=1)
    assert isinstance(event, ev.ApprovalRequested)
    assert isinstance(event.approval, ap.CommandApproval)
    assert event.approval.allowed_host == "pypi.org"
    odd = {**params, "proposedNetworkPolicyAmendments": [{"action": "deny", "host": "pypi.org"}, {}]}
    event = say("item/commandExecution/requestApproval", odd, id=1)
    assert isinstance(event, ev.ApprovalRequested)
    assert ap.Decision.ALWAYS not in event.approval.offered


def test_the_fields_of_a_form_keep_what_their_schema_asks() -> None:
    schema = {
        "required": ["age"],
        "properties": {
            "age": {"type": "integer", "minimum": 18, "maximum": 99},
            "mail": {"type": "string", "format": "email", "minLength": 3, "maxLength": 9},
            "size": {"type": "string", "oneOf": [{"const": "s", "title": "Small"}, {"const": "l", "title": "Large"}]},
            "tags": {"type": "array", "items": {"enum": ["a", "b"]}},
            "old": {"type": "string", "enum": ["1", "2"], "enumNames": ["One", "Two"]},
        },
    }
    params = {"threadId": "T", "serverName": "s", "mode": "form", "message": "m", "requestedSchema": schema}
    event = say("mcpServer/elicitation/request", params, id=1)
    assert isinstance(event, ev.ApprovalRequested)
    assert isinstance(event.approval, ap.McpApproval)
    age, mail, size, tags, old = event.approval.questions
    assert (age.rules.minimum, age.rules.maximum, age.rules.is_optional) == (18, 99, False)
    assert mail.rules == ap.FieldRules(is_optional=True, min_length=3, max_length=9, format="email")
    assert [(o.label, o.sent) for o in size.options] == [("Small", "s"), ("Large", "l")]
    assert [o.sent for o in tags.options] == ["a", "b"]
    assert [(o.label, o.sent) for o in old.options] == [("One", "1"), ("Two", "2")]
