"""A scripted Responses API on 127.0.0.1, enough for the real Codex to run against.

It keeps what it was asked, so that tests can look at the request that reached "the model". Nothing leaves the
machine, and every stream ends when the model closes.
"""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from conductor_tui.demo.events import Ids, stream_of
from conductor_tui.demo.requests import Request
from conductor_tui.demo.scripts import Script
from conductor_tui.demo.steps import CutStream, FunctionCall, Hold, HttpError, Message, Pause, Reply

_NO_MODELS = {"object": "list", "data": [], "models": []}
"""Codex has its catalogue built in."""


class ScriptedModel:
    """Answers Codex by a script. `with ScriptedModel(script) as model:` serves at `model.base_url`."""

    def __init__(self, script: Script, *, headers: Mapping[str, str] | None = None) -> None:
        self.script = script
        self.headers = dict(headers or {})
        """Sent with every stream, such as `x-codex-primary-used-percent`."""
        self._requests: list[Request] = []
        self._arrived = threading.Condition()
        self._closing = threading.Event()
        self._ids = Ids()
        self._server = _Server(("127.0.0.1", 0), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True, name="model")
        self._thread.start()

    @property
    def base_url(self) -> str:
        """What a provider's `base_url` must be."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    @property
    def requests(self) -> tuple[Request, ...]:
        """Everything asked so far, oldest first."""
        with self._arrived:
            return tuple(self._requests)

    def wait_for_request(self, predicate: Callable[[Request], bool], timeout: float = 15.0) -> Request:
        """The first request, asked already or to come, that meets the predicate.

        Raises:
            TimeoutError: none came in time; the message lists what the user said in those that did.
        """
        with self._arrived:
            found = self._arrived.wait_for(lambda: next(filter(predicate, self._requests), None), timeout)
            if found is None:
                heard = [(r.model, r.user_text[:60]) for r in self._requests]
                raise TimeoutError(f"no such request within {timeout:g} s; heard {heard}")
            return found

    def close(self) -> None:
        """Ends all streams and frees the port."""
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    # For the handler

    def reply_to(self, request: Request) -> Reply:
        """Records the request and says what to answer."""
        with self._arrived:
            self._requests.append(request)
            self._arrived.notify_all()
        if request.is_compaction:
            return [Message("So far: the user and the scripted model talked about this repository.")]
        if request.output_schema is not None:
            return [Message(json.dumps(_instance_of(request.output_schema)))]
        newest = request.results[-1:]
        if newest and (cell := newest[0].running_script):
            return [FunctionCall("wait", {"cell_id": cell, "yield_time_ms": 10_000})]
        return self.script(request)

    def send(self, reply: Reply, request: Request, put: Callable[[Mapping[str, Any]], None]) -> None:
        """Streams a reply; returns early when the script cuts the stream or the model closes."""
        tokens = len(json.dumps(request.body.get("input"))) // 4
        signals = stream_of(reply, self._ids, model=request.model, input_tokens=tokens, code_mode=request.is_code_mode)
        for signal in signals:
            if self._closing.is_set():
                return
            match signal:
                case CutStream():
                    return
                case Pause(seconds):
                    self._closing.wait(seconds)
                case Hold(gate):
                    gate.pass_through(self._closing)
                case _:
                    put(signal)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], model: ScriptedModel) -> None:
        super().__init__(address, _Handler)
        self.model = model

    def handle_error(self, request: Any, client_address: Any) -> None:
        """An interrupted turn closes its connection: nothing to report."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the screen belongs to the app."""

    def do_GET(self) -> None:
        self._answer(200, _NO_MODELS)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if not self.path.endswith("/responses"):
            self._answer(404, {"error": {"message": f"the scripted model has no {self.path}"}})
            return
        try:
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            request = Request(json.loads(body))
        except ValueError:
            self._answer(400, {"error": {"message": "the scripted model reads plain or gzipped JSON"}})
            return
        model = self.server.model
        reply = model.reply_to(request)
        if reply and isinstance(refusal := reply[0], HttpError):
            self._answer(refusal.status, refusal.body, refusal.headers)
            return
        self.send_response(200)
        for name, value in {"content-type": "text/event-stream", **model.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        model.send(reply, request, self._put)

    def _put(self, event: Mapping[str, Any]) -> None:
        self.wfile.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
        self.wfile.flush()

    def _answer(self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"content-type": "application/json", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _instance_of(schema: Mapping[str, Any]) -> Any:
    """A small value that meets a JSON schema: the first choice of an enum, few words for a text."""
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {name: _instance_of(part) for name, part in schema.get("properties", {}).items()}
        case "array":
            return []
        case "boolean":
            return True
        case "integer" | "number":
            return 0
        case _:
            return "Scripted model"
