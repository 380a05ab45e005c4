"""The controls pane and what its letters do."""

from __future__ import annotations

from msgspec.structs import replace

from conductor_tui.domain import events as ev
from conductor_tui.domain.controls import (
    PLAN_PROFILE,
    Credits,
    LimitWindow,
    RateLimits,
    SandboxKind,
    SandboxPolicy,
    ServerInfo,
    SettingsUpdate,
)
from conductor_tui.domain.errors import AgentRefused
from conductor_tui.domain.goals import Goal, GoalStatus
from conductor_tui.domain.toolbox import McpServer, McpState, Provider
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.widgets.controls_pane import ControlsPane
from tests.builders import THREAD, TURN, turn_completed, turn_started, until
from tests.fakes.agent import MODELS, SETTINGS, FakeAgent
from tests.pilot.conftest import Driver, Start


async def test_ctrl_y_goes_to_the_controls_where_a_letter_is_enough(start: Start) -> None:
    async with start() as driver:
        await driver.press("ctrl+y")
        assert driver.main.panes.focused is Pane.CONTROLS
        await driver.press("e")
        await until(lambda: driver.agent.called("update_settings"))
        assert driver.agent.called("update_settings") == [(THREAD, SettingsUpdate(effort="high"))]
        assert driver.composer.has_focus


async def test_letters_are_marked_only_while_they_work(start: Start) -> None:
    def marked(driver: Driver) -> set[str]:
        strips = driver.app.screen._compositor.render_strips()
        looks = [(s.text, s.style) for strip in strips for s in strip if s.style and s.text.strip()]
        under_the_cursor = {text for text, style in looks if style.bold and style.reverse and len(text) == 1}
        return under_the_cursor | {text for text, style in looks if style.underline}

    async with start() as driver:
        assert not marked(driver)
        await driver.press("ctrl+y")
        assert {"M", "E", "P", "F", "S", "C", "G"} <= marked(driver)


async def test_the_cursor_moves_no_row_of_the_controls(start: Start) -> None:
    def column_of(driver: Driver, label: str) -> int:
        return next(line for line in driver.text().split("\n") if f"{label} " in line).index(label)

    async with start() as driver:
        await driver.press("ctrl+y")
        assert column_of(driver, "Model") == column_of(driver, "Effort")


async def test_a_change_for_one_turn_is_taken_back_after_it(start: Start) -> None:
    async with start() as driver:
        await driver.press("ctrl+y", "o")
        assert "next turn, then" in driver.text()
        await driver.press("ctrl+t")
        await until(lambda: driver.agent.called("update_settings"))
        await driver.say(ev.SettingsChanged(THREAD, replace(SETTINGS, effort="high")), turn_started())
        assert "this turn, then" in driver.text()
        await driver.say(turn_completed())
        await until(lambda: len(driver.agent.called("update_settings")) == 2)
        assert driver.agent.called("update_settings")[1] == (THREAD, SettingsUpdate(effort="medium"))
        await driver.say(ev.SettingsChanged(THREAD, SETTINGS))
        assert "this session" in driver.text()


async def test_the_way_back_from_one_turn_outlives_the_window(start: Start) -> None:
    def other_effort(agent: FakeAgent) -> None:
        agent.settings = replace(SETTINGS, effort="high")
        agent.histories[THREAD] = ev.HistoryLoaded(THREAD, ())

    async with start() as driver:
        await driver.press("ctrl+y", "o", "ctrl+t")
        await driver.say(ev.SettingsChanged(THREAD, replace(SETTINGS, effort="high")), turn_started())
    async with start(prepare=other_effort) as driver:
        driver.main.show_session(driver.main.manager.open_session(THREAD))
        await until(lambda: driver.agent.called("update_settings"))
        assert driver.agent.called("update_settings") == [(THREAD, SettingsUpdate(effort="medium"))]


async def test_what_was_for_one_turn_can_stay(start: Start) -> None:
    async with start() as driver:
        await driver.press("ctrl+y", "o", "ctrl+t", "ctrl+y", "o")
        await driver.say(turn_started(), turn_completed())
        assert len(driver.agent.called("update_settings")) == 1


async def test_a_skill_is_written_into_the_prompt(start: Start) -> None:
    async with start() as driver:
        await driver.type("please ")
        await driver.press("ctrl+y", "s")
        assert "$release" in driver.text()
        assert "missing YAML frontmatter" in driver.text()
        await driver.press("enter")
        assert driver.composer.text == "please $release "
        assert driver.composer.has_focus


async def test_a_skill_can_be_switched_off_in_the_list(start: Start) -> None:
    async with start() as driver:
        await driver.press("ctrl+y", "s", "down", "ctrl+t")
        await until(lambda: len(driver.agent.called("list_skills")) == 2)
        assert driver.agent.called("switch_skill") == [("review", True)]


async def test_the_list_of_models_is_the_one_of_now(start: Start) -> None:
    async with start() as driver:
        driver.agent.models = (*MODELS, replace(MODELS[0], id="brand-new", model="brand-new", name="Brand New"))
        await driver.press("ctrl+o")
        await until(lambda: "Brand New" in driver.text())
        await driver.type("brand")
        await driver.press("enter")
        await until(lambda: driver.agent.called("update_settings"))
        assert driver.agent.called("update_settings")[0][1].model == "brand-new"


async def test_a_model_that_is_gone_is_said_in_the_controls(start: Start) -> None:
    async with start() as driver:
        assert "not listed" not in driver.text()
        driver.agent.models = tuple(replace(m, id=f"other-{m.id}", model=f"other-{m.model}") for m in MODELS)
        await driver.press("ctrl+o")
        await until(lambda: len(driver.agent.called("list_models")) == 2)
        await driver.press("escape")
        await driver.settle()
        assert f"{SETTINGS.model} (not listed)" in driver.text()


async def test_a_skill_that_is_switched_off_is_said_before_it_is_sent(start: Start) -> None:
    async with start() as driver:
        await driver.type("$review the change")
        await driver.press("enter")
        assert "$review is off" in driver.text()
        assert "●" not in driver.text()  # neither answer is in force
        await driver.press("enter")  # one Enter too many sends nothing
        assert driver.composer.text == "$review the change"
        assert not driver.agent.called("start_turn")
        await driver.press("enter", "down", "enter")
        await until(lambda: driver.agent.called("start_turn"))
        assert driver.agent.called("start_turn")[0][1] == "$review the change"
        assert driver.composer.text == ""


async def test_the_skills_row_counts_and_follows(start: Start) -> None:
    async with start() as driver:
        assert "1 on, 1 off, 1" in driver.text()
        driver.agent.skills = replace(driver.agent.skills, found=(), troubles=())
        await driver.say(ev.SkillsChanged(None))
        await until(lambda: len(driver.agent.called("list_skills")) == 2)
        await driver.settle()
        assert "0 on" in driver.text()


async def test_mcp_servers_are_listed_with_what_became_of_them(start: Start) -> None:
    async with start() as driver:
        await driver.say(ev.McpServerChanged(THREAD, McpServer("bad", McpState.FAILED, "No such file")))
        assert "1 failed" in driver.text()
        await driver.press("ctrl+y", "c")
        await until(lambda: driver.agent.called("list_mcp_servers"))
        await driver.settle()
        for part in ("files", "ready · 2 tools", "needs sign-in", "No such file or directory"):
            assert part in driver.text()
        await driver.press("enter")
        await driver.press("enter")
        assert "Reads a file." in driver.text()


async def test_an_mcp_server_is_switched_off_in_codex_s_file(start: Start) -> None:
    async with start() as driver:
        await driver.press("ctrl+y", "c")
        await until(lambda: driver.agent.called("list_mcp_servers"))
        await driver.settle()
        await driver.press("enter")
        await driver.type("turn")
        await driver.press("enter")
        await until(lambda: driver.agent.called("switch_mcp_server"))
        assert driver.agent.called("switch_mcp_server") == [("files", False)]


async def test_signing_in_to_an_mcp_server_shows_the_page(start: Start) -> None:
    async with start() as driver:
        await driver.press("ctrl+y", "c")
        await until(lambda: driver.agent.called("list_mcp_servers"))
        await driver.settle()
        await driver.type("issues")
        await driver.press("enter")
        await driver.type("sign")
        await driver.press("enter")
        await until(lambda: driver.agent.called("sign_in_to_mcp"))
        await driver.settle()
        assert "https://example.org/oauth" in driver.text()


async def test_a_goal_is_set_with_a_budget_and_said_to_begin_at_once(start: Start) -> None:
    async with start() as driver:
        await driver.press("ctrl+y", "g")
        await driver.type("tidy up")
        await driver.press("enter")
        assert "starts at once" in driver.text()
        await driver.press("down", "enter")
        await until(lambda: driver.agent.called("set_goal"))
        assert driver.agent.called("set_goal") == [(THREAD, "tidy up", 100_000)]


async def test_a_goal_is_shown_paused_and_given_up(start: Start) -> None:
    async with start() as driver:
        await driver.say(ev.GoalChanged(THREAD, Goal("tidy up", tokens_used=2500, token_budget=100_000)))
        assert "active" in driver.text()
        await driver.press("ctrl+y", "g")
        assert "2.5k of 100k tokens" in driver.text()
        await driver.press("enter")
        await until(lambda: driver.agent.called("set_goal_status"))
        assert driver.agent.called("set_goal_status") == [(THREAD, GoalStatus.PAUSED)]
        await driver.say(ev.GoalChanged(THREAD, Goal("tidy up", GoalStatus.PAUSED)))
        await driver.press("ctrl+y", "g")
        await driver.type("clear")
        await driver.press("enter")
        await until(lambda: driver.agent.called("clear_goal"))


async def test_a_goal_that_codex_refuses_is_said(start: Start) -> None:
    async with start() as driver:
        driver.agent.refuse["set_goal"] = AgentRefused("thread/goal/set", "goals are switched off")
        await driver.press("ctrl+y", "g")
        await driver.type("tidy up")
        await driver.press("enter", "enter")
        await until(lambda: driver.agent.called("set_goal"))
        await driver.settle()
        assert "Could not change the goal: goals are switched off" in driver.text()


async def test_another_provider_starts_another_session_and_the_draft_stays(start: Start) -> None:
    async with start() as driver:
        await driver.type("draft")
        await driver.press("ctrl+y", "v")
        await until(lambda: driver.agent.called("read_providers"))
        await driver.settle()
        await driver.type("openai")
        await driver.press("enter")
        await driver.press("enter")
        await until(lambda: driver.agent.called("start_thread")[1:])
        assert driver.agent.called("start_thread")[1] == ("/repo", "openai")
        assert driver.composer.text == "draft"
        await until(lambda: driver.agent.called("discard_unused_thread"))


async def test_a_provider_is_added_with_checked_answers(start: Start) -> None:
    async with start() as driver:
        await driver.press("ctrl+y", "v")
        await until(lambda: driver.agent.called("read_providers"))
        await driver.settle()
        await driver.type("add")
        await driver.press("enter")
        await driver.type("openai")
        await driver.press("enter")
        assert "openai already exists" in driver.text()
        await driver.press(*["backspace"] * 6)
        await driver.type("proxy")
        await driver.press("enter")
        await driver.type("host")
        await driver.press("enter")
        assert "Enter a URL such as" in driver.text()
        await driver.press(*["backspace"] * 4)
        await driver.type("https://proxy.example/v1")
        await driver.press("enter")
        await driver.type("sk-123")
        await driver.press("enter")
        assert "not the key itself" in driver.text()
        await driver.press(*["backspace"] * 6)
        await driver.type("PROXY_KEY")
        await driver.press("enter")
        await until(lambda: driver.agent.called("add_provider"))
        made = Provider("proxy", "proxy", "https://proxy.example/v1", "PROXY_KEY")
        assert driver.agent.called("add_provider") == [(made, "v1")]
        assert "sk-123" not in str(driver.agent.calls)


async def test_a_personality_is_dim_with_the_reason_where_it_has_no_effect(start: Start) -> None:
    async with start() as driver:
        assert "no effect since" not in driver.text()  # a row each; the reason is told where the cursor is
        await driver.press("ctrl+y")
        pane = driver.main.panes.screen.query_one(ControlsPane)
        pane.highlighted = next(i for i in range(pane.option_count) if "Personality" in str(pane.options[i].prompt))
        await driver.settle()
        assert "no effect since 0.163" in driver.text()
        await driver.press("down")
        assert "no effect since" not in driver.text()
        await driver.press("r")
        assert "Personality: no effect since 0.163" in driver.text()


async def test_quiet_controls_take_one_row_each(start: Start) -> None:
    async with start() as driver:
        rows = [str(option.prompt) for option in driver.main.panes.screen.query_one(ControlsPane).options]
        quiet = [row for row in rows if row.split(" ")[0] in ("Effort", "Fast", "Approvals", "Personality", "Server")]
        assert len(quiet) == 5
        assert not [row for row in quiet if "\n" in row]
        assert any(row.split() == ["Approvals", "on", "request"] for row in rows)


async def test_plan_mode_names_what_is_outside_its_sandbox(start: Start) -> None:
    plan = SandboxPolicy(SandboxKind.READ_ONLY)
    planning = replace(
        SETTINGS, is_plan_mode=True, approval_policy="never", sandbox=plan, permission_profile=PLAN_PROFILE
    )
    async with start() as driver:
        await driver.say(ev.SettingsChanged(THREAD, planning))
        assert "commands cannot write, hooks can" in driver.text()
        await driver.say(ev.McpServerChanged(THREAD, McpServer("files", McpState.READY)))
        await driver.say(ev.SettingsChanged(THREAD, replace(planning, effort="high")))
        assert "commands cannot write, MCP tools and hooks can" in driver.text()


async def test_an_older_codex_has_personalities(start: Start) -> None:
    def older(agent: FakeAgent) -> None:
        agent.info = ServerInfo("0.144.4", source="bundled")
        agent.models = (replace(MODELS[0], supports_personality=True), MODELS[1])

    async with start(prepare=older) as driver:
        await driver.press("ctrl+y", "r")
        await driver.type("friendly")
        await driver.press("enter")
        await until(lambda: driver.agent.called("update_settings"))
        assert driver.agent.called("update_settings") == [(THREAD, SettingsUpdate(personality="friendly"))]


async def test_a_model_that_codex_rerouted_is_the_one_that_is_shown(start: Start) -> None:
    async with start() as driver:
        await driver.say(turn_started(), ev.ModelRerouted(THREAD, TURN, "big", "small", "busy"))
        lines = driver.text().splitlines()
        assert any("Model" in line and "Small" in line for line in lines)
        assert any("next: Big" in line for line in lines)


async def test_limits_count_down_and_credits_are_shown(start: Start) -> None:
    async with start() as driver:
        window = LimitWindow(62, 300, 1000 + 3600 * 2 + 60)
        await driver.say(ev.RateLimitsChanged(None, RateLimits(window, None, Credits(True, False, "12.50"))))
        assert "62 % used" in driver.text()
        assert "12.50" in driver.text()
        await driver.say(ev.RateLimitsChanged(None, RateLimits()))
        assert "12.50" in driver.text()
