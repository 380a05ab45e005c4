"""What keys do on the main screen."""

from __future__ import annotations

import asyncio

import pytest
from textual import events

from conductor_tui.domain import events as ev
from conductor_tui.domain import items as it
from conductor_tui.domain.approvals import (
    Answer,
    Decision,
    FileChangeApproval,
    Question,
    QuestionApproval,
    QuestionOption,
)
from conductor_tui.domain.controls import PLAN_PROFILE, Account, SandboxKind, SandboxPolicy, SettingsUpdate, SignIn
from conductor_tui.domain.errors import AgentRefused, CodexUnavailable
from conductor_tui.domain.login_redirect import Redirect
from conductor_tui.domain.problems import Trouble
from conductor_tui.domain.threads import QueuedMessage, ThreadState
from conductor_tui.domain.turns import Turn, TurnError, TurnStatus
from conductor_tui.settings.model import AppSettings
from conductor_tui.ui.commands.pane import Pane
from conductor_tui.ui.dialogs.picker import Picker
from conductor_tui.ui.dialogs.text import ReadingScreen
from conductor_tui.ui.widgets.approval_panel import ApprovalPanel
from tests.builders import (
    THREAD,
    TURN,
    a_command,
    a_command_approval,
    a_message,
    a_patch,
    a_prompt,
    asked,
    delta,
    item_completed,
    item_started,
    turn_completed,
    turn_started,
    until,
)
from tests.fakes.agent import SETTINGS, FakeAgent
from tests.pilot.conftest import Driver, Start


async def test_the_composer_has_the_focus_and_enter_sends(start: Start) -> None:
    async with start() as driver:
        assert driver.composer.has_focus
        assert str(driver.composer.placeholder).startswith("Ask Codex")
        await driver.type("fix it")
        await driver.press("enter")
        await until(lambda: driver.agent.called("start_turn"))
        assert driver.agent.called("start_turn")[0][1] == "fix it"
        assert driver.composer.text == ""
        assert "fix it" in driver.text()


async def test_ctrl_j_makes_a_line_and_the_composer_grows(start: Start) -> None:
    async with start() as driver:
        before = driver.composer.outer_size.height
        await driver.type("one")
        await driver.press("ctrl+j")
        await driver.type("two")
        assert driver.composer.text == "one\ntwo"
        assert driver.composer.outer_size.height == before + 1


async def test_up_brings_back_what_was_sent(start: Start) -> None:
    async with start() as driver:
        for text in ("first", "second"):
            await driver.type(text)
            await driver.press("enter")
        await driver.type("draft")
        await driver.press("up", "up")
        assert driver.composer.text == "first"
        await driver.press("down", "down")
        assert driver.composer.text == "draft"


async def test_a_streamed_answer_is_shown(start: Start) -> None:
    async with start() as driver:
        await driver.say(turn_started(), item_completed(a_prompt()), item_started(a_message(is_open=True)))
        await driver.say(delta("m1", "# Hello\n\nsome **bold** "), delta("m1", "text"))
        assert "some bold text" in driver.text()
        assert "working" in driver.text()
        await driver.say(item_completed(a_message("# Hello\n\nsome **bold** text.")), turn_completed())
        assert "2.5 s" in driver.text()
        assert "working" not in driver.text()


async def test_an_approval_shows_exactly_what_runs_and_y_answers(start: Start) -> None:
    async with start() as driver:
        await driver.say(turn_started(), asked(a_command_approval(7, rule=("pip", "install"))))
        assert driver.main.panes.focused is Pane.APPROVAL
        for part in ("$ pip install foo", "in /repo", 'Codex says: "', "y Yes", "p Always", "n No"):
            assert part in driver.text()
        await driver.later()
        await driver.press("y")
        await until(lambda: driver.agent.called("answer"))
        assert driver.agent.called("answer") == [(7, Answer(Decision.ONCE))]
        assert driver.composer.has_focus


@pytest.mark.parametrize(
    ("key", "decision"), [("s", Decision.SESSION), ("p", Decision.ALWAYS), ("escape", Decision.CANCEL)]
)
async def test_the_other_keys_of_an_approval(start: Start, key: str, decision: Decision) -> None:
    async with start() as driver:
        await driver.say(turn_started(), asked(a_command_approval(7, rule=("pip",))))
        await driver.later()
        await driver.press(key)
        await until(lambda: driver.agent.called("answer"))
        assert driver.agent.called("answer") == [(7, Answer(decision))]


async def test_a_no_may_carry_words(start: Start) -> None:
    async with start() as driver:
        await driver.say(turn_started(), asked(a_command_approval(7)))
        await driver.later()
        await driver.press("n")
        await driver.type("yes, but use uv")
        await driver.press("enter")
        await until(lambda: driver.agent.called("steer_turn"))
        assert driver.agent.called("answer") == [(7, Answer(Decision.DECLINE))]
        assert driver.agent.called("steer_turn")[0][2] == "yes, but use uv"


async def test_escape_goes_back_from_the_words_without_an_answer(start: Start) -> None:
    async with start() as driver:
        await driver.say(turn_started(), asked(a_command_approval(7)))
        await driver.later()
        await driver.press("n", "escape")
        assert not driver.agent.called("answer")
        assert driver.main.panes.focused is Pane.APPROVAL


async def test_keys_of_the_first_moment_go_to_the_composer_and_answer_nothing(start: Start) -> None:
    async with start() as driver:
        await driver.say(turn_started(), asked(a_command_approval(7)))
        await driver.type("yes")
        assert driver.composer.text == "yes"
        assert not driver.agent.called("answer")


async def test_an_approval_takes_no_focus_from_a_draft(start: Start) -> None:
    async with start() as driver:
        await driver.type("my draft")
        await driver.say(turn_started(), asked(a_command_approval(7)))
        assert driver.composer.has_focus
        await driver.type(" y")
        assert driver.composer.text == "my draft y"
        assert not driver.agent.called("answer")
        await driver.press("ctrl+r")
        await driver.later()
        await driver.press("y")
        await until(lambda: driver.agent.called("answer"))
        assert driver.composer.text == "my draft y"


async def test_an_approval_answered_elsewhere_closes(start: Start) -> None:
    async with start() as driver:
        await driver.say(turn_started(), asked(a_command_approval(7)))
        await driver.say(ev.ApprovalResolved(THREAD, 7))
        assert not driver.main.panes.screen.query_one(ApprovalPanel).display
        assert driver.composer.has_focus


async def test_a_file_approval_shows_its_diff(start: Start) -> None:
    async with start() as driver:
        change = a_patch(status=it.ItemStatus.IN_PROGRESS)
        await driver.say(turn_started(), item_started(change))
        await driver.say(ev.ApprovalRequested(THREAD, FileChangeApproval(8, THREAD, TURN, change.id)))
        assert "edit a.py" in driver.text()
        assert "-two" in driver.text()
        assert "+zwei" in driver.text()


async def test_a_question_is_answered_by_number(start: Start) -> None:
    async with start() as driver:
        options = (QuestionOption("Red", "like fire"), QuestionOption("Blue"))
        questions = (Question("color", "Which color?", "Color", options, allows_other=True),)
        await driver.say(ev.ApprovalRequested(THREAD, QuestionApproval(9, THREAD, TURN, questions=questions)))
        assert "Which color?" in driver.text()
        assert "like fire" in driver.text()
        await driver.later()
        await driver.press("2")
        await until(lambda: driver.agent.called("answer"))
        assert driver.agent.called("answer") == [(9, Answer(Decision.ONCE, (("color", ("Blue",)),)))]


async def test_a_question_is_answered_in_own_words(start: Start) -> None:
    async with start() as driver:
        questions = (Question("name", "What name?", allows_other=True),)
        await driver.say(ev.ApprovalRequested(THREAD, QuestionApproval(9, THREAD, TURN, questions=questions)))
        await driver.later()
        await driver.press("enter")
        await driver.type("lima")
        await driver.press("enter")
        await until(lambda: driver.agent.called("answer"))
        assert driver.agent.called("answer") == [(9, Answer(Decision.ONCE, (("name", ("lima",)),)))]


async def test_hostile_text_cannot_act_or_pass_as_ours(start: Start) -> None:
    async with start() as driver:
        from msgspec.structs import replace

        evil = replace(a_command_approval(7), command="rm -rf /\x1b[2K\x1b[1Gls \u202e[bold]x[/bold]")
        await driver.say(turn_started(), asked(evil))
        shown = driver.text()
        assert "␛[2K" in shown
        assert "⟨U+202E⟩" in shown
        assert "[bold]x[/bold]" in shown


async def test_one_key_picks_a_model_by_typing(start: Start) -> None:
    async with start() as driver:
        await driver.press("ctrl+o")
        await driver.type("small")
        await driver.press("enter")
        await until(lambda: driver.agent.called("update_settings"))
        assert driver.agent.called("update_settings") == [(THREAD, SettingsUpdate(model="small", effort="low"))]


async def test_pitfall_29_an_effort_the_new_model_lacks_is_not_sent(start: Start) -> None:
    async with start() as driver:
        await driver.press("ctrl+o")
        await driver.type("sma")
        await driver.press("enter")
        await until(lambda: driver.agent.called("update_settings"))
        update = driver.agent.called("update_settings")[0][1]
        assert update == SettingsUpdate(model="small", effort="low")
        await driver.settle()
        assert "Small has no effort medium; its default is used: low." in " ".join(driver.text().split())


async def test_a_change_during_a_turn_is_shown_as_next(start: Start) -> None:
    async with start() as driver:
        from msgspec.structs import replace

        await driver.say(turn_started(), ev.SettingsChanged(THREAD, replace(SETTINGS, model="small", effort="low")))
        assert "Model       Big" in driver.text()
        assert "next: Small" in driver.text()
        await driver.say(turn_completed())
        assert "Model       Small" in driver.text()


async def test_effort_plan_and_fast_have_a_key_each(start: Start) -> None:
    async with start() as driver:
        await driver.press("ctrl+t")
        await driver.press("shift+tab")
        await driver.press("ctrl+f")
        await until(lambda: len(driver.agent.called("update_settings")) == 3)
        updates = [call[1] for call in driver.agent.called("update_settings")]
        effort, plan, fast = updates
        assert effort == SettingsUpdate(effort="high")
        assert isinstance(plan, SettingsUpdate)
        assert plan.is_plan_mode
        assert plan.sandbox == SandboxPolicy(SandboxKind.READ_ONLY)
        assert plan.permission_profile == PLAN_PROFILE
        assert fast == SettingsUpdate(service_tier="priority")


async def test_a_control_that_does_not_apply_says_why(start: Start) -> None:
    async with start() as driver:
        from msgspec.structs import replace

        await driver.say(ev.SettingsChanged(THREAD, replace(SETTINGS, model="small")))
        await driver.press("ctrl+f")
        assert "Fast Mode: this model has no fast tier" in driver.text()
        assert not driver.agent.called("update_settings")


async def test_full_access_is_asked_once_more(start: Start) -> None:
    async with start() as driver:
        driver.main.run_command("control.permissions")
        await driver.settle()
        await driver.type("full")
        await driver.press("enter")
        assert "Allow full access in /repo?" in driver.text()
        await driver.press("enter")
        assert not driver.agent.called("update_settings")


async def test_escape_twice_interrupts(start: Start) -> None:
    async with start() as driver:
        await driver.say(turn_started())
        await driver.press("escape")
        assert "Press Esc again to interrupt" in driver.text()
        assert not driver.agent.called("interrupt_turn")
        await driver.press("escape")
        await until(lambda: driver.agent.called("end_background_commands"))


async def test_ctrl_c_twice_leaves_and_says_that_turns_go_on(start: Start) -> None:
    async with start() as driver:
        await driver.say(turn_started())
        await driver.press("ctrl+c")
        assert "1 turn keeps running" in driver.text()
        assert driver.app.is_running
        await driver.pilot.press("ctrl+c")
        assert driver.app._exit


async def test_drafts_stay_with_their_sessions(start: Start) -> None:
    async with start() as driver:
        await driver.say(turn_started(), item_completed(a_prompt()), turn_completed())
        await driver.type("draft one")
        await driver.press("ctrl+n")
        await driver.type("draft two")
        await driver.press("ctrl+s")
        await driver.type("hello")
        await driver.press("enter")
        assert driver.composer.text == "draft one"
        await driver.press("ctrl+s")
        await driver.type("new session")
        await driver.press("enter")
        assert driver.composer.text == "draft two"


async def test_a_session_that_needs_the_user_is_one_key_away(start: Start) -> None:
    async with start() as driver:
        await driver.say(turn_started(), item_completed(a_prompt("first job")), asked(a_command_approval(7)))
        await driver.press("ctrl+n")
        await until(lambda: driver.main.session.thread_id == "thread-2")
        await driver.settle()
        assert "1 waiting for you" in driver.text()
        await driver.press("ctrl+r")
        assert driver.main.session.thread_id == "thread-1"
        assert driver.main.panes.focused is Pane.APPROVAL


async def test_a_failed_turn_says_why_and_what_to_do(start: Start) -> None:
    async with start() as driver:
        error = TurnError("unexpected status 401 Unauthorized", "httpConnectionFailed", 401)
        failed = ev.TurnCompleted(THREAD, Turn(TURN, TurnStatus.FAILED, error=error))
        await driver.say(turn_started(), item_completed(a_prompt()), failed)
        assert "401 Unauthorized" in driver.text()
        assert "The sign-in is no longer accepted" in driver.text()
        assert "“Sign in”" in driver.text()


async def test_codex_that_cannot_start_is_a_message_and_the_text_stays(start: Start) -> None:
    trouble = Trouble("Codex was not found", "Neither bundled nor on PATH.", ("Install it.",), is_fatal=True)

    def broken(agent: FakeAgent) -> None:
        raise CodexUnavailable(trouble)

    async with start(prepare=broken, opens=False) as driver:
        from conductor_tui.services.sessions.connection import Link

        await until(lambda: driver.app.manager.connection.link is Link.FAILED)
        await driver.settle()
        assert "Codex was not found" in driver.text()
        assert "Install it." in driver.text()
        await driver.type("kept")
        await driver.press("enter")
        assert "kept" in driver.text()
        assert "not sent" in driver.text()
        driver.main.run_command("session.take_back")
        assert driver.composer.text == "kept"


async def test_a_session_that_does_not_open_says_why(start: Start) -> None:
    def refusing(agent: FakeAgent) -> None:
        agent.refuse["start_thread"] = AgentRefused("thread/start", "failed to load configuration: line 3")

    async with start(prepare=refusing, opens=False) as driver:
        await until(lambda: driver.agents and driver.agent.called("start_thread"))
        await driver.settle()
        await until(lambda: "failed to load configuration" in driver.text())


async def test_help_shows_the_keys_of_the_pane_and_why_some_do_nothing(start: Start) -> None:
    async with start() as driver:
        await driver.press("?")
        assert "composer" in driver.text()
        assert "no turn is running" in driver.text()
        await driver.press("escape")
        await driver.type("a?")
        assert driver.composer.text == "a?"


async def test_the_palette_finds_every_command(start: Start) -> None:
    async with start() as driver:
        await driver.press("ctrl+p")
        await driver.type("effort")
        await until(lambda: "Reasoning effort" in driver.text())
        await driver.press("enter")
        await until(lambda: driver.agent.called("update_settings"))


async def test_user_keys_replace_the_tables(start: Start) -> None:
    settings = AppSettings(keys={"view.diff": ("ctrl+d",), "control.effort": ()})
    async with start(settings=settings) as driver:
        await driver.press("ctrl+t")
        await driver.press("ctrl+d")
        assert driver.main.panes.is_diff_open
        assert not driver.agent.called("update_settings")


@pytest.mark.parametrize("size", [(140, 40), (120, 30), (80, 24), (60, 20), (48, 18)])
async def test_at_every_size_the_composer_and_an_approval_can_be_read(start: Start, size: tuple[int, int]) -> None:
    async with start(size) as driver:
        long = a_message("word " * 400)
        await driver.say(turn_started(), item_completed(long), item_completed(a_command(output="x\n" * 50)))
        await driver.say(asked(a_command_approval(7)))
        for part in ("pip install foo", "y Yes", "Ask Codex"):
            assert part in driver.text()


@pytest.mark.parametrize("width", [80, 120, 160, 200])
async def test_every_pane_is_reached_by_tab(start: Start, width: int) -> None:
    async with start((width, 30)) as driver:
        await driver.press("ctrl+g")
        seen = [driver.main.panes.focused]
        for _ in range(4):
            await driver.press("tab")
            seen.append(driver.main.panes.focused)
            assert driver.main.panes.screen.focused is not None
            assert driver.main.panes.screen.focused.region.height > 0
        assert set(seen) == {Pane.DIFF, Pane.CONTROLS, Pane.TREE, Pane.COMPOSER, Pane.TRANSCRIPT}


async def test_unknown_settings_are_told_and_the_app_works(start: Start) -> None:
    async with start(troubles=(Trouble("Unknown setting ui.thme", "/c.toml", ("Did you mean ui.theme?",)),)) as driver:
        assert "Did you mean ui.theme?" in driver.text()
        await driver.type("x")
        assert driver.composer.text == "x"


async def test_a_lost_connection_is_said_and_goes_away(start: Start) -> None:
    async with start() as driver:
        driver.agent.hang_up()
        await until(lambda: not driver.main.session.projection.is_connected)
        await driver.settle()
        assert "not connected" in driver.text()
        await until(lambda: len(driver.agents) == 2)
        await until(lambda: driver.main.session.projection.is_connected)
        await driver.settle()
        assert "not connected" not in driver.text()


async def test_states_in_the_tree_are_words_too(start: Start) -> None:
    async with start() as driver:
        await driver.say(turn_started(), item_completed(a_prompt("job one")))
        assert "working" in driver.text()
        await driver.say(turn_completed(), ev.ThreadStatusChanged(THREAD, ThreadState.FAILED))
        assert "failed" in driver.text()


async def test_signed_out_is_said_before_a_turn_fails_with_the_way_to_sign_in(start: Start) -> None:
    def prepare(agent: FakeAgent) -> None:
        agent.account = Account(requires_openai_auth=True)

    async with start(prepare=prepare) as driver:
        await until(lambda: "You're not signed in" in driver.text())
        assert "choose Sign in" in driver.text()


async def test_keys_for_commands_that_do_not_exist_are_named(start: Start) -> None:
    async with start(settings=AppSettings(keys={"view.dif": ("ctrl+d",)})) as driver:
        assert "Unknown command view.dif" in driver.text()
        assert "Did you mean view.diff?" in driver.text()


async def burst(driver: Driver, *keys: str) -> None:
    """Keys that arrive in one piece, as type-ahead over a slow link does."""
    for key in keys:
        driver.app.post_message(events.Key(key, key if len(key) == 1 else None))
    await driver.settle()


async def test_what_is_typed_behind_enter_is_not_sent_with_it(start: Start) -> None:
    async with start() as driver:
        await burst(driver, "a", "b", "enter", "c", "d")
        await until(lambda: driver.agent.called("start_turn"))
        await until(lambda: driver.composer.text == "cd")
        assert driver.agent.called("start_turn")[0][1] == "ab"


async def test_a_model_typed_ahead_is_the_one_that_is_taken(start: Start) -> None:
    async with start() as driver:
        await burst(driver, "ctrl+o", *"small", "enter")
        await until(lambda: driver.agent.called("update_settings"))
        assert driver.agent.called("update_settings")[0][1].model == "small"
        assert driver.composer.text == ""


async def begin_to_sign_in(driver: Driver) -> None:
    """Chooses the first way: a code on a page."""
    driver.main.run_command("account.sign_in")
    await driver.settle()
    await driver.press("enter")
    await until(lambda: "ABCD-1234" in driver.text())


async def test_signing_in_by_a_code_shows_page_and_code_and_waits(start: Start) -> None:
    async with start() as driver:
        await begin_to_sign_in(driver)
        assert "https://example.org/device" in driver.text()
        await driver.say(ev.SignInEnded(None, "login-1"))
        await until(lambda: driver.app.screen is driver.app.main)
        assert not driver.agent.called("cancel_sign_in")


async def test_a_sign_in_that_fails_says_why_and_going_back_cancels_one_that_waits(start: Start) -> None:
    async with start() as driver:
        await begin_to_sign_in(driver)
        await driver.say(ev.SignInEnded(None, "login-1", "the code has expired"))
        await until(lambda: "the code has expired" in driver.text())
        await driver.press("escape")
        await begin_to_sign_in(driver)
        await driver.press("escape")
        await until(lambda: driver.agent.called("cancel_sign_in"))


async def test_the_page_where_a_browser_elsewhere_ended_is_pasted_and_handed_to_codex(start: Start) -> None:
    async with start() as driver:
        driver.main.run_command("account.sign_in")
        await driver.settle()
        await driver.press("down", "enter")
        await until(lambda: "https://example.org/login" in driver.text())
        for pasted, said in (
            ("https://evil.example/auth/callback?code=c&state=s-2", "The address must begin with"),
            ("http://localhost:1455/auth/callback?code=c&state=other", "another sign-in"),
        ):
            await driver.press("p")
            await driver.type(pasted)
            await driver.press("enter")
            await until(lambda: said in driver.text())
        assert not driver.agent.called("hand_over")
        driver.agent.refused_redirect = "Codex refused the address: State mismatch"
        await driver.press("p")
        await driver.type("localhost:1455/auth/callback?code=c&state=s-2")
        await driver.press("enter")
        await until(lambda: "State mismatch" in driver.text())
        assert driver.agent.called("hand_over") == [(Redirect(1455, "/auth/callback?code=c&state=s-2"),)]
        await driver.say(ev.SignInEnded(None, "login-2"))
        await until(lambda: driver.app.screen is driver.app.main)


async def test_a_sign_in_that_gave_way_to_another_says_so_and_the_end_of_another_ends_nothing(start: Start) -> None:
    async with start() as driver:
        await begin_to_sign_in(driver)
        await driver.say(ev.SignInEnded(None, "somebody-else's", "Login server error: Login cancelled"))
        assert "ABCD-1234" in driver.text()
        await driver.say(ev.SignInEnded(None, "login-1", "Login server error: Login cancelled"))
        await until(lambda: "Another sign-in started on this machine" in driver.text())


async def test_going_back_before_codex_has_named_a_page_cancels_it_too(start: Start) -> None:
    async with start() as driver:
        gate = asyncio.Event()
        named = driver.agent.sign_in_by_code

        async def slowly() -> SignIn:
            await gate.wait()
            return await named()

        driver.agent.sign_in_by_code = slowly  # type: ignore[method-assign]
        driver.main.run_command("account.sign_in")
        await driver.settle()
        await driver.press("enter")
        await until(lambda: "Asking Codex for a page" in driver.text())
        await driver.press("escape")
        gate.set()
        await until(lambda: driver.agent.called("cancel_sign_in"))
        assert driver.main.manager.setup.sign_in is None


async def test_pitfall_38_an_account_in_doubt_is_not_called_signed_out(start: Start) -> None:
    def prepare(agent: FakeAgent) -> None:
        agent.account = Account(doubt="workspace routing discovery failed")

    async with start(prepare=prepare) as driver:
        await until(lambda: "unknown, offline?" in driver.text())
        assert "not signed in" not in driver.text()
        driver.agent.account = Account("chatgpt", "ada@example.org")
        await driver.say(ev.AccountChanged(None))
        await until(lambda: "ada@example.org" in driver.text())
        driver.agent.account = Account(doubt="workspace routing discovery failed")
        await driver.say(ev.AccountChanged(None))
        await until(lambda: "offline?" in driver.text())
        assert "ada@example.org" in driver.text()


async def test_an_api_key_is_shown_as_dots_and_handed_on(start: Start) -> None:
    async with start() as driver:
        driver.main.run_command("account.sign_in")
        await driver.settle()
        await driver.press("down", "down", "enter")
        await until(lambda: "API key" in driver.text())
        await driver.type("sk-very-secret")
        assert "secret" not in driver.text()
        await driver.press("enter")
        await until(lambda: driver.agent.called("sign_in_with_key"))
        assert driver.agent.called("sign_in_with_key") == [("sk-very-secret",)]


async def test_what_is_typed_behind_a_choice_lands_in_the_composer(start: Start) -> None:
    async with start() as driver:
        await burst(driver, "ctrl+o", *"small", "enter", *"hello")
        await until(lambda: driver.agent.called("update_settings"))
        await until(lambda: driver.composer.text == "hello")
        assert driver.agent.called("update_settings")[0][1].model == "small"


async def test_the_palette_opens_over_the_main_screen_only(start: Start) -> None:
    async with start() as driver:
        driver.main.run_command("app.help")
        await driver.press("ctrl+p")
        assert isinstance(driver.app.screen, ReadingScreen)
        await driver.press("escape", "ctrl+p")
        assert isinstance(driver.app.screen, Picker)


async def test_a_message_without_a_code_block_says_that_it_has_none(start: Start) -> None:
    async with start() as driver:
        await driver.say(turn_started(), item_completed(a_message("only words")), turn_completed())
        driver.main.panes.focus(Pane.TRANSCRIPT)
        await driver.press("c")
        assert "no code block here" in driver.text()


async def test_a_composer_without_room_is_drawn(start: Start) -> None:
    """A change of the terminal's size can leave it none for a moment."""
    async with start() as driver:
        driver.composer.styles.min_width = 0
        driver.composer.styles.width = 2
        await driver.settle()
        assert driver.composer.content_size.width == 0
        driver.composer.styles.width = "1fr"
        await driver.settle()
        assert "Ask Codex" in driver.text()


async def test_a_message_that_another_client_queued_is_shown_until_codex_takes_it(start: Start) -> None:
    async with start() as driver:
        driver.agent.queued = (
            QueuedMessage("q1", "c1", "then run\nthe tests"),
            QueuedMessage("q2", "c2", "and commit"),
        )
        await driver.say(turn_started(), ev.QueueChanged(THREAD))
        await until(lambda: driver.main.session.projection.queued)
        await driver.settle()
        rows = [" ".join(row.replace("│", " ").split()) for row in driver.text().splitlines()]
        at = next(n for n, row in enumerate(rows) if "Queued elsewhere: then run" in row)
        assert "the tests" in rows[at + 1]
        assert "Queued elsewhere: and commit" in rows[at + 2]
        await driver.say(
            turn_completed(),
            turn_started("turn-2"),
            item_started(a_prompt("then run", client_id="c1", turn_id="turn-2")),
        )
        assert "Queued elsewhere: then run" not in driver.text()
        assert "Queued elsewhere: and commit" in driver.text()
        driver.agent.queued = ()
        await driver.say(ev.QueueChanged(THREAD))
        await until(lambda: not driver.main.session.projection.queued)
        await driver.settle()
        assert "Queued elsewhere" not in driver.text()
