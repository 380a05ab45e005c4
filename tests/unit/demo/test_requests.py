"""Reading what Codex sends to the model."""

from __future__ import annotations

import json

from conductor_tui.demo.requests import ToolResult
from tests.unit.demo.conversation import developer, request, result, user


def test_what_codex_writes_in_the_users_name_is_not_the_users_word() -> None:
    asked = request(
        user("<environment_context>\n<cwd>/x</cwd></environment_context>"),
        user("fix <b>this</b>"),
        user("<turn_aborted>\nthe user interrupted"),
        user("# AGENTS.md instructions for /x"),
    )
    assert asked.user_text == "fix <b>this</b>"


def test_only_results_since_the_users_last_word_count() -> None:
    asked = request(user("first"), result("a", "old"), user("second"), result("b", "new"))
    assert [r.text for r in asked.results] == ["new"]


def test_a_script_that_was_waited_for_gives_one_result() -> None:
    asked = request(
        user("go"),
        {"type": "custom_tool_call", "name": "exec", "call_id": "a", "input": "…"},
        result("a", "Script running with cell ID g4:1"),
        {"type": "function_call", "name": "wait", "call_id": "b", "arguments": "{}"},
        result("b", [{"type": "input_text", "text": "done"}]),
    )
    assert [r.text for r in asked.results] == ["done"]


def test_a_running_script_names_its_cell() -> None:
    assert ToolResult("Script running with cell ID g4:1\nWall time 10 s").running_script == "g4:1"
    assert ToolResult("Script completed").running_script is None


def test_exit_codes_are_read_from_direct_calls_and_from_scripts() -> None:
    assert ToolResult("Wall time: 0.8 seconds\nProcess exited with code 3\nOutput:\n").exit_code == 3
    assert ToolResult('{"output":"x","exit_code":0}').exit_code == 0
    assert ToolResult("Process running with session ID 54834").exit_code is None


def test_an_applied_patch_is_recognised_in_both_kinds_of_models() -> None:
    assert ToolResult("Exit code: 0\nSuccess. Updated the following files:\nA new.txt\n").was_patched
    assert ToolResult("Script completed\nWall time 0.1 seconds\nOutput:\n\n{}").was_patched
    assert not ToolResult("apply_patch verification failed: Failed to read file").was_patched


def test_a_declined_command_is_recognised() -> None:
    assert ToolResult('exec_command failed: CreateProcess { message: "Rejected(\\"rejected by user\\")" }').was_declined
    assert not ToolResult("Process exited with code 0").was_declined


def test_the_newest_mode_is_in_force() -> None:
    plan, default = (
        "<collaboration_mode># Plan Mode (Conversational)",
        "<collaboration_mode># Collaboration Mode: Default",
    )
    assert request(developer(default), user("a"), developer(plan), user("b")).is_plan_mode
    assert not request(developer(plan), user("a"), developer(default), user("b")).is_plan_mode
    assert not request(user("a")).is_plan_mode


def test_the_thread_is_found_in_new_and_old_requests() -> None:
    hidden = json.dumps({"thread_id": "t2"})
    assert request(client_metadata={"thread_id": "t1"}).thread_id == "t1"
    assert request(client_metadata={"x-codex-turn-metadata": hidden}).thread_id == "t2"
    assert request(prompt_cache_key="t3").thread_id == "t3"


def test_model_effort_and_tier_are_read() -> None:
    asked = request(model="gpt-5.5", reasoning={"effort": "high"}, service_tier="priority")
    assert (asked.model, asked.effort, asked.tier) == ("gpt-5.5", "high", "priority")
    assert (request().effort, request().tier) == (None, None)


def test_a_model_without_direct_tools_is_in_code_mode() -> None:
    assert not request(tools=[{"type": "function", "name": "exec_command"}]).is_code_mode
    assert request(tools=[{"type": "custom", "name": "exec"}]).is_code_mode
    assert request().is_code_mode
