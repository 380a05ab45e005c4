"""A message that another client leaves in Codex's own queue: shown while it waits, gone when Codex takes it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from conductor_tui.demo.model import ScriptedModel
from conductor_tui.demo.steps import Gate, Message
from conductor_tui.domain.controls import version_numbers
from conductor_tui.domain.errors import AgentRefused
from conductor_tui.protocol.binary import CodexBinary
from conductor_tui.protocol.connect import connect
from conductor_tui.protocol.server import ServerFiles
from tests.e2e.app import App
from tests.e2e.place import Place


def queue_elsewhere(codex: Path, place: Place, text: str) -> bool:
    """Queues a message for the only session, as another client of the same server; False where Codex has no queue."""

    async def work() -> bool:
        other = await connect(CodexBinary(codex, "given"), ServerFiles(place.codex_home, place.state))
        try:
            (thread,) = await other.list_threads((str(place.repository),))
            message = {"input": [{"type": "text", "text": text}], "clientUserMessageId": text}
            await other._send("thread/queue/add", {"threadId": thread.id, **message})
        except AgentRefused as refused:
            assert refused.is_unknown_method
            assert (version_numbers(other.info.version) or ()) < (0, 163, 0)
            return False
        finally:
            await other.close()
        return True

    return asyncio.run(work())


def test_a_message_queued_elsewhere_is_shown_until_it_is_the_next_turn(
    app: App, codex: Path, place: Place, model: ScriptedModel
) -> None:
    gates = [Gate(), Gate()]
    replies = iter(gates)
    model.script = lambda _: [Message("It takes a while.", gate=next(replies), gate_at=8)]
    app.ask("take your time")
    app.wait_for("It takes")
    if queue_elsewhere(codex, place, "then run the tests"):
        app.wait_for("Queued elsewhere: then run the tests")
        gates[0].release()
        app.wait_for("you    then run the tests")
        app.wait_for("Queued elsewhere", absent=True)
    for gate in gates:
        gate.release()
