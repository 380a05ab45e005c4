"""Items of a turn (`ThreadItem`)."""

from __future__ import annotations

from typing import Any

import msgspec

from conductor_tui.protocol.wire.base import Wire


class ItemHead(Wire):
    type: str = ""
    id: str = ""


class UserInput(Wire):
    type: str = ""
    text: str | None = None
    path: str | None = None
    name: str | None = None
    url: str | None = None


class UserMessageItem(Wire):
    client_id: str | None = None
    content: list[UserInput] | None = None


class AsyncQuestion(Wire):
    title: str = ""
    options: list[str] | None = None


class AgentMessageItem(Wire):
    text: str | None = None
    phase: str | None = None
    questions: list[AsyncQuestion] | None = None


class TextItem(Wire):
    """`plan`."""

    text: str | None = None


class ReasoningItem(Wire):
    summary: list[str] | None = None
    content: list[str] | None = None


class CommandAction(Wire):
    type: str = ""
    command: str | None = None


class CommandItem(Wire):
    command: str | None = None
    cwd: str | None = None
    process_id: str | None = None
    source: str | None = None
    status: str | None = None
    command_actions: list[CommandAction] | None = None
    aggregated_output: str | None = None
    exit_code: int | None = None
    duration_ms: int | None = None


class PatchKindBody(Wire):
    type: str = ""
    move_path: str | None = msgspec.field(default=None, name="move_path")


class FilePatchBody(Wire):
    path: str = ""
    kind: PatchKindBody | None = None
    diff: str | None = None


class FileChangeItem(Wire):
    changes: list[FilePatchBody] | None = None
    status: str | None = None


class ToolError(Wire):
    message: str | None = None


class McpToolCallItem(Wire):
    server: str | None = None
    tool: str | None = None
    status: str | None = None
    arguments: Any = None
    result: Any = None
    error: ToolError | None = None
    duration_ms: int | None = None


class DynamicToolCallItem(Wire):
    namespace: str | None = None
    tool: str | None = None
    status: str | None = None
    arguments: Any = None
    content_items: list[dict[str, Any]] | None = None
    duration_ms: int | None = None


class SearchAction(Wire):
    type: str = ""
    query: str | None = None
    queries: list[str] | None = None
    url: str | None = None
    pattern: str | None = None


class WebSearchItem(Wire):
    query: str | None = None
    action: SearchAction | None = None


class SubAgentItem(Wire):
    kind: str | None = None
    agent_thread_id: str | None = None
    agent_path: str | None = None


class CollabItem(Wire):
    tool: str | None = None
    status: str | None = None
    prompt: str | None = None
    receiver_thread_ids: list[str] | None = None


class ReviewItem(Wire):
    review: str | None = None


class PathItem(Wire):
    """`imageView`."""

    path: str | None = None


class SleepItem(Wire):
    duration_ms: int | None = None


class HookFragment(Wire):
    text: str | None = None


class HookPromptItem(Wire):
    fragments: list[HookFragment] | None = None
