"""The scripted model against the real Codex alone: direct tools, code mode, and the demo's story."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conductor_tui.demo.model import ScriptedModel
from conductor_tui.demo.requests import Request
from conductor_tui.demo.scripts import ByWord, Telling
from conductor_tui.demo.steps import ApplyPatch, ExecCommand, Message, SearchWeb, Think, UpdatePlan
from tests.e2e.rpc import BareCodex, Note, completed_items

PATCH = "*** Begin Patch\n*** Add File: new.txt\n+words\n*** End Patch\n"
MODELS = ["gpt-5.5", "gpt-5.6-sol"]
"""One with direct tools, one in code mode."""


def accept(method: str, params: Note) -> Any:
    return {"decision": "accept"}


def decline(method: str, params: Note) -> Any:
    return {"decision": "decline"}


def everything(_: Request) -> Telling:
    yield [Think("**Thinking**"), UpdatePlan((("one", "in_progress"),)), SearchWeb("weather")]
    (command,) = yield [ExecCommand("exit 3")]
    (patch,) = yield [ApplyPatch(PATCH)]
    (asked,) = yield [ExecCommand("true", escalated=True, justification="why")]
    said = "declined" if asked.was_declined else "accepted"
    yield [Message(f"exit {command.exit_code}, patched {patch.was_patched}, {said}")]


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(("answer", "word"), [(accept, "accepted"), (decline, "declined")])
def test_every_step_becomes_an_item_of_codex_and_its_result_comes_back(
    codex: Path, codex_home: Path, repository: Path, model: ScriptedModel, name: str, answer: Any, word: str
) -> None:
    model.script = ByWord({}, everything)
    with BareCodex(codex, codex_home, answer) as server:
        thread = server.call("thread/start", cwd=str(repository), model=name)["thread"]["id"]
        notes = server.turn(thread, "all of it")
    items = completed_items(notes)
    assert items[-1]["text"] == f"exit 3, patched True, {word}"
    assert {"reasoning", "webSearch", "commandExecution", "fileChange"} <= {item["type"] for item in items}
    assert any(note["method"] == "turn/plan/updated" for note in notes)
    assert model.requests[0].thread_id == thread
    assert (repository / "new.txt").read_text() == "words\n"


def test_codex_asks_for_a_summary_when_it_makes_room(
    codex: Path, codex_home: Path, repository: Path, model: ScriptedModel
) -> None:
    with BareCodex(codex, codex_home, accept) as server:
        thread = server.call("thread/start", cwd=str(repository))["thread"]["id"]
        server.turn(thread, "hello")
        notes = server.compact(thread)
    assert any(item["type"] == "contextCompaction" for item in completed_items(notes))
    assert model.requests[-1].is_compaction
