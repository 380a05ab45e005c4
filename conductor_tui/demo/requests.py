"""What Codex sends to the model, read: who asks, what the user said last, what the tools answered since.

Source: the Responses API as Codex 0.144 to 0.169 speak it to a custom provider.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_CODEX_OWN_WORDS = re.compile(
    r"\s*(# AGENTS\.md"
    r"|<(environment_context|user_instructions|turn_aborted|user_shell_command|skill|codex_internal_context)\b)"
)
"""Messages with the role of the user that no user wrote."""
_RUNNING_SCRIPT = re.compile(r"Script running with cell ID (\S+)")
_EXIT_CODE = re.compile(r"(?:Process exited with code|\"?exit_code\"?:) ?(-?\d+)")
_COMPACTION = "You are performing a CONTEXT CHECKPOINT COMPACTION"


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool answered, as the model reads it."""

    text: str

    @property
    def was_declined(self) -> bool:
        """Whether the user, or a rule, said no."""
        return "rejected by user" in self.text or "Rejected(" in self.text

    @property
    def exit_code(self) -> int | None:
        """A command's exit code; None while it runs or when there was none."""
        found = _EXIT_CODE.search(self.text)
        return int(found[1]) if found else None

    @property
    def was_patched(self) -> bool:
        """Whether a patch was applied; code-mode scripts get an empty object for it."""
        return "Success. Updated" in self.text or self.text.endswith("Output:\n\n{}")

    @property
    def running_script(self) -> str | None:
        """The id of a code-mode script that goes on in the background."""
        found = _RUNNING_SCRIPT.search(self.text)
        return found[1].rstrip(".,") if found else None


@dataclass(frozen=True, slots=True)
class Request:
    """One request of Codex to the model."""

    body: Mapping[str, Any]

    @property
    def model(self) -> str:
        return str(self.body.get("model", ""))

    @property
    def effort(self) -> str | None:
        """The reasoning effort; None when the request names none."""
        reasoning = self.body.get("reasoning")
        return reasoning.get("effort") if isinstance(reasoning, Mapping) else None

    @property
    def tier(self) -> str | None:
        """The service tier: `priority` in Fast Mode."""
        return self.body.get("service_tier")

    @property
    def input(self) -> Sequence[Mapping[str, Any]]:
        """The conversation, oldest first."""
        return self.body.get("input") or ()

    @property
    def thread_id(self) -> str:
        """The thread that asks (0.144 hides it in a JSON string)."""
        metadata = self.body.get("client_metadata") or {}
        if "thread_id" in metadata:
            return str(metadata["thread_id"])
        hidden = metadata.get("x-codex-turn-metadata")
        return str(json.loads(hidden).get("thread_id", "")) if hidden else str(self.body.get("prompt_cache_key", ""))

    @property
    def user_text(self) -> str:
        """What the user said last, by prompt or by steering; empty before the first word."""
        at = self._newest_user_message()
        return _text_of(self.input[at]) if at is not None else ""

    @property
    def results(self) -> tuple[ToolResult, ...]:
        """What the tools answered since the user's last word; a script that was waited for counts once."""
        since = self._newest_user_message()
        waits = {item.get("call_id") for item in self.input if item.get("name") == "wait"}
        results: list[ToolResult] = []
        for item in self.input[(since or 0) + 1 :]:
            if not str(item.get("type", "")).endswith("_output"):
                continue
            result = ToolResult(_output_text(item.get("output")))
            if item.get("call_id") in waits and results:
                results[-1] = result
            else:
                results.append(result)
        return tuple(results)

    @property
    def mode_text(self) -> str:
        """The newest instructions about the collaboration mode (`<collaboration_mode>…`); empty when there are none."""
        texts = (_text_of(item) for item in reversed(self.input) if item.get("role") == "developer")
        return next((t for t in texts if "<collaboration_mode>" in t), "")

    @property
    def is_plan_mode(self) -> bool:
        return "<collaboration_mode># Plan Mode" in self.mode_text

    @property
    def is_compaction(self) -> bool:
        """Whether Codex wants the conversation summed up."""
        last = next((item for item in reversed(self.input) if item.get("role") == "user"), None)
        return last is not None and _COMPACTION in _text_of(last)

    @property
    def output_schema(self) -> Mapping[str, Any] | None:
        """The JSON schema the answer must follow (titles, automatic reviews); None for free text."""
        form = (self.body.get("text") or {}).get("format") or {}
        return form.get("schema") if form.get("type") == "json_schema" else None

    @property
    def is_code_mode(self) -> bool:
        """Whether the model has one JavaScript tool instead of direct tools."""
        return not any(tool.get("name") == "exec_command" for tool in self.body.get("tools") or ())

    def _newest_user_message(self) -> int | None:
        for at in range(len(self.input) - 1, -1, -1):
            item = self.input[at]
            if item.get("role") == "user" and not _CODEX_OWN_WORDS.match(_text_of(item)):
                return at
        return None


def _text_of(item: Mapping[str, Any]) -> str:
    content = item.get("content")
    if isinstance(content, str):
        return content
    return "\n".join(str(part["text"]) for part in content or () if "text" in part)


def _output_text(output: Any) -> str:
    if isinstance(output, str):
        return output
    parts = output if isinstance(output, list) else [output]
    return "\n".join(str(part["text"]) if isinstance(part, dict) and "text" in part else str(part) for part in parts)
