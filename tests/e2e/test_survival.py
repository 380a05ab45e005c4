"""What outlives the window: sessions, running turns, approvals, drafts. Nothing is lost, nothing is orphaned."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from conductor_tui.demo.model import ScriptedModel
from conductor_tui.demo.requests import Request
from conductor_tui.demo.scripts import ByWord, Telling
from conductor_tui.demo.steps import ExecCommand, Gate, Message
from tests.e2e.app import App
from tests.e2e.conftest import StartApp
from tests.e2e.place import Place

DEFAULT = [Message("Hello from the scripted model.")]

WAYS_TO_GO: dict[str, Callable[[App], object]] = {
    "quitting": App.leave,
    "a lost link": App.hang_up,
    "kill -9": App.kill,
}


def asks_for_a_tag() -> ByWord:
    """A script whose word `tag` asks for a command outside the sandbox."""

    def story(_: Request) -> Telling:
        (result,) = yield [ExecCommand("git tag asked", escalated=True, justification="May I tag?")]
        yield [Message("It was declined." if result.was_declined else "The tag is there.")]

    return ByWord({"tag": story}, DEFAULT)


def restart(app: App, start: StartApp, go: Callable[[App], object] = App.leave, seen: str = "Ask Codex") -> App:
    """Ends the window in some way, opens another and waits until something is seen there."""
    go(app)
    again = start()
    again.wait_for(seen, 30)
    return again


def test_leaving_says_that_the_turn_goes_on_and_ends_well(app: App, model: ScriptedModel) -> None:
    gate = Gate()
    model.script = lambda _: [Message("It takes a while.", gate=gate, gate_at=8)]
    app.ask("take your time")
    app.wait_for("It takes")
    app.press("ctrl+c")
    app.wait_for("Press ctrl+c again to quit. 1 turn keeps running")
    app.press("ctrl+c")
    assert app.exit_code() == 0


def test_the_next_start_finds_the_session(app: App, start: StartApp) -> None:
    app.ask("remember me")
    app.wait_for("Hello from the scripted model.")
    again = restart(app, start)
    again.wait_for("you    remember me")
    again.wait_for("Hello from the scripted model.")


@pytest.mark.parametrize("way", WAYS_TO_GO)
def test_a_turn_finishes_without_a_window(way: str, app: App, start: StartApp, model: ScriptedModel) -> None:
    gate = Gate()
    model.script = lambda _: [Message("It began before and ended after.", gate=gate, gate_at=8)]
    app.ask("go on without me")
    app.wait_for("It began")
    WAYS_TO_GO[way](app)
    gate.release()
    again = start()
    again.wait_for("It began before and ended after.", 30)


@pytest.mark.parametrize("way", WAYS_TO_GO)
def test_a_turn_that_still_runs_is_found_running(way: str, app: App, start: StartApp, model: ScriptedModel) -> None:
    gate = Gate()
    model.script = lambda _: [Message("It began before and ended after.", gate=gate, gate_at=8)]
    app.ask("go on without me")
    app.wait_for("It began")
    again = restart(app, start, WAYS_TO_GO[way])
    again.wait_for("working", 30)
    gate.release()
    again.wait_for("ended after.")


def test_a_running_turn_found_again_can_be_interrupted(
    app: App, start: StartApp, model: ScriptedModel, place: Place
) -> None:
    model.script = ByWord({"wait": [ExecCommand("sleep 4322", yield_ms=30_000)]}, DEFAULT)
    app.ask("wait for long")
    app.wait_until(lambda _: bool(place.commands("4322")), what="the command to run")
    again = restart(app, start)
    again.wait_for("working", 30)
    again.interrupt()
    again.wait_for("interrupted")
    again.wait_until(lambda _: not place.commands("4322"), what="the command to end")


@pytest.mark.parametrize("way", WAYS_TO_GO)
def test_a_pending_approval_is_asked_again_and_can_be_answered(
    way: str, app: App, start: StartApp, model: ScriptedModel
) -> None:
    model.script = asks_for_a_tag()
    app.ask("tag it")
    app.wait_for("Run this command?")
    again = restart(app, start, WAYS_TO_GO[way])
    again.answer("y")
    again.wait_for("The tag is there.")


@pytest.mark.parametrize("way", WAYS_TO_GO)
def test_a_draft_is_still_there(way: str, app: App, start: StartApp) -> None:
    app.type("half a thought")
    app.wait_quiet(1.2)  # a killed window keeps what stood for a second
    restart(app, start, WAYS_TO_GO[way], seen="half a thought")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_window_that_is_told_to_end_keeps_what_was_just_typed(
    number: signal.Signals, app: App, start: StartApp
) -> None:
    app.type("half a thought")
    app.wait_for("half a thought")
    app.process.send_signal(number)
    restart(app, start, App.exit_code, seen="half a thought")


def test_a_window_that_is_told_to_end_keeps_the_prompt_that_it_just_sent(
    app: App, start: StartApp, model: ScriptedModel
) -> None:
    app.ask("remember me")
    app.wait_for("you    remember me")
    app.process.terminate()
    again = restart(app, start, App.exit_code, seen="remember me")
    again.wait_until(lambda text: "Hello from the scripted model." in text or "not sent" in text, 30, what="its fate")


def test_one_server_serves_all_windows_and_restarts(app: App, start: StartApp, place: Place) -> None:
    (server,) = place.servers()
    assert place.recorded_server() == server.pid
    again = restart(app, start)
    other = start()
    other.wait_ready()
    again.wait_ready()
    assert [s.pid for s in place.servers()] == [server.pid]


def test_two_windows_show_the_same_turn_and_either_may_answer(app: App, start: StartApp, model: ScriptedModel) -> None:
    model.script = asks_for_a_tag()
    app.ask("hello")
    app.wait_for("Hello from the scripted model.")
    other = start()
    other.wait_for("Hello from the scripted model.", 30)
    app.ask("tag it")
    other.answer("y")
    for window in (app, other):
        window.wait_for("The tag is there.")
        window.wait_for("Run this command?", absent=True)


def test_stop_ends_the_server_that_the_app_started(app: App, start: StartApp, place: Place) -> None:
    app.leave()
    stop = start("stop")
    stop.wait_for("The Codex server has stopped.")
    assert stop.exit_code() == 0
    assert place.servers() == []


def test_a_killed_server_is_said_and_replaced_and_nothing_on_screen_is_lost(app: App, place: Place) -> None:
    app.ask("remember me")
    app.wait_for("Hello from the scripted model.")
    (server,) = place.servers()
    server.kill()
    app.wait_until(lambda _: any(s.pid != server.pid for s in place.servers()), 30, what="another server")
    assert "Hello from the scripted model." in app.text()
    app.ask("still there?")
    app.wait_until(lambda text: text.count("Hello from the scripted model.") == 2, 30, what="a second answer")


def test_a_message_typed_as_the_server_is_killed_reaches_the_next_one(
    app: App, model: ScriptedModel, place: Place
) -> None:
    model.script = ByWord({"wait": [ExecCommand("sleep 4324", yield_ms=30_000)]}, DEFAULT)
    app.ask("wait for long")
    app.wait_for("sleep 4324")
    (server,) = place.servers()
    server.kill()
    app.ask("hello right after")
    app.wait_for("Hello from the scripted model.", 30)
    assert model.requests[-1].user_text == "hello right after"
    assert "sending …" not in app.text()


def test_the_diff_is_open_again_when_it_was(app: App, start: StartApp) -> None:
    app.press("ctrl+g")
    app.wait_for("diff · uncommitted")
    restart(app, start, seen="diff · uncommitted")


def test_a_message_to_a_server_that_ends_waits_for_the_next_one(app: App, model: ScriptedModel, place: Place) -> None:
    model.script = asks_for_a_tag()
    app.ask("tag it")
    app.wait_for("Run this command?")
    (server,) = place.servers()
    server.terminate()
    app.answer("y")
    app.wait_for("The tag is there.")
    app.ask("hello after that")
    app.wait_for("Hello from the scripted model.", 30)
    assert model.requests[-1].user_text == "hello after that"
    (after,) = place.servers()
    assert after.pid != server.pid
