from __future__ import annotations

import pytest

from conductor_tui.domain import approvals as ap
from conductor_tui.domain.controls import SandboxKind, SandboxPolicy, SettingsUpdate
from conductor_tui.domain.ids import ThreadId
from conductor_tui.protocol import encode
from tests.builders import a_command_approval
from tests.fakes.agent import SETTINGS

T = ThreadId("T")


@pytest.mark.parametrize(
    ("decision", "sent"),
    [
        (ap.Decision.ONCE, "accept"),
        (ap.Decision.SESSION, "acceptForSession"),
        (ap.Decision.DECLINE, "decline"),
        (ap.Decision.CANCEL, "cancel"),
        (ap.Decision.ALWAYS, {"acceptWithExecpolicyAmendment": {"execpolicy_amendment": ["pip", "install"]}}),
    ],
)
def test_pitfall_20_each_decision_has_its_own_answer(decision: ap.Decision, sent: object) -> None:
    approval = a_command_approval(rule=("pip", "install"))
    assert encode.answer(approval, ap.Answer(decision)) == {"decision": sent}


def test_pitfall_22_always_without_a_rule_is_a_plain_no() -> None:
    assert encode.answer(a_command_approval(), ap.Answer(ap.Decision.ALWAYS)) == {"decision": "decline"}


def test_permissions_are_granted_as_asked_or_not_at_all() -> None:
    approval = ap.PermissionsApproval(1, T, permissions='{"network": {"enabled": true}, "fileSystem": null}')
    asked = {"network": {"enabled": True}}
    assert encode.answer(approval, ap.Answer(ap.Decision.SESSION)) == {"permissions": asked, "scope": "session"}
    assert encode.answer(approval, ap.Answer(ap.Decision.DECLINE)) == {"permissions": {}, "scope": "turn"}


def test_answers_to_questions() -> None:
    approval = ap.QuestionApproval(1, T, questions=(ap.Question("color", "?"),))
    given = ap.Answer(ap.Decision.ONCE, (("color", ("Red",)),))
    assert encode.answer(approval, given) == {"answers": {"color": {"answers": ["Red"]}}}
    assert encode.answer(approval, ap.Answer(ap.Decision.DECLINE)) == {"answers": {}}


def test_forms_are_answered_in_the_types_they_ask_for() -> None:
    questions = (ap.Question("n", "", kind="integer"), ap.Question("b", "", kind="boolean"), ap.Question("s", ""))
    approval = ap.McpApproval(1, T, questions=questions)
    given = ap.Answer(ap.Decision.ONCE, (("n", ("7",)), ("b", ("true",)), ("s", ("x",))))
    assert encode.answer(approval, given)["content"] == {"n": 7, "b": True, "s": "x"}


def test_a_lasting_yes_to_a_tool_says_how_long() -> None:
    approval = ap.McpApproval(1, T, is_tool_call=True, persist=("session", "always"))
    assert encode.answer(approval, ap.Answer(ap.Decision.ALWAYS))["_meta"] == {"persist": "always"}
    assert encode.answer(approval, ap.Answer(ap.Decision.CANCEL))["action"] == "cancel"


def test_pitfall_28_plan_mode_comes_with_a_sandbox_that_cannot_write() -> None:
    update = SettingsUpdate(is_plan_mode=True, sandbox=SandboxPolicy(SandboxKind.READ_ONLY))
    sent = encode.settings_update(T, update, SETTINGS)
    assert sent["sandboxPolicy"] == {"type": "readOnly", "networkAccess": False}
    assert sent["collaborationMode"]["mode"] == "plan"


def test_pitfall_32_the_mode_carries_the_model_and_effort_that_are_meant() -> None:
    sent = encode.settings_update(T, SettingsUpdate(model="small", effort="low"), SETTINGS)
    settings = {"model": "small", "reasoning_effort": "low", "developer_instructions": None}
    assert sent["collaborationMode"] == {"mode": "default", "settings": settings}
    assert (sent["model"], sent["effort"]) == ("small", "low")


def test_a_profile_and_a_sandbox_are_never_sent_together() -> None:
    update = SettingsUpdate(permission_profile="mine", sandbox=SandboxPolicy(SandboxKind.READ_ONLY))
    sent = encode.settings_update(T, update, SETTINGS)
    assert "sandboxPolicy" not in sent
    assert sent["permissions"] == "mine"


def test_always_for_a_host_becomes_a_rule_of_the_network() -> None:
    approval = ap.CommandApproval(1, T, network_host="pypi.org", allowed_host="pypi.org")
    assert ap.Decision.ALWAYS in approval.offered
    rule = {"network_policy_amendment": {"action": "allow", "host": "pypi.org"}}
    assert encode.answer(approval, ap.Answer(ap.Decision.ALWAYS)) == {"decision": {"applyNetworkPolicyAmendment": rule}}


def test_a_choice_for_a_list_is_sent_as_a_list() -> None:
    approval = ap.McpApproval(1, T, questions=(ap.Question("tags", "Tags?", kind="array"),))
    sent = encode.answer(approval, ap.Answer(ap.Decision.ONCE, (("tags", ("red",)),)))
    assert sent["content"] == {"tags": ["red"]}
