from __future__ import annotations

import pytest
from msgspec.structs import replace

from conductor_tui.domain.controls import SandboxKind, SandboxPolicy, SessionSettings
from conductor_tui.domain.defaults import Defaults, differing, with_permissions_of

WRITING = SandboxPolicy(SandboxKind.WORKSPACE_WRITE)


def written(before: Defaults, settings: SessionSettings) -> dict[str, object]:
    """What would be written to make sessions begin like this one."""
    wanted = with_permissions_of(before, settings)
    return {field: getattr(wanted, field) for field in differing(before, wanted)}


@pytest.mark.parametrize(
    ("before", "sandbox", "profile", "changes"),
    [
        (Defaults(), WRITING, None, {"sandbox_mode": "workspace-write"}),
        (Defaults(sandbox_mode="workspace-write"), WRITING, None, {}),
        (Defaults(sandbox_mode="workspace-write", network_access=False), WRITING, None, {}),
        (Defaults(sandbox_mode="workspace-write", network_access=True), WRITING, None, {"network_access": False}),
        (
            Defaults(writable_roots=("/data",)),
            SandboxPolicy(SandboxKind.READ_ONLY),
            None,
            {"sandbox_mode": "read-only"},
        ),
        (
            Defaults(sandbox_mode="workspace-write", writable_roots=("/data",)),
            replace(WRITING, writable_roots=("/more",)),
            None,
            {"writable_roots": ("/more",)},
        ),
        (
            Defaults(permission_profile="mine"),
            WRITING,
            None,
            {"permission_profile": None, "sandbox_mode": "workspace-write"},
        ),
        (Defaults(sandbox_mode="read-only"), WRITING, ":workspace", {"permission_profile": ":workspace"}),
        (Defaults(permission_profile=":workspace"), WRITING, ":workspace", {}),
        (Defaults(sandbox_mode="read-only"), None, None, {}),
    ],
)
def test_only_what_means_something_else_is_written(
    before: Defaults, sandbox: SandboxPolicy | None, profile: str | None, changes: dict[str, object]
) -> None:
    assert written(before, SessionSettings(sandbox=sandbox, permission_profile=profile)) == changes


def test_the_policy_is_written_where_codex_reports_one() -> None:
    assert written(Defaults(), SessionSettings(approval_policy="never")) == {"approval_policy": "never"}
    assert written(Defaults(approval_policy="never"), SessionSettings()) == {}
    assert written(Defaults(approval_policy="granular"), SessionSettings(approval_policy="granular")) == {}
