"""`python -m tests.recordings.record [CODEX …]`: records anew what these Codex binaries say (default: the bundled one).

The scripted model plays one scene a recording. What differs from run to run and from machine to machine (paths,
user agent) is replaced; ids and times are kept as they came.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from conductor_tui.demo.model import ScriptedModel
from conductor_tui.demo.requests import Request
from conductor_tui.demo.scripts import ByWord, Telling
from conductor_tui.demo.shop import FIX, SHOP_FILES
from conductor_tui.demo.steps import (
    ApplyPatch,
    CutStream,
    ExecCommand,
    FunctionCall,
    HttpError,
    Message,
    SearchWeb,
    Think,
    UpdatePlan,
)
from conductor_tui.demo.world import codex_config, make_repository
from conductor_tui.domain import events as ev
from conductor_tui.domain.approvals import Answer, Decision, QuestionApproval
from conductor_tui.domain.controls import SandboxKind, SandboxPolicy, ServerInfo, SettingsUpdate
from conductor_tui.protocol.appserver import AppServer
from conductor_tui.protocol.binary import CodexBinary
from conductor_tui.protocol.transport import StdioTransport
from tests.e2e.place import scratch_folder
from tests.recordings.load import FOLDER

_QUESTION = {
    "id": "way",
    "header": "Way",
    "question": "Which way?",
    "options": [
        {"label": "Left (Recommended)", "description": "Shorter."},
        {"label": "Right", "description": "Nicer."},
    ],
}


def _story(_: Request) -> Telling:
    yield [
        Think("**Looking around**\n\nFirst the files.", chunk=8),
        Message("I look at the files.", phase="commentary", chunk=4),
        UpdatePlan((("look", "completed"), ("mend", "in_progress"))),
        ExecCommand("ls && echo oops >&2"),
    ]
    yield [ExecCommand("exit 3"), SearchWeb("half up")]
    yield [ExecCommand("git tag v1", escalated=True, justification="May I tag?", prefix_rule=("git", "tag"))]
    yield [ApplyPatch(FIX)]
    yield [Message("## Done\n\nIt is `mended`.", chunk=5, phase="final_answer")]


def _plan(_: Request) -> Telling:
    yield [FunctionCall("request_user_input", {"questions": [_QUESTION]})]
    yield [Message("So:\n\n<proposed_plan>\n# Plan\n\n1. Left.\n</proposed_plan>\n", chunk=6)]


SCENES: dict[str, ByWord] = {
    "story": ByWord({"go": _story}, []),
    "declined": ByWord({"go": _story}, []),
    "plan": ByWord({"go": _plan}, []),
    "cut": ByWord({"go": [CutStream("Half a sen")]}, []),
    "refused": ByWord({"go": [HttpError(401, {"error": {"message": "Invalid key", "code": "invalid_api_key"}})]}, []),
    "interrupted": ByWord({"go": [ExecCommand("sleep 30", yield_ms=30_000)]}, []),
}


class Recorder:
    """A transport that keeps what comes in."""

    def __init__(self, inner: StdioTransport, clean: Callable[[bytes], bytes]) -> None:
        self._inner = inner
        self._clean = clean
        self.lines: list[bytes] = []

    async def send(self, message: bytes) -> None:
        await self._inner.send(message)

    async def messages(self) -> AsyncIterator[bytes]:
        async for message in self._inner.messages():
            self.lines.append(self._clean(message))
            yield message

    @property
    def last_words(self) -> str:
        return self._inner.last_words

    async def close(self) -> None:
        await self._inner.close()


async def record(codex: Path, scene: str) -> list[bytes]:
    """Plays a scene; returns the lines."""
    with (
        tempfile.TemporaryDirectory(prefix="rec-", dir=scratch_folder()) as folder,
        ScriptedModel(SCENES[scene]) as model,
    ):
        home, repository = Path(folder, "codex-home"), Path(folder, "repo")
        make_repository(repository, SHOP_FILES)
        home.mkdir()
        (home / "config.toml").write_text(codex_config(model.base_url, [repository]))

        def clean(line: bytes) -> bytes:
            line = line.replace(str(repository).encode(), b"/repo").replace(str(home).encode(), b"/codex-home")
            return line.replace(model.base_url.encode(), b"http://127.0.0.1:1/v1")

        transport = Recorder(await StdioTransport.open(CodexBinary(codex, "given"), home), clean)
        server = await AppServer.open(transport, ServerInfo(""))
        opened = await server.start_thread(str(repository))
        if scene == "plan":
            update = SettingsUpdate(is_plan_mode=True, sandbox=SandboxPolicy(SandboxKind.READ_ONLY))
            await server.update_settings(opened.thread.id, update, opened.settings)
        await server.start_turn(opened.thread.id, "go on", "client-1")
        async with asyncio.timeout(60):
            async for event in server.events():
                if isinstance(event, ev.ApprovalRequested):
                    await server.answer(event.approval, _answer(scene, event))
                elif isinstance(event, ev.ItemStarted) and scene == "interrupted" and "sleep" in str(event.item):
                    await server.interrupt_turn(opened.thread.id, event.item.turn_id)
                elif isinstance(event, ev.TurnCompleted):
                    break
        await server.close()
        return transport.lines


def _answer(scene: str, event: ev.ApprovalRequested) -> Answer:
    if isinstance(event.approval, QuestionApproval):
        return Answer(Decision.ONCE, answers=(("way", ("Left (Recommended)",)),))
    return Answer(Decision.DECLINE if scene == "declined" else Decision.ONCE)


def main(binaries: Sequence[str]) -> None:
    """Records every scene with every binary."""
    from codex_cli_bin import bundled_codex_path

    os.environ["HOME"] = tempfile.mkdtemp(dir=scratch_folder())
    for codex in [Path(b) for b in binaries] or [Path(bundled_codex_path())]:
        said = subprocess.run([codex, "--version"], capture_output=True, text=True, check=True).stdout
        folder = FOLDER / said.split()[-1]
        folder.mkdir(exist_ok=True)
        for scene in SCENES:
            lines = asyncio.run(record(codex, scene))
            (folder / f"{scene}.jsonl").write_bytes(b"\n".join(line.rstrip() for line in lines) + b"\n")
            sys.stderr.write(f"{folder.name}/{scene}: {len(lines)} messages\n")


if __name__ == "__main__":
    main(sys.argv[1:])
