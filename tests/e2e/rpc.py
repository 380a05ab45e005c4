"""A bare JSON-RPC client for `codex app-server` over stdio, for tests of the scripted model without the app."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

Note = Mapping[str, Any]


class BareCodex:
    """One app-server that ends with the `with` block. Requests of the server go to `answer`, by method and params."""

    def __init__(self, codex: Path, codex_home: Path, answer: Callable[[str, Note], Any]) -> None:
        self._answer = answer
        self._incoming: queue.Queue[dict[str, Any]] = queue.Queue()
        self._next_id = 0
        self.notes: list[dict[str, Any]] = []
        """Every notification so far."""
        self._process = subprocess.Popen(
            [codex, "app-server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "CODEX_HOME": str(codex_home)},
            text=True,
            cwd=codex_home,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        client = {"name": "tests", "title": "Tests", "version": "0"}
        self.call("initialize", clientInfo=client, capabilities={"experimentalApi": True})
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)
        self._reader.join(5)
        self._process.stdout.close()

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """The result of a request; notifications that come first are kept in `notes`."""
        self._next_id += 1
        wanted = self._next_id
        self._send({"id": wanted, "method": method, "params": params})
        while True:
            message = self._take()
            if message.get("id") == wanted and "method" not in message:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                result: dict[str, Any] = message["result"]
                return result

    def turn(self, thread_id: str, text: str, **params: Any) -> list[dict[str, Any]]:
        """Plays one turn to its end and returns its notifications; the last one is `turn/completed`."""
        return self._until_completed("turn/start", threadId=thread_id, input=[{"type": "text", "text": text}], **params)

    def compact(self, thread_id: str) -> list[dict[str, Any]]:
        """Has the conversation summed up and returns the notifications."""
        return self._until_completed("thread/compact/start", threadId=thread_id)

    def _until_completed(self, method: str, **params: Any) -> list[dict[str, Any]]:
        since = len(self.notes)
        self.call(method, **params)
        while not (self.notes[since:] and self.notes[-1]["method"] == "turn/completed"):
            self._take()
        return self.notes[since:]

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()

    def _take(self, timeout: float = 60.0) -> dict[str, Any]:
        message = self._incoming.get(timeout=timeout)
        if "method" in message and "id" in message:
            self._send({"id": message["id"], "result": self._answer(message["method"], message["params"])})
        elif "method" in message:
            self.notes.append(message)
        return message

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._incoming.put(json.loads(line))


def completed_items(notes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The items that completed, in order."""
    return [note["params"]["item"] for note in notes if note["method"] == "item/completed"]
