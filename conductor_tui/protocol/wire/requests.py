"""Parameters of server requests."""

from __future__ import annotations

from typing import Any

import msgspec

from conductor_tui.protocol.wire.base import Wire
from conductor_tui.protocol.wire.notifications import OnThread


class NetworkContext(Wire):
    host: str | None = None


class NetworkAmendment(Wire):
    action: str | None = None
    host: str | None = None


class CommandRequest(OnThread):
    item_id: str | None = None
    kind: str | None = None
    reason: str | None = None
    command: str | None = None
    cwd: str | None = None
    proposed_execpolicy_amendment: list[str] | None = None
    proposed_network_policy_amendments: list[NetworkAmendment] | None = None
    network_approval_context: NetworkContext | None = None
    additional_permissions: Any = None


class FileRequest(OnThread):
    item_id: str | None = None
    reason: str | None = None
    grant_root: str | None = None


class PermissionsRequest(OnThread):
    item_id: str | None = None
    reason: str | None = None
    permissions: Any = None


class OptionBody(Wire):
    label: str | None = None
    description: str | None = None


class QuestionBody(Wire):
    id: str = ""
    header: str | None = None
    question: str | None = None
    is_other: bool | None = None
    is_secret: bool | None = None
    options: list[OptionBody] | None = None


class InputRequest(OnThread):
    item_id: str | None = None
    questions: list[QuestionBody] | None = None
    auto_resolution_ms: int | None = None


class ElicitationRequest(OnThread):
    server_name: str | None = None
    mode: str | None = None
    message: str | None = None
    url: str | None = None
    title: str | None = None
    description: str | None = None
    requested_schema: Any = None
    meta: Any = msgspec.field(default=None, name="_meta")
