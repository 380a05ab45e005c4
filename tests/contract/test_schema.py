"""What we read and send, against the schema of the Codex under test: CONDUCTOR_TUI_TEST_CODEX, else the bundled one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import conductor_tui.protocol
from conductor_tui.domain import approvals as ap
from conductor_tui.domain.controls import SandboxKind, SandboxPolicy, SettingsUpdate
from conductor_tui.domain.ids import ThreadId
from conductor_tui.protocol import encode, wire
from conductor_tui.protocol.decode import DECODED_METHODS
from conductor_tui.protocol.decode_approvals import APPROVAL_METHODS
from tests.builders import a_command_approval
from tests.contract.conftest import Schema
from tests.fakes.agent import SETTINGS

pytestmark = pytest.mark.contract

PROTOCOL = Path(conductor_tui.protocol.__file__).parent
SOURCE = "".join(path.read_text() for path in PROTOCOL.glob("*.py"))
SENT = sorted(set(re.findall(r'self\._(?:ask|ask_gladly|send|send_writing)\(\s*"([a-zA-Z/]+)"', SOURCE)))
NEWER = {"thread/reverted", "thread/queue/changed", "hook/completed", "thread/deleted"}
"""Notifications that 0.144 does not have."""
NEWER_REQUESTS = {"thread/prepareApprovedPlan", "thread/queue/list"}
"""Requests that older versions refuse, which we then do without."""
READ: dict[str, tuple[type[wire.Wire], ...]] = {
    "Thread": (wire.ThreadBody,),
    "Turn": (wire.TurnBody,),
    "TurnError": (wire.ErrorBody,),
    "ThreadItem": (
        wire.UserMessageItem, wire.AgentMessageItem, wire.TextItem, wire.ReasoningItem, wire.CommandItem,
        wire.FileChangeItem, wire.McpToolCallItem, wire.DynamicToolCallItem, wire.WebSearchItem, wire.SubAgentItem,
        wire.CollabItem, wire.ReviewItem, wire.PathItem,
    ),
    "ThreadSettings": (wire.SettingsBody,),
    "SandboxPolicy": (wire.SandboxBody,),
    "Model": (wire.ModelBody,),
    "ThreadTokenUsage": (wire.UsageTotals,),
    "TokenUsageBreakdown": (wire.UsageBody,),
    "RateLimitSnapshot": (wire.LimitsBody,),
    "RateLimitWindow": (wire.LimitBody,),
    "CreditsSnapshot": (wire.CreditsBody,),
    "ThreadGoal": (wire.GoalBody,),
    "SkillMetadata": (wire.SkillBody,),
    "SkillErrorInfo": (wire.SkillErrorBody,),
    "McpServerStatus": (wire.McpServerBody,),
    "McpServerOauthLoginResponse": (wire.McpLoginReply,),
    "ThreadStatus": (wire.StatusBody,),
    "FileUpdateChange": (wire.FilePatchBody,),
    "PatchChangeKind": (wire.PatchKindBody,),
    "ToolRequestUserInputQuestion": (wire.QuestionBody,),
}  # fmt: skip
LATER_FIELDS = {
    "recencyAt", "model", "gitInfo", "parentThreadId", "collaborationMode", "questions", "serviceTiers",
    "agentPath", "agentThreadId", "kind", "activePermissionProfile", "prompt", "receiverThreadIds",
    "runtimeStatus", "pluginId", "toolsError",
}  # fmt: skip
"""Fields that older versions may lack."""


def test_the_methods_we_send_were_found() -> None:
    assert {"thread/start", "thread/resume", "turn/start", "turn/steer", "turn/interrupt", "model/list"} <= set(SENT)


@pytest.mark.parametrize("method", SENT)
def test_every_method_we_send_exists(schema: Schema, method: str) -> None:
    if method in NEWER_REQUESTS and method not in schema.client:
        pytest.skip("this Codex is older than the request")
    assert method in schema.client


def test_pitfall_05_history_comes_from_resume_and_turn_pages_never_from_thread_read() -> None:
    assert "includeTurns" not in SOURCE  # `thread/read` is asked whose sub-agent a thread is, and nothing else
    assert "thread/turns/list" in SENT


@pytest.mark.parametrize("method", sorted(DECODED_METHODS))
def test_every_notification_we_decode_exists(schema: Schema, method: str) -> None:
    if method in NEWER and method not in schema.notifications:
        pytest.skip("this Codex is older than the notification")
    assert method in schema.notifications


@pytest.mark.parametrize("method", sorted(APPROVAL_METHODS))
def test_every_request_we_answer_exists(schema: Schema, method: str) -> None:
    assert method in schema.server


@pytest.mark.parametrize("name", sorted(READ))
def test_every_field_we_read_exists(schema: Schema, name: str) -> None:
    wanted = {field for shape in READ[name] for field in shape.__struct_encode_fields__}
    missing = wanted - schema.fields(name) - LATER_FIELDS
    assert not missing


def valid(schema: Schema, name: str, value: Any) -> None:
    errors = [e.message for e in schema.validator(name).iter_errors(value)]
    assert not errors


@pytest.mark.parametrize("decision", list(ap.Decision))
def test_pitfall_22_every_answer_we_give_is_valid(schema: Schema, decision: ap.Decision) -> None:
    given = ap.Answer(decision)
    thread = ThreadId("T")
    valid(schema, "CommandExecutionRequestApprovalResponse", encode.answer(a_command_approval(rule=("ls",)), given))
    valid(schema, "FileChangeRequestApprovalResponse", encode.answer(ap.FileChangeApproval(1, thread), given))
    permissions = ap.PermissionsApproval(1, thread, permissions='{"network": {"enabled": true}}')
    valid(schema, "PermissionsRequestApprovalResponse", encode.answer(permissions, given))
    questions = ap.Answer(decision, (("color", ("Red",)),))
    valid(schema, "ToolRequestUserInputResponse", encode.answer(ap.QuestionApproval(1, thread), questions))
    tool = ap.McpApproval(1, thread, is_tool_call=True, persist=("session", "always"))
    valid(schema, "McpServerElicitationRequestResponse", encode.answer(tool, given))


@pytest.mark.parametrize(
    "update",
    [
        SettingsUpdate(model="m", effort="high"),
        SettingsUpdate(is_plan_mode=True, sandbox=SandboxPolicy(SandboxKind.READ_ONLY)),
        SettingsUpdate(is_plan_mode=False, sandbox=SandboxPolicy(SandboxKind.WORKSPACE_WRITE, writable_roots=("/x",))),
        SettingsUpdate(sandbox=SandboxPolicy(SandboxKind.FULL_ACCESS)),
        SettingsUpdate(sandbox=SandboxPolicy(SandboxKind.EXTERNAL, network_access=True)),
        SettingsUpdate(service_tier="priority", approval_policy="never"),
        SettingsUpdate(permission_profile=":workspace"),
        SettingsUpdate(personality="friendly"),
    ],
)
def test_every_change_of_settings_is_valid(schema: Schema, update: SettingsUpdate) -> None:
    valid(schema, "ThreadSettingsUpdateParams", encode.settings_update(ThreadId("T"), update, SETTINGS))
    valid(schema, "TurnStartParams", encode.turn_start(ThreadId("T"), "Go.", "c1", update, SETTINGS))
