from __future__ import annotations

from msgspec.structs import replace

from conductor_tui.domain import events as ev
from conductor_tui.domain import items as it
from conductor_tui.domain.approvals import Answer, Decision, FileChangeApproval, Question, QuestionApproval
from conductor_tui.domain.ids import ItemId, ItemKey, ThreadId, TurnId
from conductor_tui.domain.invalidations import ItemAdded, ItemChanged, SessionChange
from conductor_tui.domain.threads import QueuedMessage, ThreadState
from conductor_tui.domain.turns import Turn, TurnError, TurnStatus
from tests.builders import (
    THREAD,
    TURN,
    a_command,
    a_command_approval,
    a_message,
    a_patch,
    a_projection,
    a_prompt,
    a_recorded_turn,
    asked,
    delta,
    item_completed,
    item_started,
    turn_completed,
    turn_started,
    usage,
)

M1 = ItemKey(TURN, ItemId("m1"))
C1 = ItemKey(TURN, ItemId("c1"))


def test_deltas_build_a_message_and_the_completed_item_replaces_it() -> None:
    session = a_projection(turn_started(), item_started(a_message(is_open=True)), delta("m1", "Hel"), delta("m1", "lo"))
    assert session.item(M1) == a_message("Hello", is_open=True)
    changes = session.apply(item_completed(a_message("Hello, world")))
    assert session.item(M1) == a_message("Hello, world")
    assert changes == (ItemChanged(M1),)


def test_an_item_is_announced_once_and_then_changes() -> None:
    session = a_projection(turn_started())
    assert session.apply(item_started(a_message(is_open=True))) == (ItemAdded(M1),)
    assert session.apply(delta("m1", "x")) == (ItemChanged(M1),)


def test_a_half_written_message_is_made_from_deltas_after_a_reattach() -> None:
    session = a_projection(turn_started(), delta("m1", "the second half"))
    assert session.item(M1) == a_message("the second half", is_open=True)


def test_pitfall_08_items_may_complete_after_their_turn() -> None:
    session = a_projection(turn_started(), item_started(a_command(status=it.ItemStatus.IN_PROGRESS, exit_code=None)))
    session.apply(turn_completed())
    assert session.item(C1).is_open  # type: ignore[union-attr]  # it may go on in the background
    session.apply(turn_started("turn-2"))
    session.apply(item_completed(a_command(output="done")))
    assert session.item(C1) == a_command(output="done")
    assert list(session.turns) == [TURN, TurnId("turn-2")]


def test_pitfall_09_what_a_turn_left_open_is_marked_interrupted() -> None:
    session = a_projection(
        turn_started(),
        item_started(a_message(is_open=True)),
        delta("m1", "half"),
        item_started(a_command(status=it.ItemStatus.IN_PROGRESS, exit_code=None)),
        turn_completed(status=TurnStatus.INTERRUPTED),
    )
    assert session.item(M1).status is it.ItemStatus.INTERRUPTED  # type: ignore[union-attr]
    assert session.item(M1).text == "half"  # type: ignore[union-attr]
    assert session.item(C1).status is it.ItemStatus.INTERRUPTED  # type: ignore[union-attr]


def test_pitfall_09_a_message_that_is_started_again_is_not_shown_twice() -> None:
    retry = ev.ErrorReported(THREAD, TURN, TurnError("Reconnecting... 1/2"), will_retry=True)
    session = a_projection(turn_started(), item_started(a_message(is_open=True)), delta("m1", "half"), retry)
    assert session.item(M1).status is it.ItemStatus.INTERRUPTED  # type: ignore[union-attr]
    assert session.turns[TURN].retry == TurnError("Reconnecting... 1/2")
    session.apply(item_started(a_message(id="m2", is_open=True)))
    assert session.turns[TURN].retry is None
    assert [i.id for i in session.items_of(TURN)] == ["m2"]
    session.apply(item_completed(a_message("whole", id="m2")))
    assert [i.id for i in session.items_of(TURN)] == ["m2"]


def test_pitfall_09_of_attempts_that_all_broke_only_the_last_is_left() -> None:
    retry = ev.ErrorReported(THREAD, TURN, TurnError("Reconnecting..."), will_retry=True)
    failed = ev.ErrorReported(THREAD, TURN, TurnError("stream disconnected"), will_retry=False)
    session = a_projection(turn_started(), item_completed(a_prompt()))
    for attempt, end in (("m1", retry), ("m2", retry), ("m3", failed)):
        session.apply(item_started(a_message(id=attempt, is_open=True)))
        session.apply(delta(attempt, "half"))
        session.apply(end)
    session.apply(turn_completed(status=TurnStatus.FAILED))
    assert [(i.id, i.status) for i in session.items_of(TURN)][1:] == [("m3", it.ItemStatus.INTERRUPTED)]


def test_pitfall_09_a_retry_that_goes_on_with_a_command_drops_the_broken_message_too() -> None:
    retry = ev.ErrorReported(THREAD, TURN, TurnError("Reconnecting..."), will_retry=True)
    session = a_projection(turn_started(), item_completed(a_message("before", id="m0")))
    for event in (item_started(a_message(is_open=True)), delta("m1", "half"), retry, delta("m1", " a late word")):
        session.apply(event)
    assert [i.id for i in session.items_of(TURN)] == ["m0", "m1"]  # until the next attempt shows something
    session.apply(item_started(a_command(status=it.ItemStatus.IN_PROGRESS, exit_code=None)))
    assert [i.id for i in session.items_of(TURN)] == ["m0", "c1"]


def test_pitfall_10_items_may_complete_without_a_start() -> None:
    session = a_projection(turn_started())
    assert session.apply(item_completed(a_message("all at once"))) == (ItemAdded(M1),)


def test_pitfall_11_lossy_output_is_replaced_on_completion() -> None:
    running = a_command(status=it.ItemStatus.IN_PROGRESS, exit_code=None)
    session = a_projection(turn_started(), item_started(running), delta("c1", "tick2\n", ev.TextKind.COMMAND_OUTPUT))
    assert session.item(C1).output == "tick2\n"  # type: ignore[union-attr]
    session.apply(item_completed(a_command(output="tick1\ntick2\n")))
    assert session.item(C1).output == "tick1\ntick2\n"  # type: ignore[union-attr]


def test_pitfall_12_output_that_the_record_lacks_is_kept() -> None:
    running = a_command(status=it.ItemStatus.IN_PROGRESS, exit_code=None)
    session = a_projection(turn_started(), item_started(running), delta("c1", "seen", ev.TextKind.COMMAND_OUTPUT))
    session.apply(item_completed(a_command(output="", status=it.ItemStatus.FAILED, exit_code=-1)))
    assert session.item(C1).output == "seen"  # type: ignore[union-attr]


def test_live_output_without_end_stays_bounded() -> None:
    session = a_projection(turn_started(), item_started(a_command(status=it.ItemStatus.IN_PROGRESS, exit_code=None)))
    for _ in range(40):
        session.apply(delta("c1", "x" * 50_000, ev.TextKind.COMMAND_OUTPUT))
    assert len(session.item(C1).output) < 1_400_000  # type: ignore[union-attr]


def test_pitfall_13_the_items_of_turn_completed_change_nothing() -> None:
    session = a_projection(turn_started(), item_completed(a_message("one")), item_completed(a_command()))
    session.apply(turn_completed())
    assert [i.id for i in session.items_of(TURN)] == ["m1", "c1"]


def test_pitfall_14_a_review_has_a_second_id_for_its_interrupt() -> None:
    mark = it.ReviewMark(ItemId("r"), TurnId("R"), is_start=True, text="current changes")
    session = a_projection(item_started(mark), ev.TurnStarted(THREAD, Turn(TurnId("S"))))
    assert session.running_turn is not None
    assert (session.running_turn.id, session.running_turn.interrupt_id) == ("R", "S")
    session.apply(turn_completed("R"))
    assert session.running_turn is None


def test_pitfall_15_a_failed_session_can_still_be_used() -> None:
    session = a_projection(ev.ThreadStatusChanged(THREAD, ThreadState.FAILED), turn_started())
    assert session.running_turn is not None


def test_pitfall_16_a_repeated_diff_is_no_change() -> None:
    session = a_projection(turn_started())
    assert session.apply(ev.TurnDiffChanged(THREAD, TURN, "diff")) == (SessionChange.DIFF,)
    assert session.apply(ev.TurnDiffChanged(THREAD, TURN, "diff")) == ()
    assert session.last_diff == "diff"


def test_pitfall_17_a_turn_whose_patch_left_no_item_ends_like_any_other() -> None:
    session = a_projection(turn_started(), turn_completed())
    assert session.running_turn is None
    assert session.items_of(TURN) == ()


def test_pitfall_18_the_to_do_list_is_an_item_of_ours_and_is_replaced() -> None:
    first = (it.ChecklistStep("one", "inProgress"),)
    second = (it.ChecklistStep("one", "completed"),)
    session = a_projection(turn_started(), ev.ChecklistChanged(THREAD, TURN, "", first))
    session.apply(ev.ChecklistChanged(THREAD, TURN, "", second))
    assert [i.steps for i in session.items_of(TURN) if isinstance(i, it.Checklist)] == [second]


def test_pitfall_21_an_approval_waits_until_somebody_answers() -> None:
    session = a_projection(turn_started(), asked(a_command_approval(7)))
    for _ in range(50):
        session.apply(usage(10))
    assert [a.request_id for a in session.waiting_approvals] == [7]
    session.apply(ev.ApprovalResolved(THREAD, 7))
    assert session.waiting_approvals == ()


def test_pitfall_23_two_requests_about_one_item_are_two_approvals() -> None:
    session = a_projection(asked(a_command_approval(1)), asked(a_command_approval(2)))
    session.apply(ev.ApprovalResolved(THREAD, 1))
    assert [a.request_id for a in session.waiting_approvals] == [2]


def test_pitfall_24_the_diff_of_a_file_approval_is_in_its_item() -> None:
    change = a_patch(status=it.ItemStatus.IN_PROGRESS)
    approval = FileChangeApproval(3, THREAD, TURN, change.id)
    session = a_projection(turn_started(), item_started(change), ev.ApprovalRequested(THREAD, approval))
    assert session.patches_for(approval) == change


def test_an_answer_leaves_the_list_at_once_and_comes_back_when_it_was_not_delivered() -> None:
    session = a_projection(asked(a_command_approval(7)), ev.AnswerGiven(THREAD, 7, Answer(Decision.ONCE)))
    assert session.waiting_approvals == ()
    session.apply(ev.AnswerFailed(THREAD, 7))
    assert len(session.waiting_approvals) == 1


def test_the_end_of_a_turn_closes_its_approvals() -> None:
    session = a_projection(turn_started(), asked(a_command_approval(7)), turn_completed(status=TurnStatus.INTERRUPTED))
    assert session.waiting_approvals == ()


def test_a_question_and_its_answer_stay_in_the_transcript() -> None:
    question = QuestionApproval(5, THREAD, TURN, None, questions=(Question("color", "Which color?"),))
    answer = Answer(Decision.ONCE, (("color", ("Red",)),))
    session = a_projection(turn_started(), ev.ApprovalRequested(THREAD, question), ev.AnswerGiven(THREAD, 5, answer))
    session.apply(ev.ApprovalResolved(THREAD, 5))
    assert [i.detail for i in session.items_of(TURN) if isinstance(i, it.Activity)] == ["Which color? → Red"]


def test_a_secret_answer_is_not_shown() -> None:
    question = QuestionApproval(5, THREAD, TURN, None, questions=(Question("pin", "PIN?", is_secret=True),))
    session = a_projection(turn_started(), ev.ApprovalRequested(THREAD, question))
    session.apply(ev.AnswerGiven(THREAD, 5, Answer(Decision.ONCE, (("pin", ("1234",)),))))
    session.apply(ev.ApprovalResolved(THREAD, 5))
    assert "1234" not in str(session.items_of(TURN))


def test_a_message_is_outgoing_until_codex_echoes_it() -> None:
    session = a_projection(ev.MessageQueued(THREAD, "c", "hi"))
    assert [(m.text, m.state) for m in session.outgoing] == [("hi", "sending")]
    session.apply(turn_started())
    session.apply(item_started(a_prompt("hi", client_id="c")))
    assert session.outgoing == ()


def test_what_is_queued_elsewhere_is_known_until_codex_takes_it() -> None:
    first, second = QueuedMessage("q1", "c1", "one"), QueuedMessage("q2", "c2", "two")
    session = a_projection(ev.QueueListed(THREAD, (first, second)), turn_started())
    assert session.apply(ev.QueueListed(THREAD, (first, second))) == ()
    assert SessionChange.QUEUE in session.apply(item_started(a_prompt("one", client_id="c1")))
    assert session.queued == (second,)
    assert session.apply(ev.QueueListed(THREAD, ())) == (SessionChange.QUEUE,)
    assert session.queued == ()


def test_a_message_that_failed_keeps_its_text() -> None:
    session = a_projection(ev.MessageQueued(THREAD, "c", "hi"), ev.MessageFailed(THREAD, "c", "no Codex"))
    assert [(m.text, m.error) for m in session.outgoing] == [("hi", "no Codex")]


def test_tokens_of_a_turn_are_the_difference() -> None:
    session = a_projection(usage(100), turn_started(), usage(350), turn_completed())
    assert (session.turns[TURN].tokens_before, session.turns[TURN].tokens_after) == (100, 350)
    assert session.usage.context_fraction == 0.35


def test_history_and_live_events_make_the_same_session() -> None:
    items = (a_prompt(), a_message("Hello"), a_command(output="ok"))
    live = a_projection(turn_started(), *(item_completed(i) for i in items), turn_completed())
    resumed = a_projection(ev.HistoryLoaded(THREAD, (a_recorded_turn(*items),)))
    assert list(live.items_of(TURN)) == list(resumed.items_of(TURN))
    assert live.turns[TURN].status is resumed.turns[TURN].status


def test_resuming_keeps_what_only_this_window_saw() -> None:
    session = a_projection(turn_started(), item_started(a_message(is_open=True)), delta("m1", "half of"))
    running = a_recorded_turn(a_prompt(), status=TurnStatus.IN_PROGRESS)
    session.apply(ev.HistoryLoaded(THREAD, (running,)))
    assert session.item(M1).text == "half of"  # type: ignore[union-attr]
    session.apply(delta("m1", " it"))
    assert session.item(M1).text == "half of it"  # type: ignore[union-attr]


def test_the_end_of_a_command_of_a_turn_that_is_not_loaded_starts_nothing() -> None:
    projection = a_projection(
        ev.HistoryLoaded(THREAD, (a_recorded_turn(a_prompt(), turn_id="turn-22"),), has_more=True),
        delta("bg", "over\n", ev.TextKind.COMMAND_OUTPUT, turn_id="turn-1"),
        item_completed(a_command("sleep 30; echo over", id="bg", turn_id="turn-1")),
        ev.TurnDiffChanged(THREAD, TurnId("turn-1"), "diff"),
    )
    assert projection.running_turn is None
    assert list(projection.turns) == ["turn-1", "turn-22"]
    projection.apply(ev.HistoryLoaded(THREAD, (a_recorded_turn(turn_id="turn-1"),), is_older=True))
    assert list(projection.turns) == ["turn-1", "turn-22"]


def test_a_turn_known_only_by_its_words_ends_when_codex_rests() -> None:
    projection = a_projection(item_started(a_message(is_open=True)))
    assert projection.running_turn is not None
    projection.apply(ev.ThreadStatusChanged(THREAD, ThreadState.IDLE))
    assert projection.running_turn is None
    projection.apply(item_started(a_command(id="late", status=it.ItemStatus.IN_PROGRESS, turn_id="turn-0")))
    assert projection.running_turn is None


def test_a_turn_whose_start_was_seen_runs_until_its_end_is_told() -> None:
    projection = a_projection(turn_started(), ev.ThreadStatusChanged(THREAD, ThreadState.IDLE))
    assert projection.running_turn is not None


def test_the_end_of_one_turn_leaves_the_questions_of_others() -> None:
    of_a_child = replace(a_command_approval(8), thread_id=ThreadId("child"), turn_id=TurnId("childs-turn"))
    projection = a_projection(turn_started(), asked(a_command_approval(7)), asked(of_a_child))
    projection.apply(turn_completed())
    assert list(projection.approvals) == [8]


def test_what_was_typed_into_a_program_stays_when_it_ends() -> None:
    projection = a_projection(
        turn_started(),
        item_started(a_command(status=it.ItemStatus.IN_PROGRESS, exit_code=None)),
        ev.TerminalTyped(THREAD, TURN, ItemId("c1"), "yes\n"),
        item_completed(a_command(output="done")),
    )
    item = projection.item(ItemKey(TURN, ItemId("c1")))
    assert isinstance(item, it.CommandRun)
    assert (item.typed, item.output) == (("yes\n",), "done")


def test_history_with_other_item_ids_does_not_double_the_turn() -> None:
    session = a_projection(turn_started(), item_completed(a_prompt()), item_completed(a_command()), turn_completed())
    recorded = a_recorded_turn(a_prompt(id="item-1"))
    session.apply(ev.HistoryLoaded(THREAD, (recorded,)))
    assert [i.id for i in session.items_of(TURN)] == ["u1", "c1"]


def test_a_prompt_that_codex_names_differently_while_its_turn_runs_is_there_once() -> None:
    running = a_recorded_turn(a_prompt(id="item-1", client_id="c"), status=TurnStatus.IN_PROGRESS)
    session = a_projection(ev.HistoryLoaded(THREAD, (running,)), delta("m1", "half of"))
    session.apply(ev.HistoryLoaded(THREAD, (a_recorded_turn(a_prompt(client_id="c"), a_message("half of it")),)))
    assert [i.id for i in session.items_of(TURN)] == ["u1", "m1"]


def test_an_answer_that_came_while_the_connection_was_lost_is_there() -> None:
    running = a_recorded_turn(a_prompt(id="item-1", client_id="c"), status=TurnStatus.IN_PROGRESS)
    session = a_projection(ev.HistoryLoaded(THREAD, (running,)))
    session.apply(ev.HistoryLoaded(THREAD, (a_recorded_turn(a_prompt(client_id="c"), a_message("all of it")),)))
    assert [i.id for i in session.items_of(TURN)] == ["u1", "m1"]


def test_what_only_this_window_saw_stays_where_it_was() -> None:
    recorded = a_recorded_turn(a_prompt(), a_prompt("and", id="u2"), a_message(id="m2"))
    session = a_projection(
        turn_started(),
        item_completed(a_prompt()),
        item_started(a_message(id="m1", is_open=True)),
        item_completed(a_prompt("and", id="u2")),
        delta("m2", "half of"),
    )
    session.apply(ev.HistoryLoaded(THREAD, (recorded,)))
    assert [i.id for i in session.items_of(TURN)] == ["u1", "m1", "u2", "m2"]


def test_what_came_before_the_record_was_read_stands_in_the_order_of_the_record() -> None:
    session = a_projection(turn_started(), item_started(a_message(id="m1", is_open=True)), delta("m2", "half of"))
    recorded = a_recorded_turn(a_prompt(), a_prompt("and", id="u2"), a_message(id="m2"))
    session.apply(ev.HistoryLoaded(THREAD, (recorded,)))
    assert [i.id for i in session.items_of(TURN)] == ["u1", "m1", "u2", "m2"]


def test_older_turns_stand_before_the_others() -> None:
    session = a_projection(ev.HistoryLoaded(THREAD, (a_recorded_turn(turn_id="b"),), has_more=True))
    session.apply(ev.HistoryLoaded(THREAD, (a_recorded_turn(turn_id="a"),), is_older=True))
    assert list(session.turns) == ["a", "b"]
    assert not session.has_older


def test_a_lost_connection_says_so_and_forgets_requests_that_will_be_replayed() -> None:
    session = a_projection(asked(a_command_approval(1)), ev.ConnectionLost(THREAD, "gone"))
    assert (session.is_connected, session.waiting_approvals) == (False, ())
    session.apply(ev.ConnectionRestored(THREAD))
    assert session.is_connected


def test_settings_of_the_running_turn_are_kept_apart_from_the_next() -> None:
    from tests.fakes.agent import SETTINGS

    session = a_projection(ev.SettingsChanged(THREAD, SETTINGS), turn_started())
    from msgspec.structs import replace

    session.apply(ev.SettingsChanged(THREAD, replace(SETTINGS, model="small")))
    assert (session.turn_settings.model, session.settings.model) == ("big", "small")  # type: ignore[union-attr]
    session.apply(turn_completed())
    assert session.turn_settings is None


def test_what_is_not_known_is_said_once_for_each_kind() -> None:
    projection = a_projection(turn_started())
    for _ in range(3):
        projection.apply(ev.UnknownEvent(THREAD, "thread/newThing", '{"x": 1}'))
    (note,) = projection.items_of(TURN)
    assert isinstance(note, it.Notice)
    assert "thread/newThing" in note.text
    projection.apply(ev.UnknownEvent(THREAD, "thread/otherThing", "{}"))
    assert len(projection.items_of(TURN)) == 2


def test_an_error_that_its_turn_survives_leaves_a_trace() -> None:
    error = ev.ErrorReported(THREAD, TURN, TurnError("odd", kind="brandNew"), will_retry=False)
    projection = a_projection(turn_started(), error, turn_completed())
    assert [i.text for i in projection.items_of(TURN) if isinstance(i, it.Notice)] == ["odd"]


def test_a_part_of_reasoning_with_an_absurd_number_costs_one_part() -> None:
    thought = it.Reasoning(ItemId("r1"), TURN, it.ItemStatus.IN_PROGRESS)
    projection = a_projection(turn_started(), item_started(thought))
    for index, text in ((0, "one"), (4_508_947_969, "two"), (-3, "!")):
        projection.apply(ev.TextAppended(THREAD, TURN, ItemId("r1"), ev.TextKind.REASONING_SUMMARY, text, index))
    grown = projection.item(ItemKey(TURN, ItemId("r1")))
    assert isinstance(grown, it.Reasoning)
    assert grown.summary == ("one!", "two")
