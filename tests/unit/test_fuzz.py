"""Whatever comes in, nothing breaks: wire messages, settings, repository files, diffs."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, cast

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conductor_tui.domain.controls import ServerInfo
from conductor_tui.domain.diff_parser import parse_unified_diff
from conductor_tui.domain.ids import ThreadId
from conductor_tui.domain.projection import SessionProjection
from conductor_tui.domain.text import visible, visible_line
from conductor_tui.protocol.appserver import AppServer
from conductor_tui.protocol.decode import decode_line
from conductor_tui.protocol.rpc import RpcClient
from conductor_tui.settings.load import REPOSITORY_FILE, load_settings, repository_troubles
from conductor_tui.ui.presentation.items import Look, item_lines
from conductor_tui.ui.presentation.markdown import markdown_lines
from tests.recordings.load import RECORDINGS

RECORDED = [json.loads(line) for path in RECORDINGS for line in path.read_text().splitlines()]
TOLD = [message for message in RECORDED if "method" in message and "id" not in message]
ENTITIES = st.sampled_from(
    ["&#x202E;", "&#8203;", "&#x2066;", "&rlm;", "&shy;", "&#10;", "&#13;", "&#27;", "&NewLine;", "&Tab;", "&#xFEFF;"]
)
TEXT = st.one_of(st.text(max_size=30), st.lists(st.one_of(ENTITIES, st.text("a` *[](!\n", max_size=4))).map("".join))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4)),
    max_leaves=8,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value inside a message."""
    found = [path] if path else []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        found.extend(places(part, (*path, key)))
    return found


def replaced(message: Any, path: tuple[Any, ...], junk: Any) -> Any:
    copy = json.loads(json.dumps(message))
    inside = copy
    for key in path[:-1]:
        inside = inside[key]
    inside[path[-1]] = junk
    return copy


@st.composite
def spoilt(draw: st.DrawFn) -> Any:
    """A message that a real Codex sent, with one or two of its values replaced."""
    message = draw(st.sampled_from(TOLD))
    for _ in range(draw(st.integers(1, 2))):
        inside = [path for path in places(message["params"]) if path]
        if inside:
            message = {**message, "params": replaced(message["params"], draw(st.sampled_from(inside)), draw(JSON))}
    return message


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(spoilt(), min_size=1, max_size=12))
def test_spoilt_messages_of_codex_neither_raise_nor_spoil_the_session(told: list[Any]) -> None:
    projection = SessionProjection(ThreadId("t"), clock=lambda: 1000.0)
    for message in told:
        event = decode_line(json.dumps(message).encode())
        if event is not None:
            projection.apply(event)
    for turn in projection.turns:
        for item in projection.items_of(turn):
            for is_expanded in (False, True):
                for line in item_lines(item, Look(60, is_expanded, "/repo")):
                    assert line.cells <= 60
                    assert visible(line.text) == line.text


@settings(max_examples=200, deadline=None)
@given(text=TEXT, width=st.integers(8, 60))
def test_nothing_that_markdown_decodes_deceives(text: str, width: int) -> None:
    made = f"{text}\n\n- {text}\n\n[{text}](http://x/{text})\n\n![{text}](y)\n\n``` {text}\ncode\n```\n"
    for line in markdown_lines(made, width):
        for shown, style in line.spans:
            assert visible_line(shown.replace("\t", " ")) == shown.replace("\t", " ")
            assert visible(style) == style


OPENED = {
    "thread": {
        "id": "T", "cwd": "/repo", "preview": "p", "name": None, "status": {"type": "active", "activeFlags": ["x"]},
        "updatedAt": 1, "recencyAt": 2, "gitInfo": {"branch": "main"}, "cliVersion": "0.163.0", "parentThreadId": None,
    },
    "model": "big", "modelProvider": "p", "cwd": "/repo", "serviceTier": None, "approvalPolicy": "on-request",
    "sandbox": {"type": "workspaceWrite", "writableRoots": ["/a"], "networkAccess": False},
    "activePermissionProfile": {"id": "w"}, "reasoningEffort": "low",
    "collaborationMode": {"mode": "plan", "settings": {"model": "big"}},
    "initialTurnsPage": {"nextCursor": "c", "data": [
        {"id": "u2", "status": "inProgress", "startedAt": 1.5, "items": [
            {"id": "c1", "type": "commandExecution", "command": "ls", "commandActions": [{"type": "read"}]},
            {"id": "f1", "type": "fileChange", "changes": [{"path": "/a", "kind": {"type": "add"}, "diff": "x"}]},
        ]},
        {"id": "u1", "status": "failed", "durationMs": 3, "error": {"message": "no"}, "items": [
            {"id": "m0", "type": "userMessage", "content": [{"type": "text", "text": "hi"}], "clientId": "x"},
            {"id": "m1", "type": "agentMessage", "text": "good"},
        ]},
    ]},
}  # fmt: skip


class Answering:
    """A connection whose every answer is the same."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    async def request(self, *_: Any, **__: Any) -> msgspec.Raw:
        return msgspec.Raw(json.dumps(self.answer).encode())


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(where=st.sampled_from(places(OPENED)), junk=JSON)
def test_one_odd_value_in_an_answer_costs_that_value_and_not_the_session(where: tuple[Any, ...], junk: Any) -> None:
    server = AppServer(cast(RpcClient, Answering(replaced(OPENED, where, junk))), ServerInfo("0.163.0"))
    opened = asyncio.run(server.resume_thread(ThreadId("T")))
    assert opened.thread.id
    projection = SessionProjection(opened.thread.id, clock=lambda: 1000.0)
    projection.apply(opened.history)
    message = ("initialTurnsPage", "data", 1, "items", 1)
    if where[:5] != message[: len(where)]:
        texts = [getattr(item, "text", "") for turn in projection.turns for item in projection.items_of(turn)]
        assert "good" in texts


TOML_LIKE = st.one_of(
    st.text(max_size=200),
    st.lists(
        st.sampled_from(
            ['[codex]', 'executable = "x"', "executable = 3", "[ui]", 'theme = "y"', "[keys]", '"view.diff" = ""',
             '"view.diff" = ["a", 1]', "keys = 1", "[[ui]]", "codex = []", "nonsense = {", "x.y.z = 1"]
        ),
        max_size=8,
    ).map("\n".join),
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=TOML_LIKE)
def test_any_settings_file_is_read_or_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    _, troubles = load_settings(path)
    for trouble in troubles:
        assert str(path) in trouble.cause
    (tmp_path / REPOSITORY_FILE).parent.mkdir(exist_ok=True)
    (tmp_path / REPOSITORY_FILE).write_bytes(text.encode("utf-8", "surrogatepass"))
    repository_troubles(tmp_path)


DIFF_LINES = st.sampled_from(
    ["diff --git a/x b/x", "--- a/x", "+++ b/x", "@@ -1,2 +1,3 @@ f", "@@ -1 +1 @@", "@@ nonsense @@", " same", "-old",
     "+new", "\\ No newline at end of file", "Binary files a/x and b/x differ", "rename from x", "rename to \"y\\t\"",
     "new file mode 100644", "index 1..2", "", "\x1b[31m+x", "similarity index 9%", "deleted file mode 1"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(DIFF_LINES, TEXT), max_size=30))
def test_any_diff_is_parsed(lines: list[str]) -> None:
    for file in parse_unified_diff("\n".join(lines)):
        for hunk in file.hunks:
            assert all("\n" not in line.text for line in hunk.lines)
